"""The rules change alone, and never the storage behind everybody's back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from modelmark.checks.policy_change import check
from tests.support.candidates import ALIASES, CARD, MANIFEST, candidate, changed, found, hints, policy

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
