"""An alias that means nothing: what is visible stays, and whether people decided so or somebody deleted tags is told apart."""

from __future__ import annotations

import pytest

from tests.support.desk import Desk
from tests.support.watching import Stage


@pytest.fixture
def stage(desk: Desk) -> Stage:
    desk.live("1")
    return Stage.new(desk)


def test_an_alias_whose_tags_were_deleted_is_stale_and_leaves_what_is_visible(stage: Stage) -> None:
    delete_all = [name for name in stage.desk.tags() if name.startswith("m#prod#")]
    stage.play(lambda: [stage.desk.refs.pop(f"refs/tags/{name}") for name in delete_all], None)
    assert stage.live == b"m 1"
    assert stage.told[1].startswith("m#prod has no assignment, and 1 was seen before; m@1 (m#prod#1) stays")
    assert stage.state.failed == {"stale": 2}


def test_an_alias_that_was_unassigned_leaves_what_is_visible_and_the_next_is_live_within_one_poll(
    stage: Stage,
) -> None:
    stage.play(stage.desk.emptied, *[None] * 6)
    (said,) = stage.told[1:]
    assert said.startswith("m@prod means nothing since m#prod#2: ")
    assert "; m@1 (m#prod#1) stays" in said
    assert (stage.state.failed, stage.state.failures, stage.state.answered_at) == (
        {"refused": 1},
        0,
        stage.now - 30,
    )
    assert set(stage.waits) == {30.0}
    assert "means nothing" in str(stage.state.trouble)
    stage.play(lambda: stage.desk.live("3"), None)
    assert (stage.live, stage.state.trouble, stage.state.failed) == (b"m 3", None, {"refused": 1})
