"""Clones and remotes in a state that we did not expect: each is named, and nothing of the user's is touched."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import NewWorld
from tests.support.crash import COULD_NOT, NO, USAGE, run_program, says
from tests.support.world import GitFailed, World, git, refs


def test_a_shallow_clone_says_so_where_nothing_is_fetched_and_tags_nothing(live: World) -> None:
    live.register(live.train("three"))
    live.merge("register/m-3")
    live.commit({"README.md": "words"})
    live.new_clone("guest", "--depth", "1")
    live.git("guest", "fetch", "-q", "--depth=1", "origin", "refs/tags/*:refs/tags/*")
    before = live.tags()
    for command in (["apply", "--no-push"], ["list"], ["verify"]):
        says(live.cli("guest", *command), COULD_NOT, "shallow", "git fetch --unshallow")
    assert live.tags() == before
    assert live.cli("guest", "resolve", "m@prod", "--registry", str(live.hub)).code == 0


@pytest.mark.parametrize("depth", [1, 2])
def test_apply_makes_a_shallow_clone_whole_and_tags_what_every_clone_would(world: World, depth: int) -> None:
    world.register(world.train("one"))
    merge = world.merge("register/m-1")
    world.commit({"README.md": "words"})
    world.new_clone("guest", "--depth", str(depth), "--no-tags")
    done = world.cli("guest", "apply")
    assert done.code == 0, done.err
    assert git(world.hub, "rev-parse", "m@v1^{}") == merge
    assert world.git("guest", "rev-parse", "--is-shallow-repository") == "false"


@pytest.mark.parametrize(
    "command",
    [
        ("promote", "m@1", "--to", "prod", "--reason", "x"),
        ("rollback", "m", "--reason", "x"),
        ("register", "../out/new", "--model", "n"),
    ],
)
def test_without_an_identity_nothing_is_written_and_the_remedy_is_named(
    command: tuple[str, ...], live: World
) -> None:
    live.train("new")
    for key, value in {"user.useConfigOnly": "true"}.items():
        live.git("author", "config", key, value)
    for key in ("user.name", "user.email"):
        live.git("author", "config", "--unset", key)
    before = refs(live.hub, "refs/")
    says(live.cli("author", *command), USAGE, "does not know who you are", "git config --global user.name")
    assert refs(live.hub, "refs/") == before


def test_ci_needs_no_identity_to_apply(live: World) -> None:
    """The tagger is whoever merged."""
    live.register(live.train("three"))
    live.merge("register/m-3")
    live.git("ci", "config", "user.useConfigOnly", "true")
    for key in ("user.name", "user.email"):
        live.git("ci", "config", "--unset", key)
    assert live.cli("ci", "apply").code == 0
    assert "tagger Rita Reviewer" in live.tag_text("m@v3")


def test_a_detached_head_changes_nothing(live: World) -> None:
    live.train("new")
    live.git("author", "checkout", "-q", "--detach", "HEAD~1")
    head = live.git("author", "rev-parse", "HEAD")
    assert live.cli("author", "register", "../out/new", "--model", "m").code == 0
    assert live.cli("author", "promote", "m@1", "--to", "staging", "--reason", "x").code == 0
    assert live.cli("author", "rollback", "m", "--reason", "x").code == 0
    assert live.git("author", "rev-parse", "HEAD") == head
    with pytest.raises(GitFailed):
        live.git("author", "symbolic-ref", "HEAD")


def _everything(clone: Path) -> dict[str, bytes]:
    """Work tree, index, HEAD, configuration and stash: what is the user's."""
    kept = {
        path.relative_to(clone).as_posix(): path.read_bytes()
        for path in clone.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(clone).parts[:1] and "cache" not in path.parts
    }
    for name in ("index", "HEAD", "config"):
        kept[f".git/{name}"] = (clone / ".git" / name).read_bytes()
    return kept | {f"heads/{name}": oid.encode() for name, oid in refs(clone, "refs/heads/").items()}


@pytest.mark.parametrize("template", ["live_world", "direct_world"])
def test_a_dirty_work_tree_is_left_alone_byte_for_byte(
    template: str, request: pytest.FixtureRequest, copies: NewWorld
) -> None:
    world = copies(request.getfixturevalue(template))
    clone = world.clone("author")
    (clone / "registry.yaml").write_text("half an edit: [")
    (clone / "staged.txt").write_text("staged")
    world.git("author", "add", "staged.txt")
    (clone / "staged.txt").write_text("and changed again")
    (clone / "untracked.txt").write_text("mine")
    (clone / "models/m/9").mkdir(parents=True)
    (clone / "models/m/9/manifest.yaml").write_text("not: ready")
    world.train("new")
    before = _everything(clone)
    for command in (
        ("register", "../out/new", "--model", "m"),
        ("promote", "m@1", "--to", "staging", "--reason", "x"),
        ("apply",),
        ("check", "--head", "origin/main"),
        ("list",),
        ("verify", "--content"),
        ("pull", "m@1", "--to", "../srv"),
        ("rollback", "m", "--reason", "x"),
        ("record",),
    ):
        done = world.cli("author", *command)
        assert done.code in (0, 1), f"{command}: {done.err}"
        assert _everything(clone) == before, command


def test_variables_of_a_git_hook_do_not_lead_us_astray(live: World) -> None:
    code = (
        "import os, sys\n"
        "os.environ.update(GIT_DIR='/nonexistent', GIT_INDEX_FILE='/nonexistent', GIT_WORK_TREE='/nonexistent')\n"
        "sys.argv = ['modelmark', 'list']\n"
        "from modelmark.cli.main import run\n"
        "run()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=live.clone("ci"),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, "prod=2" in done.stdout) == (0, True), done.stderr


@pytest.mark.parametrize(
    "command",
    [
        ("apply",),
        ("register", "../out/new", "--model", "n"),
        ("promote", "m@1", "--to", "staging", "--reason", "x"),
        ("rollback", "m", "--reason", "x"),
        ("record",),
        ("archive", "m@1", "--reason", "x"),
        ("evaluate", "m@1", "--metrics", "../out/new/metrics.json"),
    ],
)
def test_without_the_remote_nothing_happens_and_its_address_is_named(
    command: tuple[str, ...], live: World
) -> None:
    live.train("new")
    before = refs(live.clone("author"), "refs/")
    live.hub.rename(live.root / "gone.git")
    says(live.cli("author", *command), COULD_NOT, "hub.git", "cannot be reached")
    assert refs(live.clone("author"), "refs/") == before


def test_reading_needs_no_network(live: World) -> None:
    live.git("ci", "fetch", "-q", "--tags", "origin")
    live.hub.rename(live.root / "gone.git")
    for command in (
        ["list"],
        ["resolve", "m@prod"],
        ["history", "m"],
        ["verify"],
        ["pull", "m@prod", "--to", "../srv"],
    ):
        assert live.cli("ci", *command).code == 0, command


def test_a_remote_that_is_no_repository_is_named(live: World) -> None:
    nowhere = str(live.root / "nowhere.git")
    for command in (
        ["resolve", "m@prod", "--registry", nowhere],
        ["pull", "m@prod", "--to", "x", "--registry", nowhere],
    ):
        done = run_program(command, live.root)
        assert done.code in (NO, COULD_NOT)
        says(done, done.code, "nowhere.git")


def test_several_remotes_and_none_called_origin_is_a_question_for_people(live: World) -> None:
    live.git("ci", "remote", "rename", "origin", "here")
    assert live.cli("ci", "list").code == 0, "the only remote is the one"
    live.git("ci", "remote", "add", "there", "../hub.git")
    says(live.cli("ci", "list"), COULD_NOT, "here, there", "origin")


def test_a_directory_that_is_no_registry_is_named(live: World, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    says(run_program(["list"], tmp_path / "plain"), NO, "not in a Git repository", "modelmark init")
    says(run_program(["-C", "missing", "list"], tmp_path), NO, "'missing'")
    git(tmp_path / "plain", "init", "-q")
    says(run_program(["list"], tmp_path / "plain"), NO, "no registry.yaml", "modelmark init")
    live.commit({"registry.yaml": None})
    live.git("ci", "fetch", "-q", "origin")
    says(live.cli("ci", "list"), NO, "no registry.yaml on origin/main")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("registry: {id: x\n", "registry.yaml:1", "not closed"),
        ("registry:\n  id: a\n  id: b\n", "registry.yaml:3", "id"),
        ("registry: {id: a, name: b, default_branch: main}\nstorag: {}\n", "registry.yaml:2", "storag"),
        ("a: &x 1\nb: *x\n", "registry.yaml:1", ""),
        ("", "registry.yaml:1", "empty"),
        ("\xff\xfe", "registry.yaml", "UTF-8"),
        ("x: 1\n" + "# filler\n" * 500_000, "registry.yaml", "4 MiB"),
    ],
)
def test_a_malformed_policy_is_named_with_its_line(text: str, line: str, words: str, live: World) -> None:
    live.commit({"registry.yaml": text.encode("latin-1")})
    live.git("ci", "fetch", "-q", "origin")
    for command in (["list"], ["apply"], ["resolve", "m@prod"]):
        says(live.cli("ci", *command), USAGE, line, words)


def test_one_model_s_broken_file_does_not_stop_the_others(live: World) -> None:
    live.register(live.train("other"), "n")
    live.merge("register/n-1")
    live.commit({"models/m/aliases.yaml": "prod: {version: 1, version: 2}\n"})
    done = live.cli("ci", "apply")
    assert "n@v1" in live.tags()
    assert done.code in (0, 1)
    says(live.cli("ci", "list"), 0, "models/m/aliases.yaml:1")
    assert live.cli("ci", "resolve", "m@prod").out.startswith("m@2 "), "tags are what is true"
