"""The short reading of a model's tags says the same as the whole one, of what it was asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from modelmark.domain.history import ModelHistory, RawTag
from modelmark.domain.names import AliasName
from modelmark.usecases import state
from modelmark.usecases.newest import Wanted, history_for
from tests.support.desk import PREV, PROD, STAGING, Desk, M, v


def short(desk: Desk, *versions: str, aliases: tuple[AliasName, ...] = ()) -> ModelHistory:
    desk.sync()
    wanted = Wanted(frozenset(map(v, versions)), frozenset(aliases))
    return history_for(desk.workspace, state.find_main(desk.workspace), M, wanted)


def _broken(desk: Desk) -> None:
    desk.plant("m#prod#3", b"not a tag at all")


def _gap(desk: Desk) -> None:
    desk.plant("m#prod#9", b"not a tag at all")


def _misnumbered(desk: Desk) -> None:
    desk.plant("m#prod#0999", b"not a tag at all")


def _by_hand(desk: Desk) -> None:
    desk.by_hand("1")


def _by_hand_twice(desk: Desk) -> None:
    desk.by_hand("1")
    desk.by_hand("2")


def _never_held(desk: Desk) -> None:
    desk.by_hand("3")


def _reviewed_after_by_hand(desk: Desk) -> None:
    desk.by_hand("1")
    desk.forge("3")


@pytest.mark.parametrize(
    "push",
    [
        lambda desk: None,
        _broken,
        _gap,
        _misnumbered,
        _by_hand,
        _by_hand_twice,
        _never_held,
        _reviewed_after_by_hand,
    ],
)
def test_what_an_alias_means_and_which_number_is_next_is_what_all_tags_say(
    desk: Desk, push: Callable[[Desk], None]
) -> None:
    desk.live("1", "2")
    desk.registered("3")
    push(desk)
    whole, found = desk.history(), short(desk)
    for alias in (PROD, STAGING, PREV):
        assert found.meaning(alias) == whole.meaning(alias)
        assert found.observed(alias) == whole.observed(alias)
        assert found.previous_tag(alias) == whole.previous_tag(alias)
    assert found.holders() == whole.holders()
    assert short(desk, aliases=(PROD,)).aliases[PROD] == whole.aliases[PROD]


def test_versions_that_were_asked_for_are_there_if_they_are_registered(desk: Desk) -> None:
    for number in range(1, 24):
        desk.registered(str(number))
    assert sorted(map(str, short(desk).versions)) == sorted(map(str, range(4, 24))), "the newest ones"
    assert v("1") in short(desk, "1", "99").versions
    assert v("99") not in short(desk, "1", "99").versions


def test_of_a_long_past_only_the_newest_tags_are_read(desk: Desk) -> None:
    desk.live("1", "2", "3", "4")
    for number in range(5, 26):
        desk.registered(str(number))
    read: list[str] = []
    tags_named = desk.git.tags_named

    def counted(names: Mapping[str, str]) -> list[RawTag]:
        read.extend(names)
        return tags_named(names)

    desk.git.tags_named = counted  # type: ignore[method-assign]
    assert short(desk, "2").meaning(PROD) == v("4")
    assert sorted(name for name in read if "#" in name) == ["m#prev_prod#3", "m#prod#4", "m#staging#4"]
    assert len(read) == 3 + 2 + 20 + 1, (
        "with the versions that they name, the newest ones, and the one that was asked for"
    )
