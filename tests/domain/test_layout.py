from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmark.domain import layout
from modelmark.domain.layout import Kind, Place, classify
from modelmark.domain.names import AliasName, ModelName
from modelmark.domain.versions import Version
from tests.support.domain import MODEL, alias_names, model_names, numbers, version, versions


@given(model_names, versions)
def test_every_path_of_a_version_is_recognised_as_what_it_was_built_for(
    model: ModelName, number: Version
) -> None:
    assert classify(layout.manifest_path(model, number)) == Place(Kind.MANIFEST, model, number)
    assert classify(layout.pointer_path(model, number)) == Place(Kind.POINTER, model, number)
    assert classify(layout.archived_path(model, number)) == Place(Kind.ARCHIVED, model, number)


@given(model_names, alias_names, numbers)
def test_every_path_of_a_model_is_recognised_as_what_it_was_built_for(
    model: ModelName, alias: AliasName, number: int
) -> None:
    assert classify(layout.card_path(model)) == Place(Kind.CARD, model)
    assert classify(layout.aliases_path(model)) == Place(Kind.ALIASES, model)
    assert classify(layout.incident_path(model, alias, number)) == Place(Kind.INCIDENT, model)


def test_paths_are_those_of_the_design() -> None:
    assert layout.manifest_path(MODEL, version("7")) == "models/nlp-sentiment/7/manifest.yaml"
    assert layout.pointer_path(MODEL, version("7")) == "models/nlp-sentiment/7/artifacts.dvc"
    assert layout.archived_path(MODEL, version("7")) == "models/nlp-sentiment/7/archived.yaml"
    assert layout.card_path(MODEL) == "models/nlp-sentiment/model.yaml"
    assert layout.aliases_path(MODEL) == "models/nlp-sentiment/aliases.yaml"
    assert layout.model_dir(MODEL) == "models/nlp-sentiment"
    assert layout.incident_path(MODEL, AliasName("prod"), 13) == "models/nlp-sentiment/incidents/prod-13.yaml"


@pytest.mark.parametrize("path", ["registry.yaml", ".dvc/config"])
def test_the_rules_and_the_storage_are_the_policy(path: str) -> None:
    assert classify(path) == Place(Kind.POLICY)


@pytest.mark.parametrize("path", ["models/README.md", "models/.gitkeep"])
def test_the_folder_of_models_may_explain_itself(path: str) -> None:
    assert classify(path) == Place(Kind.README)


def test_a_model_may_explain_itself() -> None:
    assert classify("models/m/README.md") == Place(Kind.README, ModelName("m"))


@pytest.mark.parametrize(
    "path", ["src/train.py", "README.md", "modelsx/m/model.yaml", "a/models/m/model.yaml", ""]
)
def test_what_is_not_below_models_is_somebody_elses(path: str) -> None:
    assert classify(path) == Place(Kind.OUTSIDE)


@pytest.mark.parametrize(
    "path",
    [
        "models/",
        "models/m",
        "models/m/",
        "models/m/7",
        "models/m/7/",
        "models/M/model.yaml",
        "models/../registry.yaml",
        "models/m/../../registry.yaml",
        "models/m/notes.txt",
        "models/m/Model.yaml",
        "models/m/.gitattributes",
        "models/m/v7/manifest.yaml",
        "models/m/07/manifest.yaml",
        "models/m/latest/manifest.yaml",
        "models/m/7/Manifest.yaml",
        "models/m/7/manifest.yml",
        "models/m/7/manifest.yaml/x",
        "models/m/7//manifest.yaml",
        "models/m/model.yaml/x",
        "models/m/incidents",
        "models/m/incidents/x.txt",
        "models/m/incidents/.hidden.yaml",
        "models/m/incidents/a/b.yaml",
    ],
)
def test_anything_else_below_models_is_stray_and_the_problem_is_said(path: str) -> None:
    place = classify(path)
    assert place.kind is Kind.STRAY
    assert place.problem


@pytest.mark.parametrize("path", ["models/m/7/artifacts", "models/m/7/artifacts/weights.onnx"])
def test_the_bytes_of_a_version_never_go_into_git(path: str) -> None:
    assert classify(path) == Place(
        Kind.STRAY, ModelName("m"), version("7"), "artifacts belong to DVC, never to Git"
    )


@given(
    st.text() | st.lists(st.sampled_from(["models", "m", "7", "..", "", "incidents", "x.yaml"])).map("/".join)
)
def test_any_text_is_classified(path: str) -> None:
    place = classify(path)
    assert bool(place.problem) == (place.kind is Kind.STRAY)
    assert place.kind not in (Kind.MANIFEST, Kind.POINTER, Kind.ARCHIVED) or place.version is not None


def test_a_file_in_the_place_of_all_models_belongs_to_no_model() -> None:
    assert classify("models").model is None
    assert classify("models").kind in (Kind.OUTSIDE, Kind.STRAY)


def test_a_committed_local_configuration_of_dvc_would_redirect_the_storage() -> None:
    assert classify(".dvc/config.local").kind is Kind.STRAY
    assert classify(".dvc/.gitignore").kind is Kind.OUTSIDE


# --- evaluations, and what is as good as the policy ----------------------------------------------------------------

STAMPED = "20261120T184049Z-1a2b3c4d"


@given(model_names, versions)
def test_an_evaluation_is_recognised_as_what_it_was_built_for(model: ModelName, number: Version) -> None:
    path = layout.evaluation_path(model, number, STAMPED)
    assert path == f"{layout.evaluations_dir(model, number)}/{STAMPED}.yaml"
    assert classify(path) == Place(Kind.EVALUATION, model, number)


@pytest.mark.parametrize(
    "name",
    [
        f"{STAMPED}.yml",
        f"{STAMPED.lower()}.yaml",
        "latest.yaml",
        f"a/{STAMPED}.yaml",
        f"{STAMPED}.yaml/x",
        "",
    ],
)
def test_an_evaluation_of_another_name_is_stray(name: str) -> None:
    assert classify(f"models/m/7/evaluations/{name}").kind is Kind.STRAY


@pytest.mark.parametrize(
    "path",
    [
        ".github",
        ".github/workflows/registry-apply.yml",
        ".github/CODEOWNERS",
        ".gitlab/CODEOWNERS",
        ".gitlab-ci.yml",
        "Jenkinsfile",
        ".circleci/config.yml",
        "azure-pipelines.yml",
        "bitbucket-pipelines.yml",
        ".woodpecker.yml",
        ".woodpecker/test.yml",
        ".drone.yml",
        ".travis.yml",
        ".buildkite/pipeline.yml",
        ".circleci",
        ".forgejo/workflows/x.yml",
        "CODEOWNERS",
        "docs/CODEOWNERS",
        "advisories.yaml",
        ".gitattributes",
        ".gitmodules",
    ],
)
def test_who_reviews_and_what_runs_are_rules(path: str) -> None:
    assert classify(path) == Place(Kind.RULES)


@pytest.mark.parametrize(
    ("path", "ours"),
    [
        ("Registry.yaml", "registry.yaml"),
        ("REGISTRY.YAML", "registry.yaml"),
        ("regi\u017ftry.yaml", "registry.yaml"),
        ("\uff52egistry.yaml", "registry.yaml"),
        (".DVC/config", ".dvc/config"),
        (".GitHub/workflows/x.yml", ".github"),
        ("codeowners", "CODEOWNERS"),
        ("Docs/CodeOwners", "docs/CODEOWNERS"),
        ("Models/m/aliases.yaml", "models"),
        ("MODELS", "models"),
        (".GitAttributes", ".gitattributes"),
    ],
)
def test_a_twin_that_some_file_systems_take_for_ours_is_stray(path: str, ours: str) -> None:
    assert classify(path) == Place(Kind.STRAY, problem=f"some file systems take it for {ours}")


@pytest.mark.parametrize(
    "path", ["src/registry.yaml", "registry.yaml.bak", "githubx/a", ".git-hub/a", "docs/x"]
)
def test_a_name_that_only_looks_like_ours_is_somebody_elses(path: str) -> None:
    assert classify(path) == Place(Kind.OUTSIDE)


def test_a_file_in_the_place_of_a_folder_of_ours_is_stray() -> None:
    assert classify(".dvc").kind is Kind.STRAY
