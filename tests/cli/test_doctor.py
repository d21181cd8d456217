"""`modelmark doctor` on real repositories: exactly one thing is broken, and exactly that is named, with its mend."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from modelmark.cli.main import build_app
from modelmark.cli.session import guarded
from modelmark.domain.policy import Way
from tests.cli.conftest import Ended
from tests.support.probed import off
from tests.support.world import World, copy_world, git, new_world

CLONE = [
    "git",
    "repository",
    "remote",
    "main",
    "newest",
    "tags",
    "history",
    "identity",
    "dvc",
    "storage",
    "sandbox",
    "audit",
]
PLAIN = "checks: [signature-compatible]"
NEEDY = "checks: [signature-compatible, dependencies, bundled-tests]"
Break = Callable[[World], object]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> World:
    made = new_world(tmp_path_factory.mktemp("doctor") / "world", Way.PULL_REQUEST)
    rules = (made.clone("author") / "registry.yaml").read_text()
    assert PLAIN in rules
    made.commit({"registry.yaml": rules.replace(PLAIN, NEEDY, 1), "models/m/1/manifest.yaml": "x\n"})
    made.git("author", "pull", "-q", "origin", "main")
    made.storage.mkdir()
    return made


@pytest.fixture
def world(template: World, tmp_path: Path) -> World:
    return copy_world(template, tmp_path / "world")


@pytest.fixture(autouse=True)
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is first on PATH; what the gates of a registry need is in it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("bwrap", "pip-audit"):
        script(folder, name, "exit 0")
    monkeypatch.setenv("PATH", f"{folder}:/usr/local/bin:/usr/bin:/bin")
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    return folder


def script(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


@pytest.fixture
def doctor(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    def run(place: Path, *words: str) -> Ended:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            guarded(lambda: build_app()(args=["-C", str(place), "doctor", *words], prog_name="modelmark"))
        shown = capsys.readouterr()
        return Ended(int(ended.value.code or 0), shown.out, shown.err)

    return run


def test_a_sound_clone_has_nothing_off(world: World, doctor: Callable[..., Ended]) -> None:
    ended = doctor(world.clone("author"))
    assert (ended.code, ended.err) == (0, "12 probes: 0 errors, 0 warnings\n")
    assert [line.split(":")[0] for line in ended.out.splitlines()] == [f"✓ {name}" for name in CLONE]


def config(*words: str) -> Break:
    return lambda world: world.git("author", "config", *words)


def commit(path: str, change: Callable[[str], str | None]) -> Break:
    """A reviewed change of a file, that the author has fetched."""

    def broken(world: World) -> None:
        world.commit({path: change((world.clone("author") / path).read_text())})
        world.git("author", "fetch", "-q", "origin")

    return broken


def shallow(world: World) -> None:
    world.commit({"README.md": "more\n"})
    world.git("author", "fetch", "-q", "--depth=1", "origin")


def anonymous(world: World) -> None:
    for key in ("user.name", "user.email"):
        world.git("author", "config", "--unset", key)
    world.git("author", "config", "user.useConfigOnly", "true")


def without_storage(world: World) -> None:
    world.storage.rmdir()


@pytest.mark.parametrize(
    ("probe", "code", "breaks", "said"),
    [
        ("remote", 1, config("remote.origin.url", "../nowhere.git"), "cannot be reached"),
        ("remote", 0, lambda world: world.git("author", "remote", "remove", "origin"), "there is no remote"),
        (
            "main",
            1,
            lambda world: world.git("author", "update-ref", "-d", "refs/remotes/origin/main"),
            "no registry.yaml",
        ),
        ("main", 1, commit("registry.yaml", lambda text: text + "\nnonsense: 5\n"), "nonsense"),
        ("newest", 0, lambda world: world.commit({"README.md": "more\n"}), "main is at "),
        ("newest", 1, lambda world: world.on_hub("branch", "-m", "main", "trunk"), "has no branch main"),
        ("tags", 0, lambda world: world.on_hub("tag", "m@v9", "main"), "'m@v9'"),
        ("history", 0, shallow, "is shallow"),
        ("identity", 0, anonymous, "does not know who you are"),
        (
            "dvc",
            1,
            commit(".dvc/config", lambda text: text.replace("storage", "elsewhere")),
            "'store' is not one that",
        ),
        ("dvc", 1, commit(".dvc/config", lambda _: None), "main has no such file"),
        ("storage", 1, without_storage, "does not exist (is it mounted?)"),
    ],
)
def test_what_is_broken_is_named_and_nothing_else(
    world: World, doctor: Callable[..., Ended], probe: str, code: int, breaks: Break, said: str
) -> None:
    breaks(world)
    ended = doctor(world.clone("author"), "--json")
    found = off(ended)
    assert list(found) == [probe]
    assert said in found[probe]
    assert ended.code == code


def test_a_fresh_registrys_storage_may_come_later(world: World, doctor: Callable[..., Ended]) -> None:
    commit("models/m/1/manifest.yaml", lambda _: None)(world)
    without_storage(world)
    ended = doctor(world.clone("author"), "--json")
    assert ended.code == 0
    assert "nothing is registered yet" in off(ended)["storage"]


@pytest.mark.parametrize(
    ("program", "probe", "said"),
    [
        ("bwrap", "sandbox", "bubblewrap (bwrap) is not installed"),
        ("pip-audit", "audit", "pip-audit is not installed"),
    ],
)
def test_what_a_gate_needs_is_missed_only_where_one_needs_it(
    world: World,
    doctor: Callable[..., Ended],
    programs: Path,
    monkeypatch: pytest.MonkeyPatch,
    program: str,
    probe: str,
    said: str,
) -> None:
    (programs / program).unlink()
    (programs / "git").symlink_to("/usr/bin/git")
    monkeypatch.setenv("PATH", str(programs))
    ended = doctor(world.clone("author"), "--json")
    assert ended.code == 1
    assert said in off(ended)[probe]
    commit("registry.yaml", lambda text: text.replace(NEEDY, PLAIN))(world)
    assert off(doctor(world.clone("author"), "--json")) == {}


def test_reviewed_advisories_stand_in_for_pip_audit(
    world: World, doctor: Callable[..., Ended], programs: Path
) -> None:
    (programs / "pip-audit").unlink()
    world.commit({"advisories.yaml": "x\n"})
    world.git("author", "fetch", "-q", "origin")
    assert off(doctor(world.clone("author"), "--json")) == {}


def test_a_check_that_only_a_card_names_counts(
    world: World, doctor: Callable[..., Ended], programs: Path
) -> None:
    commit("registry.yaml", lambda text: text.replace(NEEDY, PLAIN))(world)
    script(programs, "bwrap", "exit 1")  # the machine may have a good one further down PATH
    assert off(doctor(world.clone("author"), "--json")) == {}
    world.commit({"models/m/model.yaml": "checks: {production: [contract]}\n"})
    world.git("author", "fetch", "-q", "origin")
    assert list(off(doctor(world.clone("author"), "--json"))) == ["sandbox"]


def test_an_old_git_is_named_first_and_the_rest_is_asked_as_far_as_it_goes(
    world: World, doctor: Callable[..., Ended], programs: Path
) -> None:
    script(
        programs,
        "git",
        'for one in "$@"; do [ "$one" = version ] && { echo git version 2.20.1; exit; }; done\nexec /usr/bin/git "$@"',
    )
    ended = doctor(world.clone("author"), "--json")
    assert ended.code == 1
    assert "Git is 2.20.1" in off(ended)["git"]
    assert json.loads(ended.out)["probes"][1]["waits_for"] == "git"


def test_without_git_it_says_so(
    doctor: Callable[..., Ended], programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(programs))
    ended = doctor(tmp_path, "--json")
    assert ended.code == 1
    assert "Git is not installed" in off(ended)["git"]


@pytest.mark.parametrize(
    ("place", "said"), [("", "is not in a Git repository"), ("nowhere", "there is no directory")]
)
def test_a_directory_that_is_no_registry_is_told_in_two_probes(
    doctor: Callable[..., Ended], tmp_path: Path, place: str, said: str
) -> None:
    ended = doctor(tmp_path / place, "--json")
    assert ended.code == 1
    assert said in off(ended)["repository"]
    assert len(json.loads(ended.out)["probes"]) == 2


def test_what_waits_is_said_and_not_asked(world: World, doctor: Callable[..., Ended]) -> None:
    world.git("author", "update-ref", "-d", "refs/remotes/origin/main")
    ended = doctor(world.clone("author"))
    assert "- storage: not asked, because of main\n" in ended.out
    assert "✗ main: there is no registry.yaml" in ended.out


def test_a_look_changes_nothing(world: World, doctor: Callable[..., Ended]) -> None:
    world.commit({"README.md": "more\n"})
    clone = world.clone("author")
    before = (
        git(clone, "for-each-ref"),
        git(clone, "status", "--porcelain"),
        (clone / ".git/config").read_text(),
    )
    doctor(clone)
    assert before == (
        git(clone, "for-each-ref"),
        git(clone, "status", "--porcelain"),
        (clone / ".git/config").read_text(),
    )


def test_a_password_in_the_remotes_address_is_not_shown(world: World, doctor: Callable[..., Ended]) -> None:
    config("remote.origin.url", "https://ada:s3cret@127.0.0.1:1/acme/models.git")(world)
    ended = doctor(world.clone("author"))
    assert "cannot be reached" in ended.out
    assert "s3cret" not in ended.out + ended.err
