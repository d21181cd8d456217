"""The tests that a version brings along all pass, in its own environment.

They ran before this check looks, in the sandbox, as the fact `BundledTestRun`. What passes is a run that our runner saw
through to its end, in which every collected test ran and none failed; at least one passed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.domain.checks import Check
from modelmark.domain.findings import Finding, Level
from modelmark.domain.inspection import Reach
from modelmark.domain.names import shown
from modelmark.domain.runs import BundledTestRun, described, unsandboxed
from modelmark.errors import CouldNot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modelmark.domain.change import Candidate, Subject

RULE = "bundled-tests"
_MOST = 10


def check(candidate: Candidate) -> Iterator[Finding]:
    """Judge the run of each version; what passed is a note with its figures."""
    for subject in candidate.asked(RULE):
        try:
            result = subject.inspection.of(BundledTestRun)
        except CouldNot as error:
            yield subject.finding(RULE, Level.ERROR, f"its tests were not run: {error.message}", error.hint)
            continue
        found = list(_errors(subject, result))
        yield from found
        yield from unsandboxed(subject, RULE, result.run)
        if result.left_out:
            words = f"the bundle's own settings kept {result.left_out} of its tests from running"
            yield subject.finding(RULE, Level.WARNING, words, "look into its conftest.py and pytest.ini")
        if not found:
            yield subject.finding(RULE, Level.NOTE, _figures(result))


def _errors(subject: Subject, result: BundledTestRun) -> Iterator[Finding]:
    name = f"{subject.model}@{subject.version}"
    if not result.files:
        hint = "add files such as test_preprocess.py to the source directory and register again"
        yield subject.finding(
            RULE, Level.ERROR, f"{name} has no tests, and the gate {subject.gate} asks for them", hint
        )
        return
    for test, message in result.failures[:_MOST]:
        words = f"{shown(test, 160)} fails: {shown(message, 300)}"
        yield subject.finding(
            RULE, Level.ERROR, words, "mend the model or its test, and register a new version"
        )
    if len(result.failures) > _MOST:
        yield subject.finding(RULE, Level.ERROR, f"and {len(result.failures) - _MOST} more tests fail")
    if result.run.broken:
        words = f"the tests of {name} came to no end that counts: {result.run.broken}"
        yield subject.finding(RULE, Level.ERROR, words, described(result.run))
    elif not result.failures and not result.passed:
        words = f"no test of {name} passed: {result.collected} collected, {result.skipped} skipped"
        yield subject.finding(RULE, Level.ERROR, words, "a gate needs tests that run")
    for path in result.silent if not result.run.broken else ():
        hint = "where it holds no tests, give it another name; else find out what keeps pytest from them"
        yield subject.finding(RULE, Level.ERROR, f"no test was found in {path}", hint)


def _figures(result: BundledTestRun) -> str:
    skipped = f", {result.skipped} skipped" if result.skipped else ""
    return (
        f"{result.passed} of {result.collected} bundled tests pass{skipped} "
        f"(Python {result.run.python}, {result.run.seconds:.1f} s)"
    )


CHECK = Check(
    RULE,
    "The tests that a version brings along all pass, in its own environment.",
    check,
    "'test_preprocess.py::test_negation' fails: 'AssertionError: assert 1 == 2'",
    named=True,
    needs=(BundledTestRun,),
    reach=Reach.RUN,
)
