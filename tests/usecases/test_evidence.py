"""What a reviewer sees beside the verdict: what moves, how it compares with what is live, and how to go back."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from modelmark.adapters.yaml_files import YamlFiles
from modelmark.domain.evidence import PAST, Dossier, Evidence
from modelmark.domain.manifest import Manifest
from modelmark.usecases.check import check
from modelmark.usecases.evidence import evidence
from tests.support.desk import POLICY, PREV, PROD, STAGING, Desk, M, v

AGAINST = POLICY.replace(
    "production: {criteria: [{metric: f1, min: 0.9}]}",
    "production: {criteria: [{metric: f1, min: 0.9}, {metric: f1, against: current, max_drop: 0.01}, {metric: ms, max: 60}]}",
)


def figures(f1: float, travel: float, ms: float, split: str = "test") -> list[dict[str, object]]:
    on = {"dataset": "reviews", "split": split, "ci95": [f1 - 0.01, f1 + 0.01]}
    return [
        {"name": "f1", "value": f1, **on},
        {"name": "f1", "value": travel, "slice": {"domain": "travel"}, **on, "ci95": [travel, travel]},
        {"name": "ms", "value": ms},
    ]


def page(desk: Desk, branch: str | None) -> Evidence:
    assert branch is not None
    desk.sync()
    desk.git.fetch_branches(branch)
    return evidence(desk.workspace, check(desk.workspace, None, f"origin/{branch}"))


def only(found: Evidence) -> Dossier:
    (one,) = found.subjects
    return one


def asked(desk: Desk, version: str, metrics: object) -> Evidence:
    """Version 1 is live; another is asked for."""
    desk.registered("1", figures(0.95, 0.9, 40))
    for alias in (STAGING, PROD):
        desk.promoted("1", alias)
    desk.registered(version, metrics)
    desk.promoted(version, STAGING)
    return page(desk, desk.promote(version, PROD, "short texts").submitted.branch)


def test_what_moves_names_the_number_who_asked_and_why(tmp_path: Path) -> None:
    found = asked(Desk.new(tmp_path, AGAINST), "2", figures(0.96, 0.9, 40))
    moves = {one.alias: one for one in found.moves}
    prod, prev = moves[PROD], moves[PREV]
    assert (prod.before, prod.after, prod.number, prod.reason) == (v("1"), v("2"), 2, "short texts")
    assert prod.asked_by == "Ada <ada@example.org>"
    assert (prod.direct, prod.follows) == (True, False)
    assert (prev.before, prev.after, prev.follows) == (None, v("1"), True)


def test_the_candidate_stands_beside_what_is_live_with_thresholds_and_intervals(tmp_path: Path) -> None:
    one = only(asked(Desk.new(tmp_path, AGAINST), "2", figures(0.92, 0.6, 70)))
    assert (one.alias, one.gate, one.current) == (PROD, "production", v("1"))
    rows = {(row.name, row.slice.get("domain", "")): row for row in one.metrics}
    f1, travel, ms = rows["f1", ""], rows["f1", "travel"], rows["ms", ""]
    assert f1.difference is not None
    assert (round(f1.difference, 4), f1.better, f1.clear) == (-0.03, False, True)
    assert [(limit.asks, limit.passed) for limit in f1.limits] == [
        ("at least 0.9", True),
        ("at most 0.01 below current", False),
    ]
    assert (travel.clearly_worse, travel.limits) == (True, ())
    assert (ms.difference, ms.better, ms.clear, ms.failed) == (30, False, False, True)
    assert [judged.passed for judged in one.criteria] == [True, False, False]
    assert one.metrics[0].failed, "what fails comes first"


def test_figures_on_other_data_are_not_held_against_each_other(tmp_path: Path) -> None:
    one = only(asked(Desk.new(tmp_path, AGAINST), "2", figures(0.99, 0.9, 40, "other")))
    overall = [row for row in one.metrics if row.name == "f1" and not row.slice]
    assert [(row.split, row.difference, row.elsewhere) for row in overall] == [
        ("other", None, True),
        ("test", None, True),
    ]
    assert overall[1].candidate is None


def test_the_history_has_the_versions_that_measured_the_same_thing(tmp_path: Path) -> None:
    desk = Desk.new(tmp_path, AGAINST)
    desk.registered("3", figures(0.5, 0.5, 40, "other"))
    one = only(asked(desk, "4", figures(0.96, 0.9, 41)))
    f1, ms = one.history
    assert (f1.metric, f1.limit, [point.version for point in f1.points]) == ("f1", 0.9, [v("1"), v("4")])
    assert (ms.metric, ms.limit, [point.value for point in ms.points]) == ("ms", 60, [40, 40, 41])


def test_a_history_reads_the_newest_manifests_by_their_blobs_and_no_more(tmp_path: Path) -> None:
    desk = Desk.new(tmp_path)
    for number in range(1, PAST + 4):
        desk.registered(str(number), {"f1": 0.9 + number / 1000})
    desk.promoted("5", STAGING)
    branch = desk.promote("23", STAGING).submitted.branch
    assert branch is not None
    desk.sync()
    desk.git.fetch_branches(branch)
    report = check(desk.workspace, None, f"origin/{branch}")
    read: list[bytes] = []
    documents = desk.workspace.documents

    class Counting(YamlFiles):
        def manifest(self, data: bytes, path: str) -> Manifest:
            read.append(data)
            return documents.manifest(data, path)

    found = evidence(replace(desk.workspace, documents=Counting()), report)
    assert len(read) == PAST
    assert [point.version for point in only(found).history[0].points] == [v(str(n)) for n in range(4, 24)]


def test_a_manifest_that_cannot_be_read_leaves_a_gap_and_no_error(tmp_path: Path) -> None:
    desk = Desk.new(tmp_path)
    for number in ("1", "2", "3"):
        desk.registered(number)
    branch = desk.promote("3", STAGING).submitted.branch
    assert branch is not None
    desk.sync()
    desk.git.fetch_branches(branch)
    report = check(desk.workspace, None, f"origin/{branch}")
    bad = report.candidate.histories[M].versions[v("2")].manifest_blob
    desk.git.objects.blobs[bad] = b"nothing of it"
    assert [point.version for point in only(evidence(desk.workspace, report)).history[0].points] == [
        v("1"),
        v("3"),
    ]


def test_a_registration_is_compared_with_nothing_and_moves_nothing(tmp_path: Path) -> None:
    desk = Desk.new(tmp_path)
    desk.live("1")
    made = desk.register(desk.source("2"), "2").submitted
    found = page(desk, made.branch if made else None)
    one = only(found)
    assert (found.moves, one.alias, one.current, one.history, one.signature) == ((), None, None, (), None)
    assert one.files is not None
    assert (one.files.current_size, len(one.files.changed)) == (None, one.files.count)


def test_files_signature_and_lineage_say_what_differs(tmp_path: Path) -> None:
    desk = Desk.new(tmp_path)
    signature = {"version": "1.0", "inputs": {"text": "string"}, "outputs": {"label": "string"}}
    old = {"signature__json": json.dumps(signature), "train_args__json": '{"lr": 0.1, "depth": 3}'}
    new = {
        "signature__json": json.dumps({**signature, "outputs": {}}),
        "train_args__json": '{"lr": 0.2, "depth": 3}',
        "notes__txt": "more",
    }
    for version, files in (("1", old), ("2", new)):
        done = desk.register(desk.source(version, **files), version)
        assert done.submitted is not None
        desk.accept(done.submitted.branch)
    desk.promoted("1", STAGING)
    one = only(page(desk, desk.promote("2", STAGING).submitted.branch))
    assert one.files is not None
    kinds = {file.path: (file.current is not None, file.candidate is not None) for file in one.files.changed}
    assert kinds["notes.txt"] == (False, True)
    assert kinds["model.safetensors"] == (True, True)
    assert one.files.unchanged == 1, "metrics.json is the same"
    assert one.signature is not None
    assert any(change.breaks for change in one.signature)
    differing = {
        fact.key: (fact.current, fact.candidate) for fact in one.origins if fact.about == "hyperparameters"
    }
    assert differing == {"lr": ("0.1", "0.2")}


def test_a_signature_that_cannot_be_read_breaks_and_says_so(tmp_path: Path) -> None:
    desk = Desk.new(tmp_path)
    for version, inputs in (("1", {"text": "string"}), ("2", {"text": "no-such-type"})):
        text = json.dumps({"version": "1.0", "inputs": inputs, "outputs": {"label": "string"}})
        done = desk.register(desk.source(version, signature__json=text), version)
        assert done.submitted is not None
        desk.accept(done.submitted.branch)
    desk.promoted("1", STAGING)
    (change,) = only(page(desk, desk.promote("2", STAGING).submitted.branch)).signature or ()
    assert (change.breaks, change.kind) == (True, "unreadable")


def test_what_ran_is_named_with_what_it_asks_for(tmp_path: Path) -> None:
    desk = Desk.new(tmp_path)
    desk.registered("1")
    found = page(desk, desk.promote("1", STAGING).submitted.branch)
    assert tuple(found.rules) == found.verdict.rules
    assert all(found.rules.values())
