"""The same with processes and a sandbox of their own, as for users: slow, so each kind once."""

from __future__ import annotations

from functools import partial

import pytest

from modelmark.adapters.inspection import bundled_tests, contract
from modelmark.adapters.inspection.inspector import Inspector
from modelmark.domain.code import Code
from modelmark.domain.formats import Formats
from modelmark.domain.labels import Labels
from modelmark.domain.names import ModelName
from modelmark.domain.requirements import Requirements
from modelmark.domain.tokenizers import Tokenizers
from modelmark.domain.versions import parse_version
from modelmark.usecases import state
from modelmark.usecases.check import Report
from tests.corpus import cases_good
from tests.corpus.bundles import text_classifier
from tests.corpus.cases_good import Good
from tests.corpus.edits import Edit, replacing, together
from tests.corpus.scene import Scene, errors, said
from tests.support.bundles import here, needs_sandbox

pytestmark = pytest.mark.slow

_KINDS: frozenset[type] = frozenset({Code, Formats, Labels, Requirements, Tokenizers})
_RUNNING = b"profile: text-classifier\nchecks: {registration: [bundled-tests, contract]}\n"


@pytest.mark.parametrize("good", cases_good.CASES, ids=lambda good: good.name.replace(" ", "-"))
def test_a_process_of_its_own_finds_in_a_good_version_what_the_corpus_found(
    scene: Scene, good: Good, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, number = ModelName("first"), parse_version("1")
    scene.commit({"models/first/model.yaml": good.card(good.make()).encode()})
    tip = scene.refs[f"refs/heads/{scene.register_folder(scene.written(good.make()), model=model)}"]
    manifest = state.manifest_at(scene.workspace, tip, model, number)
    data = scene.file("models/first/1/artifacts.dvc", tip).encode()
    pointer = scene.workspace.documents.pointer(data, "artifacts.dvc")
    assert manifest is not None
    looked_here = scene.look.inspect(manifest, pointer, _KINDS)
    monkeypatch.undo()
    apart = Inspector(lambda: scene.storage).inspect(manifest, pointer, _KINDS)
    assert apart.failed == {}
    assert apart.facts == looked_here.facts


def _ran(scene: Scene, monkeypatch: pytest.MonkeyPatch, *edits: Edit) -> Report:
    """Code of bundles runs in a sandbox with the packages that are here."""
    for module in (bundled_tests, contract):
        monkeypatch.setattr(module, "look", partial(module.look, build=here))
    scene.commit({"models/reviews/model.yaml": _RUNNING})
    return scene.judge(scene.bring(together(*edits)(text_classifier(4))))


@needs_sandbox
def test_code_that_keeps_its_promises_passes(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    report = _ran(scene, monkeypatch)
    assert errors(report) == []
    notes = {one.rule: one.message for one in report.verdict.findings}
    assert "1 of 1 bundled tests pass" in notes["bundled-tests"]
    assert "predict:predict keeps the signature's promise" in notes["contract"]


@needs_sandbox
@pytest.mark.parametrize(
    ("rule", "says", "edit"),
    [
        ("bundled-tests", "test_spaces' fails", replacing("preprocess.py", ".strip()", "")),
        (
            "contract",
            "gets no answer that the signature promises",
            replacing("predict.py", '"positive"', '"good"'),
        ),
        ("contract", "cannot be loaded", replacing("predict.py", "def predict", "def answer")),
    ],
)
def test_code_that_breaks_a_promise_is_refused_for_that(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, rule: str, says: str, edit: Edit
) -> None:
    found = errors(_ran(scene, monkeypatch, edit))
    assert {one.rule for one in found} == {rule}, said(found)
    assert any(says in one.message for one in found), said(found)
