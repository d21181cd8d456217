"""Label files of every common form are read, and what cannot be understood is said."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from modelmark.adapters.inspection.labels import look
from modelmark.domain.labels import Labels
from tests.support.contents import contents_of

Seen = Callable[[Mapping[str, bytes | str]], Labels]
PAIRS = ((0, "bad"), (1, "good"))


@pytest.fixture
def seen(tmp_path: Path) -> Seen:
    def see(files: Mapping[str, bytes | str]) -> Labels:
        with contents_of(files, tmp_path) as contents:
            return look(contents, sandboxed=True)

    return see


@pytest.mark.parametrize(
    ("path", "text", "part"),
    [
        ("labels.json", '["bad", "good"]', ""),
        ("labels.json", '{"0": "bad", "1": "good"}', ""),
        ("labels.json", '{"bad": 0, "good": 1}', ""),
        ("label_map.json", '{"bad": "0", "good": "1"}', ""),
        ("labels.json", '{"labels": ["bad", "good"]}', "labels"),
        ("id2label.json", '{"id2label": {"0": "bad", "1": "good"}}', "id2label"),
        ("classes.txt", "bad\ngood\n", ""),
        ("deep/classes.txt", "bad\r\ngood", ""),
        ("labels.yaml", "- bad\n- good\n", ""),
        ("labels.yaml", "0: bad\n1: good\n", ""),
        ("labels.yaml", "bad: 0\ngood: 1\n", ""),
        ("config.json", '{"label2id": {"bad": 0, "good": 1}}', "label2id"),
    ],
)
def test_every_common_form_is_read(path: str, text: str, part: str, seen: Seen) -> None:
    found = seen({path: text})
    assert [(one.path, one.part, one.pairs) for one in found.sources] == [(path, part, PAIRS)]
    assert found.broken == ()


@pytest.mark.parametrize(
    "text", ['{"1": 0, "2": 1, "3": 2}', '{"0": "1", "1": "2", "2": "3"}', '["1", "2", "3"]', "[1, 2, 3]"]
)
def test_labels_may_be_numbers(text: str, seen: Seen) -> None:
    assert seen({"labels.json": text}).sources[0].pairs == ((0, "1"), (1, "2"), (2, "3"))


def test_config_says_it_in_three_ways(seen: Seen) -> None:
    config = {"id2label": {"1": "1", "0": "0"}, "label2id": {"0": 0, "1": 1}, "num_labels": 2}
    found = seen({"config.json": json.dumps(config)})
    assert [(one.part, sorted(one.pairs)) for one in found.sources] == [
        ("id2label", [(0, "0"), (1, "1")]),
        ("label2id", [(0, "0"), (1, "1")]),
    ]
    assert found.counts == (("config.json", 2),)


def test_a_config_without_labels_says_nothing(seen: Seen) -> None:
    assert seen({"config.json": '{"vocab_size": 3, "id2label": null}', "model.onnx": "x"}) == Labels()


@pytest.mark.parametrize(
    ("path", "text", "why"),
    [
        ("labels.json", '["bad", "good"', "labels.json is not JSON"),
        ("labels.json", '{"a": 0, "a": 1}', "'a' stands there twice"),
        ("labels.json", '["bad", null]', "has 'None' where a label should be"),
        ("labels.json", '{"a": "b"}', "is not understood"),
        ("labels.json", '{"01": "b"}', "is not understood"),
        ("labels.json", '{"a": 0.5}', "is not understood"),
        ("labels.json", '{"a": true}', "is not understood"),
        ("labels.json", '"bad"', "is not understood"),
        ("labels.json", "[" * 100_000, "nested too deep"),
        ("labels.json", '["\\ud800"]', "half a character"),
        ("labels.json", "[1e999]", "too large for a number"),
        ("labels.yaml", "a: &x 1", "labels.yaml:1: &x names a value for reuse"),
        ("classes.txt", b"\xff", "not UTF-8"),
        ("config.json", '{"id2label": {"a": "b"}}', "id2label in config.json is not understood"),
        ("config.json", '{"label2id": {"0": "b"}}', "label2id in config.json is not understood"),
        ("config.json", '{"num_labels": "2"}', "num_labels in config.json is not a number"),
        ("config.json", '{"num_labels": 0}', "num_labels in config.json is not a number"),
    ],
)
def test_what_cannot_be_understood_is_said_with_its_file(
    path: str, text: str | bytes, why: str, seen: Seen
) -> None:
    found = seen({path: text})
    assert [name for name, _ in found.broken] == [path]
    assert why in found.broken[0][1]


def test_a_file_too_large_to_be_a_label_map_is_not_read(seen: Seen) -> None:
    assert "larger than 4 MiB" in seen({"labels.json": b" " * (4 << 20) + b"[]"}).broken[0][1]
