"""`modelmark check` of a promotion: in a large registry, and with two gigabytes to scan. No peer has a gate."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.git_text import run
from bench.measure import MODELMARK, Row, Setting, alternate, command, peaks
from bench.registries import Shape, ensure
from bench.weights import trained

_SHAPES = (Shape(1, 10_000), Shape(100, 100))
_QUICK = (Shape(1, 1000), Shape(10, 100))
_SECONDS, _MEGABYTES = 3.0, 300.0
_MODEL = "large"
_FETCH = """\
import pathlib, sys, tempfile
from modelmark.adapters.dvc import DvcStorage
from modelmark.adapters.yaml_files import YamlFiles
manifest = YamlFiles().manifest(pathlib.Path(sys.argv[2]).read_bytes(), sys.argv[2])
sizes = {file.path: file.size for file in manifest.files}
storage = DvcStorage.open(pathlib.Path("."), None)
with tempfile.TemporaryDirectory() as folder:
    for file in storage.listing(sys.argv[1]):
        storage.fetch(file.md5, pathlib.Path(folder) / file.path, sizes[file.path])
"""


def measure(setting: Setting) -> Iterator[Row]:
    """Rows for many versions of one model, for many models, and for a large artifact."""
    for shape in _QUICK if setting.quick else _SHAPES:
        clone = ensure(setting.work, shape).clone
        head = _promotion(clone, f"{shape.model(1)}@{shape.version(shape.versions - 1)}")
        for form in ("text", "markdown"):
            line = ["check", "--head", head, "--format", form]
            found = alternate(setting.runs, {"ours": command([MODELMARK, *line], clone)})
            memory, note = _memory(clone, line)
            words = f"check --format {form}, {shape.models:,} x {shape.versions:,} versions"
            yield Row(words, found["ours"], None, _SECONDS, note, memory)
    yield _scan(setting)


def _scan(setting: Setting) -> Row:
    """The gate reads and hashes every byte; the download alone, in a process of its own, is what cannot be saved."""
    size = 16 if setting.quick else 512
    clone, pointer = _with_large(setting, size)
    head = _promotion(clone, f"{_MODEL}@1")
    line = ["check", "--head", head]
    programs = {
        "ours": command([MODELMARK, *line], clone),
        "download": command(
            [sys.executable, "-c", _FETCH, pointer, f"models/{_MODEL}/1/manifest.yaml"], clone
        ),
    }
    found = alternate(setting.runs, programs)
    memory, note = _memory(clone, line)
    download = found["download"]
    note = f"download alone {download} s, and {_SECONDS:g} s are allowed beside it; {note}"
    budget = round(download.median + _SECONDS, 2)
    return Row(f"check with scan, 4 x {size} MiB", found["ours"], None, budget, note, memory)


def _memory(clone: Path, line: list[str]) -> tuple[bool, str]:
    own, children = peaks(line, clone)
    words = f"{own:.0f} MB, its largest child {children:.0f} MB, of {_MEGABYTES:.0f} MB allowed"
    return own + children <= _MEGABYTES, words


def _promotion(clone: Path, version: str) -> str:
    """A branch that asks for a version as staging."""
    wanted = ["for-each-ref", "--format=%(refname:short)", "refs/remotes/origin/promote/"]
    if not run(clone, *wanted):
        command([MODELMARK, "promote", version, "--to", "staging", "--reason", "bench"], clone)()
    return run(clone, *wanted)


def _with_large(setting: Setting, size: int) -> tuple[Path, str]:
    """A clone in which a version of four large safetensors files is registered, and what DVC calls it."""
    made = ensure(setting.work, Shape(2, 1))
    clone, version = made.hub.parent / f"gate-{size}", f"models/{_MODEL}/1"
    if not (clone / "complete").exists():
        shutil.rmtree(made.hub.parent)
        made = ensure(setting.work, Shape(2, 1))
        run(setting.work, "clone", "--quiet", str(made.hub), str(clone))
        policy = clone / "registry.yaml"
        asks = "      - {metric: f1, min: 0.85}\n"
        policy.write_text(policy.read_text().replace(asks, f"{asks}    checks: [scan]\n"))
        run(clone, "commit", "--quiet", "--all", "--message", "The gate of staging scans")
        run(clone, "push", "--quiet", "origin", "main")
        source = trained(setting.work / f"safetensors-4x{size}", size)
        command([MODELMARK, "register", str(source), "--model", _MODEL], clone)()
        run(clone, "merge", "--quiet", "--no-ff", "-m", "Merge", f"origin/register/{_MODEL}-1")
        run(clone, "push", "--quiet", "origin", "main")
        command([MODELMARK, "apply"], clone)()
        (clone / "complete").touch()
    pointer = (clone / version / "artifacts.dvc").read_text()
    return clone, next(part for part in pointer.split() if part.endswith(".dir"))
