"""A storage that lost or changed bytes, or is not there: nothing of it becomes visible, nothing of it passes."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.crash import COULD_NOT, NO, run_program, says
from tests.support.trained import trained
from tests.support.world import World, files_below, git


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


def _make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _make_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "changed": (_change, "other bytes"),
    "truncated": (lambda path: _overwrite(path, path.read_bytes()[:-5]), "instead of"),
    "longer": (lambda path: _overwrite(path, path.read_bytes() + b"!"), "more than"),
    "missing": (lambda path: path.unlink(), "is not in the storage"),
    "a folder": (_make_folder, "not a regular file"),
    "a pipe": (_make_pipe, "not a regular file"),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_damaged_bytes_never_become_visible(kind: str, live: World) -> None:
    damage, words = DAMAGE[kind]
    live.git("consumer", "fetch", "-q", "origin")
    target = live.root / "srv"
    assert live.cli("consumer", "pull", "m@1", "--to", str(target)).code == 0
    damage(_object(live, "two", "model.safetensors"))
    for source in ((), ("--registry", str(live.hub))):
        says(live.cli("consumer", "pull", "m@prod", "--to", str(target), *source), COULD_NOT, words)
        assert files_below(target / "current") == trained("one"), "the release before is intact"
        assert [path.name[:4] for path in (target / "releases").iterdir()] == ["m-1-"]
        assert not list((target / ".modelmark").glob("staged-*"))
    fresh = live.root / "fresh"
    assert live.cli("consumer", "pull", "m@prod", "--to", str(fresh)).code == COULD_NOT
    assert not (fresh / "current").exists()
    if kind not in ("a folder", "a pipe"):
        says(live.cli("ci", "verify", "--content"), NO, "models/m/2/artifacts.dvc", "model.safetensors")
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
    "one less": (lambda rows: rows.pop(), "train_args.json"),
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
    says(live.cli("reviewer", "check"), NO, "models/m/3/", words)
    live.merge("evil")
    says(live.cli("ci", "apply"), NO, "does not become true", words)
    assert "m@v3" not in live.tags()
    # And if the storage changes after the fact, under the id of a registered listing:
    _overwrite(_listing(live, 2), _listing(live, 3).read_bytes())
    says(live.cli("ci", "verify", "--storage"), NO, "models/m/2/artifacts.dvc")
    before = _tree_outside(live)
    done = live.cli("ci", "pull", "m@2", "--to", "../srv")
    says(done, COULD_NOT)
    assert not (live.root / "srv" / "current").exists()
    assert _tree_outside(live) == before


def _tree_outside(world: World) -> set[str]:
    return {
        path.relative_to(world.root).as_posix() for path in world.root.rglob("*") if "srv" not in path.parts
    }


def test_a_tag_that_pins_a_listing_unlike_its_manifest_is_not_pulled(live: World) -> None:
    """Even if a merge got past every check: the manifest, the listing and the disk must be the same files."""
    md5 = _relist(live, LISTINGS["one more"][0])
    text = live.tag_text("m@v2")
    old = text.partition("Artifacts: ")[2].strip()
    live.on_hub("update-ref", "-d", "refs/tags/m@v2")
    live.push_tag("m@v2", text.replace(old, md5))
    done = run_program(["pull", "m@2", "--to", "srv", "--registry", str(live.hub)], live.root)
    says(done, COULD_NOT, "m@v2", "zz.bin")
    assert not (live.root / "srv" / "current").exists()


def test_a_storage_that_is_not_mounted_is_no_verdict(live: World) -> None:
    live.register(live.train("three"))
    live.merge("register/m-3")
    live.storage.rename(live.root / "elsewhere")
    before = live.tags()
    for command in (["apply"], ["check", "--base", "m@v1", "--head", "origin/main"], ["verify", "--storage"]):
        says(live.cli("ci", *command), COULD_NOT, str(live.storage), "does not exist")
    assert live.tags() == before
    (live.root / "elsewhere").rename(live.storage)
    assert live.cli("ci", "apply").code == 0
    assert "m@v3" in live.tags()


def test_what_the_storage_lost_is_pushed_again_by_registering_again(live: World) -> None:
    live.register(live.train("three"))
    _object(live, "three", "model.safetensors").unlink()
    live.git("reviewer", "fetch", "-q", "origin")
    says(
        live.cli("reviewer", "check", "--head", "origin/register/m-3"),
        NO,
        "model.safetensors",
        "not in the storage",
    )
    assert live.cli("author", "register", "../out/three", "--model", "m").code == 0
    assert live.cli("reviewer", "check", "--head", "origin/register/m-3").code == 0
