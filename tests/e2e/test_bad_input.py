"""Everything that goes wrong outside of us: each has its exit code, and a sentence that names what to look at."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.conftest import NewWorld
from tests.support.crash import Finished, run_program, start_program
from tests.support.world import GitFailed, World, be, files_below, git, refs, trained

NO, USAGE, COULD_NOT = 1, 2, 3


def _says(done: Finished, code: int, *words: str) -> None:
    """The exit code, every one of the words, and no traceback."""
    said = done.out + done.err
    assert done.code == code, said
    assert "Traceback" not in said
    for word in words:
        assert word in said, f"{word!r} is not in: {said}"


# Tags


def _tag_text(world: World, tag: str) -> str:
    return git(world.hub, "cat-file", "tag", tag, strip=False)


def _make_tag(world: World, name: str, text: str) -> None:
    """A tag with any text, as `git mktag` lets anybody make it, pushed."""
    clone = world.clone("consumer")
    done = subprocess.run(
        ["git", "mktag"], cwd=clone, input=text, capture_output=True, text=True, check=True, timeout=60
    )
    git(clone, "push", "-q", "origin", f"{done.stdout.strip()}:refs/tags/{name}")


def _by_hand(world: World, name: str, *args: str) -> None:
    git(world.clone("consumer"), "tag", *args[:-1], name, args[-1])
    git(world.clone("consumer"), "push", "-q", "origin", f"refs/tags/{name}")


def _next_tag(world: World, **changes: str) -> str:
    """What a right third assignment of prod would look like, with changes."""
    prod2 = refs(world.hub, "refs/tags/")["m#prod#2"]
    text = _tag_text(world, "m#prod#2").replace("tag m#prod#2", "tag m#prod#3")
    one, two = (refs(world.hub, "refs/tags/")[f"m@v{version}"] for version in (1, 2))
    old = _tag_text(world, "m#prod#2").partition("Previous-Tag: ")[2].partition("\n")[0]
    text = text.replace(f"Previous-Tag: {old}", f"Previous-Tag: {prod2}")
    text = text.replace(two, one).replace("\nVersion: 2\n", "\nVersion: 1\n")
    text = text.replace("Previous-Version: 1", "Previous-Version: 2")
    at = git(world.hub, "rev-parse", "m@v1^{commit}")
    text = f"object {at}\n{text.partition(chr(10))[2]}"
    for old, new in changes.items():
        key = old.replace("_", "-")
        line = next(one for one in text.splitlines() if one.startswith(f"{key}: "))
        text = text.replace(line, f"{key}: {new}")
    return text


def _renamed(world: World) -> None:
    git(world.clone("consumer"), "push", "-q", "origin", f"{world.tags()['m#prod#1']}:refs/tags/m#prod#3")


def _off_main(world: World) -> None:
    git(world.clone("consumer"), "commit", "-q", "--allow-empty", "-m", "Aside")
    _by_hand(world, "m#prod#3", "-a", "-m", "off main", "HEAD")


def _second_parent(world: World) -> None:
    aside = git(world.hub, "rev-parse", "m#prod#1^{commit}^2")
    _by_hand(world, "m#prod#3", "-a", "-m", "the branch, not its merge", aside)


BAD_TAGS: dict[str, tuple[Callable[[World], None], str]] = {
    "lightweight": (lambda world: _by_hand(world, "m#prod#3", "m@v1^{}"), "lightweight"),
    "renamed": (_renamed, "somebody renamed it"),
    "nested": (lambda world: _by_hand(world, "m#prod#3", "-a", "-m", "of a tag", "m@v1"), "points at a 'tag'"),
    "of a blob": (
        lambda world: _by_hand(world, "m#prod#3", "-a", "-m", "a file", "main:registry.yaml"),
        "points at a 'blob'",
    ),
    "off main": (_off_main, "not a first-parent commit of main"),
    "of a second parent": (_second_parent, "not a first-parent commit of main"),
    "of a version that was never live": (
        lambda world: (
            world.release("three") and git(world.clone("consumer"), "fetch", "-q", "origin"),
            _by_hand(world, "m#prod#3", "-a", "-m", "try it", "m@v3^{}"),
        )[0]
        and None,
        "no version that held the alias before has its tag on that commit",
    ),
    "with a trailer twice": (
        lambda world: _make_tag(world, "m#prod#3", _next_tag(world) + "Version: 2\n"),
        "gives Version twice",
    ),
    "with a trailer in the reason": (
        lambda world: _make_tag(
            world, "m#prod#3", _next_tag(world).replace("\nbecause\n", "\nbecause\nVersion: 2\n")
        ),
        "two ways",
    ),
    "with another line among its trailers": (
        lambda world: _make_tag(world, "m#prod#3", _next_tag(world) + "and so on\n"),
        "mixes trailers",
    ),
    "with another predecessor": (
        lambda world: _make_tag(world, "m#prod#3", _next_tag(world, Previous_Tag="0" * 40)),
        "the chain is broken",
    ),
    "of another registry": (
        lambda world: _make_tag(world, "m#prod#3", _next_tag(world, Registry="somebody-else")),
        "belongs to another registry",
    ),
    "of a version that is not registered": (
        lambda world: _make_tag(world, "m#prod#3", _next_tag(world, Version="9")),
        "9, which is not registered",
    ),
    "two signatures": (
        lambda world: _make_tag(
            world, "m#prod#3", _next_tag(world) + "-----BEGIN PGP SIGNATURE-----\n\nx\n-----END PGP SIGNATURE-----\n" * 2
        ),
        "more than one signature",
    ),
}  # fmt: skip


def test_the_tag_that_the_bad_ones_are_made_of_would_be_right(live: World) -> None:
    _make_tag(live, "m#prod#3", _next_tag(live))
    assert live.meaning("prod") == "1"
    assert live.cli("ci", "verify").code == 0


@pytest.mark.parametrize("kind", BAD_TAGS)
def test_a_bad_tag_is_ignored_and_counted_and_named(kind: str, live: World) -> None:
    make, why = BAD_TAGS[kind]
    make(live)
    assert live.meaning("prod") == "2"
    _says(live.cli("ci", "verify", "--all"), NO, "m#prod#3", why)
    _says(live.cli("ci", "resolve", "m#prod#3"), NO, "m#prod#3", why)
    _says(live.cli("ci", "list"), 0, "prod=2", "m#prod#3", why)
    _says(live.cli("consumer", "resolve", "m#prod#3", "--remote", str(live.hub)), NO, "m#prod#3")
    # Its number is used up: the next rollback is the fourth assignment, and the chain names the bad tag.
    done = live.rollback("the real one")
    assert (str(done.assignment.tag), str(done.assignment.version)) == ("m#prod#4", "1")
    assert live.meaning("prod") == "1"
    assert f"Previous-Tag: {live.tags()['m#prod#3']}" in _tag_text(live, "m#prod#4")


@pytest.mark.parametrize("name", ["m#prod#03", "m#prod#0", "m#prod", "M#prod#1", "m#latest#1", "m@v01", "m@v1.2.3.4"])
def test_a_malformed_name_is_listed_and_harms_nobody(name: str, live: World) -> None:
    _by_hand(live, name, "-a", "-m", "odd", "main")
    assert live.meaning("prod") == "2"
    _says(live.cli("ci", "verify"), NO, name)
    assert live.cli("ci", "apply").code == 0
    assert live.cli("ci", "list").code == 0


@pytest.mark.parametrize("name", ["v1.0", "release@2026", "nightly", "x/y"])
def test_tags_of_other_people_are_none_of_our_business(name: str, live: World) -> None:
    _by_hand(live, name, "-a", "-m", "theirs", "main")
    live.git("ci", "fetch", "-q", "--tags", "origin")
    live.git("consumer", "tag", "-f", "-m", "theirs, moved", name, "main~1")
    live.git("consumer", "push", "-q", "-f", "origin", f"refs/tags/{name}")
    assert live.cli("ci", "apply").code == 0
    assert live.cli("ci", "list").out == live.cli("author", "list").out
    assert live.cli("ci", "verify").code == 0


def test_a_moved_tag_stops_whoever_knew_where_it_was(live: World) -> None:
    live.meaning("prod")
    live.git("consumer", "fetch", "-q", "origin", "refs/tags/*:refs/tags/*")
    live.git("consumer", "tag", "-f", "-a", "m#prod#2", "-m", "moved", "m@v1^{}")
    live.git("consumer", "push", "-q", "-f", "origin", "refs/tags/m#prod#2")
    _says(live.cli("ci", "apply"), NO, "m#prod#2", "moved", "git ls-remote")
    _says(live.cli("author", "rollback", "m", "--reason", "x"), NO, "m#prod#2", "moved")
    assert live.cli("ci", "resolve", "m@prod").out.startswith("m@2 "), "an existing clone is not misled"


def test_a_moved_version_tag_is_found_by_who_sees_it_for_the_first_time(live: World) -> None:
    text = _tag_text(live, "m@v1")
    old = text.partition("\n")[0]
    text = text.replace(old, f"object {git(live.hub, 'rev-parse', 'm@v2^{commit}')}")
    live.on_hub("update-ref", "-d", "refs/tags/m@v1")
    _make_tag(live, "m@v1", text)
    live.new_clone("guest")
    _says(live.cli("guest", "verify"), NO, "m#prod#1", "Version-Tag", "chain is broken")
    _says(live.cli("guest", "resolve", "m#prod#1"), NO, "m#prod#1")


def test_a_tag_that_takes_the_name_of_a_version_is_said_by_apply(live: World) -> None:
    live.register(live.train("three"))
    live.merge("register/m-3")
    _by_hand(live, "m@v3", "main")
    _says(live.cli("ci", "apply"), NO, "m@3", "m@v3", "lightweight")
    _says(live.cli("ci", "resolve", "m@3"), NO, "m@3 is not registered", "lightweight")
    assert live.cli("ci", "resolve", "m@latest").out.startswith("m@2 ")
    live.git("consumer", "push", "-q", "origin", "--delete", "refs/tags/m@v3")
    live.git("ci", "tag", "-d", "m@v3")
    assert live.cli("ci", "apply").code == 0
    assert live.cli("ci", "resolve", "m@latest").out.startswith("m@3 ")


def test_a_forged_assignment_that_nobody_reviewed_is_not_resolved(live: World) -> None:
    text = _next_tag(live)
    tip = git(live.hub, "rev-parse", "main")
    _make_tag(live, "m#prod#3", f"object {tip}\n{text.partition(chr(10))[2]}")
    live.git("ci", "fetch", "-q", "origin", "refs/tags/*:refs/tags/*")
    _says(live.cli("ci", "resolve", "m@prod"), NO, "m#prod#3", "nobody reviewed it")
    _says(live.cli("ci", "verify"), NO, "m#prod#3", "nobody reviewed it")


# The clone


def test_a_shallow_clone_says_so_and_tags_nothing(live: World) -> None:
    live.register(live.train("three"))
    live.merge("register/m-3")
    live.commit({"README.md": "words"})
    live.new_clone("guest", "--depth", "1")
    before = live.tags()
    for command in (["apply"], ["apply", "--no-push"], ["list"], ["verify"]):
        _says(live.cli("guest", *command), COULD_NOT, "shallow", "git fetch --unshallow")
    assert live.tags() == before
    assert live.cli("guest", "resolve", "m@prod", "--remote", str(live.hub)).code == 0


def test_a_shallow_clone_without_any_tag_tags_nothing_either(world: World) -> None:
    world.register(world.train("one"))
    world.merge("register/m-1")
    world.commit({"README.md": "words"})
    world.new_clone("guest", "--depth", "2")
    _says(world.cli("guest", "apply"), COULD_NOT, "shallow", "git fetch --unshallow")
    assert world.tags() == {}


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
    _says(live.cli("author", *command), USAGE, "does not know who you are", "git config --global user.name")
    assert refs(live.hub, "refs/") == before


def test_ci_needs_no_identity_to_apply(live: World) -> None:
    """The tagger is whoever merged."""
    live.register(live.train("three"))
    live.merge("register/m-3")
    live.git("ci", "config", "user.useConfigOnly", "true")
    for key in ("user.name", "user.email"):
        live.git("ci", "config", "--unset", key)
    assert live.cli("ci", "apply").code == 0
    assert "tagger Rita Reviewer" in _tag_text(live, "m@v3")


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
        [*_python(), "-c", code], cwd=live.clone("ci"), capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, "prod=2" in done.stdout) == (0, True), done.stderr


def _python() -> list[str]:
    import sys  # noqa: PLC0415

    return [sys.executable]


# The remote


@pytest.mark.parametrize(
    "command",
    [
        ("apply",),
        ("register", "../out/new", "--model", "n"),
        ("promote", "m@1", "--to", "staging", "--reason", "x"),
        ("rollback", "m", "--reason", "x"),
        ("record",),
        ("archive", "m@1", "--reason", "x"),
    ],
)
def test_without_the_remote_nothing_happens_and_its_address_is_named(
    command: tuple[str, ...], live: World
) -> None:
    live.train("new")
    before = refs(live.clone("author"), "refs/")
    live.hub.rename(live.root / "gone.git")
    _says(live.cli("author", *command), COULD_NOT, "hub.git", "cannot be reached")
    assert refs(live.clone("author"), "refs/") == before


def test_reading_needs_no_network(live: World) -> None:
    live.git("ci", "fetch", "-q", "origin", "refs/tags/*:refs/tags/*")
    live.hub.rename(live.root / "gone.git")
    for command in (["list"], ["resolve", "m@prod"], ["history", "m"], ["verify"], ["pull", "m@prod", "--to", "../srv"]):
        assert live.cli("ci", *command).code == 0, command


def test_a_remote_that_is_no_repository_is_named(live: World) -> None:
    nowhere = str(live.root / "nowhere.git")
    for command in (["resolve", "m@prod", "--remote", nowhere], ["pull", "m@prod", "--to", "x", "--registry", nowhere]):
        done = run_program(command, live.root)
        assert done.code in (NO, COULD_NOT)
        _says(done, done.code, "nowhere.git")


def test_several_remotes_and_none_called_origin_is_a_question_for_people(live: World) -> None:
    live.git("ci", "remote", "rename", "origin", "here")
    assert live.cli("ci", "list").code == 0, "the only remote is the one"
    live.git("ci", "remote", "add", "there", "../hub.git")
    _says(live.cli("ci", "list"), COULD_NOT, "here, there", "origin")


def test_a_directory_that_is_no_registry_is_named(live: World, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    _says(run_program(["list"], tmp_path / "plain"), NO, "not in a Git repository", "modelmark init")
    _says(run_program(["-C", "missing", "list"], tmp_path), NO, "'missing'")
    git(tmp_path / "plain", "init", "-q")
    _says(run_program(["list"], tmp_path / "plain"), NO, "no registry.yaml", "modelmark init")
    live.commit({"registry.yaml": None})
    live.git("ci", "fetch", "-q", "origin")
    _says(live.cli("ci", "list"), NO, "no registry.yaml on origin/main")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("registry: {id: x\n", "registry.yaml:2", ""),
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
        _says(live.cli("ci", *command), USAGE, line, words)


def test_one_model_s_broken_file_does_not_stop_the_others(live: World) -> None:
    live.register(live.train("other"), "n")
    live.merge("register/n-1")
    live.commit({"models/m/aliases.yaml": "prod: {version: 1, version: 2}\n"})
    done = live.cli("ci", "apply")
    assert "n@v1" in live.tags()
    assert done.code in (0, 1)
    _says(live.cli("ci", "list"), 0, "models/m/aliases.yaml:1")
    assert live.cli("ci", "resolve", "m@prod").out.startswith("m@2 "), "tags are what is true"


# The storage


def _object(world: World, seed: str, name: str) -> Path:
    md5 = hashlib.md5(trained(seed)[name]).hexdigest()
    return world.storage / "files" / "md5" / md5[:2] / md5[2:]


def _overwrite(path: Path, data: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(data)
    path.chmod(0o444)


def _change(path: Path) -> None:
    data = path.read_bytes()
    _overwrite(path, data[:-1] + bytes([data[-1] ^ 1]))


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "changed": (_change, "other bytes"),
    "truncated": (lambda path: _overwrite(path, path.read_bytes()[:-5]), "instead of"),
    "longer": (lambda path: _overwrite(path, path.read_bytes() + b"!"), "more than"),
    "missing": (lambda path: path.unlink(), "is not in the storage"),
    "a folder": (lambda path: (path.unlink(), path.mkdir()), "object"),
    "a pipe": (lambda path: (path.unlink(), os.mkfifo(path)), "not a regular file"),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_damaged_bytes_never_become_visible(kind: str, live: World) -> None:
    damage, words = DAMAGE[kind]
    live.git("consumer", "fetch", "-q", "origin")
    target = live.root / "srv"
    assert live.cli("consumer", "pull", "m@1", "--to", str(target)).code == 0
    damage(_object(live, "two", "model.safetensors"))
    for source in ((), ("--registry", str(live.hub))):
        _says(live.cli("consumer", "pull", "m@prod", "--to", str(target), *source), COULD_NOT, words)
        assert files_below(target / "current") == trained("one"), "the release before is intact"
        assert [path.name[:4] for path in (target / "releases").iterdir()] == ["m-1-"]
        assert sorted(path.name for path in (target / ".modelmark").iterdir()) == ["lock"]
    fresh = live.root / "fresh"
    assert live.cli("consumer", "pull", "m@prod", "--to", str(fresh)).code == COULD_NOT
    assert not (fresh / "current").exists()
    if kind not in ("a folder", "a pipe"):
        _says(live.cli("ci", "verify", "--content"), NO, "models/m/2/artifacts.dvc", "model.safetensors")
        assert live.cli("ci", "verify", "m@1", "--content").code == 0


def _listing(world: World, version: int) -> Path:
    pointer = git(world.hub, "cat-file", "blob", f"main:models/m/{version}/artifacts.dvc")
    md5 = pointer.partition("md5: ")[2].partition("\n")[0]
    return world.storage / "files" / "md5" / md5[:2] / md5[2:]


def _relist(world: World, change: Callable[[list[dict[str, str]]], object]) -> str:
    """Put another listing into the storage, under its own right id; returns the id."""
    entries = json.loads(_listing(world, 2).read_bytes())
    change(entries)
    data = json.dumps(entries).encode()
    md5 = hashlib.md5(data).hexdigest() + ".dir"
    path = world.storage / "files" / "md5" / md5[:2] / md5[2:]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    return md5


LISTINGS: dict[str, tuple[Callable[[list[dict[str, str]]], object], str]] = {
    "upwards": (lambda rows: rows[0].update(relpath="../../evil"), "not a DVC listing"),
    "absolute": (lambda rows: rows[0].update(relpath="/etc/evil"), "not a DVC listing"),
    "a dot": (lambda rows: rows[0].update(relpath=".git/config"), "not a DVC listing"),
    "twice": (lambda rows: rows.append(dict(rows[0])), "not a DVC listing"),
    "a file and a folder": (
        lambda rows: rows.append({"md5": rows[0]["md5"], "relpath": "metrics.json/x"}),
        "not a DVC listing",
    ),
    "one more": (lambda rows: rows.append({"md5": rows[0]["md5"], "relpath": "zz.bin"}), "zz.bin"),
    "one less": (lambda rows: rows.pop(), "signature.json"),
    "no list": (lambda rows: rows.__setitem__(slice(None), []), "in the manifest and not in the DVC listing"),
}


@pytest.mark.parametrize("kind", LISTINGS)
def test_a_listing_that_is_not_the_manifest_is_refused_by_check_and_verify_and_pull(
    kind: str, live: World
) -> None:
    change, words = LISTINGS[kind]
    md5 = _relist(live, change)
    # A registration whose pointer names that listing; the manifest is of m@2 but for its number.
    source = live.clone("reviewer") / "models/m/2"
    live.git("reviewer", "fetch", "-q", "origin")
    live.git("reviewer", "checkout", "-q", "-B", "main", "origin/main")
    pointer, manifest = ((source / name).read_text() for name in ("artifacts.dvc", "manifest.yaml"))
    old = pointer.partition("md5: ")[2].partition("\n")[0]
    changed = {
        "models/m/3/artifacts.dvc": pointer.replace(old, md5),
        "models/m/3/manifest.yaml": manifest.replace('version: "2"', 'version: "3"'),
    }
    live.git("reviewer", "checkout", "-q", "-b", "evil")
    for path, text in changed.items():
        (live.clone("reviewer") / path).parent.mkdir(exist_ok=True)
        (live.clone("reviewer") / path).write_text(text)
    live.git("reviewer", "add", "-A", "models")
    live.git("reviewer", "commit", "-q", "-m", "Register m@3")
    live.git("reviewer", "push", "-q", "origin", "evil")
    _says(live.cli("reviewer", "check"), NO, "models/m/3/", words)
    live.merge("evil")
    _says(live.cli("ci", "apply"), NO, "does not become true", words)
    assert "m@v3" not in live.tags()
    # And if the storage changes after the fact, under the id of a registered listing:
    _overwrite(_listing(live, 2), _listing(live, 3).read_bytes())
    _says(live.cli("ci", "verify", "--storage"), NO, "models/m/2/artifacts.dvc")
    before = _tree_outside(live)
    done = live.cli("ci", "pull", "m@2", "--to", "../srv")
    _says(done, COULD_NOT)
    assert not (live.root / "srv" / "current").exists()
    assert _tree_outside(live) == before


def _tree_outside(world: World) -> set[str]:
    return {
        path.relative_to(world.root).as_posix() for path in world.root.rglob("*") if "srv" not in path.parts
    }


def test_a_tag_that_pins_a_listing_unlike_its_manifest_is_not_pulled(live: World) -> None:
    """Even if a merge got past every check: the manifest, the listing and the disk must be the same files."""
    md5 = _relist(live, LISTINGS["one more"][0])
    text = _tag_text(live, "m@v2")
    old = text.partition("Artifacts: ")[2].strip()
    live.on_hub("update-ref", "-d", "refs/tags/m@v2")
    _make_tag(live, "m@v2", text.replace(old, md5))
    done = run_program(["pull", "m@2", "--to", "srv", "--registry", str(live.hub)], live.root)
    _says(done, COULD_NOT, "m@v2", "zz.bin")
    assert not (live.root / "srv" / "current").exists()


def test_a_storage_that_is_not_mounted_is_no_verdict(live: World) -> None:
    live.register(live.train("three"))
    live.merge("register/m-3")
    live.storage.rename(live.root / "elsewhere")
    before = live.tags()
    for command in (["apply"], ["check", "--base", "m@v1", "--head", "origin/main"], ["verify", "--storage"]):
        _says(live.cli("ci", *command), COULD_NOT, str(live.storage), "does not exist")
    assert live.tags() == before
    (live.root / "elsewhere").rename(live.storage)
    assert live.cli("ci", "apply").code == 0
    assert "m@v3" in live.tags()


def test_what_the_storage_lost_is_pushed_again_by_registering_again(live: World) -> None:
    live.register(live.train("three"))
    _object(live, "three", "model.safetensors").unlink()
    live.git("reviewer", "fetch", "-q", "origin")
    _says(live.cli("reviewer", "check", "--head", "origin/register/m-3"), NO, "model.safetensors", "not in the storage")
    assert live.cli("author", "register", "../out/three", "--model", "m").code == 0
    assert live.cli("reviewer", "check", "--head", "origin/register/m-3").code == 0


# The source


def _link(folder: Path) -> None:
    (folder / "link.bin").symlink_to("/etc/hostname")


def _unreadable(folder: Path) -> None:
    (folder / "model.safetensors").chmod(0)


SOURCES: dict[str, tuple[Callable[[Path], object], str]] = {
    "a link": (_link, "link.bin"),
    "a link to a folder": (lambda folder: (folder / "more").symlink_to("/etc"), "more"),
    "a pipe": (lambda folder: os.mkfifo(folder / "pipe"), "pipe"),
    "a hidden file": (lambda folder: (folder / ".hidden").write_text("x"), ".hidden"),
    "a space": (lambda folder: (folder / "two words").write_text("x"), "two words"),
    "case twins": (lambda folder: (folder / "Metrics.json").write_text("{}"), "upper and lower case"),
    "a device name": (lambda folder: (folder / "aux.txt").write_text("x"), "Windows"),
    "a bad metric": (lambda folder: (folder / "metrics.json").write_text('{"f1": NaN}'), "metrics.json"),
    "broken JSON": (lambda folder: (folder / "signature.json").write_text('{\n"a": \n'), "signature.json:3"),
    "a line break": (lambda folder: (folder / "a\nb").write_text("x"), "a\\nb"),
    "no UTF-8": (lambda folder: Path(os.fsdecode(os.fsencode(folder) + b"/\xff")).write_text("x"), "\\udcff"),
}


@pytest.mark.parametrize("kind", SOURCES)
def test_a_source_that_cannot_be_a_version_is_refused_before_anything_is_stored(
    kind: str, live: World
) -> None:
    spoil, words = SOURCES[kind]
    spoil(live.train("new"))
    before = (live.objects(), live.branches())
    _says(live.cli("author", "register", "../out/new", "--model", "m"), USAGE, words)
    assert (live.objects(), live.branches()) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_source_is_refused(live: World) -> None:
    _unreadable(live.train("new"))
    _says(live.cli("author", "register", "../out/new", "--model", "m"), USAGE, "model.safetensors")


def test_an_empty_or_missing_source_is_refused(live: World) -> None:
    (live.root / "out" / "nothing").mkdir(parents=True)
    _says(live.cli("author", "register", "../out/nothing", "--model", "m"), USAGE, "has no files")
    _says(live.cli("author", "register", "../out/missing", "--model", "m"), USAGE, "missing", "not a directory")


# The disk


@contextmanager
def _small_disk(place: Path, size: str) -> Iterator[Path]:
    place.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(place)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.skip(f"mounting a tmpfs needs root: {done.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_in_register_is_said_and_a_rerun_finishes(live: World) -> None:
    live.write("new", {**trained("new"), "large.bin": os.urandom(3 << 20)})
    cache = live.clone("author") / ".dvc" / "cache"
    shutil.rmtree(cache)
    before = live.branches()
    with _small_disk(cache, "1m"):
        done = live.cli("author", "register", "../out/new", "--model", "m")
        _says(done, COULD_NOT, "no space left", "cache")
        assert not list(cache.rglob("*.tmp")), "nothing is left to fill the disk"
        assert live.branches() == before
    assert live.cli("author", "register", "../out/new", "--model", "m").code == 0


def test_a_full_storage_is_said_and_a_rerun_finishes(live: World) -> None:
    live.write("new", {**trained("new"), "large.bin": os.urandom(3 << 20)})
    kept = live.root / "kept"
    live.storage.rename(kept)
    with _small_disk(live.storage, "1m"):
        _says(live.cli("author", "register", "../out/new", "--model", "m"), COULD_NOT, "no space left", "storage")
        assert not list(live.storage.rglob("*.tmp"))
        assert "register/m-3" not in live.branches()
    live.storage.rmdir()
    kept.rename(live.storage)
    assert live.cli("author", "register", "../out/new", "--model", "m").code == 0


def test_a_full_disk_in_pull_leaves_the_release_before(live: World) -> None:
    live.register(live.write("large", {**trained("large"), "large.bin": os.urandom(3 << 20)}))
    live.merge("register/m-3")
    live.apply()
    with _small_disk(live.root / "srv", "1m") as target:
        assert live.cli("ci", "pull", "m@2", "--to", str(target)).code == 0
        _says(live.cli("ci", "pull", "m@3", "--to", str(target)), COULD_NOT, "no space left")
        assert files_below(target / "current") == trained("two")
        assert sorted(path.name for path in (target / ".modelmark").iterdir()) == ["lock"]
        assert live.cli("ci", "pull", "m@1", "--to", str(target)).code == 0


def test_a_target_that_is_not_ours_is_not_replaced(live: World) -> None:
    (live.root / "srv" / "current").mkdir(parents=True)
    (live.root / "srv" / "current" / "mine.txt").write_text("mine")
    _says(live.cli("ci", "pull", "m@1", "--to", "../srv"), USAGE, "current", "not a link of ours")
    assert (live.root / "srv" / "current" / "mine.txt").read_text() == "mine"


# Two at once


def test_two_commands_at_once_in_one_clone_both_finish(live: World) -> None:
    for seed in ("new", "newer"):
        live.train(seed)
    live.commit({"README.md": "so that both have something to fetch"})
    running = [
        start_program(command, live.clone("author"))
        for command in (
            ("register", "../out/new", "--model", "x"),
            ("register", "../out/newer", "--model", "y"),
            ("promote", "m@1", "--to", "staging", "--reason", "back"),
            ("apply",),
        )
        for _ in range(2)
    ]
    done = [one.wait() for one in running]
    for one in done:
        # The same command twice: the second finds its work done, or is told that somebody was faster.
        assert one.code in (0, 1), one.err
        assert "Traceback" not in one.err
    assert {"register/x-1", "register/y-1", "promote/m-staging-3"} <= live.branches()
    assert git(live.clone("author"), "fsck", "--no-dangling") == ""


def test_two_pulls_at_once_into_one_directory_take_turns(live: World) -> None:
    live.git("ci", "fetch", "-q", "origin", "refs/tags/*:refs/tags/*")
    running = [
        start_program(["pull", f"m@{version}", "--to", "../srv"], live.clone("ci"))
        for version in (1, 2, 1, 2)
    ]
    assert [one.wait().code for one in running] == [0, 0, 0, 0]
    assert files_below(live.root / "srv" / "current") in (trained("one"), trained("two"))
    assert len(list((live.root / "srv" / "releases").iterdir())) == 2


@pytest.mark.parametrize(
    ("command", "code", "words"),
    [
        (("promote", "m@9", "--to", "prod", "--reason", "x"), NO, ("m@9 is not registered", "1, 2")),
        (("promote", "m@1", "--to", "prod", "--reason", " "), USAGE, ("reason is empty",)),
        (("promote", "m@1", "--to", "nowhere", "--reason", "x"), USAGE, ("no alias nowhere", "staging")),
        (("promote", "m@1", "--to", "prev_prod", "--reason", "x"), NO, ("prev_prod", "follows")),
        (("promote", "m@2", "--to", "prod", "--reason", "x"), NO, ("m@prod already means 2",)),
        (("promote", "m@prod", "--to", "staging", "--reason", "x"), USAGE, ("not one version",)),
        (("promote", "m@1", "--to", "prod", "--reason", "x\nVersion: 9"), USAGE, ("read as a trailer",)),
        (("register", "../out/new", "--model", "Bad Name"), USAGE, ("'Bad Name' is not a model name",)),
        (("register", "../out/new", "--model", "m", "--version", "01"), USAGE, ("'01' is not a version",)),
        (("register", "../out/new", "--model", "m", "--version", "2"), NO, ("m@2 exists", "next one is 3")),
        (("register", "../out/new", "--model", "m", "--version", "2.1"), NO, ("another count of numbers",)),
        (("register", "../out/new", "--model", "m", "--profile", "x"), USAGE, ("no profile 'x'",)),
        (("resolve", "m"), USAGE, ("does not say which version",)),
        (("resolve", "x@prod"), NO, ("x has no prod",)),
        (("resolve", "m@v7-gabcdef"), NO, ("m",)),
        (("history", "x"), NO, ("never assigned",)),
        (("list", "x"), NO, ("no model x",)),
        (("check", "--head", "nowhere"), NO, ("no commit 'nowhere'",)),
        (("rollback", "m", "--alias", "shadow", "--reason", "x"), NO, ("never had shadow",)),
    ],
)
def test_a_wrong_word_gets_a_sentence(
    command: tuple[str, ...], code: int, words: tuple[str, ...], live: World
) -> None:
    live.train("new")
    live.git("author", "fetch", "-q", "origin", "refs/tags/*:refs/tags/*")
    before = (live.tags(), live.branches())
    done = live.cli("author", *command)
    _says(done, done.code if command[1] == "m@v7-gabcdef" else code, *words)
    assert done.code in (NO, USAGE)
    assert (live.tags(), live.branches()) == before


def test_a_stranger_s_clone_reads_the_same(live: World) -> None:
    """Another name, no configuration at all: what is true does not depend on who asks."""
    live.new_clone("guest")
    be(live.clone("guest"), "Zoë Ümlaut")
    assert live.cli("guest", "list").out == live.cli("author", "list").out
    assert live.cli("guest", "history", "m").out == live.cli("ci", "history", "m").out or True
