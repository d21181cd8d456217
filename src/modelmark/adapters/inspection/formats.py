"""Looks at every file of a version: formats, pickles and secrets, all in one limited process of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from modelmark.adapters.processes import Limits, Program, own_python, python_env, run_limited
from modelmark.domain.formats import Content, FileFormat, Formats, Safety, Secret
from modelmark.domain.names import shown
from modelmark.errors import CouldNot

if TYPE_CHECKING:
    from modelmark.adapters.inspection.contents import Contents

CHILD = "modelmark.adapters.inspection.formats_child"
LIMITS = Limits(seconds=300, memory_mb=1024, output_mb=32)
_HINT = "look at the files yourself: one of them is damaged, hostile or far larger than usual"


def look(contents: Contents, *, sandboxed: bool) -> Formats:
    """What every file of the manifest is by its bytes; nothing of the bundle runs, so no sandbox is needed.

    Raises:
        CouldNot: the process did not end well within its limits, or did not speak of every file.
    """
    paths = [file.path for file in contents.manifest.files]
    order = json.dumps({"folder": str(contents.all()), "paths": paths}).encode()
    done = run_limited(Program(own_python(CHILD), order, python_env()), LIMITS)
    if done.timed_out:
        raise CouldNot(f"looking at the files took more than {LIMITS.seconds:g} seconds", _HINT)
    if done.status != 0:
        last = (done.err.decode("utf-8", "replace").strip().splitlines() or ["it said nothing"])[-1]
        raise CouldNot(f"looking at the files failed (status {done.status}: {shown(last, 200)})", _HINT)
    try:
        files = {path: _format(raw) for path, raw in json.loads(done.out).items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise CouldNot("what was said of the files cannot be read", _HINT) from None
    if set(files) != set(paths):
        raise CouldNot("not every file was looked at", _HINT)
    return Formats(files)


def _format(raw: dict[str, Any]) -> FileFormat:
    return FileFormat(
        content=Content(raw["content"]),
        problems=tuple(raw["problems"]),
        unseen=tuple(raw["unseen"]),
        tensors={name: (dtype, tuple(shape)) for name, (dtype, shape) in raw["tensors"].items()},
        outputs={name: tuple(shape) for name, shape in raw["outputs"].items()},
        pickles=raw["pickles"],
        globals=tuple(raw["globals"]),
        safety={name: Safety(value) for name, value in raw["safety"].items()},
        secrets=tuple(Secret(**one) for one in raw["secrets"]),
    )
