"""Five tags pushed at once: GitHub starts no workflow for them, and nothing of it stays unseen."""

from __future__ import annotations

import pytest

from tests.fakehub.conftest import Run
from tests.fakehub.state import Hosted
from tests.support.world import World

JUNK = ("m#canary#9", "m#prod#9", "m#shadow#7", "m@v99")


@pytest.fixture(scope="session")
def template(grown: World) -> World:
    """m@2 is live everywhere, and was m@1 before."""
    return grown


@pytest.fixture
def pushed(hosted: Hosted, world: World) -> Hosted:
    """A rollback of prod by hand, and four tags that mean nothing, in one push."""
    world.git("author", "fetch", "-q", "origin", "refs/tags/m*:refs/tags/m*")
    for name in ("m#prod#3", *JUNK):
        world.git("author", "tag", "-a", name, "m@v1^{}", "-m", "latency regression")
    world.git("author", "push", "-q", "origin", *(f"refs/tags/{name}" for name in ("m#prod#3", *JUNK)))
    return hosted


def test_no_workflow_starts_and_the_next_run_tells_of_the_one_that_counts(
    pushed: Hosted, run: Run, world: World
) -> None:
    assert pushed.events == [], "more than three tags in one push"
    assert run("apply").code == 0
    ended = run("announce")
    assert ended.code == 0, ended.err
    assert "announced m#prod#3  (prod means 1)" in ended.out
    assert not any(name in ended.out for name in JUNK)
    told = [one.payload["tag"] for one in pushed.events if "tag" in one.payload]
    assert told.count("m#prod#3") == 1
    assert world.meaning("prod") == "1"


def test_the_audit_names_what_does_not_count_and_what_is_not_recorded(pushed: Hosted, run: Run) -> None:
    ended = run("audit")
    assert ended.code == 1
    for name in JUNK:
        assert f"the tag {name} does not count" in ended.out
    assert "behind: needs record" in ended.out
