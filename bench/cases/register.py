"""`modelmark register` of five small files beside what is registered already, against `dvc add` and `dvc push`."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from bench.git_text import run
from bench.measure import MODELMARK, Row, Setting, alternate, command, in_turn
from bench.peers import program
from bench.registries import Generated, Shape, ensure

_SHAPES = (Shape(10, 10), Shape(200, 50))
_QUICK = (Shape(10, 10), Shape(50, 20))


def measure(setting: Setting) -> Iterator[Row]:
    """One row for each size; the peer's best way is taken: a push that names the pointer."""
    for shape in _QUICK if setting.quick else _SHAPES:
        made = ensure(setting.work, shape)
        clones = [_checked_out(made, name) for name in ("author", "dvc-author")]
        folder = setting.work / "small"
        site = setting.work / "dvc-site"
        numbers = itertools.count(1)

        def before(made: Generated = made, folder: Path = folder) -> None:
            for branch in run(
                made.hub, "for-each-ref", "--format=%(refname)", "refs/heads/register/"
            ).split():
                run(made.hub, "update-ref", "-d", branch)
            _small_files(folder)

        ours = command([MODELMARK, "register", str(folder), "--model", "model-0001"], clones[0], before)

        def theirs(
            clone: Path = clones[1], numbers: Iterator[int] = numbers, site: Path = site
        ) -> float | None:
            version = f"models/model-0001/9.{os.getpid()}.{next(numbers)}"
            _small_files(clone / version / "artifacts")
            dvc, env = program("dvc"), {"DVC_SITE_CACHE_DIR": str(site)}
            add = command([dvc, "add", "--quiet", f"{version}/artifacts"], clone, env=env)
            push = command([dvc, "push", "--quiet", f"{version}/artifacts.dvc"], clone, env=env)
            taken = in_turn(add, push)()
            shutil.rmtree(clone / version)
            return taken

        found = alternate(setting.runs, {"ours": ours, "peer": theirs})
        before()
        peer = ("dvc add DIR, dvc push FILE", found["peer"])
        count = shape.models * shape.versions
        yield Row(f"register 5 files, 20 kB, beside {count:,} versions", found["ours"], peer, 2.0)


def _checked_out(made: Generated, name: str) -> Path:
    """A clone with all its files, as an author has it; `dvc add` reads every pointer there."""
    clone = made.hub.parent / name
    if not clone.exists():
        part = clone.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        run(made.hub.parent, "clone", "--quiet", str(made.hub), str(part))
        part.rename(clone)
    return clone


def _small_files(folder: Path) -> None:
    """Five new files of 4 kB."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("model.bin", "tokenizer.json", "vocab.txt", "merges.txt", "notes.txt"):
        (folder / name).write_bytes(os.urandom(4000))
