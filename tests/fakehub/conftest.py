"""A world whose remote is fakehub, and the command line in it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from modelmark.adapters import http
from modelmark.cli.main import build_app
from modelmark.cli.session import guarded
from tests.cli.conftest import Ended
from tests.fakehub.clients import ASKED, SECRET
from tests.fakehub.openapi import fetch
from tests.fakehub.openapi.contract import Contract
from tests.fakehub.server import Hub, fakehub
from tests.fakehub.state import Hosted, Pull, User
from tests.support.git_repos import commit, git, new_repository
from tests.support.world import ROUTE, World, copy_world, new_world

Run = Callable[..., Ended]


@pytest.fixture(scope="session")
def young(tmp_path_factory: pytest.TempPathFactory) -> World:
    """m@1 is registered."""
    world = new_world(tmp_path_factory.mktemp("fakehub") / "world")
    world.release("one")
    return world


@pytest.fixture(scope="session")
def grown(young: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """m@1 and then m@2 went the whole route, and canary may be rolled back at once like prod."""
    world = copy_world(young, tmp_path_factory.mktemp("grown") / "world")
    rules = (world.clone("author") / "registry.yaml").read_text()
    world.commit({"registry.yaml": rules.replace("  canary:\n", "  canary:\n    rollback: direct\n")})
    for alias in ROUTE:
        world.live(1, alias)
    world.release("two", *ROUTE)
    return world


@pytest.fixture(scope="session")
def template(young: World) -> World:
    """The world that each test of a module gets a copy of; a module may say another."""
    return young


@pytest.fixture(scope="session")
def contract() -> Contract | None:
    """GitHub's OpenAPI; without it fakehub answers what it has, and nobody holds that to anything."""
    document = fetch.find()
    return None if document is None else Contract(document)


@contextmanager
def strict_hub(base: Path, contract: Contract | None) -> Iterator[Hub]:
    """A server to which every request, and whose every answer, fits GitHub's OpenAPI when the test is over."""
    with fakehub(base) as server:
        server.tokens[SECRET] = User("ada")
        server.contract = contract
        yield server
    if server.broken:
        pytest.fail("GitHub's OpenAPI is broken:\n" + "\n".join(server.broken), pytrace=False)


@pytest.fixture
def hub(tmp_path: Path, contract: Contract | None) -> Iterator[Hub]:
    with strict_hub(tmp_path / "hub", contract) as server:
        yield server


@pytest.fixture
def world(template: World, tmp_path: Path) -> World:
    return copy_world(template, tmp_path / "world")


@pytest.fixture
def served(hub: Hub, naps: list[float], tmp_path: Path) -> Hosted:
    """A small repository: main, the branch that is asked for, another one, and one that adds nothing."""
    made = hub.host("acme", "models")
    clone = new_repository(tmp_path / "clone", "--template=")
    commit(clone, {"registry.yaml": b"one\n"})
    git(clone, "push", "-q", str(made.bare), "main", "main:nothing")
    commit(clone, {"registry.yaml": b"two\n"})
    git(clone, "push", "-q", str(made.bare), f"main:{ASKED.branch}", "main:other")
    return made


@pytest.fixture
def hosted(hub: Hub, world: World) -> Hosted:
    """The world's remote, on the server: its author pushes there with a token in the address."""
    return move_to(hub, world)


def move_to(hub: Hub, world: World) -> Hosted:
    """Serve a world's remote as acme/models; everybody else goes on by plain Git."""
    made = hub.host("acme", "models", world.hub)
    world.hub.symlink_to(made.bare)
    address = hub.address.replace("//", f"//x-access-token:{SECRET}@")
    world.git("author", "remote", "set-url", "origin", f"{address}/acme/models.git")
    return made


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the client would have waited."""
    slept: list[float] = []
    monkeypatch.setattr(http, "sleep", slept.append)
    return slept


@pytest.fixture
def run(
    hub: Hub,
    world: World,
    naps: list[float],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Run]:
    """The author's command line, as a job on that site runs it; no token is ever shown."""
    for name in ("GH_TOKEN", "GITHUB_TOKEN", "GITHUB_ENTERPRISE_TOKEN", "GH_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GH_ENTERPRISE_TOKEN", SECRET)
    monkeypatch.setenv("COLUMNS", "80")
    for name, value in hub.environ.items():
        monkeypatch.setenv(name, value)

    def one(*words: str) -> Ended:
        capsys.readouterr()
        everything = ["-C", str(world.clone("author")), *words]
        with pytest.raises(SystemExit) as ended:
            guarded(lambda: build_app()(args=everything, prog_name="modelmark"))
        shown = capsys.readouterr()
        assert SECRET not in shown.out + shown.err
        assert "Traceback" not in shown.err, shown.err
        return Ended(int(ended.value.code or 0), shown.out, shown.err)

    before = signal.getsignal(signal.SIGINT)
    yield one
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def guarded_template(young: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """m@1 is in canary, and prod asks for two owners."""
    world = copy_world(young, tmp_path_factory.mktemp("guarded") / "world")
    for alias in ("staging", "canary"):
        world.live(1, alias)
    rules = (world.clone("author") / "registry.yaml").read_text()
    world.commit({"registry.yaml": rules.replace("    approvals: 1\n", "    approvals: 2\n")})
    world.commit({".github/CODEOWNERS": "/models/m/ @rita @Bob @acme/owners owners@example.org\n"})
    return world


@pytest.fixture
def asked(hub: Hub, world: World, run: Run) -> Pull:
    """Ada asks for m@1 in prod."""
    here = move_to(hub, world)
    hub.emails["ada@example.org"] = "ada"
    hub.tokens["eves"] = User("eve")
    ended = run("promote", "m@1", "--to", "prod", "--reason", "it is better")
    assert ended.code == 0, ended.err
    return here.pulls[1]
