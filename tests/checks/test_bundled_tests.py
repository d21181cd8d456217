"""What a run of bundled tests must have been to pass."""

from __future__ import annotations

from dataclasses import replace

import pytest

from modelmark.checks.bundled_tests import CHECK, RULE, check
from modelmark.domain.inspection import Reach
from modelmark.domain.runs import BundledTestRun, Run
from tests.support.candidates import asking, found, hints

PLACE = "models/nlp-sentiment/1/manifest.yaml:0"
GOOD = BundledTestRun(Run("", 1.24, "2 passed", python="3.12.1"), ("test_a.py",), 2, 2)


def test_a_run_to_the_end_is_a_note_with_its_figures() -> None:
    assert found(check, asking(RULE, GOOD)) == [
        f"note {PLACE} 2 of 2 bundled tests pass (Python 3.12.1, 1.2 s)"
    ]
    some = replace(GOOD, passed=1, skipped=1)
    assert "1 of 2 bundled tests pass, 1 skipped" in found(check, asking(RULE, some))[0]


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (BundledTestRun(Run()), "nlp-sentiment@1 has no tests, and the gate registration asks for them"),
        (
            replace(GOOD, run=Run("it was still running after 300 s")),
            "the tests of nlp-sentiment@1 came to no end that counts: it was still running after 300 s",
        ),
        (replace(GOOD, collected=0, passed=0), "no test of nlp-sentiment@1 passed: 0 collected, 0 skipped"),
        (replace(GOOD, passed=0, skipped=2), "no test of nlp-sentiment@1 passed: 2 collected, 2 skipped"),
        (replace(GOOD, passed=1, failures=(("test_a.py::b", "E: 1"),)), "'test_a.py::b' fails: 'E: 1'"),
        (replace(GOOD, silent=("test_b.py",)), "no test was found in test_b.py"),
    ],
)
def test_everything_else_is_an_error(result: BundledTestRun, words: str) -> None:
    assert found(check, asking(RULE, result)) == [f"error {PLACE} {words}"]


def test_what_it_printed_last_helps_and_is_inert() -> None:
    result = replace(GOOD, run=Run("it crashed", tail="x\x1b[31m::error::\n" * 60))
    (hint,) = hints(check, asking(RULE, result))
    assert hint.startswith("it printed last: '")
    assert hint.isprintable()
    assert len(hint) < 1000


def test_many_failures_are_counted_and_ten_are_shown() -> None:
    result = replace(GOOD, failures=tuple((f"test_a.py::t{number}", "no") for number in range(14)))
    lines = found(check, asking(RULE, result))
    assert len(lines) == 11
    assert lines[-1].endswith("and 4 more tests fail")


def test_left_out_tests_and_a_missing_sandbox_are_warnings() -> None:
    result = replace(GOOD, left_out=3, run=replace(GOOD.run, sandboxed=False))
    levels = [line.partition(" ")[0] for line in found(check, asking(RULE, result))]
    assert levels == ["warning", "warning", "note"]


def test_a_run_that_nobody_made_is_an_error() -> None:
    assert found(check, asking(RULE)) == [
        f"error {PLACE} its tests were not run: nobody looked at the BundledTestRun"
    ]


def test_it_runs_code_and_nobody_may_excuse_it() -> None:
    assert (CHECK.named, CHECK.reach, CHECK.waivable) == (True, Reach.RUN, False)
