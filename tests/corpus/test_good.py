"""Good versions of real formats pass, and the checks that the gate names looked at them."""

from __future__ import annotations

import re

import pytest

from modelmark.domain.findings import Level
from modelmark.domain.names import ModelName
from modelmark.usecases.check import Report
from tests.corpus import bundles, cases_good
from tests.corpus.cases_good import Good
from tests.corpus.cases_promotions import evaluated
from tests.corpus.cases_runs import running
from tests.corpus.parts import SIGNATURE, as_json
from tests.corpus.scene import CANARY, REVIEWS, Scene, errors, said
from tests.support.desk import PROD, STAGING

_MODEL = ModelName("first")


@pytest.mark.parametrize("good", cases_good.CASES, ids=lambda good: good.name.replace(" ", "-"))
def test_it_passes_and_every_check_that_is_named_looked_at_it(scene: Scene, good: Good) -> None:
    files = good.make()
    scene.commit({f"models/{_MODEL}/model.yaml": good.card(files).encode()})
    branch = scene.register_folder(scene.written(files), model=_MODEL, compression=good.compression)
    report = scene.judge(branch)
    assert errors(report) == []
    for rule in good.checks:
        assert rule in report.verdict.rules
        assert _spoke(report, rule, good.notes.get(rule, "")), said(list(report.verdict.findings))
    waivers = [one for one in report.verdict.findings if "waived until" in one.message]
    assert len({one.about for one in waivers}) == len(good.waived)
    scene.accept(branch)
    assert errors(scene.judge(scene.ask("1", STAGING, _MODEL))) == []


def _spoke(report: Report, rule: str, words: str) -> bool:
    """A note or a waived finding; what a check sees it says."""
    found = [one for one in report.verdict.findings if one.rule == rule and one.level is not Level.ERROR]
    return any(re.search(words, one.message) for one in found)


def test_what_a_quantised_model_says_of_itself_is_in_its_manifest(scene: Scene) -> None:
    good = next(one for one in cases_good.CASES if one.compression)
    folder = scene.written(good.make())
    branch = scene.register_folder(folder, compression=good.compression)
    assert "int8 dynamic quantisation" in scene.file(
        "models/reviews/4/manifest.yaml", scene.refs[f"refs/heads/{branch}"]
    )


def test_a_version_with_a_good_later_evaluation_passes(scene: Scene) -> None:
    report = scene.judge(evaluated(0.94)(scene))
    assert errors(report) == []
    assert _spoke(report, "metrics", "f1 = 0.94, at least 0.9 .*by the evaluation")
    assert _spoke(report, "freshness", "was last evaluated")


def test_a_version_whose_code_ran_well_passes(scene: Scene) -> None:
    report = scene.judge(running()(scene))
    assert errors(report) == []
    for rule in ("dependencies", "licenses", "bundled-tests", "contract"):
        assert _spoke(report, rule, ""), rule


def test_a_version_that_only_adds_to_its_signature_goes_all_the_way_to_prod(scene: Scene) -> None:
    more = {
        **SIGNATURE,
        "version": "1.1",
        "inputs": {**SIGNATURE["inputs"], "lang?": "string=en"},
    }
    scene.accept(scene.bring({**bundles.text_classifier(4), "signature.json": as_json(more)}, "4"))
    for alias in (STAGING, CANARY, PROD):
        branch = scene.ask("4", alias)
        report = scene.judge(branch)
        assert errors(report) == []
        assert _spoke(report, "signature-compatible", "breaks no client")
        scene.accept(branch)
        scene.wait(24)
    assert str(scene.history(REVIEWS).meaning(PROD)) == "4"
