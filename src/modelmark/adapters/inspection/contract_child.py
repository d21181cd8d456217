"""Calls a bundle's entry point inside the sandbox; a file of its own, run in the bundle's environment.

Gets `entry_point`, `requests` and `key` on stdin, reports to the descriptor of the last argument: each answer as it
comes, and the end. What an answer is worth is judged outside.
"""

from __future__ import annotations

import copy
import importlib
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Report = Callable[[dict[str, object]], None]

_MESSAGE = 400
_ANSWER = 256 << 10
_TIMES = 2


def reporter(key: str) -> Report:
    """A function that writes one report; only it knows the key and the pipe's number."""
    descriptor, write, dumps = int(sys.argv.pop()), os.write, json.dumps
    os.set_inheritable(descriptor, False)

    def report(value: dict[str, object]) -> None:
        data = f"{key} {dumps(value)}\n".encode()
        while data:
            data = data[write(descriptor, data) :]

    return report


def answer(function: Callable[[object], object], request: object) -> dict[str, object]:
    """One call: what it returned, or what went wrong."""
    try:
        value = function(copy.deepcopy(request))
    except Exception as error:  # noqa: BLE001 - whatever it raises is its answer
        return {"error": f"it raised {type(error).__name__}: {error}"[:_MESSAGE]}
    try:
        text = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        return {"error": f"it returned what JSON cannot hold: {error}"[:_MESSAGE]}
    if len(text) > _ANSWER:
        return {"error": "it returned more than 256 KiB of JSON"}
    return {"value": json.loads(text)}


def main() -> None:
    """See the module."""
    job: dict[str, Any] = json.load(sys.stdin)
    report = reporter(job.pop("key"))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.path.insert(0, str(Path.cwd()))
    module, _, name = job["entry_point"].partition(":")
    try:
        function = getattr(importlib.import_module(module), name)
    except Exception as error:  # noqa: BLE001 - the module is the bundle's
        report({"unloaded": f"{type(error).__name__}: {error}"[:_MESSAGE]})
        return
    for index, request in enumerate(job["requests"]):
        for _ in range(_TIMES):
            report({"request": index, **answer(function, request)})
    report({"end": len(job["requests"])})
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
