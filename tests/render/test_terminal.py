"""What a person on a terminal reads: golden files, and nothing hostile among it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from modelmark.domain.findings import Finding, Level, Verdict
from modelmark.domain.plan import Plan, State
from modelmark.domain.policy import Stage
from modelmark.render import terminal
from tests.render import values
from tests.render.values import HOSTILE, PROD, V1, V2, M
from tests.support.goldens import Golden

SHOWN: dict[str, Callable[[str], str]] = {
    "findings": lambda text: terminal.findings(values.verdict(text)),
    "plan": lambda text: terminal.plan(values.plan(text), dry=False),
    "plan-dry": lambda text: terminal.plan(values.plan(text), dry=True),
    "assignments": lambda text: terminal.assignments(values.assignments(text)),
    "metrics": lambda text: terminal.metrics(values.manifest(text).metrics),
    "version": lambda text: terminal.version_details(
        values.manifest(text), Stage.ARCHIVED, values.facts(text), f"withdrawn data{text}"
    ),
    "states": lambda _: "\n".join(
        terminal.state_line(M, PROD, state, wish, means)
        for state, wish, means in zip(State, (V2, V2, None, V1, V2), (V1, None, V1, None, V1), strict=True)
        if state is not State.DONE
    ),
}


@pytest.mark.parametrize("name", SHOWN)
def test_it_reads_as_it_was_reviewed(name: str, golden: Golden) -> None:
    golden(f"{name}.txt", SHOWN[name]("") + "\n")


@pytest.mark.parametrize("name", SHOWN)
def test_hostile_text_never_reaches_the_terminal(name: str) -> None:
    shown = SHOWN[name](HOSTILE)
    assert shown.replace("\n", "").isprintable()
    assert shown.count("\n") == SHOWN[name]("").count("\n"), "no line is broken or forged"
    assert max(map(len, shown.split("\n"))) < 6000, "a long text is cut"


def test_what_to_do_is_said_once_below_the_findings_that_share_it() -> None:
    one, other = (Finding("environment", Level.ERROR, f"line {number}", hint="pin it") for number in (1, 2))
    last = Finding("scan", Level.ERROR, "a pickle", hint="pin it")
    assert terminal.findings(Verdict(("environment",), (one, other, last))).split("\n") == [
        "✗ environment: line 1",
        "✗ environment: line 2",
        "    → pin it",
        "✗ scan: a pickle",
        "    → pin it",
    ]
    assert terminal.findings(Verdict(("environment",), ())) == ""


def test_errors_come_first() -> None:
    marks = [line[0] for line in SHOWN["findings"]("").split("\n") if not line.startswith(" ")]
    assert marks == ["✗", "!", "·"]


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        (values.verdict(), "not passed: 3 files, 1 error"),
        (Verdict(("flow",), ()), "passed: 3 files"),
        (Verdict((), ()), "not passed: no rule ran on 3 files"),
    ],
)
def test_the_headline_is_the_one_bit(verdict: Verdict, said: str) -> None:
    assert terminal.headline(verdict, "3 files") == said


def test_an_empty_plan_says_that_all_is_well() -> None:
    assert terminal.plan(Plan(), dry=False) == "nothing to do: the tags say what main asks for"


def test_a_version_without_metrics_says_so() -> None:
    assert terminal.metrics(()) == "no metrics"
