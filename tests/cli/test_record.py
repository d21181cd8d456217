"""`modelmark record`, by what a person or a workflow has at hand: a model, or the name of the tag."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run
from tests.support.desk import Desk


@pytest.mark.parametrize("words", [(), ("m",), ("m", "--alias", "prod"), ("m#prod#3",), ("m#prod",)])
def test_a_rollback_by_hand_is_recorded(words: tuple[str, ...], desk: Desk, run: Run) -> None:
    desk.live("1", "2")
    desk.by_hand("1")
    ended = run("record", *words)
    assert (ended.code, ended.out) == (0, "record/m-prod-3\n")


def test_the_name_of_an_assignment_asks_for_its_alias_alone(desk: Desk, run: Run) -> None:
    desk.live("1", "2")
    desk.by_hand("1")
    ended = run("record", "m#staging#2")
    assert (ended.code, ended.out) == (0, "")
    assert "nothing to record" in ended.err


@pytest.mark.parametrize("words", ["m#prod#x", "m#prod#0", "m@prod", "M"])
def test_what_is_neither_is_refused(words: str, desk: Desk, run: Run) -> None:
    assert run("record", words).code == 2
