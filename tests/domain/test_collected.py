"""What is collected from files is what a manifest holds of them, and every other word in it is found."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmark.adapters.yaml_files import YamlFiles
from modelmark.domain.collected import DOCUMENTS, TEXTS, Claim, Collected, claims, collect
from modelmark.domain.json_values import Json
from modelmark.domain.manifest import Lineage, Manifest, ManifestFile
from modelmark.errors import InvalidInput
from tests.support.domain import MODEL, NOON, version

FILES = (ManifestFile("model.safetensors", "0" * 64, 1, "weights"),)
PATH = "models/nlp-sentiment/1/manifest.yaml"
DOCUMENTS_OF: dict[str, Json] = {
    "signature.json": {"inputs": {"text": "string"}, "outputs": {"label": "a|b"}},
    "metrics.json": [
        {"name": "f1", "value": 0.74, "n": 400, "slice": {"domain": "books"}, "ci95": [0.7, 0.8]}
    ],
    "train_args.json": {
        "git_commit": "3f" * 20,
        "git_dirty": False,
        "feature_pipeline_commit": "9e" * 20,
        "python": "3.11.7",
        "hardware": {"gpu": "none"},
        "duration_seconds": 3,
        "seed": 1,
        "hyperparameters": {"layers": [4, 8], "dropout": None},
    },
}
COLLECTED = collect(DOCUMENTS_OF, {"data_version.txt": "v1.2"})


def manifest(of: Collected) -> Manifest:
    """As it is registered."""
    return Manifest(MODEL, version("1"), NOON, FILES, of.signature, of.lineage, of.metrics)


def lineage(**changes: object) -> Manifest:
    return replace(manifest(COLLECTED), lineage=replace(COLLECTED.lineage, **changes))  # type: ignore[arg-type]


def test_what_was_collected_is_not_contradicted() -> None:
    assert list(claims(manifest(COLLECTED), COLLECTED)) == []
    assert set(COLLECTED.sources.values()) == {*DOCUMENTS, *TEXTS}


@pytest.mark.parametrize(
    ("edited", "claim"),
    [
        (
            replace(manifest(COLLECTED), metrics=(replace(COLLECTED.metrics[0], value=0.99),)),
            Claim("metrics", "metrics.json", "metrics[0].value", "0.99", "0.74"),
        ),
        (
            replace(manifest(COLLECTED), metrics=(replace(COLLECTED.metrics[0], slice={}),)),
            Claim("metrics", "metrics.json", "metrics[0].slice.domain", "nothing", "'books'"),
        ),
        (
            replace(manifest(COLLECTED), metrics=()),
            Claim("metrics", "metrics.json", "metrics[0]", "nothing", "a mapping"),
        ),
        (
            replace(manifest(COLLECTED), signature=None),
            Claim("signature", "signature.json", "signature", "nothing", "a mapping"),
        ),
        (
            replace(
                manifest(COLLECTED), signature={**(COLLECTED.signature or {}), "outputs": {"label": "a"}}
            ),
            Claim("signature", "signature.json", "signature.outputs.label", "'a'", "'a|b'"),
        ),
        (
            replace(manifest(COLLECTED), signature={**(COLLECTED.signature or {}), "version": "2"}),
            Claim("signature", "signature.json", "signature.version", "'2'", "nothing"),
        ),
        (
            lineage(data_version="v1.3"),
            Claim("lineage.data_version", "data_version.txt", "lineage.data_version", "'v1.3'", "'v1.2'"),
        ),
        (
            lineage(git_commit="4f" * 20),
            Claim(
                "lineage.git_commit",
                "train_args.json",
                "lineage.git_commit",
                f"'{'4f' * 20}'",
                f"'{'3f' * 20}'",
            ),
        ),
        (
            lineage(git_dirty=None),
            Claim("lineage.git_dirty", "train_args.json", "lineage.git_dirty", "nothing", "false"),
        ),
        (
            lineage(feature_pipeline_commit=None),
            Claim(
                "lineage.feature_pipeline_commit",
                "train_args.json",
                "lineage.feature_pipeline_commit",
                "nothing",
                f"'{'9e' * 20}'",
            ),
        ),
        (
            lineage(environment={}),
            Claim(
                "lineage.environment", "train_args.json", "lineage.environment.python", "nothing", "'3.11.7'"
            ),
        ),
        (
            lineage(hardware={"gpu": "H100"}),
            Claim("lineage.hardware", "train_args.json", "lineage.hardware.gpu", "'H100'", "'none'"),
        ),
        (
            lineage(duration_seconds=None),
            Claim(
                "lineage.duration_seconds", "train_args.json", "lineage.duration_seconds", "nothing", "3.0"
            ),
        ),
        (
            lineage(hyperparameters={"layers": [4], "dropout": None, "seed": 1}),
            Claim(
                "lineage.hyperparameters",
                "train_args.json",
                "lineage.hyperparameters.layers[1]",
                "nothing",
                "8",
            ),
        ),
        (
            lineage(hyperparameters={"layers": [4, 8], "seed": 1}),
            Claim(
                "lineage.hyperparameters",
                "train_args.json",
                "lineage.hyperparameters.dropout",
                "nothing",
                "null",
            ),
        ),
        (
            lineage(hyperparameters={"layers": [4, 8], "dropout": None, "seed": True}),
            Claim("lineage.hyperparameters", "train_args.json", "lineage.hyperparameters.seed", "true", "1"),
        ),
    ],
    ids=lambda value: value.at if isinstance(value, Claim) else "",
)
def test_another_word_is_found_with_its_place(edited: Manifest, claim: Claim) -> None:
    assert list(claims(edited, COLLECTED)) == [claim]


def test_every_part_that_differs_is_said_once() -> None:
    parts = [one.part for one in claims(Manifest(MODEL, version("1"), NOON, FILES), COLLECTED)]
    assert sorted(parts) == sorted(COLLECTED.sources)


@pytest.mark.parametrize("arguments", [None, {"seed": 1}, {"git_commit": 7, "git_dirty": True}, ["seed"]])
def test_the_commit_of_the_directory_is_not_compared_where_the_files_name_none(arguments: Json) -> None:
    documents = {} if arguments is None else {"train_args.json": arguments}
    registered = collect(documents, {}, "3f" * 20, True)
    again = collect(documents, {})
    assert (registered.lineage.git_commit, registered.lineage.git_dirty) == ("3f" * 20, True)
    assert list(claims(manifest(registered), again)) == []


def test_the_commit_of_the_files_goes_before_that_of_the_directory() -> None:
    found = collect({"train_args.json": {"git_commit": "9e" * 20}}, {}, "3f" * 20, False).lineage
    assert (found.git_commit, found.git_dirty) == ("9e" * 20, None)


def test_parts_without_a_file_are_not_compared() -> None:
    of = Collected(COLLECTED.signature, COLLECTED.metrics, Lineage("3f" * 20, data_version="v1"))
    assert list(claims(manifest(of), collect({"config.json": {}}, {}))) == []


@pytest.mark.parametrize("name", ["signature.json", "metrics.json"])
def test_a_file_that_register_would_not_take_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        collect({name: "text"}, {})
    assert caught.value.path == name


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUES: st.SearchStrategy[Json] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(TEXT, VALUES, max_size=4)
NUMBER = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-1000, 1000)
LABELS = st.dictionaries(TEXT, TEXT | st.integers() | st.booleans(), max_size=2)
RECORD = st.fixed_dictionaries(
    {"name": st.sampled_from(["f1", "größe", "a b"]), "value": NUMBER},
    optional={
        "dataset": TEXT | st.none(),
        "split": TEXT,
        "slice": LABELS | st.none(),
        "where": LABELS,
        "n": st.integers(0, 10**9) | st.none(),
        "ci95": st.tuples(NUMBER, NUMBER).map(sorted),
    },
)
ARGUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "git_commit": st.sampled_from(["3f" * 20, "", None, 7]),
        "git_dirty": st.booleans() | st.none() | TEXT,
        "feature_pipeline_commit": st.sampled_from(["9e" * 20, "", None, 7]),
        "hyperparameters": VALUES,
        "environment": VALUES,
        "python": VALUES,
        "hardware": VALUES,
        "duration_seconds": st.floats(0, 1e9) | st.booleans() | st.none() | TEXT | st.integers(0, 99),
        "seed": VALUES,
    },
)
SOURCES = st.fixed_dictionaries(
    {},
    optional={
        "signature.json": OBJECTS | st.none(),
        "metrics.json": st.lists(RECORD, max_size=3) | st.dictionaries(st.just("f1"), NUMBER),
        "train_args.json": ARGUMENTS | st.lists(VALUES, max_size=2) | st.none(),
    },
)


@given(SOURCES, st.sampled_from([{}, {"data_version.txt": ""}, {"data_version.txt": "v1"}]))
def test_whatever_register_writes_down_the_gate_reads_as_what_the_files_say(
    documents: dict[str, Json], texts: dict[str, str]
) -> None:
    written = YamlFiles().write_manifest(manifest(collect(documents, texts, "3f" * 20, True)))
    assert list(claims(YamlFiles().manifest(written, PATH), collect(documents, texts))) == []
