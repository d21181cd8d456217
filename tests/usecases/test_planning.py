"""Main decides, not its past: what was taken back, removed or asked for differently gets no tag."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelmark.domain.findings import Level
from modelmark.errors import Refused
from modelmark.usecases import state
from modelmark.usecases.check import check
from modelmark.usecases.record import record
from modelmark.usecases.rollback import rollback
from modelmark.usecases.submit import Submitted
from tests.support.desk import POLICY, PROD, REVIEWED_ROLLBACK, SOAK, STAGING, Desk, M, v

ALIASES = "models/m/aliases.yaml"
ENTRY = 'prod: {version: "%s", assignment: %d, reason: by hand}\n'


def recorded(desk: Desk) -> Submitted:
    (one,) = record(desk.workspace, M, PROD)
    return one.submitted


def errors(desk: Desk, branch: str) -> list[str]:
    report = check(desk.workspace, None, branch)
    return [found.message for found in report.verdict.findings if found.level is Level.ERROR]


def test_a_promotion_that_was_reverted_before_it_came_true_stays_reverted(desk: Desk) -> None:
    desk.live("1")
    desk.registered("2")
    before = desk.file(ALIASES).encode()
    desk.merge(desk.promote("2", STAGING, "too early").submitted.branch)
    desk.commit({ALIASES: before})
    desk.registered("3")
    desk.promoted("3", STAGING)
    assert desk.history().meaning(STAGING) == v("3")
    assert v("2") not in desk.history().held(STAGING)


def test_a_policy_weakened_for_one_commit_of_a_fast_forward_brings_nothing_through(tmp_path: Path) -> None:
    desk = Desk.new(tmp_path)
    desk.registered("1", metrics={"f1": 0.6})
    desk.promoted("1", STAGING)
    before = desk.file(ALIASES).encode()
    desk.commit({"registry.yaml": POLICY.replace("min: 0.9", "min: 0.1").encode()})
    desk.commit({ALIASES: before + (ENTRY % ("1", 1)).encode()})
    desk.commit({ALIASES: before})
    desk.commit({"registry.yaml": POLICY.encode()})
    desk.registered("2")
    desk.promoted("2", STAGING)
    assert desk.history().now(PROD) is None


def test_a_version_that_was_removed_and_registered_anew_is_tagged_as_main_has_it(desk: Desk) -> None:
    desk.registered("1")
    bad = desk.register(desk.source("other")).submitted
    assert bad is not None
    desk.merge(bad.branch)
    manifest, pointer = "models/m/2/manifest.yaml", "models/m/2/artifacts.dvc"
    again = desk.file(manifest).replace("created_at", "notes: {general: anew}\ncreated_at").encode()
    kept = desk.file(pointer).encode()
    desk.commit({manifest: None, pointer: None})
    merge = desk.commit({manifest: again, pointer: kept})
    desk.apply()
    assert desk.history().versions[v("2")].commit == merge


def test_a_registered_version_may_come_back_with_its_own_manifest_only(desk: Desk) -> None:
    desk.registered("1")
    manifest, pointer = "models/m/1/manifest.yaml", "models/m/1/artifacts.dvc"
    own, kept = desk.file(manifest).encode(), desk.file(pointer).encode()
    desk.commit({manifest: None, pointer: None})
    (lost,) = desk.apply().plan.rejections
    assert lost.reasons == (f"{manifest} is gone from main, and m@1 is registered: restore it",)
    desk.commit({manifest: own.replace(b"0.9", b"0.99"), pointer: kept}, branch="forged", parent=desk.main)
    desk.commit({manifest: own, pointer: kept}, branch="restored", parent=desk.main)
    desk.workspace.remote.fetch_branches("")
    assert "m@1 is registered with another manifest" in errors(desk, "origin/forged")
    assert errors(desk, "origin/restored") == []


def test_half_of_a_version_can_neither_be_removed_nor_brought(desk: Desk) -> None:
    desk.registered("1")
    sent = desk.register(desk.source("other")).submitted
    assert sent is not None
    desk.merge(sent.branch)
    desk.commit({"models/m/2/manifest.yaml": None}, branch="half", parent=desk.main)
    desk.workspace.remote.fetch_branches("")
    assert errors(desk, "origin/half") == ["this file is deleted, and a registry forgets nothing"]


def test_what_was_refused_for_its_soak_time_stays_refused(tmp_path: Path) -> None:
    desk = Desk.new(tmp_path, SOAK)
    desk.registered("1")
    desk.promoted("1", STAGING)
    desk.wait(1)
    desk.merge(desk.promote("1", PROD, "in a hurry").submitted.branch)
    assert desk.apply().plan.decisions == ()
    desk.wait(59)
    sent = desk.register(desk.source("other")).submitted
    assert sent is not None
    desk.merge(sent.branch)
    desk.apply()
    desk.merge(desk.promote("2", STAGING, "next").submitted.branch)
    desk.apply()
    assert desk.history().meaning(STAGING) == v("2")
    assert desk.history().now(PROD) is None


def test_a_record_is_found_again_after_main_has_moved(tmp_path: Path) -> None:
    desk = Desk.new(tmp_path)
    desk.live("1", "2")
    desk.by_hand("1")
    first = recorded(desk)
    desk.registered("3")
    desk.promoted("3", STAGING)
    again = recorded(desk)
    assert (again.branch, again.commit, again.already) == (first.branch, first.commit, True)


def test_a_rollback_that_would_not_count_uses_no_number_up(tmp_path: Path) -> None:
    desk = Desk.new(tmp_path, REVIEWED_ROLLBACK)
    desk.live("1", "2")
    desk.commit({"registry.yaml": POLICY.encode()})
    with pytest.raises(Refused, match="would not count; nothing was made"):
        rollback(desk.workspace, M, PROD, None, "latency")
    assert state.history_of(desk.workspace, state.find_main(desk.workspace), M).observed(PROD) == 2
