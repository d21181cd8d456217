"""Two gigabytes: into the cache, and into the storage, against DVC with the same kind of cache."""

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
from bench.weights import trained

_ADD = "import sys, os, pathlib; from modelmark.adapters.dvc import DvcStorage; \
DvcStorage.open(pathlib.Path('.'), None).add(pathlib.Path(sys.argv[1]), sorted(os.listdir(sys.argv[1])))"


def measure(setting: Setting) -> Iterator[Row]:
    """Add and register; how they come out again is measured in `pull`."""
    size = 16 if setting.quick else 512
    source = trained(setting.work / f"safetensors-4x{size}", size)
    yield from _into(setting, source, f"4 x {size} MiB")


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
