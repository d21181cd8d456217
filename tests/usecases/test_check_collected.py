"""Every new version is looked into for what its manifest was collected from, whatever a gate names."""

from __future__ import annotations

import pytest

from modelmark.domain.collected import Collected
from modelmark.domain.findings import Level
from modelmark.usecases.check import Report, check
from tests.support.desk import STAGING, Desk


def gate(desk: Desk, branch: str | None) -> Report:
    assert branch is not None
    desk.sync()
    desk.git.fetch_branches(branch)
    return check(desk.workspace, None, f"origin/{branch}")


def errors(report: Report) -> list[str]:
    return [one.message for one in report.verdict.findings if one.level is Level.ERROR]


def test_every_new_version_is_looked_into_for_what_its_manifest_was_collected_from(desk: Desk) -> None:
    looks = desk.inspector.asked
    made = desk.register(desk.source(), "1").submitted
    assert made is not None
    gate(desk, made.branch)
    assert set(looks) == {("m@1", frozenset({Collected}))}, "though no gate names the check"
    looks.clear()
    desk.accept(made.branch)
    gate(desk, desk.promote("1", STAGING).submitted.branch)
    assert looks == [], "neither to apply what was judged, nor to promote it"


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({}, "nobody could look"),
        (
            {Collected: Collected(sources={"metrics": "metrics.json"})},
            "metrics is not what metrics.json says",
        ),
    ],
)
def test_a_manifest_that_its_files_do_not_bear_out_is_refused(
    desk: Desk, facts: dict[type, object], says: str
) -> None:
    made = desk.register(desk.source()).submitted
    desk.inspector.facts = facts
    report = gate(desk, made.branch if made else None)
    assert [says in one for one in errors(report)] == [True]
    assert {one.rule for one in report.verdict.findings} == {"collected"}
