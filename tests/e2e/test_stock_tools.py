"""Plain `dvc` and plain `git` agree with us: nobody needs Modelmark to get at what is registered."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import NewWorld
from tests.support.trained import trained
from tests.support.world import ROUTE, World, copy_world, files_below, git

POINTER = "models/m/1/artifacts.dvc"


def dvc(where: Path, *arguments: str) -> str:
    """The real `dvc`; a second each, so few tests start one."""
    command = [sys.executable, "-m", "dvc", *arguments]
    done = subprocess.run(command, cwd=where, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_stock_dvc_brings_the_bytes_into_a_fresh_clone(live: World) -> None:
    clone = live.new_clone("guest")
    dvc(clone, "pull", "-q", POINTER)
    assert files_below(clone / "models/m/1/artifacts") == trained("one")
    assert "up to date" in dvc(clone, "status", POINTER)
    assert "in sync" in dvc(clone, "status", "-c", POINTER)
    live.git("author", "pull", "-q")
    assert "in sync" in dvc(live.clone("author"), "status", "-c"), "the clone that registered has everything"
    assert git(clone, "status", "--porcelain") == "", "what dvc pulls is ignored by Git"


def test_what_register_writes_is_what_dvc_add_and_dvc_push_write(
    live: World, empty_world: World, copies: NewWorld
) -> None:
    theirs = copies(empty_world)
    clone = theirs.clone("author")
    for number, seed in enumerate(("one", "two"), 1):
        folder = clone / f"models/m/{number}/artifacts"
        shutil.copytree(theirs.train(seed), folder)
        dvc(clone, "add", "-q", f"models/m/{number}/artifacts")
    dvc(clone, "push", "-q")
    assert live.objects() == theirs.objects()
    for number in (1, 2):
        path = f"models/m/{number}/artifacts.dvc"
        ours = git(live.hub, "cat-file", "blob", f"main:{path}", strip=False)
        assert ours.encode() == (clone / path).read_bytes()


def test_what_stock_dvc_made_is_registered_as_the_same_bytes(live: World, tmp_path: Path) -> None:
    """A directory that `dvc` pulled is the version it came from."""
    clone = live.new_clone("guest")
    dvc(clone, "pull", "-q", POINTER)
    again = live.cli("author", "register", str(clone / "models/m/1/artifacts"), "--model", "m")
    assert (again.code, again.out.strip()) == (0, "m@1")


def test_tags_look_as_documented_to_plain_git(live: World) -> None:
    live.roll_back_by_hand("prod", 1)
    assert live.git("consumer", "tag", "-l").splitlines() == [
        "m#canary#1",
        "m#canary#2",
        "m#prev_prod#1",
        "m#prod#1",
        "m#prod#2",
        "m#prod#3",
        "m#staging#1",
        "m#staging#2",
        "m@v1",
        "m@v2",
    ]
    assert live.git("consumer", "tag", "-l", "m#prod#*").count("\n") == 2
    assert git(live.hub, "for-each-ref", "--format=%(objecttype)", "refs/tags/").split() == ["tag"] * 10
    assignment = git(live.hub, "cat-file", "tag", "m#prod#2")
    assert re.search(r"^tagger Rita Reviewer <rita@example.org> \d+ [+-]\d{4}$", assignment, re.MULTILINE)
    keys = re.findall(r"^([A-Z][A-Za-z-]+): ", assignment, re.MULTILINE)
    assert keys == [
        *("Registry", "Version", "Version-Tag", "Previous-Version", "Previous-Tag"),
        *("Requested-By", "Approved-By"),
    ]
    version = git(live.hub, "cat-file", "tag", "m@v1")
    keys = re.findall(r"^([A-Z][A-Za-z0-9-]+): ", version, re.MULTILINE)
    assert keys == ["Registry", "Manifest", "Manifest-SHA256", "Artifacts"]
    trailers = git(
        live.hub, "for-each-ref", "--format=%(trailers:key=Version,valueonly)", "refs/tags/m#prod#2"
    )
    assert trailers == "2", "Git reads our trailers, too"


def test_git_finds_nothing_wrong_with_what_we_write(live: World) -> None:
    live.rollback("slow")
    live.merge("record/m-prod-3")
    live.apply()
    for repository in (live.hub, live.clone("author"), live.clone("ci")):
        assert git(repository, "fsck", "--full", "--strict", "--no-dangling") == ""
        git(repository, "gc", "--prune=now", "-q")
        assert git(repository, "fsck", "--full", "--strict", "--no-dangling") == ""
    assert live.cli("ci", "verify", "--all", "--storage").code == 0, (
        "packed refs and objects are the same to us"
    )


@pytest.mark.slow
def test_dvc_gc_over_all_tags_keeps_every_registered_version(live: World, tmp_path: Path) -> None:
    for alias in ROUTE[:1]:
        live.release("three", alias)
    clone = live.new_clone("guest")
    before = copy_world(live, tmp_path / "before").objects()
    dvc(clone, "gc", "-q", "-f", "--all-tags", "-c")
    assert live.objects() == before
