"""Which advisories.yaml judges: that of main, whatever the change says."""

from __future__ import annotations

from datetime import date

from modelmark.domain.findings import Level
from modelmark.usecases.check import Report, check
from tests.support.desk import Desk, Files

OLD, NEW = "checked_at: 2026-01-01\n", "checked_at: 2026-02-02\n"


def change(desk: Desk, files: Files) -> Report:
    desk.commit(files, branch="change", parent=desk.main)
    desk.sync()
    desk.git.fetch_branches("change")
    return check(desk.workspace, None, "origin/change")


def errors(report: Report) -> list[tuple[str, int, str]]:
    found = report.verdict.findings
    return [(one.rule, one.line, one.path) for one in found if one.level is Level.ERROR]


def test_main_judges_and_not_the_change(desk: Desk) -> None:
    desk.commit({"advisories.yaml": OLD.encode()})
    report = change(desk, {"advisories.yaml": NEW.encode()})
    assert report.candidate.advisories is not None
    assert report.candidate.advisories.checked_at == date(2026, 1, 1)
    assert report.verdict.passed


def test_a_registry_without_it_has_none(desk: Desk) -> None:
    assert change(desk, {"README.md": b"hello"}).candidate.advisories is None
    assert change(desk, {"advisories.yaml": NEW.encode()}).candidate.advisories is None


def test_a_broken_one_is_refused_with_its_line(desk: Desk) -> None:
    report = change(desk, {"advisories.yaml": b"checked_at: 2026-02-02\nadvisorys: []\n"})
    assert errors(report) == [("readable", 2, "advisories.yaml")]


def test_a_broken_one_on_main_stands_in_for_nothing_and_can_be_mended(desk: Desk) -> None:
    desk.commit({"advisories.yaml": b"nonsense"})
    report = change(desk, {"advisories.yaml": NEW.encode()})
    assert (report.candidate.advisories, errors(report)) == (None, [])


def test_it_does_not_change_beside_a_version_that_it_would_judge(desk: Desk) -> None:
    made = desk.register(desk.source()).submitted
    assert made is not None
    assert made.branch is not None
    desk.commit({"advisories.yaml": NEW.encode()}, branch=made.branch)
    desk.git.fetch_branches(made.branch)
    found = errors(check(desk.workspace, None, f"origin/{made.branch}"))
    assert ("policy-change", 0, "advisories.yaml") in found
