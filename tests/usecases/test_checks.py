"""What the gate can ask, in a registry and without one."""

from __future__ import annotations

from dataclasses import replace

from modelmark.checks import ALL
from modelmark.domain.checks import Described
from modelmark.domain.policy import Gate
from modelmark.usecases.checks import checks
from tests.support.candidates import policy


def one(rows: tuple[Described, ...], name: str) -> Described:
    return next(row for row in rows if row.name == name)


def test_every_check_is_described_in_the_order_in_which_they_run() -> None:
    rows = checks(None)
    assert [row.name for row in rows] == list(ALL)
    assert [row.name for row in rows if not (row.about and row.example and row.needs)] == []


def test_without_a_registry_nobody_knows_which_gate_asks() -> None:
    assert {row.gates for row in checks(None)} == {None}


def test_in_a_registry_the_gates_that_ask_are_named_that_of_new_versions_too() -> None:
    asks = Gate(checks=("freshness",), max_age_days=90)
    rules = replace(
        policy(), gates={"staging": Gate(), "production": asks}, registration=Gate(checks=("scan",))
    )
    assert one(checks(rules), "freshness").gates == ("production",)
    assert one(checks(rules), "scan").gates == ("registration",)
    assert one(checks(rules), "lineage").gates == ()


def test_each_says_when_it_runs_how_far_it_reaches_and_whether_it_can_be_waived() -> None:
    rows = checks(None)
    metrics, scan, tests = (one(rows, name) for name in ("metrics", "scan", "bundled-tests"))
    assert (metrics.always, metrics.waivable, metrics.facts) == (True, False, ())
    assert metrics.needs == "Git, and the list of what the storage has"
    assert (scan.always, scan.waivable, scan.needs) == (False, True, "the bytes of the files")
    assert "Formats" in scan.facts
    assert tests.needs == "the network, or the bundle's code in a sandbox"
