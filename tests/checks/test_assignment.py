"""An alias moves by exactly one reviewed step."""

from __future__ import annotations

import pytest

from modelmark.checks.assignment import check
from modelmark.domain.change import Candidate, Move
from modelmark.domain.names import AliasName
from tests.support.candidates import ALIASES, PREV, candidate, found, hints, move
from tests.support.domain import PROD, STAGING, Story, released

AT = f"error {ALIASES}:7"


def judged(*moves: Move, story: Story | None = None, known: tuple[str, ...] = ("1", "2")) -> Candidate:
    """Version 1 is live and 2 is registered, unless another story is told."""
    if story is None:
        story = released("1")
        story.register("2")
    return candidate(moves=moves, story=story, known=known)


KEEP = move("1", PREV, 1)


def test_the_next_step_that_keeps_its_predecessor_passes() -> None:
    assert found(check, judged(move("2"), KEEP)) == []


def test_the_first_step_of_an_alias_passes_alone() -> None:
    assert found(check, judged(move("2", STAGING, 1))) == []


def test_an_entry_that_only_says_what_is_true_passes() -> None:
    assert found(check, judged(move("1", PROD, 1))) == []


@pytest.mark.parametrize("number", [3, 17])
def test_a_number_too_high_is_refused_with_the_command(number: int) -> None:
    value = judged(move("2", PROD, number), KEEP)
    assert f"{AT} the next assignment of prod is 2, and this entry says {number}" in found(check, value)
    assert "modelmark promote nlp-sentiment@2 --to prod --reason …" in hints(check, value)


def test_a_number_that_another_version_has_is_refused() -> None:
    value = judged(move("2", PROD, 1))
    assert found(check, value) == [f"{AT} assignment 1 of prod exists and means 1, not 2"]
    assert hints(check, value) == [
        "ask again with the next number: modelmark promote nlp-sentiment@2 --to prod --reason …"
    ]


def test_a_number_before_the_last_is_refused_until_it_is_recorded() -> None:
    value = judged(move("1", PROD, 1), story=released("1", "2"))
    assert found(check, value) == [f"{AT} the next assignment of prod is 3, and this entry says 1"]
    assert hints(check, value) == [
        "record what is live first: modelmark record nlp-sentiment --alias prod",
    ]


def test_the_hint_of_an_unassignment_names_no_version() -> None:
    value = judged(move(None, PROD, 1))
    assert hints(check, value) == ["ask again with the next number: write assignment: 2"]


def test_an_unknown_alias_is_refused_with_those_that_exist() -> None:
    value = judged(move("2", AliasName("live"), 1))
    assert found(check, value) == [f"{AT} registry.yaml has no alias live"]
    assert hints(check, value) == ["it has: staging, prod, prev_prod"]


def test_a_version_that_is_not_on_main_is_refused() -> None:
    value = judged(move("9", STAGING, 1))
    assert found(check, value) == [f"{AT} nlp-sentiment@9 is not on main"]
    assert hints(check, value) == ["merge its registration first, in a change of its own"]


def test_a_version_without_a_tag_is_refused() -> None:
    value = judged(move("3", STAGING, 1), known=("1", "2", "3"))
    assert found(check, value) == [f"{AT} nlp-sentiment@3 has no tag yet"]
    assert hints(check, value) == ["run `modelmark apply` on main first"]


def test_an_archived_version_is_refused() -> None:
    value = judged(move("2", STAGING, 1, archived=True))
    assert found(check, value) == [f"{AT} nlp-sentiment@2 is archived and may not be assigned"]


def test_an_entry_that_is_removed_is_refused() -> None:
    value = candidate(removed=[PROD])
    assert found(check, value) == [f"error {ALIASES}:0 the entry of prod is removed"]
    assert hints(check, value) == ["set `version: none` instead"]


def test_the_version_that_prod_leaves_must_be_kept() -> None:
    value = judged(move("2"))
    assert found(check, value) == [f"{AT} prev_prod must take over 1, which prod leaves"]
    assert hints(check, value) == [
        "write both entries: modelmark promote nlp-sentiment@2 --to prod --reason …"
    ]


def test_it_must_be_kept_when_prod_means_nothing_from_here_on() -> None:
    value = judged(move(None))
    assert found(check, value) == [f"{AT} prev_prod must take over 1, which prod leaves"]
    assert hints(check, value) == ["add the entry of prev_prod: {version: '1', assignment: 1, reason: …}"]


def test_it_must_be_the_right_one_that_is_kept() -> None:
    story = released("1")
    story.register("2")
    story.register("3")
    value = judged(move("2"), move("3", PREV, 1), story=story, known=("1", "2", "3"))
    assert found(check, value) == [f"{AT} prev_prod must take over 1, which prod leaves"]


def test_it_need_not_be_written_where_it_is_kept_already() -> None:
    story = released("1")
    story.assign("1", PREV)
    story.register("2")
    assert found(check, judged(move("2"), story=story)) == []


def test_prev_prod_is_never_moved_alone() -> None:
    assert found(check, judged(KEEP)) == [
        f"{AT} prev_prod only keeps what prod leaves, and is never moved alone"
    ]


def test_every_finding_of_every_entry_is_said() -> None:
    value = judged(move("9", AliasName("live"), 4, archived=True))
    assert len(found(check, value)) == 4
