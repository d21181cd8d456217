"""What could not become true, as findings: which commit, why, and what to do."""

from __future__ import annotations

from modelmark.domain.aliases import Desired
from modelmark.domain.findings import Level
from modelmark.domain.plan import Plan, Rejection, State
from modelmark.usecases.apply import Applied
from modelmark.usecases.planning import Disagreement
from modelmark.usecases.unapplied import RULE, unapplied
from tests.support.desk import PROD, Desk, M, v


def entry(state: State, number: int = 2) -> Applied:
    wish = Desired(v("2"), number, "better")
    return Applied(Plan(), (Disagreement(M, PROD, state, wish, 2, v("1")),), pushed=True)


def test_each_reason_of_a_rejected_commit_is_a_finding() -> None:
    plan = Plan((), (Rejection("a" * 40, "Merge m\n::error::x", ("too early", "no approval")),))
    found = list(unapplied(Applied(plan, (), pushed=True)))
    assert [one.message.rpartition(": ")[2] for one in found] == ["too early", "no approval"]
    assert {(one.rule, one.level) for one in found} == {(RULE, Level.ERROR)}
    assert found[0].message.startswith("commit aaaaaaaaaaaa 'Merge m\\n::error::x' does not become true: ")
    assert "ask again" in found[0].hint


def test_a_conflict_and_a_gap_are_findings_with_the_command_or_the_number() -> None:
    (conflict,) = unapplied(entry(State.CONFLICT))
    assert conflict.message == "m@prod means 1 by assignment 2, and main asks for 2 by assignment 2: conflict"
    assert (conflict.path, conflict.hint[-45:]) == (
        "models/m/aliases.yaml",
        "modelmark promote m@VERSION --to prod --reason …"[-45:],
    )
    (gap,) = unapplied(entry(State.GAP, 9))
    assert gap.hint == "correct the number by a reviewed change to 3"


def test_what_the_next_run_or_a_record_settles_is_none() -> None:
    assert [*unapplied(entry(State.WAITS)), *unapplied(entry(State.BEHIND))] == []


def test_a_real_rejection_is_told_with_the_words_of_the_gate(desk: Desk) -> None:
    desk.registered("1", {"f1": 0.1})
    desk.merge(desk.promote("1", PROD).submitted.branch)
    texts = [one.message for one in unapplied(desk.apply())]
    assert texts
    assert all(
        text.startswith("commit ") and "does not become true: models/m/aliases.yaml:" in text
        for text in texts
    )
