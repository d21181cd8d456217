"""Looks at what the Python code of a bundle imports."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from modelmark.adapters.processes import Limits, Program, own_python, python_env, run_limited
from modelmark.domain.code import BrokenCode, Code, Import
from modelmark.errors import CouldNot

if TYPE_CHECKING:
    from modelmark.adapters.inspection.contents import Contents

_CHILD = "modelmark.adapters.inspection.code_child"
_LIMITS = Limits(seconds=60, memory_mb=2048, output_mb=16)


def look(contents: Contents, *, sandboxed: bool) -> Code:
    """The imports of every `.py` file.

    Raises:
        CouldNot: a file ended the process that reads them.
    """
    del sandboxed  # the code is read, never run
    paths = [file.path for file in contents.manifest.files if file.path.endswith(".py")]
    if not paths:
        return Code()
    for path in paths:
        contents.file(path)
    program = Program(own_python(_CHILD), json.dumps(paths).encode(), python_env(), contents.folder)
    done = run_limited(program, _LIMITS)
    if done.status != 0:
        why = "it took too long" if done.timed_out else f"its reader ended with status {done.status}"
        raise CouldNot(
            f"the Python code could not be read: {why}", "find the file that is nested deeply or very large"
        )
    found = json.loads(done.out)
    major, minor = found["python"]
    return Code(
        tuple(paths),
        tuple(Import(*one) for one in found["imports"]),
        tuple(BrokenCode(*one) for one in found["broken"]),
        (major, minor),
    )
