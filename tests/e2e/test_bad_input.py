"""What people hand us, full disks, and two of them at once: each has its exit code and a sentence."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.crash import COULD_NOT, NO, USAGE, says, start_program
from tests.support.disks import small_disk
from tests.support.trained import trained
from tests.support.world import World, be, files_below, git


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
    says(live.cli("author", "register", "../out/new", "--model", "m"), USAGE, words)
    assert (live.objects(), live.branches()) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_source_is_refused(live: World) -> None:
    _unreadable(live.train("new"))
    says(live.cli("author", "register", "../out/new", "--model", "m"), USAGE, "model.safetensors")


def test_an_empty_or_missing_source_is_refused(live: World) -> None:
    (live.root / "out" / "nothing").mkdir(parents=True)
    says(live.cli("author", "register", "../out/nothing", "--model", "m"), USAGE, "has no files")
    says(
        live.cli("author", "register", "../out/missing", "--model", "m"), USAGE, "missing", "not a directory"
    )


def test_a_full_disk_in_register_is_said_and_a_rerun_finishes(live: World) -> None:
    live.write("new", {**trained("new"), "large.bin": os.urandom(3 << 20)})
    cache = live.clone("author") / ".dvc" / "cache"
    shutil.rmtree(cache)
    before = live.branches()
    with small_disk(cache, "1m"):
        done = live.cli("author", "register", "../out/new", "--model", "m")
        says(done, COULD_NOT, "no space left", "cache")
        assert not list(cache.rglob("*.tmp")), "nothing is left to fill the disk"
        assert live.branches() == before
    assert live.cli("author", "register", "../out/new", "--model", "m").code == 0


def test_a_full_storage_is_said_and_a_rerun_finishes(live: World) -> None:
    live.write("new", {**trained("new"), "large.bin": os.urandom(3 << 20)})
    kept = live.root / "kept"
    live.storage.rename(kept)
    with small_disk(live.storage, "1m"):
        says(
            live.cli("author", "register", "../out/new", "--model", "m"),
            COULD_NOT,
            "no space left",
            "storage",
        )
        assert not list(live.storage.rglob("*.tmp"))
        assert "register/m-3" not in live.branches()
    live.storage.rmdir()
    kept.rename(live.storage)
    assert live.cli("author", "register", "../out/new", "--model", "m").code == 0


def test_a_full_disk_in_pull_leaves_the_release_before(live: World) -> None:
    live.register(live.write("large", {**trained("large"), "large.bin": os.urandom(3 << 20)}))
    live.merge("register/m-3")
    live.apply()
    with small_disk(live.root / "srv", "1m") as target:
        assert live.cli("ci", "pull", "m@2", "--to", str(target)).code == 0
        says(live.cli("ci", "pull", "m@3", "--to", str(target)), COULD_NOT, "no space left")
        assert files_below(target / "current") == trained("two")
        left = sorted(path.name for path in (target / ".modelmark").iterdir())
        assert left == ["lock", "objects", "partial", "seen.json"], "nothing staged stays"
        assert live.cli("ci", "pull", "m@1", "--to", str(target)).code == 0


def test_a_target_that_is_not_ours_is_not_replaced(live: World) -> None:
    (live.root / "srv" / "current").mkdir(parents=True)
    (live.root / "srv" / "current" / "mine.txt").write_text("mine")
    says(live.cli("ci", "pull", "m@1", "--to", "../srv"), USAGE, "current", "not a link of ours")
    assert (live.root / "srv" / "current" / "mine.txt").read_text() == "mine"


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
    live.git("ci", "fetch", "-q", "--tags", "origin")
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
    live.git("author", "fetch", "-q", "--tags", "origin")
    before = (live.tags(), live.branches())
    done = live.cli("author", *command)
    says(done, done.code if command[1] == "m@v7-gabcdef" else code, *words)
    assert done.code in (NO, USAGE)
    assert (live.tags(), live.branches()) == before


def test_a_stranger_s_clone_reads_the_same(live: World) -> None:
    """Another name, no configuration at all: what is true does not depend on who asks."""
    live.new_clone("guest")
    be(live.clone("guest"), "Zoë Ümlaut")
    for command in (["list"], ["list", "m"], ["history", "m"], ["show", "m@prod"]):
        assert live.cli("guest", *command).out == live.cli("author", *command).out
