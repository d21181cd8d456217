from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmark.adapters.yaml_files import YamlFiles
from modelmark.domain.json_values import Json
from modelmark.domain.manifest import Compression, Lineage, Manifest, ManifestFile
from modelmark.domain.metrics import Metric
from modelmark.domain.names import ModelName
from modelmark.domain.records import Archived
from modelmark.domain.versions import Version, parse_version
from modelmark.errors import InvalidInput
from modelmark.usecases.ports import Documents

FILES: Documents = YamlFiles()
MODEL = ModelName("nlp-sentiment")
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MANIFEST = """\
manifest: 1
model: nlp-sentiment
version: 1.10
created_at: 2026-11-20T18:40:49Z
files:
  - path: model.safetensors
    sha256: {sha}
    size: 12
    type: weights
""".format(sha="0" * 64)


def v(text: str) -> Version:
    return parse_version(text)


def manifest_refusal(text: str) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        FILES.manifest(text.encode(), "manifest.yaml")
    assert caught.value.path == "manifest.yaml"
    return caught.value


LINES = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=12)


def test_a_manifest_keeps_the_text_of_its_version() -> None:
    found = FILES.manifest(MANIFEST.encode(), "manifest.yaml")
    assert found.version == v("1.10")
    assert found.created_at == datetime(2026, 11, 20, 18, 40, 49, tzinfo=UTC)
    assert found.files == (ManifestFile("model.safetensors", "0" * 64, 12, "weights"),)
    assert found.signature is None


NAMES = st.from_regex(r"[a-z0-9_]{1,6}(\.[a-z0-9]{1,4})?", fullmatch=True).filter(
    lambda name: name.partition(".")[0] not in ("con", "prn", "aux", "nul")
)
FREE: st.SearchStrategy[Json] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
ZONES = st.dictionaries(st.text(max_size=5), FREE, max_size=3)
COMMITS = st.none() | st.sampled_from(["0" * 40, "12345e" + "0" * 34, "a" * 64])
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
TIMES = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
LABELS = st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=2)
METRICS = st.builds(
    Metric,
    LINES,
    NUMBERS,
    st.text(max_size=5),
    st.text(max_size=5),
    LABELS,
    LABELS,
    st.none() | st.integers(0, 10**9),
    st.none() | st.tuples(NUMBERS, NUMBERS).map(lambda ends: (min(ends), max(ends))),
)
FILE_LISTS = st.dictionaries(NAMES, st.integers(0, 10**12), min_size=1, max_size=4).map(
    lambda sizes: tuple(
        ManifestFile(path, f"{sizes[path]:064x}", sizes[path], "weights") for path in sorted(sizes)
    )
)
VERSIONS = st.sampled_from(["7", "1.10", "1.0.2", "3+gpu", "0"]).map(v)
MANIFESTS = st.builds(
    Manifest,
    st.sampled_from([MODEL, ModelName("123"), ModelName("no"), ModelName("1e5")]),
    VERSIONS,
    TIMES,
    FILE_LISTS,
    st.none() | ZONES,
    st.builds(
        Lineage,
        COMMITS,
        st.none() | st.booleans(),
        st.none() | LINES,
        COMMITS,
        ZONES,
        ZONES,
        ZONES,
        st.none() | st.floats(0, 1e12),
    ),
    st.lists(METRICS, max_size=2).map(tuple),
    LABELS,
    LABELS,
    st.none() | st.builds(Compression, LINES, st.none() | VERSIONS),
)


@given(MANIFESTS)
def test_a_manifest_reads_back_as_it_was_written(manifest: Manifest) -> None:
    assert FILES.manifest(FILES.write_manifest(manifest), "manifest.yaml") == manifest


def full_manifest() -> Manifest:
    return Manifest(
        MODEL,
        v("7"),
        datetime(2026, 11, 20, 18, 40, 49, tzinfo=UTC),
        (
            ManifestFile("model.safetensors", "1" * 64, 12, "weights"),
            ManifestFile("config.json", "a" * 64, 3, "config"),
        ),
        {"inputs": [{"name": "text", "type": "string"}]},
        Lineage("b" * 40, False, "data-v3", None, {"python": "3.11"}, {"lr": 2e-05, "epochs": 3}, {}, 12.5),
        (Metric("f1", 0.91, "reviews", "test", {"domain": "books"}, {}, 1200, (0.89, 0.93)),),
        {"language": "no"},
        {"limitations": "Short texts only.\nNo irony."},
        Compression("quantization", v("6")),
    )


def test_a_manifest_is_written_in_a_fixed_order_without_what_is_empty() -> None:
    assert (
        FILES.write_manifest(full_manifest()).decode()
        == f"""\
manifest: 1
model: nlp-sentiment
version: "7"
created_at: "2026-11-20T18:40:49Z"
tags:
  language: "no"
notes:
  limitations: |-
    Short texts only.
    No irony.
compression:
  method: quantization
  parent: "6"
signature:
  inputs:
    - {{name: text, type: string}}
lineage:
  git_commit: {"b" * 40}
  git_dirty: false
  data_version: data-v3
  environment:
    python: "3.11"
  hyperparameters:
    lr: 2.0e-05
    epochs: 3
  duration_seconds: 12.5
metrics:
  - {{name: f1, value: 0.91, dataset: reviews, split: test, slice: {{domain: books}}, "n": 1200, ci95: [0.89, 0.93]}}
files:
  - {{path: config.json, sha256: {"a" * 64}, size: 3, type: config}}
  - {{path: model.safetensors, sha256: "{"1" * 64}", size: 12, type: weights}}
"""
    )


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("manifest: 1", "manifest: 2", 1, "manifest must be 1, the only format there is, not '2'"),
        ("manifest: 1\n", "", 1, "the key 'manifest' is missing"),
        ("version: 1.10", "version: 01.10", 3, "version: '01.10' is not a version"),
        ("version: 1.10", "version: v1", 3, "version: 'v1' is not a version"),
        ("version: 1.10", "verison: 1.10", 3, "the key 'verison' is unknown here"),
        ("model: nlp-sentiment", "model: NLP", 2, "model: 'NLP' is not a model name"),
        ("18:40:49Z", "18:40:49+01:00", 4, "created_at must be a time in UTC"),
        ("2026-11-20T", "2026-13-20T", 4, "created_at must be a time that exists"),
        ("size: 12", "size: -1", 8, "files[0].size must be a whole number of 0 or more"),
        ("size: 12", "size: 1.5", 8, "files[0].size must be a whole number"),
        ("    size: 12\n", "", 6, "files[0]: the key 'size' is missing"),
        ("size: 12", "size: 12\n    mode: x", 9, "files[0].mode: the key 'mode' is unknown here"),
        ("0" * 64, "0" * 63, 7, "files[0].sha256 must be 64 lower-case hex digits"),
        ("0" * 64, "F" * 64, 7, "files[0].sha256 must be 64 lower-case hex digits"),
        ("model.safetensors", "../x", 6, "files[0].path: '../x' is not a path that an artifact may have"),
        ("type: weights", "type: Weights", 9, "files[0].type must be lower-case"),
    ],
)  # fmt: skip
def test_a_malformed_manifest_is_refused_with_its_line(old: str, new: str, line: int, says: str) -> None:
    error = manifest_refusal(MANIFEST.replace(old, new))
    assert says in error.message
    assert error.line == line


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("metrics: [{name: f1}]\n", "metrics[0]: the key 'value' is missing"),
        ("metrics: [{name: f1, value: .nan}]\n", "metrics[0].value: '.nan' is not a number"),
        ("metrics: {f1: 0.9}\n", "metrics must be a list, not a mapping"),
        ("metrics: [{name: f1, value: 1, ci95: [2, 1]}]\n", "ci95 must be two numbers, [low, high], the lower one first"),
        ("metrics: [{name: f1, value: 1, ci95: [2]}]\n", "ci95 must be two numbers, [low, high]"),
        ("metrics: [{name: f1, value: 1, ci95: [1, x]}]\n", "ci95: 'x' is not a number"),
        ("metrics: [{name: f1, value: 1, n: many}]\n", "n must be a whole number of 0 or more, not 'many'"),
        ("metrics: [{name: f1, value: 1, slice: books}]\n", "slice must be a mapping, not the text 'books'"),
        ("lineage: {git_commit: abc}\n", "lineage.git_commit must be the full id of a commit"),
        ("lineage: {git_dirty: no}\n", "lineage.git_dirty must be true or false, not 'no'"),
        ("lineage: {duration_seconds: -1}\n", "lineage.duration_seconds must be a number of 0 or more"),
        ("lineage:\n  hyperparameters: [1]\n", "lineage.hyperparameters must be a mapping, not a list"),
        ("signature: text\n", "signature must be a mapping, not the text 'text'"),
        ("compression: {parent: 6}\n", "compression: the key 'method' is missing"),
        ("tags: [a]\n", "tags must be a mapping, not a list"),
        ("tags: {a: {b: c}}\n", "tags.a must be text, not a mapping"),
        ('"\\e[31m": 1\n', "the key '\\x1b[31m' is unknown here"),
    ],
)  # fmt: skip
def test_a_malformed_part_of_a_manifest_is_refused(text: str, says: str) -> None:
    error = manifest_refusal(MANIFEST + text)
    assert says in error.message
    assert error.line >= 10


def test_a_number_that_no_double_holds_is_found_deep_in_a_free_part() -> None:
    error = manifest_refusal(MANIFEST + "lineage:\n  environment:\n    a:\n      - 1\n      - 1e999\n")
    assert "lineage.environment: '1e999' is too large" in error.message
    assert error.line == 14


def test_files_that_collide_are_refused() -> None:
    entry = f"  - {{path: PATH, sha256: {'0' * 64}, size: 1, type: weights}}\n"
    for paths, says in (
        (("a", "a"), "listed twice"),
        (("a", "A"), "upper and lower case"),
        (("a", "a/b"), "a directory"),
    ):
        text = (
            MANIFEST.partition("files:")[0]
            + "files:\n"
            + "".join(entry.replace("PATH", path) for path in paths)
        )
        error = manifest_refusal(text)
        assert says in error.message
        assert error.line == 5
    assert "at least one file" in manifest_refusal(MANIFEST.partition("files:")[0] + "files: []\n").message


@pytest.mark.parametrize(
    "metrics", [(Metric("f1", float("nan")),), (Metric("", 1.0),), (Metric("f1", 1.0, ci95=(2.0, 1.0)),)]
)
def test_a_manifest_that_could_not_be_read_back_is_not_written(metrics: tuple[Metric, ...]) -> None:
    manifest = Manifest(MODEL, v("1"), NOON, (ManifestFile("a", "0" * 64, 1, "other"),), metrics=metrics)
    with pytest.raises(InvalidInput):
        FILES.write_manifest(manifest)


def test_a_time_without_zone_is_not_written() -> None:
    with pytest.raises(InvalidInput, match="no zone"):
        FILES.write_archived(Archived("x", "ann", datetime(2026, 1, 1)))


def test_the_published_schema_describes_what_is_written() -> None:
    schema = YamlFiles().manifest_json_schema()
    json.dumps(schema)
    assert schema["title"] == "Modelmark manifest"
    assert "$id" not in schema
    assert schema["additionalProperties"] is False
    assert schema["required"] == ["manifest", "model", "version", "created_at", "files"]
    assert list(schema["properties"])[:4] == ["manifest", "model", "version", "created_at"]
    assert schema["properties"]["manifest"]["const"] == 1
    assert "null" not in json.dumps(schema)
