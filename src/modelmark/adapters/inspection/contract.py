"""Looks at whether a version answers: sends requests to its entry point, in its environment, in the sandbox.

The client is here, outside: the driver inside only calls the entry point and hands out what it returned.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from modelmark.adapters.inspection import environments
from modelmark.adapters.inspection.runs import run_of
from modelmark.adapters.processes import Limits
from modelmark.adapters.sandbox import Job, ready, run_job
from modelmark.adapters.strict_json import read_json
from modelmark.domain.dummy_client import requests_of
from modelmark.domain.names import shown
from modelmark.domain.runs import Answer, Call, ContractRun, Run
from modelmark.domain.signature import parse_signature
from modelmark.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from modelmark.adapters.inspection.contents import Contents
    from modelmark.adapters.sandbox import Ended
    from modelmark.domain.json_values import Json
    from modelmark.domain.signature import Signature

LIMITS = Limits(seconds=120, memory_mb=4096, processes=64)
FIXTURE = "fixtures/requests.json"
DEFAULT = "predict:predict"
_DRIVER = Path(__file__).with_name("contract_child.py")
_MAX_REQUESTS = 200


def look(
    contents: Contents,
    *,
    sandboxed: bool,
    build: environments.Builder = environments.build,
    limits: Limits = LIMITS,
) -> ContractRun:
    """Send a version every request that is known for it; where it has no entry point, nothing runs.

    Raises:
        CouldNot: there is no sandbox, or its environment cannot be made.
        InvalidInput: its signature or its requests cannot be read.
        Refused: without a sandbox, on a CI machine.
    """
    signature = parse_signature(contents.manifest.signature or {})
    entry_point = _entry_point(contents, signature)
    if not entry_point:
        return ContractRun(Run())
    calls = (*requests_of(signature), *_fixtures(contents))
    if not calls:
        return ContractRun(Run(), entry_point)
    ready(sandboxed=sandboxed)
    environment = build(environments.requirements_of(contents))
    request: dict[str, Json] = {"entry_point": entry_point, "requests": [call.request for call in calls]}
    ended = run_job(Job(_DRIVER, contents.all(), environment, request), limits, sandboxed=sandboxed)
    return _judged(ended, entry_point, calls, sandboxed=sandboxed)


def _entry_point(contents: Contents, signature: Signature) -> str:
    """What to call, where it is the bundle's own: a function of somebody else would answer for the model."""
    paths = {file.path for file in contents.manifest.files}
    wanted = signature.entry_point or DEFAULT
    module = wanted.partition(":")[0].replace(".", "/")
    if paths & {f"{module}.py", f"{module}/__init__.py"}:
        return wanted
    if signature.entry_point:
        raise InvalidInput(
            f"the signature's entry point is {shown(wanted)}, and {module}.py is not in the bundle",
            "name a module of the bundle, such as predict:predict",
        )
    return ""


def _fixtures(contents: Contents) -> Iterator[Call]:
    if FIXTURE not in {file.path for file in contents.manifest.files}:
        return
    found = read_json(contents.file(FIXTURE), FIXTURE)
    if not isinstance(found, list) or len(found) > _MAX_REQUESTS:
        raise InvalidInput(
            f"{FIXTURE} must be a list of at most {_MAX_REQUESTS} requests", "each is what a client sends"
        )
    for number, request in enumerate(found, 1):
        yield Call(f"request {number} of {FIXTURE}", request)


def _judged(ended: Ended, entry_point: str, calls: Sequence[Call], *, sandboxed: bool) -> ContractRun:
    answers: dict[int, list[Answer]] = {index: [] for index in range(len(calls))}
    problem, finished = "", False
    for report in ended.reports:
        one = report if isinstance(report, dict) else {}
        index = one.get("request")
        if isinstance(index, int) and index in answers:
            answers[index].append(Answer(one.get("value"), str(one.get("error", ""))))
        elif "unloaded" in one:
            problem, finished = f"{entry_point} cannot be loaded: {shown(str(one['unloaded']), 300)}", True
        else:
            finished = one.get("end") == len(calls) and ended.status == 0
    return ContractRun(
        run_of(ended, problem, finished=finished, sandboxed=sandboxed),
        entry_point,
        tuple(replace(call, answers=tuple(answers[index])) for index, call in enumerate(calls)),
    )
