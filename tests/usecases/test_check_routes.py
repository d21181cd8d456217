"""Nobody loosens the rules and promotes in one go, by whatever route; each change would pass but for that."""

from __future__ import annotations

from dataclasses import replace

import pytest

from modelmark.usecases.check import Report, check
from tests.support.desk import POLICY, PROD, STAGING, Desk, Files
from tests.support.fake_storage import FakeStorage
from tests.support.fakes import Link

LOOSE = POLICY.replace("min: 0.9", "min: 0.1").encode()
ANCHORED = POLICY.replace("staging: {criteria", "staging: &s {criteria").replace(
    "production: {criteria: [{metric: f1, min: 0.9}]}", "production: {<<: *s}"
)
CARD = b"profile: generic\n"
WAIVED = CARD + b"owners: [mallory@example.org]\n"


def promotion(desk: Desk, files: Files) -> Report:
    """The gate on a good promotion to prod that brings these files, too."""
    strict = {"models/m/model.yaml": CARD + b"criteria: {production: [{metric: f1, min: 0.5}]}\n"}
    desk.registered("1")
    desk.commit(
        {**strict, "CODEOWNERS": b"* @reviewers\n", ".github/workflows/registry-check.yml": b"on: push\n"}
    )
    desk.promoted("1", STAGING)
    branch = str(desk.promote("1", PROD).submitted.branch)
    if files:
        desk.commit(files, branch=branch)
    desk.sync()
    desk.git.fetch_branches(branch)
    return check(desk.workspace, None, f"origin/{branch}")


def rules_of(report: Report) -> set[str]:
    return {one.rule for one in report.verdict.findings if one.level == "error"}


@pytest.mark.parametrize("files", [{}, {"src/train.py": b"import os\n", "docs/notes.md": b""}])
def test_the_promotion_alone_or_with_files_of_other_people_passes(files: Files, desk: Desk) -> None:
    assert promotion(desk, files).verdict.passed


ROUTES: dict[str, tuple[Files, str]] = {
    "the policy": ({"registry.yaml": LOOSE}, "policy-change"),
    "the policy with a merge key": ({"registry.yaml": ANCHORED.encode()}, "readable"),
    "the policy, renamed away": ({"registry.yaml": None, "policy.yaml": LOOSE}, "policy-change"),
    "a twin of the policy in capitals": ({"Registry.yaml": LOOSE}, "places"),
    "a twin of the policy by an old letter": ({"regi\u017ftry.yaml": LOOSE}, "places"),
    "a symbolic link for the policy": (
        {"registry.yaml": Link(b"src/loose.yaml"), "src/loose.yaml": LOOSE},
        "places",
    ),
    "the storage": ({".dvc/config": b"[core]\n    remote = x\n"}, "policy-change"),
    "a symbolic link for the folder of the storage": ({".dvc": Link(b"src/dvc")}, "places"),
    "the owners in the card": ({"models/m/model.yaml": WAIVED}, "policy-change"),
    "the criteria in the card": ({"models/m/model.yaml": CARD}, "policy-change"),
    "the card with a merge key": ({"models/m/model.yaml": b"a: &a {}\ntags: {<<: *a}\n"}, "policy-change"),
    "the card, deleted": ({"models/m/model.yaml": None}, "policy-change"),
    "a twin of the card": ({"models/m/Model.yaml": WAIVED}, "places"),
    "a twin of the folder of models": ({"Models/m/model.yaml": WAIVED}, "places"),
    "a symbolic link for the card": ({"models/m/model.yaml": Link(b"../../src/card.yaml")}, "places"),
    "the reviewers": ({"CODEOWNERS": b"* @mallory\n"}, "policy-change"),
    "the reviewers, deleted": ({"CODEOWNERS": None}, "policy-change"),
    "the reviewers, in a place that comes first": ({".github/CODEOWNERS": b"* @mallory\n"}, "policy-change"),
    "the reviewers, renamed": ({"CODEOWNERS": None, "docs/CODEOWNERS": b"* @reviewers\n"}, "policy-change"),
    "a twin of the reviewers": ({"codeowners": b"* @mallory\n"}, "places"),
    "a symbolic link for the reviewers": ({"CODEOWNERS": Link(b"src/owners")}, "policy-change"),
    "a workflow": ({".github/workflows/registry-check.yml": b"on: never\n"}, "policy-change"),
    "a workflow, deleted": ({".github/workflows/registry-check.yml": None}, "policy-change"),
    "a new action": ({".github/actions/x/action.yml": b"runs: {}\n"}, "policy-change"),
    "a twin of the workflows": ({".GitHub/workflows/x.yml": b"on: push\n"}, "places"),
    "a symbolic link for the workflows": (
        {".github/workflows/registry-check.yml": None, ".github": Link(b"src/github")},
        "policy-change",
    ),
    "how Git merges": ({".gitattributes": b"aliases.yaml merge=union\n"}, "policy-change"),
    "a submodule's address": ({".gitmodules": b"[submodule]\n"}, "policy-change"),
    "what is known to be harmful": ({"advisories.yaml": b"advisories: []\n"}, "policy-change"),
}


@pytest.mark.parametrize("route", ROUTES)
def test_a_promotion_that_brings_its_own_rules_is_refused(route: str, desk: Desk) -> None:
    files, rule = ROUTES[route]
    report = promotion(desk, files)
    assert not report.verdict.passed
    assert rule in rules_of(report)


@pytest.mark.parametrize("path", [".dvc/config", ".dvc/config.local", ".DVC/config"])
def test_a_change_that_brings_its_own_storage_is_refused_without_asking_it(path: str, desk: Desk) -> None:
    """A checked-out configuration may name a command that DVC runs, or a server that gets the credentials."""
    branch = str(desk.register(desk.source()).submitted.branch)  # type: ignore[union-attr]
    desk.commit({path: b"[core]\n    remote = evil\n"}, branch=branch)
    desk.sync()
    desk.git.fetch_branches(branch)

    def asked() -> FakeStorage:
        raise AssertionError

    report = check(replace(desk.workspace, storage=asked), None, f"origin/{branch}")
    assert "the storage was not asked" in "".join(one.message for one in report.verdict.findings)
    assert {"contents"} < rules_of(report)
    assert not [one for one in report.verdict.findings if "push it again" in one.hint]


def test_a_change_of_the_rules_that_was_merged_first_judges_what_comes_after_it(desk: Desk) -> None:
    """The allowed way: two changes, each reviewed for what it is."""
    desk.registered("1", {"f1": 0.7})
    desk.promoted("1", STAGING)
    desk.commit({"registry.yaml": LOOSE})
    branch = desk.promote("1", PROD).submitted.branch
    desk.sync()
    desk.git.fetch_branches(str(branch))
    assert check(desk.workspace, None, f"origin/{branch}").verdict.passed


def test_a_merge_that_slipped_through_does_not_become_true(desk: Desk) -> None:
    desk.registered("1")
    desk.promoted("1", STAGING)
    branch = str(desk.promote("1", PROD).submitted.branch)
    desk.commit({"CODEOWNERS": b"* @mallory\n"}, branch=branch)
    desk.merge(branch)
    rejected = desk.apply().plan.rejections
    assert ["rules of review and CI" in reason for one in rejected for reason in one.reasons] == [True]
    assert "m#prod#1" not in desk.tags()
