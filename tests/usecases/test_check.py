"""The gate over a change: by the rules of main, from the change as data, with every finding at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from modelmark import checks
from modelmark.domain.change import Candidate, Span
from modelmark.domain.findings import Finding, Level
from modelmark.domain.inspection import Reach
from modelmark.domain.names import ModelName
from modelmark.domain.references import ByVersion
from modelmark.errors import InvalidInput, NotFound, Refused, Unreachable
from modelmark.usecases import state
from modelmark.usecases.archive import archive
from modelmark.usecases.check import Report, check, judge_change
from tests.support.desk import POLICY, PROD, SOAK, STAGING, Desk, Files, M, v


def gate(desk: Desk, branch: str | None, base: str | None = None) -> Report:
    assert branch is not None
    desk.sync()
    desk.git.fetch_branches(branch)
    return check(desk.workspace, base, f"origin/{branch}")


def errors(report: Report) -> list[str]:
    found = report.verdict.findings
    return [f"{one.path}:{one.line} {one.message}" for one in found if one.level is Level.ERROR]


def change(desk: Desk, files: Files) -> Report:
    """The gate's view of a branch with these files."""
    desk.commit(files, branch="change", parent=desk.main)
    return gate(desk, "change")


def test_a_registration_passes(desk: Desk) -> None:
    made = desk.register(desk.source())
    report = gate(desk, made.submitted.branch if made.submitted else None)
    assert report.verdict.passed
    assert report.verdict.rules == ("readable", *(rule for rule, one in checks.ALL.items() if not one.named))
    assert report.verdict.findings == ()


def test_a_promotion_passes_and_shows_its_figures(desk: Desk) -> None:
    desk.registered("1")
    report = gate(desk, desk.promote("1", STAGING).submitted.branch)
    assert report.verdict.passed
    assert ["f1 = 0.95, at least 0.5 (passes staging)" in one.message for one in report.verdict.findings] == [
        True
    ]


def test_a_promotion_that_misses_its_criteria_is_refused(desk: Desk) -> None:
    desk.registered("1", {"f1": 0.7})
    desk.promoted("1", STAGING)
    report = gate(desk, desk.promote("1", PROD).submitted.branch)
    assert not report.verdict.passed
    assert ["f1 = 0.7, must be at least 0.9 (fails production)" in one for one in errors(report)] == [True]


def test_ages_are_judged_by_the_clock_of_now(tmp_path: Path) -> None:
    desk = Desk.new(tmp_path, SOAK)
    desk.registered("1")
    desk.promoted("1", STAGING)
    branch = desk.promote("1", PROD).submitted.branch
    desk.wait(23)
    assert ["has held staging for 23.0 hours" in one for one in errors(gate(desk, branch))] == [True]
    desk.wait(1)
    assert gate(desk, branch).verdict.passed


def test_the_policy_of_main_judges_a_change_that_loosens_it(desk: Desk) -> None:
    desk.registered("1", {"f1": 0.7})
    desk.promoted("1", STAGING)
    branch = desk.promote("1", PROD).submitted.branch
    desk.commit({"registry.yaml": POLICY.replace("min: 0.9", "min: 0.1").encode()}, branch=str(branch))
    found = errors(gate(desk, branch))
    assert any("touches the policy and a model in one go" in one for one in found)
    assert any("must be at least 0.9" in one for one in found)


def test_the_policy_of_main_as_it_is_now_judges_an_older_branch(desk: Desk) -> None:
    desk.registered("1")
    desk.promoted("1", STAGING)
    branch = desk.promote("1", PROD).submitted.branch
    desk.commit({"registry.yaml": POLICY.replace("min: 0.9", "min: 0.99").encode()})
    assert ["must be at least 0.99" in one for one in errors(gate(desk, branch))] == [True]


def test_the_card_of_main_judges_a_change_that_loosens_it(desk: Desk) -> None:
    desk.registered("1")
    strict = b"profile: generic\ncriteria: {staging: [{metric: f1, min: 0.99}]}\n"
    desk.commit({"models/m/model.yaml": strict})
    branch = desk.promote("1", STAGING).submitted.branch
    desk.commit({"models/m/model.yaml": b"profile: generic\n"}, branch=str(branch))
    found = errors(gate(desk, branch))
    assert any("must be at least 0.99" in one for one in found)
    assert any("touches the card of m and its aliases in one go" in one for one in found)


def test_an_older_branch_is_compared_with_what_is_live_now(tmp_path: Path) -> None:
    against = POLICY.replace("[{metric: f1, min: 0.9}]", "[{metric: f1, against: current, max_drop: 0.01}]")
    desk = Desk.new(tmp_path, against)
    desk.registered("1", {"f1": 0.8})
    desk.registered("2", {"f1": 0.95})
    old = desk.main
    desk.promoted("1", STAGING)
    desk.registered("3", {"f1": 0.97})
    desk.promoted("3", STAGING)
    desk.promoted("3", PROD)
    text = 'prod: {version: "1", assignment: 2, reason: why}\nprev_prod: {version: "3", assignment: 1, reason: why}\n'
    desk.commit({"models/m/aliases.yaml": text.encode()}, branch="old", parent=old)
    assert ["f1 = 0.8, must be at least 0.97 - 0.01 = 0.96" in one for one in errors(gate(desk, "old"))] == [
        True
    ]


def test_an_older_branch_cannot_assign_what_was_archived_meanwhile(desk: Desk) -> None:
    desk.registered("1")
    branch = desk.promote("1", STAGING).submitted.branch
    desk.accept(archive(desk.workspace, ByVersion(M, v("1")), "withdrawn", None).branch)
    assert errors(gate(desk, branch)) == ["models/m/aliases.yaml:2 m@1 is archived and may not be assigned"]


def test_an_archiving_is_refused_once_an_alias_holds_the_version(desk: Desk) -> None:
    desk.registered("1")
    branch = archive(desk.workspace, ByVersion(M, v("1")), "withdrawn", None).branch
    assert gate(desk, branch).verdict.passed
    desk.promoted("1", STAGING)
    assert errors(gate(desk, branch)) == ["models/m/1/archived.yaml:0 m@1 is held by staging"]


def test_a_promotion_that_was_overtaken_is_refused(desk: Desk) -> None:
    desk.registered("1")
    desk.registered("2")
    branch = desk.promote("1", STAGING).submitted.branch
    text = b'staging: {version: "2", assignment: 1, reason: faster}\n'
    desk.commit({"models/m/aliases.yaml": text})
    desk.apply()
    assert errors(gate(desk, branch)) == [
        "models/m/aliases.yaml:2 assignment 1 of staging exists and means 2, not 1"
    ]


def test_everything_wrong_is_said_at_once(desk: Desk) -> None:
    desk.registered("1")
    files: Files = {
        "models/m/1/manifest.yaml": b"garbage: [",
        "models/m/1/notes.txt": b"stray",
        "models/m/aliases.yaml": b"prod: {version: 1, assignment: x, reason: why}\n",
        ".dvc/config": b"['remote \"elsewhere\"']\n    url = /tmp/x\n",
    }
    report = change(desk, files)
    rules = {one.rule for one in report.verdict.findings if one.level is Level.ERROR}
    assert {"readable", "places", "frozen", "policy-change"} <= rules


def test_files_outside_the_registry_are_nobodys_business(desk: Desk) -> None:
    report = change(desk, {"src/train.py": b"import os", "README.md": b""})
    assert report.verdict.passed
    assert report.candidate.files == ()


def test_what_cannot_be_read_is_a_finding_with_its_line(desk: Desk) -> None:
    desk.registered("1")
    report = change(desk, {"models/m/aliases.yaml": b"prod:\n  version: 1\n  verison: 2\n"})
    assert [one.split(" ")[0] for one in errors(report)] == ["models/m/aliases.yaml:3"]


def test_a_record_that_cannot_be_read_is_a_finding(desk: Desk) -> None:
    desk.registered("1")
    report = change(desk, {"models/m/incidents/prod-1.yaml": b"model: m\n"})
    assert not report.verdict.passed


def test_the_change_that_mends_a_broken_file_passes(desk: Desk) -> None:
    desk.live("1")
    good = desk.file("models/m/aliases.yaml").encode()
    desk.commit({"models/m/aliases.yaml": b"prod: [broken"})
    assert errors(change(desk, {"models/m/aliases.yaml": good})) == []


def test_the_first_commit_of_a_registry_is_judged_by_itself(desk: Desk) -> None:
    report = check(desk.workspace, None, desk.main)
    assert report.verdict.passed, "nothing against itself"
    assert desk.main is not None
    span = Span(None, desk.main, None, desk.at[0])
    first = judge_change(desk.workspace, span, lambda model, _: desk.history(model), Reach.RUN)
    assert first.verdict.passed
    assert first.candidate.policy.name == "acme"


def test_a_broken_policy_on_main_is_said_with_its_place(desk: Desk) -> None:
    desk.registered("1")
    desk.commit({"registry.yaml": POLICY.replace("soak_hours: 0", "soak_hours: soon").encode()})
    with pytest.raises(InvalidInput, match=r"aliases.prod.soak_hours: 'soon' is not a number") as caught:
        check(desk.workspace, None, desk.main)
    assert (caught.value.path, caught.value.line) == ("registry.yaml", 6)


def test_a_broken_check_refuses_and_the_others_still_run(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(candidate: Candidate) -> Iterator[Finding]:
        raise ZeroDivisionError("oops")
        yield

    desk.registered("1", {"f1": 0.1})
    branch = desk.promote("1", STAGING).submitted.branch
    monkeypatch.setitem(checks.ALL, "frozen", replace(checks.ALL["frozen"], run=broken))
    report = gate(desk, branch)
    found = {one.rule: one.message for one in report.verdict.findings if one.level is Level.ERROR}
    assert found["frozen"] == "this check broke (ZeroDivisionError: oops); report it as a bug"
    assert "f1 = 0.1" in found["metrics"]


def test_an_unreachable_storage_is_no_verdict(desk: Desk) -> None:
    made = desk.register(desk.source())
    desk.storage.failure = Unreachable("the storage cannot be reached")
    with pytest.raises(Unreachable) as caught:
        gate(desk, made.submitted.branch if made.submitted else None)
    assert caught.value.exit_code == 3


def test_the_storage_is_not_asked_about_a_promotion(desk: Desk) -> None:
    desk.registered("1")
    branch = desk.promote("1", STAGING).submitted.branch
    desk.storage.failure = Unreachable("the storage cannot be reached")
    assert gate(desk, branch).verdict.passed


@pytest.mark.parametrize("name", ["no-such-branch", "HEAD~1", "--upload-pack=x", "main^{}", "\x1b[31m"])
def test_a_name_of_no_commit_is_refused(desk: Desk, name: str) -> None:
    with pytest.raises(NotFound, match=r"there is no commit") as caught:
        check(desk.workspace, None, name)
    assert "\x1b" not in caught.value.message
    assert "git fetch" in caught.value.hint


def test_a_change_without_a_common_ancestor_is_refused(desk: Desk) -> None:
    stranger = desk.git.commit_files(None, {"a": b""}, "Unrelated", desk.git.identity())
    with pytest.raises(NotFound, match=r"base and head have no common ancestor") as caught:
        check(desk.workspace, None, stranger)
    assert "git fetch --unshallow" in caught.value.hint


def test_a_branch_that_takes_main_back_in_the_merge_of_it_is_refused(desk: Desk) -> None:
    """Seen from the harmless commit that main has of it, it changes nothing; merged, it restores the old policy."""
    old = str(desk.main)
    harmless = desk.commit({"docs/notes.md": b"hello"}, branch="docs", parent=old)
    tightened = desk.commit({"registry.yaml": POLICY.replace("min: 0.9", "min: 0.99").encode()})
    desk.merge("docs")
    objects = desk.git.objects
    evil = replace(objects.commits[harmless], parents=(harmless, tightened), message="Merge main")
    desk.refs["refs/heads/evil"] = objects.add(evil)
    with pytest.raises(Refused, match="last common ancestors"):
        gate(desk, "evil")


def test_a_branch_does_not_become_main_by_its_name(desk: Desk) -> None:
    """The clone of a CI job has every branch and no HEAD; `main` beside a registry on `master` is as bad."""
    old = POLICY.replace("min: 0.9", "min: 0.1").replace("default_branch: main", "default_branch: master")
    desk.commit({"registry.yaml": POLICY.encode()}, branch="master", parent=desk.main)
    desk.git.fetch_branches("master")
    assert state.find_main(desk.workspace).commit == desk.main, "it names main itself"
    desk.commit({"registry.yaml": old.encode()}, branch="master")
    desk.git.fetch_branches("master")
    with pytest.raises(Refused, match="main and master both have") as refused:
        state.find_main(desk.workspace)
    assert refused.value.hint == "git remote set-head origin --auto"


def test_two_models_in_one_change_are_judged_each_by_its_own(desk: Desk) -> None:
    other = ModelName("n")
    desk.registered("1", {"f1": 0.1})
    desk.registered("1", model=other)
    entry = b'staging: {version: "1", assignment: 1, reason: why}\n'
    report = change(desk, {"models/m/aliases.yaml": entry, "models/n/aliases.yaml": entry})
    assert ["models/m" in one for one in errors(report)] == [True]
