"""Runs a bundle's tests with pytest inside the sandbox; a file of its own, run in the bundle's environment.

Gets `files` and `key` on stdin, reports to the descriptor of the last argument: the tests before the first of them
runs, each test's outcome, and the end. A run without that end, or with other tests in it, is no run.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    Report = Callable[[dict[str, object]], None]

_MESSAGE = 400


def reporter(key: str) -> Report:
    """A function that writes one report; only it knows the key and the pipe's number."""
    descriptor, write, dumps = int(sys.argv.pop()), os.write, json.dumps
    os.set_inheritable(descriptor, False)

    def report(value: dict[str, object]) -> None:
        data = f"{key} {dumps(value)}\n".encode()
        while data:
            data = data[write(descriptor, data) :]

    return report


class Witness:
    """A pytest plugin that reports what it sees.

    Whether a test failed is read off the exception that ended it, not off pytest's report: that one is the bundle's
    to change.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._outcome: dict[str, tuple[str, str]] = {}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """What will run, before anything does."""
        self._report({"collected": [item.nodeid for item in session.items]})

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        """What the bundle's settings leave out."""
        self._report({"left_out": len(items)})

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Files that cannot be read, or skip themselves."""
        if report.failed:
            self._report({"broken": report.nodeid, "message": report.longreprtext[-_MESSAGE:]})
        elif report.skipped:
            self._report({"skipped_file": report.nodeid})

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """How one phase of a test ended."""
        raised = call.excinfo
        report = yield
        expected = hasattr(report, "wasxfail") or (
            raised is not None and raised.errisinstance(pytest.skip.Exception)
        )
        if report.failed or (raised is not None and not expected):
            message = str(raised.value) if raised else report.longreprtext
            kind = f"{raised.typename}: " if raised else ""
            self._outcome[item.nodeid] = ("failed", f"{kind}{message}"[:_MESSAGE])
        elif report.skipped:
            self._outcome.setdefault(item.nodeid, ("skipped", ""))
        elif report.when == "call":
            self._outcome.setdefault(item.nodeid, ("passed", ""))
        return report

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """A test is over."""
        outcome, message = self._outcome.get(nodeid, ("failed", "it came to no end"))
        self._report({"test": nodeid, "outcome": outcome, "message": message})


def main() -> None:
    """See the module."""
    job: dict[str, Any] = json.load(sys.stdin)
    report = reporter(job.pop("key"))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    here = str(Path.cwd())
    sys.path.insert(0, here)
    options = (
        "-q",
        "-p",
        "no:cacheprovider",
        "-o",
        "addopts=",
        "--rootdir",
        here,
        "--tb=short",
        "--color=no",
    )
    status = pytest.main([*options, *job["files"]], plugins=[Witness(report)])
    report({"end": int(status)})
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(int(status))


if __name__ == "__main__":
    main()
