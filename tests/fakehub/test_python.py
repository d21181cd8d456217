"""The Python API in a clone of a repository on GitHub: a training opens its pull request, and says what it could not."""

from __future__ import annotations

import pytest

import modelmark
from modelmark.usecases.propose import NotProposed
from tests.fakehub.clients import SECRET
from tests.fakehub.server import BROKEN, Hub
from tests.fakehub.state import Hosted
from tests.support.world import World


@pytest.fixture(autouse=True)
def _site(hub: Hub, naps: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    """What a job on that site has in its environment."""
    for name in ("GH_TOKEN", "GITHUB_TOKEN", "GITHUB_ENTERPRISE_TOKEN", "GH_HOST"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {**hub.environ, "GH_ENTERPRISE_TOKEN": SECRET}.items():
        monkeypatch.setenv(name, value)


def _train(world: World) -> modelmark.Run:
    run = modelmark.run("m", registry=world.clone("author"))
    with run:
        run.register(world.train("two"))
    return run


def test_a_training_that_registers_opens_the_pull_request_with_its_page(
    hub: Hub, hosted: Hosted, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    made = _train(world)
    assert made.proposed is not None
    assert made.proposed.url == f"{hub.address}/acme/models/pull/1"
    assert made.proposed.opened
    assert made.proposed.warnings == ()
    (pull,) = hosted.pulls.values()
    assert (pull.head, pull.title) == ("register/m-2", "Register m@2")
    assert pull.body is not None
    assert "m@2" in pull.body
    assert capsys.readouterr() == ("", "")


def test_without_a_token_it_says_where_a_person_opens_it(
    hosted: Hosted, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GH_ENTERPRISE_TOKEN")
    monkeypatch.setenv("PATH", "/usr/bin:/bin")  # without a `gh` that is logged in
    made = _train(world)
    assert made.proposed is not None
    assert made.proposed.url is None
    assert "/compare/main...register/m-2?" in made.proposed.compare
    assert not hosted.pulls


def test_where_github_is_broken_the_version_is_registered_and_the_training_is_told(
    hub: Hub, hosted: Hosted, world: World
) -> None:
    hub.trouble = [BROKEN] * 4
    run = modelmark.run("m", registry=world.clone("author"))
    with pytest.raises(NotProposed, match="register/m-2 is pushed"), run:
        run.register(world.train("two"))
    assert run.registration is not None
    assert str(run.registration.version) == "2"
    assert run.proposed is None
    assert "register/m-2" in world.branches()
