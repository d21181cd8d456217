"""What happened when code of a bundle ran: facts for the checks `bundled-tests` and `contract`.

Every text in here comes from that code, and is hostile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelmark.domain.findings import Finding, Level
from modelmark.domain.names import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modelmark.domain.change import Subject
    from modelmark.domain.json_values import Json


@dataclass(frozen=True)
class Run:
    """How a run ended.

    Attributes:
        broken: what ended it before its own end, in words; empty = it ran to its end.
        tail: the end of what it printed.
        python: the version of the interpreter.
    """

    broken: str = ""
    seconds: float = 0
    tail: str = ""
    sandboxed: bool = True
    python: str = ""


@dataclass(frozen=True)
class BundledTestRun:
    """A run of the tests that a version brings along.

    Attributes:
        files: the files with tests; none = the version has no tests, and nothing ran.
        collected: how many tests there are, without those in `left_out`.
        failures: name and message of each test that failed, and of each file that could not be collected.
        left_out: how many tests the bundle's own settings kept from running.
        silent: files in which no test was found.
    """

    run: Run
    files: tuple[str, ...] = ()
    collected: int = 0
    passed: int = 0
    skipped: int = 0
    failures: tuple[tuple[str, str], ...] = ()
    left_out: int = 0
    silent: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What the entry point made of a request: a value, or a sentence on why there is none."""

    value: Json = None
    error: str = ""


@dataclass(frozen=True)
class Call:
    """One request, sent twice.

    Attributes:
        origin: where the request comes from, such as `example 1 of the signature`.
        answers: in order; fewer than two = the run broke.
    """

    origin: str
    request: Json
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True)
class ContractRun:
    """A run of example requests through a version's entry point.

    Attributes:
        entry_point: as `module:function`; empty = the version has none.
    """

    run: Run
    entry_point: str = ""
    calls: tuple[Call, ...] = ()


def described(run: Run) -> str:
    """A hint for a run that broke: what it printed last."""
    return f"it printed last: {shown(run.tail[-400:], 400)}" if run.tail.strip() else "it printed nothing"


def unsandboxed(subject: Subject, rule: str, run: Run) -> Iterator[Finding]:
    """A warning where code of the bundle ran with everything that the user may do."""
    if not run.sandboxed:
        words = f"{subject.model}@{subject.version} ran without a sandbox: its verdict is worth what its authors are"
        yield subject.finding(rule, Level.WARNING, words, "leave --unsandboxed out")
