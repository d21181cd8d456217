"""Every verb opens its own pull request, and a rollback is told before whatever becomes of its record."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.fakehub.conftest import Run
from tests.fakehub.server import BROKEN, Hub
from tests.fakehub.state import Hosted
from tests.support.world import World


@pytest.fixture(scope="session")
def template(grown: World) -> World:
    """m@2 is live everywhere, and was m@1 before."""
    return grown


def test_every_verb_opens_its_own(hosted: Hosted, run: Run, world: World, tmp_path: Path) -> None:
    (tmp_path / "new.json").write_text(json.dumps({"f1": 0.9}))
    words = {
        "registration": ["register", str(world.train("three")), "--model", "m"],
        "evaluation": ["evaluate", "m@1", "--metrics", str(tmp_path / "new.json")],
        "promotion": ["promote", "m@1", "--to", "shadow", "--reason", "compare"],
        "rollback": ["rollback", "m", "--alias", "canary", "--reason", "slow"],
    }
    ended = {kind: run(*one) for kind, one in words.items()}
    assert [one.code for one in ended.values()] == [0] * 4, [one.err for one in ended.values()]
    assert run("record", "m").out == ended["rollback"].out, "record finds what rollback opened"
    pulls = list(hosted.pulls.values())
    assert [pull.labels[:2] for pull in pulls] == [[f"registry:{kind}", "model:m"] for kind in words]
    assert [pull.labels[2:] for pull in pulls] == [[], [], ["alias:shadow"], ["alias:canary"]]
    assert all(pull.body and pull.body.startswith("## ") for pull in pulls)


def test_archive_opens_one_too(hosted: Hosted, run: Run, world: World) -> None:
    world.release("three")
    assert run("archive", "m@3", "--reason", "withdrawn").out.endswith("/acme/models/pull/1\n")
    assert hosted.pulls[1].labels == ["registry:archive", "model:m"]


def test_a_rollback_is_told_before_what_the_forge_says(hub: Hub, hosted: Hosted, run: Run) -> None:
    hub.trouble = [BROKEN] * 4
    ended = run("rollback", "m", "--reason", "slow")
    assert (ended.code, ended.out) == (3, "")
    assert ended.err.startswith("m@prod is rolled back: m#prod#3 means 1 (it meant 2)\n")
    assert (
        "error: the branch record/m-prod-3 is pushed, and its pull request could not be opened" in ended.err
    )
    assert run("rollback", "m", "--reason", "slow").out.endswith("/acme/models/pull/1\n")


def test_of_several_records_the_others_are_told_though_one_fails(
    hub: Hub, hosted: Hosted, run: Run, world: World
) -> None:
    for alias in ("canary", "prod"):
        world.roll_back_by_hand(alias, 1)
    hub.trouble = [BROKEN] * 4
    ended = run("record")
    assert (ended.code, ended.out) == (3, f"{hub.address}/acme/models/pull/1\n")
    assert "error: the branch record/m-canary-3 is pushed" in ended.err
    assert hosted.pulls[1].labels[2:] == ["alias:prod"]
    assert run("record").code == 0
    assert len(hosted.pulls) == 2


def test_both_failures_are_told(hub: Hub, hosted: Hosted, run: Run, world: World) -> None:
    for alias in ("canary", "prod"):
        world.roll_back_by_hand(alias, 1)
    hub.trouble = [BROKEN] * 8
    ended = run("record")
    assert (ended.code, ended.out) == (3, "")
    for branch in ("record/m-canary-3", "record/m-prod-3"):
        assert f"error: the branch {branch} is pushed" in ended.err
