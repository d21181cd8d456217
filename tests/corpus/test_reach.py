"""What the gate reads of a registry is what the change touches, however much else is there."""

from __future__ import annotations

import pytest

from modelmark.domain.inspection import Inspection
from tests.corpus.bundles import text_classifier
from tests.corpus.scene import REVIEWS, Scene, errors, said
from tests.support.desk import PROD, STAGING

_SIZES = (20, 2000)


def _grown(scene: Scene, count: int) -> Scene:
    """As many versions more, half of them of the model that is promoted."""
    manifest, pointer = (
        scene.file(f"models/reviews/1/{name}") for name in ("manifest.yaml", "artifacts.dvc")
    )
    files: dict[str, bytes | None] = {}
    for number in range(100, 100 + count):
        model = "reviews" if number % 2 else f"model-{number}"
        files[f"models/{model}/{number}/manifest.yaml"] = manifest.replace("reviews", model).encode()
        files[f"models/{model}/{number}/artifacts.dvc"] = pointer.encode()
        files[f"models/{model}/model.yaml"] = b"profile: text-classifier\n"
    scene.commit(files)
    return scene


@pytest.mark.parametrize("alias", [PROD, STAGING])
def test_the_gate_on_a_promotion_reads_as_many_files_among_2000_versions_as_among_20(
    scene: Scene, history: Scene, alias: str
) -> None:
    counts = []
    for size in _SIZES:
        grown = _grown(history.fork(scene.folder), size)
        branch = grown.ask("3" if alias == STAGING else "2", PROD if alias == PROD else STAGING)
        before = grown.reads
        assert errors(grown.judge(branch)) == []
        counts.append(grown.reads - before)
    assert counts[0] == counts[1]
    assert counts[0] <= 40


def test_the_gate_on_a_new_version_reads_as_many_files_among_2000_versions_as_among_20(
    scene: Scene, history: Scene
) -> None:
    counts = []
    for size in _SIZES:
        grown = _grown(history.fork(scene.folder), size)
        branch = grown.bring(text_classifier(4), "5000")
        before = grown.reads
        assert errors(grown.judge(branch)) == []
        counts.append(grown.reads - before)
    assert counts[0] == counts[1]


def test_what_cannot_be_seen_of_one_version_hides_nothing_of_another(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (
        scene.bring(text_classifier(4), "4"),
        scene.bring({**text_classifier(5), "run.sh": b"#!/bin/sh\n"}, "5"),
    )
    tips = [scene.git.objects.commits[scene.refs[f"refs/heads/{branch}"]].files for branch in (first, second)]
    branch = scene.change(
        {path: data for files in tips for path, data in files.items() if path.startswith("models/reviews")}
    )
    look = scene.look.inspect

    def blind(manifest: object, pointer: object, kinds: frozenset[type]) -> Inspection:
        if str(manifest.version) == "4":  # type: ignore[attr-defined]
            return Inspection(failed=dict.fromkeys(kinds, ("nobody could look", "")))
        return look(manifest, pointer, kinds)  # type: ignore[arg-type]

    monkeypatch.setattr(scene.look, "inspect", blind)
    found = [one for one in errors(scene.judge(branch)) if one.rule == "scan"]
    assert [one.path for one in found] == [f"models/{REVIEWS}/{number}/manifest.yaml" for number in (4, 5)], (
        said(found)
    )
