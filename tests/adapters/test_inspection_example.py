"""The example model of this repository: its tokenizer and its labels pass, and those of another training do not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from examples.sentiment import train
from examples.sentiment.reviews import make_reviews
from modelmark.adapters.inspection import labels, tokenizers
from modelmark.checks import labels as labels_check
from modelmark.checks import tokenizer as tokenizer_check
from modelmark.domain.findings import Finding, Level
from modelmark.domain.formats import Content, FileFormat, Formats
from tests.support.candidates import asking
from tests.support.contents import contents_of


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], Formats]:
    """The files that a small training writes, and what the header of its weights says."""
    out = tmp_path_factory.mktemp("trained")
    recipe = train.RECIPES["baseline"]
    tokenizer, tensors = train.train(recipe, make_reviews({"books": 60, "travel": 60}, 7))
    train.write_model(out, recipe, tokenizer, tensors)
    shapes = {name: (str(value.dtype), value.shape) for name, value in tensors.items()}
    weights = FileFormat(Content.SAFETENSORS, tensors=shapes)
    files = {one.name: one.read_bytes() for one in out.iterdir()}
    return files, Formats({"model.safetensors": weights})


def judge(files: dict[str, bytes], formats: Formats, folder: Path) -> list[Finding]:
    with contents_of(files, folder) as contents:
        facts = (labels.look(contents, sandboxed=True), tokenizers.look(contents, sandboxed=True), formats)
    return [
        *labels_check.check(asking("labels", *facts)),
        *tokenizer_check.check(asking("tokenizer", *facts)),
    ]


def test_it_passes(trained: tuple[dict[str, bytes], Formats], tmp_path: Path) -> None:
    found = judge(*trained, tmp_path)
    assert [one.level for one in found] == [Level.NOTE, Level.NOTE]
    assert "fit 'classifier' in model.safetensors" in found[0].message
    assert "tokenizer.json loads" in found[1].message


def test_a_config_of_another_training_does_not(
    trained: tuple[dict[str, bytes], Formats], tmp_path: Path
) -> None:
    files, formats = trained
    config = json.loads(files["config.json"])
    config["id2label"] = {"0": "positive", "1": "negative"}
    config["vocab_size"] -= 1
    found = judge({**files, "config.json": json.dumps(config).encode()}, formats, tmp_path)
    refused = [one.message for one in found if one.level is Level.ERROR]
    assert len(refused) == 3  # id2label against labels.json and against label2id, and the size
