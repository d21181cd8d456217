"""Where an assignment comes from: by plain Git, and by a forge that counts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from modelmark.domain.tags import parse_message, parse_tag_object
from modelmark.errors import Unreachable
from modelmark.usecases.apply import Applied, apply
from modelmark.usecases.provenance import ForgeProvenance
from tests.support.desk import DIRECT, PREV, PROD, STAGING, Desk, v
from tests.support.fake_reviews import ALIASES, OWNERS, TWO, FakeReviews, approve, guarded_desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return guarded_desk(tmp_path)


@pytest.fixture
def forge(desk: Desk) -> FakeReviews:
    return FakeReviews(desk)


def on(desk: Desk, forge: FakeReviews | None, **how: bool) -> Applied:
    found = ForgeProvenance(desk.git, desk.workspace.documents, lambda: forge)
    return apply(replace(desk.workspace, provenances=lambda: found), **how)


def reasons(done: Applied) -> str:
    (rejection,) = done.plan.rejections
    assert done.plan.decisions == ()
    return "; ".join(rejection.reasons)


def trailers(desk: Desk, name: str) -> dict[str, str]:
    data = desk.git.objects.tags[desk.refs[f"refs/tags/{name}"]]
    return dict(parse_message(parse_tag_object(data).message).trailers)


def test_enough_owners_make_it_true(desk: Desk, forge: FakeReviews) -> None:
    approve(forge, "rita", "bob", "eve")
    assert on(desk, forge).plan.rejections == ()
    found = trailers(desk, "m#prod#1")
    assert found["Requested-By"] == "@ada"
    assert found["Approved-By"] == "@bob, @rita", "of the model's owners alone"
    assert found["Pull-Request"] == "https://github.com/acme/models/pull/7"


def test_too_few_make_no_tag_and_a_later_approval_does(desk: Desk, forge: FakeReviews) -> None:
    approve(forge, "rita")
    assert "m#prod#1 asks for 2 approvals" in reasons(on(desk, forge))
    assert desk.history().now(PROD) is None
    approve(forge, "bob")
    assert on(desk, forge).plan.rejections == ()
    assert desk.history().meaning(PROD) == v("1")


def test_the_alias_that_follows_says_the_same_people(desk: Desk, forge: FakeReviews) -> None:
    approve(forge, "rita", "bob")
    on(desk, forge)
    desk.registered("2")
    desk.promoted("2", STAGING)
    forge.said.clear()
    desk.merge(desk.promote("2", PROD).submitted.branch)
    approve(forge, "rita", "bob")
    on(desk, forge)
    assert desk.history().meaning(PREV) == v("1")
    assert trailers(desk, "m#prev_prod#1")["Approved-By"] == trailers(desk, "m#prod#2")["Approved-By"]


def test_without_a_token_nobody_counts(desk: Desk) -> None:
    assert "without a token nobody can count them" in reasons(on(desk, None))


def test_a_commit_without_a_pull_request_has_none(desk: Desk, forge: FakeReviews) -> None:
    forge.by_hand = True
    said = reasons(on(desk, forge))
    assert "no pull request brought it" in said
    assert "modelmark promote m@1 --to prod" in said


def test_a_pull_request_that_asked_for_something_else_has_none(desk: Desk, forge: FakeReviews) -> None:
    approve(forge, "rita", "bob")
    assert desk.main
    head = desk.git.commit(desk.main).parents[1]
    files = dict(desk.git.objects.commits[head].files)
    files[ALIASES] = files[ALIASES].replace(b"better", b"another reason")
    desk.git.objects.commits[head] = replace(desk.git.objects.commits[head], files=files)
    assert "#7, which it merges, asked for something else" in reasons(on(desk, forge))


def test_a_pull_request_whose_file_cannot_be_read_asked_for_something_else(
    desk: Desk, forge: FakeReviews
) -> None:
    assert desk.main
    head = desk.git.commit(desk.main).parents[1]
    files = {**desk.git.objects.commits[head].files, ALIASES: b"][\n"}
    desk.git.objects.commits[head] = replace(desk.git.objects.commits[head], files=files)
    assert "asked for something else" in reasons(on(desk, forge))


def test_an_owner_owns_before_the_merge_and_now(tmp_path: Path) -> None:
    """A branch of several commits may name its own owners, use them, and put the file back."""
    desk = Desk.new(tmp_path, TWO)
    desk.commit({"docs/CODEOWNERS": OWNERS, "CODEOWNERS": b"* @carl @dora @rita\n"})
    desk.registered("1")
    desk.promoted("1", STAGING)
    desk.merge(desk.promote("1", PROD).submitted.branch)
    forge = FakeReviews(desk)
    approve(forge, "rita", "bob", "carl", "dora")
    desk.commit({"CODEOWNERS": b"* @bob @dora @rita\n"})
    assert on(desk, forge).plan.rejections == ()
    assert trailers(desk, "m#prod#1")["Approved-By"] == "@dora, @rita", (
        "GitHub reads one place, not all of them"
    )


def test_a_rule_that_was_loosened_and_put_back_is_the_rule(tmp_path: Path) -> None:
    """As a rebase merge of three commits leaves it: the promotion stands between the two changes of registry.yaml."""
    desk = Desk.new(tmp_path, TWO)
    desk.commit({".github/CODEOWNERS": OWNERS})
    desk.registered("1")
    desk.promoted("1", STAGING)
    branch = desk.promote("1", PROD).submitted.branch
    desk.commit({"registry.yaml": TWO.replace("approvals: 2", "approvals: 0").encode()})
    wanted = desk.git.read([(desk.refs[f"refs/heads/{branch}"], ALIASES)])[0]
    desk.commit({ALIASES: wanted})
    desk.commit({"registry.yaml": TWO.encode()})
    forge = FakeReviews(desk)
    assert "asks for 2 approvals" in reasons(on(desk, forge))
    assert "m#prod#1" not in desk.tags()


@pytest.mark.parametrize("loose", [TWO.replace("promotion: pull-request", "promotion: direct")])
def test_a_registry_that_was_direct_for_a_moment_counts(tmp_path: Path, loose: str) -> None:
    desk = Desk.new(tmp_path, TWO)
    desk.registered("1")
    desk.promoted("1", STAGING)
    branch = desk.promote("1", PROD).submitted.branch
    desk.commit({"registry.yaml": loose.encode()})
    desk.commit({ALIASES: desk.git.read([(desk.refs[f"refs/heads/{branch}"], ALIASES)])[0]})
    desk.commit({"registry.yaml": TWO.encode()})
    assert "asks for 2 approvals" in reasons(on(desk, FakeReviews(desk)))


def test_an_owner_who_may_not_write_any_more_does_not_count(desk: Desk, forge: FakeReviews) -> None:
    approve(forge, "rita", "bob")
    forge.readers = frozenset({"bob"})
    assert "bob owns it and may not write here" in reasons(on(desk, forge))


def test_without_a_code_owners_file_nobody_owns(tmp_path: Path) -> None:
    desk = Desk.new(tmp_path, TWO)
    desk.registered("1")
    desk.promoted("1", STAGING)
    desk.merge(desk.promote("1", PROD).submitted.branch)
    forge = FakeReviews(desk)
    approve(forge, "rita", "bob")
    assert "nobody owns the model by the code owners file" in reasons(on(desk, forge))


def test_a_team_counts_where_the_token_may_read_it_and_is_named_where_not(
    desk: Desk, forge: FakeReviews
) -> None:
    approve(forge, "rita", "eve")
    said = reasons(on(desk, forge))
    assert (
        "not known: @acme/owners (the token may not read who is in @acme/owners; give it Members: read)"
        in said
    )
    forge.members["acme/owners"] = {"eve"}
    assert on(desk, forge).plan.rejections == ()
    assert trailers(desk, "m#prod#1")["Approved-By"] == "@eve, @rita"


@pytest.mark.parametrize(
    ("unknown", "said"),
    [
        ({"pushed": frozenset()}, "GitHub does not say who pushed"),
        ({"written": None}, "it has too many commits to know who wrote them all"),
        ({"flooded": True}, "it has too many reviews to know them all"),
    ],
)
def test_what_github_does_not_say_counts_for_nobody(
    desk: Desk, forge: FakeReviews, unknown: dict[str, object], said: str
) -> None:
    vars(forge).update(unknown)
    approve(forge, "rita", "bob")
    assert f"{said}" in reasons(on(desk, forge))


def test_an_alias_that_asks_for_none_needs_no_owner(desk: Desk, forge: FakeReviews) -> None:
    approve(forge, "rita", "bob")
    on(desk, forge)
    desk.registered("2")
    forge.said.clear()
    desk.merge(desk.promote("2", STAGING).submitted.branch)
    approve(forge, "eve")
    assert on(desk, forge).plan.rejections == ()
    assert trailers(desk, "m#staging#2")["Approved-By"] == "@eve"


def test_who_may_promote_in_one_step_is_asked_for_no_approval(tmp_path: Path) -> None:
    desk = Desk.new(tmp_path, DIRECT.replace("after: [staging], ", "after: [staging], approvals: 2, "))
    desk.live("1")
    forge = FakeReviews(desk)
    on(desk, forge)
    assert desk.history().meaning(PROD) == v("1")
    assert forge.asked == []


def test_a_forge_that_is_down_makes_nothing(desk: Desk, forge: FakeReviews) -> None:
    approve(forge, "rita", "bob")
    forge.broken = True
    before = dict(desk.refs)
    with pytest.raises(Unreachable):
        on(desk, forge)
    assert desk.refs == before


def test_versions_and_nothing_to_do_ask_nobody(tmp_path: Path) -> None:
    desk = Desk.new(tmp_path, TWO)
    branch = desk.register(desk.source("one"), "1").submitted
    assert branch is not None
    desk.merge(branch.branch)
    forge = FakeReviews(desk)
    assert len(on(desk, forge).plan.decisions) == 1
    assert on(desk, forge).plan.decisions == ()
    assert forge.asked == []


def test_one_clone_alone_may_try_without_counting(desk: Desk, forge: FakeReviews) -> None:
    on(desk, forge, push=False)
    assert (forge.asked, "m#prod#1" in desk.tags()) == ([], False)
    assert "refs/tags/m#prod#1" in desk.git.refs


def test_what_was_refused_may_be_asked_for_again(desk: Desk, forge: FakeReviews) -> None:
    """And is then no rejection any more: main decides, not its past."""
    assert reasons(on(desk, forge))
    found = ForgeProvenance(desk.git, desk.workspace.documents, lambda: forge)
    desk.workspace = replace(desk.workspace, provenances=lambda: found)
    desk.merge(desk.promote("1", PROD, "now with a review").submitted.branch)
    approve(forge, "rita", "bob")
    done = on(desk, forge)
    assert done.plan.rejections == ()
    assert desk.history().meaning(PROD) == v("1")
