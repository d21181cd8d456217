"""The small files of a version are read as `register` reads them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from modelmark.adapters.inspection.collected import look
from modelmark.adapters.inspection.inspector import Inspector
from modelmark.adapters.sources import inspect_source
from modelmark.domain.collected import Collected, collect
from modelmark.errors import InvalidInput
from tests.support.contents import contents_of
from tests.support.trained import trained


def test_it_collects_what_register_collects_from_the_same_directory(tmp_path: Path) -> None:
    with contents_of({**trained("a"), "deep/metrics.json": b"not read"}, tmp_path) as contents:
        found = look(contents, sandboxed=True)
    source = inspect_source(tmp_path)
    assert found == collect(source.documents, source.texts)
    assert found.metrics[0].value == 0.93
    assert found.lineage.data_version == "reviews-2026-01"
    assert found.lineage.git_commit == "1" * 40


def test_only_the_small_files_are_fetched(tmp_path: Path) -> None:
    with contents_of(trained("a"), tmp_path) as contents:
        look(contents, sandboxed=True)
        fetched = {path.name for path in contents.folder.rglob("*")}
    assert fetched == {"signature.json", "metrics.json", "train_args.json", "data_version.txt"}


def test_a_version_without_them_says_nothing(tmp_path: Path) -> None:
    with contents_of({"model.safetensors": b"x", "metrics.yaml": b"f1: 1"}, tmp_path) as contents:
        assert look(contents, sandboxed=True) == Collected()


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("metrics.json", '{"f1": 0.9, "f1": 0.99}', "stands there twice"),
        ("metrics.json", '{"f1": NaN}', "is not a number"),
        ("signature.json", "[]", "a signature is a mapping"),
        ("train_args.json", "{", "is not JSON"),
        ("data_version.txt", b"\xff", "is not UTF-8"),
        ("metrics.json", json.dumps("x" * (4 << 20)), "larger than 4 MiB"),
    ],
)
def test_what_register_would_not_take_cannot_be_collected(
    tmp_path: Path, name: str, text: str | bytes, says: str
) -> None:
    with contents_of({name: text}, tmp_path) as contents, pytest.raises(InvalidInput, match=says):
        look(contents, sandboxed=True)


def test_the_inspector_knows_the_look(tmp_path: Path) -> None:
    with contents_of(trained("a"), tmp_path) as contents:
        assert isinstance(Inspector(lambda: contents._storage)._look(Collected, contents), Collected)
