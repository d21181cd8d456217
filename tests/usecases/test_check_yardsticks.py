"""Nobody lowers the bar unseen: by emptying an alias first, by a name that is mistyped, by a gate that goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelmark.domain.findings import Level
from modelmark.usecases.check import Report, check
from tests.support.desk import POLICY, PROD, STAGING, Desk, M

AGAINST = POLICY.replace(
    "production: {criteria: [{metric: f1, min: 0.9}]}",
    "production: {criteria: [{metric: f1, against: current, max_drop: 0.01}], checks: [signature-compatible]}",
)
CARD = "models/m/model.yaml"


def gate(desk: Desk, branch: str | None) -> Report:
    desk.sync()
    desk.git.fetch_branches(str(branch))
    return check(desk.workspace, None, f"origin/{branch}")


def said(report: Report, level: Level = Level.ERROR) -> list[str]:
    found = report.verdict.findings
    return [f"{one.path}:{one.line} {one.message}" for one in found if one.level is level]


@pytest.mark.parametrize("times", [1, 2])
def test_an_alias_that_was_emptied_is_compared_with_what_it_meant_last(tmp_path: Path, times: int) -> None:
    desk = Desk.new(tmp_path, AGAINST)
    desk.live("1")
    desk.registered("2", {"f1": 0.7})
    desk.promoted("2", STAGING)
    for number in range(2, 2 + times):
        staging = 'staging: {version: "2", assignment: 2, reason: why}\n'
        keeper = 'prev_prod: {version: "1", assignment: 1, reason: why}\n'
        text = f"{staging}prod: {{version: none, assignment: {number}, reason: sunset}}\n{keeper}"
        desk.commit({"models/m/aliases.yaml": text.encode()})
        assert desk.apply().plan.rejections == ()
    desk.sync()
    assert desk.history(M).meaning(PROD) is None
    report = gate(desk, desk.promote("2", PROD).submitted.branch)
    assert ["f1 = 0.7, must be at least 0.95 - 0.01 = 0.94" in one for one in said(report)] == [True]
    (subject,) = report.candidate.subjects
    assert subject.current is not None
    assert str(subject.current.version) == "1"


def test_an_alias_that_never_meant_anything_has_nothing_to_compare_with(tmp_path: Path) -> None:
    desk = Desk.new(tmp_path, AGAINST)
    desk.registered("1")
    desk.promoted("1", STAGING)
    (subject,) = gate(desk, desk.promote("1", PROD).submitted.branch).candidate.subjects
    assert subject.current is None


def test_a_card_with_a_mistyped_gate_is_refused_at_its_line(desk: Desk) -> None:
    desk.registered("1")
    card = b"profile: generic\ncriteria:\n  staging: [{metric: f1, min: 0.6}]\n  prodution: [{metric: f1, min: 0.99}]\n"
    desk.commit({CARD: card}, branch="card", parent=desk.main)
    report = gate(desk, "card")
    assert said(report) == [
        f"{CARD}:4 criteria for prodution judge nothing: registry.yaml on main has no gate of that name"
    ]
    desk.commit({CARD: card.replace(b"prodution", b"production")}, branch="right", parent=desk.main)
    assert gate(desk, "right").verdict.passed


def test_a_mistyped_gate_on_main_stops_no_other_change(desk: Desk) -> None:
    desk.registered("1")
    desk.commit({CARD: b"profile: generic\nchecks: {prodution: [scan]}\n"})
    assert gate(desk, desk.promote("1", STAGING).submitted.branch).verdict.passed


def test_a_gate_that_is_renamed_names_the_cards_that_added_to_it(desk: Desk) -> None:
    strict = b"profile: generic\ncriteria: {production: [{metric: f1, min: 0.99}]}\n"
    desk.commit({CARD: strict, "models/n/model.yaml": strict, "models/o/model.yaml": b"criteria: 5\n"})
    renamed = POLICY.replace("production:", "live:").replace("gate: production", "gate: live")
    desk.commit({"registry.yaml": renamed.encode()}, branch="rules", parent=desk.main)
    report = gate(desk, "rules")
    assert report.verdict.passed
    assert said(report, Level.WARNING) == [
        "registry.yaml:0 the gate production judges nothing any more, and with it goes what these cards add to it: m, n"
    ]


def test_cards_of_other_models_are_read_only_where_a_gate_goes(desk: Desk) -> None:
    desk.commit({CARD: b"profile: generic\n"})
    looser = POLICY.replace("min: 0.9", "min: 0.8").encode()
    desk.commit({"registry.yaml": looser}, branch="rules", parent=desk.main)
    assert gate(desk, "rules").candidate.all_cards == {}
