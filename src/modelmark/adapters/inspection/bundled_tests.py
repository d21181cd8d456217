"""Looks at a version's own tests: runs them with pytest in its environment, in the sandbox."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from modelmark.adapters.inspection import environments
from modelmark.adapters.inspection.runs import run_of
from modelmark.adapters.processes import Limits
from modelmark.adapters.sandbox import Ended, Job, ready, run_job
from modelmark.domain.runs import BundledTestRun, Run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modelmark.adapters.inspection.contents import Contents
    from modelmark.domain.json_values import Json

LIMITS = Limits(seconds=300, memory_mb=4096, processes=64)
_DRIVER = Path(__file__).with_name("bundled_tests_child.py")
_TEST_FILE = re.compile(r"(.*/)?(test_[^/]*|[^/]*_test)\.py")
# What pytest's exit codes say: tests failed (or files could not be read), or there were none.
_NO_TESTS = 5
_FAILED = (1, 2)


def look(
    contents: Contents,
    *,
    sandboxed: bool,
    build: environments.Builder = environments.build,
    limits: Limits = LIMITS,
) -> BundledTestRun:
    """Run the tests of a version; where it has none, nothing runs.

    Raises:
        CouldNot: there is no sandbox, or its environment cannot be made.
        Refused: without a sandbox, on a CI machine.
    """
    paths = [file.path for file in contents.manifest.files if file.type == "test"]
    files: list[Json] = [path for path in paths if _TEST_FILE.fullmatch(path)]
    if not files:
        return BundledTestRun(Run())
    ready(sandboxed=sandboxed)
    environment = build(environments.requirements_of(contents))
    job = Job(_DRIVER, contents.all(), environment, {"files": files})
    return _judged(
        run_job(job, limits, sandboxed=sandboxed), [str(path) for path in files], sandboxed=sandboxed
    )


def _judged(ended: Ended, files: Sequence[str], *, sandboxed: bool) -> BundledTestRun:
    """Put the reports together; whatever does not fit together breaks the run."""
    collected = [str(name) for names in _of(ended, "collected") for name in _list(names)]
    broken = [
        (str(one["broken"]), str(one.get("message")))
        for one in ended.reports
        if isinstance(one, dict) and "broken" in one
    ]
    tests = [one for one in ended.reports if isinstance(one, dict) and "test" in one]
    outcomes = {str(one["test"]): (one.get("outcome"), str(one.get("message"))) for one in tests}
    failed = [
        (name, message)
        for name, (outcome, message) in outcomes.items()
        if outcome not in ("passed", "skipped")
    ]
    failures = (*broken, *failed)
    skipped_files = {str(name) for name in _of(ended, "skipped_file")}
    seen = {name.partition("::")[0] for name in collected} | skipped_files | {name for name, _ in broken}
    ends = _of(ended, "end")
    return BundledTestRun(
        run_of(
            ended,
            _problem(ended, set(collected), set(outcomes), failures),
            finished=len(ends) == 1 and ends[0] == ended.status and not isinstance(ends[0], bool),
            sandboxed=sandboxed,
        ),
        tuple(files),
        len(collected),
        sum(outcome == "passed" for outcome, _ in outcomes.values()),
        sum(outcome == "skipped" for outcome, _ in outcomes.values()),
        failures,
        sum(one for one in _of(ended, "left_out") if isinstance(one, int)),
        tuple(path for path in files if path not in seen),
    )


def _problem(ended: Ended, collected: set[str], ran: set[str], failures: Sequence[object]) -> str:
    if ran - collected or len(_of(ended, "collected")) > 1:
        return "it reported tests that pytest had not collected"
    if len(ran) < len(collected) and not failures:
        return f"it ended after {len(ran)} of {len(collected)} tests"
    expected = _FAILED if failures else (0,) if collected else (_NO_TESTS,)
    if ended.status not in expected and not (failures and ended.status == 0):
        return f"pytest's exit code {ended.status} does not fit the outcomes of the tests"
    return ""


def _of(ended: Ended, name: str) -> list[Json]:
    return [one[name] for one in ended.reports if isinstance(one, dict) and name in one]


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
