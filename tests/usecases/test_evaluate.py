"""Appending a later measurement: by a branch, once, and it is what the gate judges from then on."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from modelmark.domain.evaluations import Evaluation, EvaluationKind
from modelmark.domain.layout import evaluation_path
from modelmark.domain.references import ByVersion
from modelmark.errors import InvalidInput, Lost, NotFound
from modelmark.usecases import state
from modelmark.usecases.check import Report, check
from modelmark.usecases.evaluate import Evaluated, Measurement, evaluate
from modelmark.usecases.submit import Submitted
from tests.support.desk import DIRECT, NOON, POLICY, PROD, STAGING, Desk, M, v

FRESH = POLICY.replace(
    "production: {criteria", "production: {checks: [freshness], max_age_days: 30, criteria"
)


@dataclass(frozen=True)
class Sent:
    evaluation: Evaluation
    submitted: Submitted


def measure(desk: Desk, metrics: object, version: str = "1", **about: object) -> Sent:
    """Ada measures something new; `about` are fields of the measurement."""
    done = again(desk, metrics, version, **about)
    assert done.submitted is not None
    return Sent(done.evaluation, done.submitted)


def again(desk: Desk, metrics: object, version: str = "1", **about: object) -> Evaluated:
    file = desk.folder / f"metrics-{len(list(desk.folder.iterdir()))}.json"
    file.write_text(json.dumps(metrics))
    made = replace(Measurement(file), **about)  # type: ignore[arg-type]
    return evaluate(desk.workspace, desk.directories, ByVersion(M, v(version)), made)


def gate(desk: Desk, branch: str | None) -> Report:
    desk.sync()
    desk.git.fetch_branches(str(branch))
    return check(desk.workspace, None, f"origin/{branch}")


def said(report: Report) -> list[str]:
    return [f"{one.level} {one.message}" for one in report.verdict.findings]


def test_it_appends_one_file_that_says_what_who_and_when(desk: Desk) -> None:
    desk.registered("1")
    records = [{"name": "f1", "value": 0.8, "dataset": "reviews", "slice": {"domain": "books"}}]
    done = measure(desk, records, kind=EvaluationKind.DRIFT, note="after the fair", data_version="d41d")
    assert done.submitted.branch == f"evaluate/m-1-{done.evaluation.digest}"
    path = evaluation_path(M, v("1"), f"20260102T120000Z-{done.evaluation.digest}")
    text = desk.file(path, done.submitted.commit)
    for line in (
        "by: Ada <ada@example.org>",
        "kind: drift",
        "note: after the fair",
        "data_version: d41d",
        'at: "2026-01-02T12:00:00Z"',
        "domain: books",
    ):
        assert line in text
    made = desk.git.objects.commits[done.submitted.commit]
    assert made.message == "Evaluate m@1: drift of 2026-01-02\n\nafter the fair"
    desk.accept(done.submitted.branch)
    assert state.evaluations_at(desk.workspace, [str(desk.main)], M, v("1")) == (done.evaluation,)


def test_its_branch_passes_the_gate(desk: Desk) -> None:
    desk.registered("1")
    done = measure(desk, {"f1": 0.9})
    assert done.submitted.verdict is not None
    assert done.submitted.verdict.passed
    assert gate(desk, done.submitted.branch).verdict.passed


def test_the_same_result_again_is_found_on_its_branch(desk: Desk) -> None:
    desk.registered("1")
    first = measure(desk, {"f1": 0.9})
    desk.wait(1)
    second = measure(desk, [{"name": "f1", "value": 0.9}])
    assert second.submitted.already
    assert second.evaluation == first.evaluation
    assert [one for one in desk.branches() if one.startswith("evaluate/")] == [first.submitted.branch]


def test_another_result_goes_on_a_branch_of_its_own(desk: Desk) -> None:
    desk.registered("1")
    branches = {measure(desk, {"f1": 0.9}).submitted.branch, measure(desk, {"f1": 0.8}).submitted.branch}
    branches.add(measure(desk, {"f1": 0.9}, note="other").submitted.branch)
    assert len(branches) == 3


def test_a_result_that_main_has_of_today_is_not_appended_twice(desk: Desk) -> None:
    desk.registered("1")
    first = measure(desk, {"f1": 0.9})
    desk.accept(first.submitted.branch)
    desk.wait(23)
    assert again(desk, {"f1": 0.9}) == Evaluated(first.evaluation, None)
    assert again(desk, {"f1": 0.9}, at=NOON) == Evaluated(first.evaluation, None)
    assert again(desk, {"f1": 0.9}, at=NOON - timedelta(hours=1)).submitted is not None


def test_the_same_result_measured_anew_a_day_later_is_another_evaluation(desk: Desk) -> None:
    desk.registered("1")
    desk.accept(measure(desk, {"f1": 0.9}).submitted.branch)
    desk.wait(24)
    second = measure(desk, {"f1": 0.9}).submitted
    assert not second.already
    desk.accept(second.branch)
    assert len(state.evaluations_at(desk.workspace, [str(desk.main)], M, v("1"))) == 2


def test_a_branch_of_the_same_name_with_something_else_is_left_alone(desk: Desk) -> None:
    desk.registered("1")
    branch = measure(desk, {"f1": 0.9}).submitted.branch
    desk.refs[f"refs/heads/{branch}"] = desk.commit({"README.md": b"Bob's"}, branch="other")
    with pytest.raises(Lost, match=r"exists on origin with another change"):
        measure(desk, {"f1": 0.9})


def test_a_time_of_its_own_stands_in_its_name(desk: Desk) -> None:
    desk.registered("1")
    then = NOON - timedelta(days=3)
    done = measure(desk, {"f1": 0.9}, at=then)
    assert done.evaluation.at == then
    assert done.submitted.branch == f"evaluate/m-1-20251230T120000Z-{done.evaluation.digest}"
    assert measure(desk, {"f1": 0.9}, at=then).submitted.already
    assert not measure(desk, {"f1": 0.9}, at=NOON).submitted.already


def test_what_cannot_be_an_evaluation_is_refused_before_anything_is_made(desk: Desk) -> None:
    desk.registered("1")
    for metrics, words in (
        ({}, "has no metric"),
        ([], "has no metric"),
        ("f1", "metrics are a list of records"),
        ({"f1": "high"}, "is not a finite number"),
        ([{"name": "f1", "value": 1, "threshold": 0}], "unknown key 'threshold'"),
        ({"f1\nApproved-By": 1}, "metrics"),
    ):
        with pytest.raises(InvalidInput, match=words):
            measure(desk, metrics)
    with pytest.raises(InvalidInput, match="is still to come"):
        measure(desk, {"f1": 1}, at=NOON + timedelta(seconds=1))
    with pytest.raises(InvalidInput, match="reason"):
        measure(desk, {"f1": 1}, note="x\n\nApproved-By: Bob <bob@example.org>\x1b")
    with pytest.raises(NotFound, match="m@2 is not registered"):
        measure(desk, {"f1": 1}, "2")
    assert desk.branches() == ["main", "register/m-1"]


def test_a_direct_registry_appends_it_at_once(tmp_path: Path) -> None:
    desk = Desk.new(tmp_path, DIRECT)
    desk.registered("1")
    done = measure(desk, {"f1": 0.97})
    assert done.submitted.branch is None
    desk.wait(1)
    assert again(desk, {"f1": 0.97}) == Evaluated(done.evaluation, None)
    assert state.evaluations_at(desk.workspace, [str(desk.main)], M, v("1")) == (done.evaluation,)
    desk.live("2")


# --- what the gate makes of it ------------------------------------------------------------------------------------


def test_an_evaluation_on_main_makes_an_old_version_fresh(tmp_path: Path) -> None:
    desk = Desk.new(tmp_path, FRESH)
    desk.registered("1")
    desk.promoted("1", STAGING)
    desk.wait(24 * 40)
    branch = desk.promote("1", PROD).submitted.branch
    assert any("40.0 days ago; production allows 30" in one for one in said(gate(desk, branch)))
    desk.accept(measure(desk, {"f1": 0.93}).submitted.branch)
    report = gate(desk, branch)
    assert report.verdict.passed
    assert any("note m@1 was last evaluated on 2026-02-11, 0.0 days ago" in one for one in said(report))
    assert any(
        "note f1 = 0.93, at least 0.9 (passes production, by the evaluation" in one for one in said(report)
    )
    desk.accept(branch)
    assert "m#prod#1" in desk.tags()


def test_a_bad_result_that_main_got_after_the_branch_was_made_counts(desk: Desk) -> None:
    desk.registered("1")
    desk.promoted("1", STAGING)
    branch = desk.promote("1", PROD).submitted.branch
    assert gate(desk, branch).verdict.passed
    desk.accept(measure(desk, {"f1": 0.7}).submitted.branch)
    assert any("error f1 = 0.7, must be at least 0.9" in one for one in said(gate(desk, branch)))
    desk.merge(branch)
    assert ["f1 = 0.7" in reason for one in desk.apply().plan.rejections for reason in one.reasons] == [True]


def test_a_result_of_another_version_counts_for_that_one_only(desk: Desk) -> None:
    desk.registered("1")
    desk.registered("11")
    desk.promoted("1", STAGING)
    desk.accept(measure(desk, {"f1": 0.1}, "11").submitted.branch)
    assert gate(desk, desk.promote("1", PROD).submitted.branch).verdict.passed


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data.replace(b"0.9", b"0.99"),
        lambda data: data + b"approved: true\n",
        lambda data: b"metrics: [broken",
        lambda data: b"",
    ],
    ids=["a figure was edited", "an unknown key", "no YAML", "empty"],
)
def test_a_file_that_is_not_what_its_name_says_is_a_finding(desk: Desk, spoil: object) -> None:
    desk.registered("1")
    done = measure(desk, {"f1": 0.9})
    path = evaluation_path(M, v("1"), done.evaluation.name)
    data = desk.file(path, done.submitted.commit).encode()
    desk.commit({path: spoil(data)}, branch="change", parent=desk.main)  # type: ignore[operator]
    report = gate(desk, "change")
    assert [(one.rule, one.path) for one in report.verdict.findings] == [("readable", path)]
    assert not report.verdict.passed


def test_an_evaluation_on_main_is_never_changed_or_deleted(desk: Desk) -> None:
    desk.registered("1")
    done = measure(desk, {"f1": 0.2})
    desk.accept(done.submitted.branch)
    path = evaluation_path(M, v("1"), done.evaluation.name)
    for data in (None, b"other"):
        desk.commit({path: data}, branch=f"change-{data is None}", parent=desk.main)
        report = gate(desk, f"change-{data is None}")
        assert "frozen" in {one.rule for one in report.verdict.findings}
