"""`modelmark doctor` on GitHub: what a whole registry there needs, seen with real requests; one thing broken at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from modelmark.cli.main import build_app
from modelmark.cli.session import guarded
from modelmark.domain.protection import MAIN
from tests.fakehub.clients import SECRET
from tests.fakehub.conftest import Run
from tests.fakehub.server import Hub
from tests.fakehub.state import Hosted, User
from tests.support.probed import off
from tests.support.world import World

WORKFLOWS = ".github/workflows"


@pytest.fixture
def sound(hub: Hub, hosted: Hosted, world: World, run: Run) -> Hosted:
    """A registry of which everything on GitHub is as it should be, as its administrator sees it."""
    hub.tokens[SECRET] = User("root")
    hosted.settings.admins = {"root"}
    hosted.actions_may_open = True
    hosted.settings.environments = {
        "registry-write": {"protected_branches": False, "custom_branch_policies": True}
    }
    clone = world.clone("author")
    rules = (clone / "registry.yaml").read_text()
    owned = rules.replace("owners: []", 'owners: ["@acme/platform"]')
    hub.teams["acme/platform"] = {"ada": "active"}
    world.commit({"registry.yaml": owned, "models/m/model.yaml": 'owners: ["@ada"]\n'})
    world.git("author", "fetch", "-q", "origin")
    world.git("author", "reset", "-q", "--hard", "origin/main")
    with pytest.raises(SystemExit, match="0"):
        guarded(lambda: build_app(["init"])(args=["init", str(clone), "--github"]))
    assert run("codeowners").code == 0
    paths = (path for path in (clone / ".github").rglob("*") if path.is_file())
    world.commit({path.relative_to(clone).as_posix(): path.read_bytes() for path in paths})
    assert run("protect", "--apply").code == 0
    return hosted


def test_a_sound_registry_has_nothing_off_and_nothing_is_changed(sound: Hosted, hub: Hub, run: Run) -> None:
    hub.seen.clear()
    ended = run("doctor")
    assert (ended.code, ended.out.count("✓")) == (0, 18), ended.out
    assert {one.method for one in hub.seen} == {"GET"}


def no_pulls(here: Hosted, hub: Hub, world: World) -> None:
    here.actions_may_open = False


def writes_by_default(here: Hosted, hub: Hub, world: World) -> None:
    here.settings.write_by_default = True


def unread(here: Hosted, hub: Hub, world: World) -> None:
    here.settings.unread_owners = [
        {"line": 9, "kind": "Unknown owner", "source": "/models/m/ @ada", "message": "Unknown owner"}
    ]


def hidden_team(here: Hosted, hub: Hub, world: World) -> None:
    hub.teams.clear()


def no_environment(here: Hosted, hub: Hub, world: World) -> None:
    here.settings.environments.clear()


def unlimited(here: Hosted, hub: Hub, world: World) -> None:
    here.settings.environments["registry-write"] = None


def other_owner(here: Hosted, hub: Hub, world: World) -> None:
    world.commit({"models/m/model.yaml": 'owners: ["@bob"]\n'})
    world.git("author", "fetch", "-q", "origin")


def loosened(here: Hosted, hub: Hub, world: World) -> None:
    next(one for one in here.settings.rulesets.values() if one["name"] == MAIN)["enforcement"] = "disabled"


def free(here: Hosted, hub: Hub, world: World) -> None:
    here.settings.private, here.settings.plan = True, "free"


def bad_token(here: Hosted, hub: Hub, world: World) -> None:
    world.git("author", "config", "remote.origin.url", str(here.bare))
    world.git("author", "config", "remote.origin.pushurl", f"{hub.address}/acme/models.git")
    hub.tokens.clear()


@pytest.mark.parametrize(
    ("breaks", "probe", "code", "said"),
    [
        (no_pulls, "actions", 1, "GITHUB_TOKEN may open no pull request"),
        (writes_by_default, "actions", 0, "can write everything"),
        (unread, "owners", 1, "GitHub does not take line 9: Unknown owner in /models/m/ @ada"),
        (hidden_team, "owners", 0, "approvals by @acme/platform are not counted"),
        (no_environment, "environment", 0, "GitHub shows no environment registry-write"),
        (unlimited, "environment", 0, "every branch may deploy"),
        (other_owner, "owners", 1, "does not say what registry.yaml and the models' cards ask for"),
        (loosened, "protection", 1, "is disabled, not active"),
        (free, "protection", 1, "GitHub enforces nothing here"),
        (bad_token, "token", 1, "Bad credentials"),
    ],
)
def test_what_is_broken_is_named_and_nothing_else(
    sound: Hosted,
    hub: Hub,
    world: World,
    run: Run,
    breaks: Callable[[Hosted, Hub, World], None],
    probe: str,
    code: int,
    said: str,
) -> None:
    breaks(sound, hub, world)
    ended = run("doctor", "--json")
    found = off(ended)
    assert list(found) == [probe]
    assert said in found[probe]
    assert ended.code == code


def test_a_readers_token_says_what_it_may_not_and_could_not_see(sound: Hosted, hub: Hub, run: Run) -> None:
    hub.tokens[SECRET] = User("eve", writes=False)
    ended = run("doctor", "--json")
    assert ended.code == 0
    found = off(ended)
    assert list(found) == ["token", "actions", "protection"]
    assert "may only read" in found["token"]
    assert "could not be seen" in found["actions"]
    assert "administrators alone" in found["protection"]


def test_without_a_token_there_are_fewer_probes_and_a_hint(
    sound: Hosted, world: World, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("GH_ENTERPRISE_TOKEN")
    world.git("author", "config", "remote.origin.url", str(sound.bare))
    world.git("author", "config", "remote.origin.pushurl", f"http://{'127.0.0.1'}:1/acme/models.git")
    monkeypatch.setenv("GITHUB_SERVER_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("GITHUB_API_URL", "http://127.0.0.1:1/api/v3")
    ended = run("doctor", "--json")
    assert ended.code == 0
    assert list(off(ended)) == ["token"]
    assert "there is no token for 127.0.0.1:1" in off(ended)["token"]


@pytest.mark.parametrize(
    ("data", "code", "said"), [(None, 1, "main has no such workflow"), (b"other", 0, "not as this version")]
)
def test_workflows_are_held_against_those_that_are_made(
    sound: Hosted, world: World, run: Run, data: bytes | None, code: int, said: str
) -> None:
    world.commit({f"{WORKFLOWS}/registry-comment.yml": data})
    world.git("author", "fetch", "-q", "origin")
    ended = run("doctor", "--json")
    assert ended.code == code
    assert list(off(ended)) == ["workflows"]
    assert said in off(ended)["workflows"]
