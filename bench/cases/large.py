"""Two gigabytes: into the cache, into the storage, and back out, against DVC with the same kind of cache."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.git_text import run
from bench.measure import MODELMARK, Row, Setting, alternate, command, in_turn
from bench.peers import program
from bench.registries import Generated, Shape, ensure
from modelmark.domain.policy import Way

_ADD = "import sys, os, pathlib; from modelmark.adapters.dvc import DvcStorage; \
DvcStorage.open(pathlib.Path('.'), None).add(pathlib.Path(sys.argv[1]), sorted(os.listdir(sys.argv[1])))"


def measure(setting: Setting) -> Iterator[Row]:
    """Add, register and pull."""
    size = 16 if setting.quick else 512
    source = _large_files(setting.work / f"large-4x{size}", size)
    yield from _into(setting, source, f"4 x {size} MiB")
    yield from _out(setting, source, f"4 x {size} MiB")


def _into(setting: Setting, source: Path, words: str) -> Iterator[Row]:
    made = ensure(setting.work, Shape(5, 2))
    place = _Place(setting.work, made)
    ours, theirs = place.clone("author"), place.clone("dvc-author")
    version = f"models/{source.name}/1"
    artifacts = theirs / version / "artifacts"

    def before() -> None:
        place.clean(ours, theirs)
        shutil.rmtree(artifacts.parent, ignore_errors=True)
        artifacts.parent.mkdir(parents=True)
        # Links cost nothing, and DVC puts copies in their place.
        shutil.copytree(source, artifacts, copy_function=os.link)

    dvc, site = program("dvc"), {"DVC_SITE_CACHE_DIR": str(place.site)}
    line = [dvc, "add", "--quiet", f"{version}/artifacts"]
    push = command([dvc, "push", "--quiet", f"{version}/artifacts.dvc"], theirs, env=site)
    register = [MODELMARK, "register", str(source), "--model", source.name]
    programs = {
        "add": command([sys.executable, "-c", _ADD, str(source)], ours, before),
        "dvc add": command(line, theirs, before, site),
        "register": command(register, ours, before),
        "dvc add, dvc push": in_turn(command(line, theirs, before, site), push),
    }
    found = alternate(setting.runs, programs)
    before()
    shutil.rmtree(artifacts.parent)
    yield Row(f"add {words} to the cache", found["add"], ("dvc add, copy", found["dvc add"]))
    both = ("dvc add, dvc push FILE", found["dvc add, dvc push"])
    yield Row(f"register {words}: cache, storage, branch", found["register"], both)


def _out(setting: Setting, source: Path, words: str) -> Iterator[Row]:
    made = ensure(setting.work, Shape(5, 1), Way.DIRECT)
    place = _Place(setting.work, made)
    author, theirs = place.clone("author"), setting.work / "dvc-consumer"
    version = f"models/{source.name}/1"
    command([MODELMARK, "register", str(source), "--model", source.name], author)()
    shutil.rmtree(theirs, ignore_errors=True)
    run(setting.work, "clone", "--quiet", str(made.hub), str(theirs))
    _copy_is_the_cache_type(theirs)
    target = setting.work / "target"

    def before() -> None:
        for folder in (target, theirs / version / "artifacts", *place.caches(author, theirs)):
            shutil.rmtree(folder, ignore_errors=True)
        os.sync()

    pull = [program("dvc"), "pull", "--quiet", f"{version}/artifacts.dvc"]
    programs = {
        "ours": command([MODELMARK, "pull", f"{source.name}@1", "--to", str(target)], author, before),
        "peer": command(pull, theirs, before, {"DVC_SITE_CACHE_DIR": str(place.site)}),
    }
    found = alternate(setting.runs, programs)
    before()
    shutil.rmtree(theirs)
    note = "ours: every byte against its SHA-256, then synced; peer: neither"
    yield Row(f"pull {words}", found["ours"], ("dvc pull FILE, copy", found["peer"]), note=note)


class _Place:
    """Clones of one registry, and how to forget what was stored."""

    def __init__(self, work: Path, made: Generated) -> None:
        self._made = made
        self.site = work / "dvc-site"

    def clone(self, name: str) -> Path:
        """A clone with its files, whose cache holds copies."""
        clone = self._made.hub.parent / name
        if not clone.exists():
            run(self._made.hub.parent, "clone", "--quiet", str(self._made.hub), str(clone))
        _copy_is_the_cache_type(clone)
        return clone

    def caches(self, *clones: Path) -> tuple[Path, ...]:
        """Whatever DVC remembers outside the storage."""
        return self.site, *(clone / ".dvc" / part for clone in clones for part in ("cache", "tmp"))

    def clean(self, *clones: Path) -> None:
        """Empty caches and storage, and no branch; nothing is left to be written by the system, either."""
        for folder in (self._made.storage, *self.caches(*clones)):
            shutil.rmtree(folder, ignore_errors=True)
        refs = run(self._made.hub, "for-each-ref", "--format=%(refname)", "refs/heads/register/")
        for branch in refs.split():
            run(self._made.hub, "update-ref", "-d", branch)
        os.sync()


def _copy_is_the_cache_type(clone: Path) -> None:
    (clone / ".dvc" / "config.local").write_text("[cache]\n    type = copy\n")


def _large_files(folder: Path, size: int) -> Path:
    """Four files of random bytes, and the two small ones that the gate asks for; generated once."""
    if not folder.exists():
        part = folder.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        for number in range(1, 5):
            with (part / f"weights-{number}.bin").open("wb") as stream:
                for _ in range(size):
                    stream.write(os.urandom(1 << 20))
        (part / "metrics.json").write_text('{"f1": 0.93}\n')
        (part / "train_args.json").write_text(
            '{"epochs": 3, "git_commit": "%s", "git_dirty": false}\n' % ("1" * 40)
        )
        (part / "data_version.txt").write_text("v3\n")
        part.rename(folder)
    return folder
