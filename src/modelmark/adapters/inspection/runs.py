"""From how a job ended to what a check may count on: a run without its end is broken, whatever its exit code says."""

from __future__ import annotations

import platform
import signal
from typing import TYPE_CHECKING

from modelmark.domain.runs import Run

if TYPE_CHECKING:
    from modelmark.adapters.sandbox import Ended


def run_of(ended: Ended, problem: str, *, finished: bool, sandboxed: bool) -> Run:
    """The run of a job.

    Args:
        ended: how it ended.
        problem: what is wrong with what it reported; empty = nothing.
        finished: whether it reported its end.
        sandboxed: whether it ran in a sandbox.
    """
    early = "" if finished else f"its process ended before its work was done ({_how(ended.status)})"
    return Run(ended.why or early or problem, ended.seconds, ended.tail, sandboxed, platform.python_version())


def _how(status: int | None) -> str:
    if status is None or status >= 0:
        return f"exit code {status}"
    try:
        return f"signal {signal.Signals(-status).name}"
    except ValueError:
        return f"signal {-status}"
