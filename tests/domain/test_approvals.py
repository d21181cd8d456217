"""Whose approval counts, rule by rule, and for any order and mixture of reviews."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmark.domain.approvals import Merged, Opinion, Ownership, Review, Reviewed, missing_approvals

HEAD, OLD = "a" * 40, "b" * 40
PULL = Merged(7, "https://github.com/acme/models/pull/7", HEAD, "Ada", "promote/m-prod-1", "acme/models")
YES = Opinion.APPROVED


def reviewed(*reviews: Review) -> Reviewed:
    return Reviewed(PULL, reviews, frozenset({"carl"}), frozenset({"Dora"}))


def test_an_approval_of_the_merged_commit_by_somebody_else_counts() -> None:
    assert reviewed(Review("rita", YES, HEAD), Review("Bob", YES, HEAD)).approvers() == ("Bob", "rita")


@pytest.mark.parametrize(
    ("review", "why"),
    [
        (Review("rita", YES, OLD), f"rita approved {OLD[:12]}, and {HEAD[:12]} was merged"),
        (Review("rita", YES, ""), f"rita approved , and {HEAD[:12]} was merged"),
        (Review("rita", Opinion.DISMISSED, HEAD), "rita approved, and the approval was dismissed"),
        (Review("rita", Opinion.CHANGES_REQUESTED, HEAD), "rita asked for changes"),
        (Review("ci[bot]", YES, HEAD, bot=True), "ci[bot] is a bot"),
        (Review("ADA", YES, HEAD), "ADA opened it"),
        (Review("dora", YES, HEAD), "dora pushed last"),
        (Review("Carl", YES, HEAD), "Carl has commits in it"),
        (Review("rita", YES, HEAD, turned=True), "rita approved before it was turned to another branch"),
    ],
)
def test_what_does_not_count_says_why(review: Review, why: str) -> None:
    found = reviewed(review)
    assert (found.approvers(), found.unheard()) == ((), (why,))


def test_an_account_that_was_deleted_counts_for_nobody() -> None:
    assert reviewed(Review("", YES, HEAD), Review("", YES, HEAD)).approvers() == ()


def test_the_last_word_counts() -> None:
    no, yes = Review("rita", Opinion.CHANGES_REQUESTED, HEAD), Review("rita", YES, HEAD)
    assert reviewed(no, yes).approvers() == ("rita",)
    assert reviewed(yes, no).approvers() == ()


def test_what_cannot_be_known_counts_for_nobody() -> None:
    unclear = replace(reviewed(Review("rita", YES, HEAD)), unclear="GitHub does not say who pushed")
    assert unclear.approvers() == ()
    (said,) = missing_approvals("m#prod#1", 1, unclear, Ownership(("@rita",)), ())
    assert "GitHub does not say who pushed, so no approval counts" in said


people = st.sampled_from(["ada", "Ada", "carl", "dora", "rita", "bob", "eve", ""])
any_reviews = st.lists(
    st.builds(Review, people, st.sampled_from(Opinion), st.sampled_from([HEAD, OLD]), st.booleans()),
    max_size=12,
)


@given(any_reviews)
def test_nobody_counts_twice_and_never_who_has_a_hand_in_it(reviews: list[Review]) -> None:
    found = reviewed(*reviews).approvers()
    assert len(found) == len(set(found))
    assert {name.casefold() for name in found} <= {"rita", "bob", "eve"}
    for name in found:
        last = [one for one in reviews if one.user == name][-1]
        assert (last.opinion, last.commit, last.bot) == (YES, HEAD, False)


@given(any_reviews)
def test_everybody_is_either_counted_or_told_why_not(reviews: list[Review]) -> None:
    found = reviewed(*reviews)
    told = {sentence.split(" ")[0] for sentence in found.unheard()}
    assert told | set(found.approvers()) == {one.user for one in reviews if one.user}
    assert told & set(found.approvers()) == set()


@given(any_reviews, any_reviews)
def test_comments_that_say_nothing_new_of_others_change_nobody(
    first: list[Review], later: list[Review]
) -> None:
    """Who has said nothing later keeps what they said."""
    spoke = {one.user for one in later}
    before, after = reviewed(*first).approvers(), reviewed(*first, *later).approvers()
    assert [name for name in before if name not in spoke] == [name for name in after if name not in spoke]


def test_too_few_are_said_with_who_may_and_who_was_not_heard() -> None:
    found = reviewed(Review("rita", YES, HEAD), Review("eve", YES, HEAD), Review("bob", YES, OLD))
    ownership = Ownership(
        ("@rita", "@acme/owners"), frozenset({"rita"}), unknown=("@acme/owners (no way to see)",)
    )
    (said,) = missing_approvals("m#prod#1", 2, found, ownership, ("rita",))
    assert said == (
        "m#prod#1 asks for 2 approvals by owners (@rita, @acme/owners), #7 has 1 (rita); "
        f"not counted: bob approved {OLD[:12]}, and {HEAD[:12]} was merged, eve is no owner; "
        "not known: @acme/owners (no way to see)"
    )


def test_a_model_that_nobody_owns_says_so() -> None:
    (said,) = missing_approvals("m#prod#1", 1, reviewed(), Ownership(), ())
    assert "by owners (nobody owns the model by the code owners file), #7 has none" in said


@given(st.integers(0, 3), st.lists(st.sampled_from(["a", "b", "c"]), unique=True))
def test_enough_is_enough(needed: int, counted: list[str]) -> None:
    missing = missing_approvals("m#prod#1", needed, reviewed(), Ownership(("@a",)), counted)
    assert (missing == ()) == (len(counted) >= needed)
