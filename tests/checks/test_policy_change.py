"""The rules change alone, and never the storage behind everybody's back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from modelmark.checks.policy_change import check
from tests.support.candidates import (
    ALIASES,
    CARD,
    MANIFEST,
    POINTER,
    candidate,
    changed,
    found,
    hints,
    policy,
)

CONFIG = ".dvc/config"
RULES = "registry.yaml"


def test_a_change_without_the_rules_passes() -> None:
    assert found(check, candidate(files=[changed(MANIFEST)], remotes={"evil": "s3://evil"})) == []


def test_a_change_of_the_rules_alone_passes() -> None:
    files = [changed(RULES, "M"), changed(CONFIG, "M"), changed("models/README.md", "M")]
    value = candidate(files=files, new_policy=policy(), remotes={"store": "s3://acme"}, keys=["core.remote"])
    assert found(check, value) == []


@pytest.mark.parametrize("path", [MANIFEST, ALIASES, CARD, "models/m/incidents/prod-1.yaml"])
@pytest.mark.parametrize("rules", [RULES, CONFIG])
def test_the_rules_and_a_model_in_one_go_are_refused(path: str, rules: str) -> None:
    value = candidate(files=[changed(path), changed(rules, "M")])
    assert found(check, value) == [f"error {rules}:0 this change touches the policy and a model in one go"]
    assert hints(check, value) == ["make two changes: the rules first, then the model under them"]


def test_the_id_of_the_registry_never_changes() -> None:
    other = replace(policy(), registry_id="other")
    value = candidate(files=[changed(RULES, "M")], new_policy=other)
    assert found(check, value) == [f"error {RULES}:0 the registry's id never changes: every tag carries it"]
    assert hints(check, value) == ["restore registry.id: 6f0c"]


@pytest.mark.parametrize("remotes", [{"evil": "s3://acme"}, {"store": "s3://evil"}, {"store": "s3://acme/"}])
def test_a_remote_that_main_does_not_allow_is_refused(remotes: dict[str, str]) -> None:
    value = candidate(files=[changed(CONFIG, "M")], remotes=remotes)
    (only,) = found(check, value)
    assert (
        only
        == f"error {CONFIG}:0 the DVC remote {next(iter(remotes))} is not one that registry.yaml on main allows"
    )
    assert "storage.remotes" in hints(check, value)[0]


def test_a_remote_that_the_same_change_allows_is_refused_all_the_same() -> None:
    value = candidate(
        files=[changed(RULES, "M"), changed(CONFIG, "M")],
        new_policy=replace(policy(), remotes=()),
        remotes={"new": "s3://new"},
    )
    assert len(found(check, value)) == 1


@pytest.mark.parametrize("key", ["remote.store.endpointurl", "cache.dir", "core.site_cache_dir", "db.x"])
def test_a_key_that_is_not_harmless_is_refused(key: str) -> None:
    value = candidate(files=[changed(CONFIG, "M")], keys=["core.analytics", key])
    assert found(check, value) == [f"error {CONFIG}:0 {key} may not be set for everybody"]
    assert hints(check, value) == ["keep it in .dvc/config.local"]


# --- who reviews, and what runs -----------------------------------------------------------------------------------

REVIEW = [
    ".github/workflows/registry-check.yml",
    ".github/CODEOWNERS",
    "CODEOWNERS",
    "docs/CODEOWNERS",
    ".gitattributes",
    ".gitmodules",
    ".gitlab-ci.yml",
    "advisories.yaml",
]


@pytest.mark.parametrize("status", ["A", "M", "D", "T"])
@pytest.mark.parametrize("rules", REVIEW)
def test_reviewers_or_workflows_and_a_promotion_in_one_go_are_refused(rules: str, status: str) -> None:
    value = candidate(files=[changed(ALIASES, "M"), changed(rules, status)])
    assert found(check, value) == [
        f"error {rules}:0 this change touches the rules of review and CI and a model in one go"
    ]


@pytest.mark.parametrize(
    "path", [MANIFEST, POINTER, "models/m/1/archived.yaml", "models/m/incidents/prod-1.yaml",
             "models/m/1/evaluations/20261120T184049Z-1a2b3c4d.yaml"]
)  # fmt: skip
def test_reviewers_and_anything_that_becomes_true_in_one_go_are_refused(path: str) -> None:
    assert len(found(check, candidate(files=[changed(path), changed("CODEOWNERS", "M")]))) == 1


@pytest.mark.parametrize("rules", REVIEW)
def test_reviewers_and_workflows_change_alone_or_with_the_policy_or_a_card(rules: str) -> None:
    assert found(check, candidate(files=[changed(rules, "M")])) == []
    assert found(check, candidate(files=[changed(rules, "M"), changed("registry.yaml", "M")])) == []
    assert found(check, candidate(files=[changed(rules, "M"), changed(CARD, "M")])) == []


@pytest.mark.parametrize("status", ["A", "M", "D", "T"])
def test_a_card_and_a_promotion_of_its_model_in_one_go_are_refused(status: str) -> None:
    value = candidate(files=[changed(CARD, status), changed(ALIASES, "M")])
    assert found(check, value) == [
        f"error {CARD}:0 this change touches the card of nlp-sentiment and its aliases in one go"
    ]
    assert hints(check, value) == ["make two changes: the card first, then the promotion under it"]


def test_a_first_card_comes_with_its_first_version_and_cards_of_others_change_beside_a_promotion() -> None:
    assert found(check, candidate(files=[changed(CARD), changed(MANIFEST), changed(POINTER)])) == []
    assert (
        found(check, candidate(files=[changed("models/other/model.yaml", "M"), changed(ALIASES, "M")])) == []
    )


@pytest.mark.parametrize("status", ["A", "M", "D"])
def test_an_evaluation_and_a_promotion_of_its_model_in_one_go_are_refused(status: str) -> None:
    figures = "models/nlp-sentiment/1/evaluations/20261120T184049Z-1a2b3c4d.yaml"
    value = candidate(files=[changed(figures, status), changed(ALIASES, "M")])
    assert found(check, value) == [
        f"error {figures}:0 this change touches an evaluation of nlp-sentiment and its aliases in one go"
    ]
    assert hints(check, value) == ["make two changes: the evaluation first, then the promotion under it"]
    assert found(check, candidate(files=[changed(figures)])) == []
