from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmark.domain.artifacts import ListedFile
from modelmark.domain.manifest import (
    FILE_TYPES,
    SHA256,
    Compression,
    Manifest,
    ManifestFile,
    compare_listing,
    file_type,
)
from tests.support.domain import MODEL, NOON, version

paths = st.sets(st.sampled_from(["a", "b", "c/d", "c/e", "f.bin"]))


def manifest_of(*files: ManifestFile) -> Manifest:
    return Manifest(MODEL, version("7"), NOON, files)


def listed(found: set[str]) -> list[ListedFile]:
    return [ListedFile(path, "0" * 32) for path in found]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("model.safetensors", "weights"),
        ("onnx/model.onnx", "weights"),
        ("pytorch_model.bin", "weights"),
        ("classifier.pkl", "weights"),
        ("config.json", "config"),
        ("MLmodel", "config"),
        ("tokenizer.json", "tokenizer"),
        ("tokenizer_config.json", "tokenizer"),
        ("spm/sentencepiece.bpe.model", "tokenizer"),
        ("tokenizer.model", "tokenizer"),
        ("spiece.model", "tokenizer"),
        ("epoch=3.ckpt", "weights"),
        ("flax_model.msgpack", "weights"),
        ("vocab.txt", "vocabulary"),
        ("merges.txt", "vocabulary"),
        ("labels.json", "labels"),
        ("id2label.json", "labels"),
        ("signature.json", "signature"),
        ("metrics.json", "metrics"),
        ("model.json", "weights"),
        ("deep/booster.txt", "weights"),
        ("my_model.txt", "other"),
        ("train_args.json", "training-args"),
        ("training_args.bin", "training-args"),
        ("data_version.txt", "data-version"),
        ("requirements.txt", "environment"),
        ("requirements-gpu.txt", "environment"),
        ("conda.yaml", "environment"),
        ("preprocess.py", "preprocessing"),
        ("preprocessor_config.json", "preprocessing"),
        ("postprocess.py", "postprocessing"),
        ("test_preprocess.py", "test"),
        ("preprocess_test.py", "test"),
        ("tests/data.bin", "test"),
        ("system_prompt.txt", "prompt"),
        ("parameters.json", "parameters"),
        ("README.md", "card"),
        ("model_card.md", "card"),
        ("fixtures/one.json", "fixture"),
        ("predict.py", "code"),
        ("notes.txt", "other"),
        ("", "other"),
    ],
)
def test_a_file_is_what_its_name_says(path: str, kind: str) -> None:
    assert file_type(path) == kind
    assert file_type(path.upper()) == kind


@pytest.mark.parametrize("path", ["weights/config.json", "deep/er/config.json"])
def test_a_file_is_the_same_in_every_directory(path: str) -> None:
    assert file_type(path) == "config"


@pytest.mark.parametrize(
    "path", ["config.json.bak", "my_labels.csv", "weights.bin.txt", "signature.json.md5"]
)
def test_the_whole_name_must_match(path: str) -> None:
    assert file_type(path) == "other"


@given(st.text())
def test_every_name_has_a_known_type(path: str) -> None:
    assert file_type(path) in {kind for kind, _ in FILE_TYPES} | {"other"}


def test_a_version_is_as_large_as_its_files() -> None:
    assert manifest_of().size == 0
    files = [ManifestFile(path, "0" * 64, size, "other") for path, size in (("a", 3), ("b", 39))]
    assert manifest_of(*files).size == 42


@given(paths, paths)
def test_every_file_that_only_one_side_names_is_said_once(ours: set[str], theirs: set[str]) -> None:
    manifest = manifest_of(*(ManifestFile(path, "0" * 64, 1, "other") for path in ours))
    found = compare_listing(manifest, listed(theirs))
    assert len(found) == len(ours ^ theirs)
    assert all(any(sentence.startswith(f"{path} is in the ") for sentence in found) for path in ours ^ theirs)


def test_the_sentence_says_on_which_side_a_file_is() -> None:
    manifest = manifest_of(ManifestFile("a", "0" * 64, 1, "other"))
    assert compare_listing(manifest, listed({"b"})) == (
        "a is in the manifest and not in the DVC listing",
        "b is in the DVC listing and not in the manifest",
    )


@pytest.mark.parametrize("text", ["0" * 63, "0" * 65, "A" * 64, "g" * 64, "0" * 64 + "\n", ""])
def test_a_sha256_is_64_lower_case_hex_digits(text: str) -> None:
    assert not SHA256.fullmatch(text)
    assert SHA256.fullmatch("0123456789abcdef" * 4)


def test_what_nobody_recorded_is_none_and_never_a_guess() -> None:
    manifest = manifest_of()
    assert manifest.signature is None
    assert manifest.compression is None
    assert manifest.lineage.git_commit is None
    assert manifest.lineage.git_dirty is None
    assert Compression("int8").parent is None
