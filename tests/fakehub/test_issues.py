"""Rolling issues on GitHub: what `apply`, `verify` and `audit` keep one open for, and close again."""

from __future__ import annotations

import json

import pytest

from modelmark.domain.threads import Kind
from tests.fakehub.clients import SECRET
from tests.fakehub.conftest import Run
from tests.fakehub.posts import Issue
from tests.fakehub.server import BROKEN, Hub
from tests.fakehub.state import Hosted, User
from tests.render.test_evidence import check_inert
from tests.support.world import World

APP = User("registry-app[bot]")


@pytest.fixture(autouse=True)
def _app(hub: Hub, hosted: Hosted) -> None:
    hub.tokens[SECRET] = APP


def only(hosted: Hosted, kind: Kind) -> Issue:
    (one,) = [one for one in hosted.posts.issues.values() if f"registry:{kind}" in one.labels]
    return one


def fetch(world: World) -> None:
    world.git(
        "author",
        "fetch",
        "-q",
        "origin",
        "refs/heads/main:refs/remotes/origin/main",
        "refs/tags/*:refs/tags/*",
    )


def reject(world: World) -> str:
    """A change that no gate would have let through is merged by hand; its commit."""
    return world.commit(
        {"models/m/aliases.yaml": 'prod: {version: "1", assignment: 1, reason: "hope | <b>"}\n'},
        "Force it @octocat",
    )


def test_apply_keeps_one_issue_about_what_cannot_become_true_and_closes_it(
    hub: Hub, hosted: Hosted, run: Run, world: World
) -> None:
    assert run("apply", "--issue").code == 0
    assert hosted.posts.issues == {}
    commit = reject(world)
    ended = run("apply", "--issue")
    assert ended.code == 1
    assert f"issue opened: {hub.address}/acme/models/issues/1\n" in ended.err
    issue = only(hosted, Kind.APPLY)
    assert issue.by == APP.login
    assert issue.labels == ["registry:report", "registry:apply"]
    assert commit[:12] in issue.body
    check_inert(issue.body.partition("\n")[2])
    hub.seen.clear()
    again = run("apply", "--issue")
    assert (again.code, "issue up to date already" in again.err) == (1, True)
    assert "PATCH" not in {one.method for one in hub.seen}
    world.commit({"models/m/aliases.yaml": None}, "Take it back")
    assert "issue closed" in run("apply", "--issue").err
    assert issue.state == "closed"


def test_an_issue_is_about_tags_that_everybody_sees(hosted: Hosted, run: Run) -> None:
    assert run("apply", "--issue", "--dry-run").code == 2
    assert run("apply", "--issue", "--no-push").code == 2
    assert run("verify", "--all", "--issue").code == 2
    assert hosted.posts.issues == {}


def test_an_invalid_tag_raises_an_alarm_that_names_it_its_maker_and_its_target(
    hosted: Hosted, run: Run, world: World
) -> None:
    world.git("consumer", "fetch", "-q", "origin", "refs/tags/*:refs/tags/*")
    world.git("consumer", "tag", "-a", "m#prod#1", "m@v1^{}", "-m", "trust me")
    world.git("consumer", "push", "-q", "origin", "refs/tags/m#prod#1")
    fetch(world)
    ended = run("verify", "m#prod#1", "--issue")
    assert ended.code == 1
    assert "the tag m#prod#1 does not count: it was made by hand" in ended.out
    issue = only(hosted, Kind.ALARM)
    target = world.on_hub("rev-parse", "m@v1^{}")
    assert issue.title == "Model registry: m#prod#1 is not what it claims"
    assert "- **Made by:** Cora Consumer" in issue.body
    assert f"- **Points at:** `{target}`" in issue.body
    assert run("verify", "m#prod#1", "--issue").code == 1
    assert run("verify", "m@1", "--issue").code == 0, (
        "another tag is in order, and closes no alarm but its own"
    )
    assert [one.state for one in hosted.posts.issues.values()] == ["open"]


def test_an_alarm_that_has_passed_is_closed(hosted: Hosted, run: Run, world: World) -> None:
    fetch(world)
    place, moved = world.storage, world.storage.with_name("away")
    place.rename(moved)
    place.mkdir()
    assert run("verify", "m@1", "--storage", "--issue").code == 1
    place.rmdir()
    moved.rename(place)
    assert "issue closed" in run("verify", "m@1", "--storage", "--issue").err
    assert only(hosted, Kind.ALARM).state == "closed"


def test_audit_says_what_is_wrong_and_keeps_its_issue(hosted: Hosted, run: Run, world: World) -> None:
    first = run("audit", "--json")
    found = json.loads(first.out)
    assert found["passed"] is (first.code == 0)
    assert found["verdict"]["rules"] == [
        "tags",
        "files",
        "storage",
        "apply",
        "by-hand",
        "codeowners",
        "approvals",
        "protection",
    ]
    reject(world)
    ended = run("audit", "--issue")
    assert ended.code == 1
    assert "does not become true" in ended.out
    assert "issue opened" in ended.err
    assert "not passed: 1 model, 1 version" in ended.err
    issue = only(hosted, Kind.AUDIT)
    assert "does not become true" in issue.body
    assert world.numbers("prod") == []
    assert "issue up to date already" in run("audit", "--issue").err


def test_a_forge_that_is_down_hides_no_verdict(hub: Hub, hosted: Hosted, run: Run, world: World) -> None:
    reject(world)
    hub.trouble = [BROKEN] * 50
    ended = run("apply", "--issue")
    assert ended.code == 3
    hub.trouble = []
    assert run("apply", "--issue").code == 1
    assert only(hosted, Kind.APPLY).state == "open"
