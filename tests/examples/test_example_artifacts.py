"""What every example leaves behind is complete, fits together and works on its own."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from safetensors.numpy import load_file
from tokenizers import Tokenizer

Build = Callable[[str], Path]

SENTIMENT = ["baseline", "wide", "balanced"]
ALL = [*SENTIMENT, "tabular"]
COMMON_FILES = {
    *("model.safetensors", "config.json", "labels.json", "signature.json", "metrics.json", "train_args.json"),
    *("preprocess.py", "test_preprocess.py", "postprocess.py", "test_postprocess.py", "predict.py"),
    *("requirements.txt", "data_version.txt", "README.md", "run.json"),
}
DETERMINISTIC = ["model.safetensors", "tokenizer.json", "config.json", "labels.json", "data_version.txt"]


def read(directory: Path, name: str) -> Any:
    return json.loads((directory / name).read_text("utf-8"))


def run_python(directory: Path, *arguments: str, cwd: Path) -> str:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{directory.name}: {done.stdout}{done.stderr}"
    return done.stdout


def predict(directory: Path, *arguments: str, cwd: Path) -> Any:
    return json.loads(run_python(directory, str(directory / "predict.py"), *arguments, cwd=cwd))


def f1(directory: Path) -> tuple[float, float]:
    """Overall and on the worst slice."""
    records = [record for record in read(directory, "metrics.json") if record["name"] == "f1"]
    return records[0]["value"], min(record["value"] for record in records if "slice" in record)


@pytest.mark.parametrize("name", ALL)
def test_the_directory_holds_exactly_what_a_version_needs(built: Build, name: str) -> None:
    directory = built(name)
    tokenizer = set() if name == "tabular" else {"tokenizer.json"}
    assert {path.name for path in directory.iterdir()} == COMMON_FILES | tokenizer
    assert sum(path.stat().st_size for path in directory.iterdir()) < 150_000


@pytest.mark.parametrize("name", ALL)
def test_labels_fit_the_outputs_of_the_weights(built: Build, name: str) -> None:
    directory = built(name)
    labels, config = read(directory, "labels.json"), read(directory, "config.json")
    tensors = load_file(directory / "model.safetensors")
    assert tensors["classifier.weight"].shape[0] == tensors["classifier.bias"].shape[0] == len(labels)
    assert config["num_labels"] == len(labels)
    assert config["id2label"] == labels


@pytest.mark.parametrize("name", SENTIMENT)
def test_the_tokenizer_round_trips_its_vocabulary(built: Build, name: str) -> None:
    tokenizer = Tokenizer.from_file(str(built(name) / "tokenizer.json"))
    words = sorted(set(tokenizer.get_vocab()) - {"[UNK]"})
    text = " ".join(words)
    assert tokenizer.decode(tokenizer.encode(text).ids) == text
    config = read(built(name), "config.json")
    assert tokenizer.get_vocab_size() == config["vocab_size"]
    columns = load_file(built(name) / "model.safetensors")["classifier.weight"].shape[1]
    assert columns == config["vocab_size"] + config["num_bigrams"]


@pytest.mark.parametrize("name", ["balanced", "tabular"])
def test_the_bundled_tests_pass_where_they_are(built: Build, name: str) -> None:
    directory = built(name)
    out = run_python(directory, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(directory), cwd=directory)
    assert " passed" in out


@pytest.mark.parametrize("name", SENTIMENT)
def test_predict_tells_praise_from_complaint_from_any_directory(
    built: Build, name: str, tmp_path: Path
) -> None:
    good = predict(built(name), "A wonderful book, and the plot is really gripping!", cwd=tmp_path)
    bad = predict(built(name), "The battery isn't very reliable. A terrible phone.", cwd=tmp_path)
    assert (good["label"], bad["label"]) == ("positive", "negative")
    assert set(good) == {"label", "score"}
    assert 0.5 <= good["score"] <= 1


def test_balanced_promises_an_explanation_and_gives_it(built: Build, tmp_path: Path) -> None:
    signature = read(built("balanced"), "signature.json")
    assert signature["inputs"] == {"text": "string", "explain?": "boolean=false"}
    assert "explain?" not in read(built("baseline"), "signature.json")["inputs"]
    answer = predict(built("balanced"), "--explain", "The staff was rude", cwd=tmp_path)
    assert "rude" in answer["reasons"]


def test_tabular_predicts_from_named_measurements(built: Build, tmp_path: Path) -> None:
    directory = built("tabular")
    tensors, columns = load_file(directory / "model.safetensors"), read(directory, "config.json")["columns"]
    assert list(read(directory, "signature.json")["inputs"]) == columns
    for label, row in enumerate(tensors["classifier.weight"]):
        values = tensors["columns.mean"] + 3 * tensors["columns.scale"] * (row > 0)
        inputs = json.dumps(dict(zip(columns, values.tolist(), strict=True)))
        assert predict(directory, inputs, cwd=tmp_path)["label"] == read(directory, "labels.json")[str(label)]


@pytest.mark.parametrize("name", ALL)
def test_metrics_are_records_with_intervals_around_their_values(built: Build, name: str) -> None:
    records = read(built(name), "metrics.json")
    assert {record["name"] for record in records} == {
        *("f1", "accuracy", "latency_p95_ms", "memory_mb", "image_size_mb"),
    }
    for record in records:
        assert record["value"] > 0
        if "ci95" in record:
            assert record["ci95"][0] <= record["value"] <= record["ci95"][1]
        if "slice" in record:
            assert record["n"] >= (100 if name == "tabular" else 150)


@pytest.mark.parametrize("name", ALL)
def test_requirements_are_pinned_and_the_data_is_named_by_its_hash(built: Build, name: str) -> None:
    lines = (built(name) / "requirements.txt").read_text().splitlines()
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*", line) for line in lines)
    assert {"numpy", "safetensors"} <= {line.split("==")[0] for line in lines}
    assert re.fullmatch(r"sha256:[0-9a-f]{64}\n", (built(name) / "data_version.txt").read_text())


def test_the_recipes_differ_as_their_stories_say(built: Build) -> None:
    baseline, wide, balanced = (f1(built(name)) for name in SENTIMENT)
    assert baseline[0] >= 0.90
    assert baseline[1] >= 0.80
    assert wide[0] >= baseline[0]
    assert wide[1] < 0.80
    assert balanced[0] > max(baseline[0], wide[0])
    assert balanced[1] > baseline[1]


@pytest.mark.parametrize("name", ["baseline", "tabular"])
def test_the_same_recipe_gives_the_same_bytes(built: Build, build_again: Build, name: str) -> None:
    first, second = built(name), build_again(name)
    for file in DETERMINISTIC:
        if (first / file).exists():
            assert (first / file).read_bytes() == (second / file).read_bytes(), file
