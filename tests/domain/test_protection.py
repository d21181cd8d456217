"""What a registry asks of GitHub, by its own rules."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from modelmark.adapters.yaml_files import YamlFiles
from modelmark.domain.findings import Level
from modelmark.domain.names import AliasName
from modelmark.domain.policy import AliasRule, Policy, Way
from modelmark.domain.protection import (
    ACTIONS_APP,
    BELOW,
    CREATION,
    IMMUTABLE,
    MAIN,
    Profile,
    Step,
    falls_short,
    left_open,
    profile_behind,
    profile_of,
    ruleset_files,
    rulesets_of,
    weaknesses,
)
from modelmark.domain.rulesets import FOLDER, Actor, Difference
from modelmark.errors import InvalidInput
from tests.support.desk import POLICY

ROOT = Path(__file__).parents[2]
RULES = YamlFiles().policy(POLICY.encode(), "registry.yaml")


def asking(*approvals: int, promotion: Way = Way.PULL_REQUEST) -> Policy:
    aliases = {AliasName(f"a{at}"): AliasRule(approvals=count) for at, count in enumerate(approvals)}
    return replace(RULES, aliases=aliases, promotion=promotion)


@pytest.mark.parametrize(("asked", "count"), [((), 1), ((0,), 1), ((1, 3, 2), 3), ((10,), 10), ((12,), 10)])
def test_main_asks_for_as_many_reviews_as_the_strictest_alias_and_at_least_one(
    asked: tuple[int, ...], count: int
) -> None:
    main = json.loads(ruleset_files(profile_of(asking(*asked)))[".github/rulesets/registry-main.json"])
    (rule,) = (one for one in main["rules"] if one["type"] == "pull_request")
    assert rule["parameters"] == {
        "allowed_merge_methods": ["merge", "squash"],
        "dismiss_stale_reviews_on_push": True,
        "require_code_owner_review": True,
        "require_last_push_approval": True,
        "required_approving_review_count": count,
        "required_review_thread_resolution": True,
    }


def test_a_registry_that_is_promoted_directly_keeps_its_main_open_and_its_past_shut() -> None:
    main, tags, _ = rulesets_of(profile_of(asking(2, promotion=Way.DIRECT)))
    assert [rule.type for rule in main.rules] == ["deletion", "non_fast_forward"]
    assert [rule.type for rule in tags.rules] == ["update", "deletion", "non_fast_forward"]


def test_the_default_files_are_githubs_own_requests_byte_for_byte() -> None:
    files = ruleset_files(profile_of(asking(2)))
    assert sorted(files) == [f".github/rulesets/{name}.json" for name in (MAIN, BELOW, IMMUTABLE)]
    tags = files[f".github/rulesets/{IMMUTABLE}.json"]
    assert json.loads(tags) == {
        "name": "registry-tags-immutable",
        "target": "tag",
        "enforcement": "active",
        "bypass_actors": [],
        "conditions": {"ref_name": {"include": ["refs/tags/**/*@v*", "refs/tags/**/*#*"], "exclude": []}},
        "rules": [{"type": "update"}, {"type": "deletion"}, {"type": "non_fast_forward"}],
    }
    assert tags.endswith(b"]\n}\n")
    assert files == ruleset_files(profile_of(asking(2)))


def test_the_check_that_must_be_green_is_the_gate_as_actions_reports_it() -> None:
    rule = next(one for one in rulesets_of(Profile(1))[0].rules if one.type == "required_status_checks")
    assert rule.parameters == {
        "do_not_enforce_on_create": False,
        "required_status_checks": [{"context": "registry/gate", "integration_id": ACTIONS_APP}],
        "strict_required_status_checks_policy": True,
    }


@pytest.mark.parametrize("profile", [Profile(1), Profile(1, 77, 5)])
def test_nobody_makes_a_tag_below_a_name_of_the_registry(profile: Profile) -> None:
    (below,) = (one for one in rulesets_of(profile) if one.name == BELOW)
    assert below.include == ("refs/tags/**/*@v*/**/*", "refs/tags/**/*#*/**/*")
    assert ([one.type for one in below.rules], below.bypass) == (["creation"], ())


def test_the_hardened_profile_lets_the_app_and_the_operators_create_tags_and_nobody_else() -> None:
    *_, creation = rulesets_of(profile_of(asking(), 77, 5))
    assert (creation.name, [one.type for one in creation.rules]) == (CREATION, ["creation"])
    assert creation.bypass == (Actor("Integration", 77), Actor("Team", 5))
    assert rulesets_of(profile_of(asking(), 77))[-1].bypass == (Actor("Integration", 77),)
    assert all(one.bypass == () for one in rulesets_of(profile_of(asking(), 77, 5))[:3])


def test_githubs_own_app_and_operators_without_an_app_are_refused() -> None:
    with pytest.raises(InvalidInput, match="15368 is GitHub Actions itself"):
        profile_of(asking(), ACTIONS_APP)
    with pytest.raises(InvalidInput, match="operators alone"):
        profile_of(asking(), None, 5)


def test_the_files_say_which_profile_they_are_of() -> None:
    *_, creation = rulesets_of(Profile(1, 77, 5))
    assert profile_behind(asking(), None) == Profile(1)
    assert profile_behind(asking(), creation) == Profile(1, 77, 5)
    assert profile_behind(asking(), replace(creation, bypass=(Actor("Team", 5),))) == Profile(1)
    assert profile_behind(
        asking(), replace(creation, bypass=(Actor("Integration", ACTIONS_APP),))
    ) == Profile(1)


def test_less_than_the_profile_is_said_and_more_is_welcome() -> None:
    main, tags, below = rulesets_of(Profile(3))
    assert weaknesses(asking(2), [main, tags, below]) == {}
    assert weaknesses(asking(4), [main, tags, below]) == {
        MAIN: ("has pull_request: required_approving_review_count = 3, not 4",)
    }
    assert weaknesses(asking(2), [main]) == {IMMUTABLE: ("is not there",), BELOW: ("is not there",)}
    assert falls_short(Profile(2, 77), [main, tags, below]) == {CREATION: ("is not there",)}


def test_somebody_more_who_may_create_tags_is_a_weakness() -> None:
    rulesets = rulesets_of(Profile(1, 77, 5))
    creation = replace(rulesets[-1], bypass=(*(rulesets[-1].bypass or ()), Actor("RepositoryRole", 4)))
    assert weaknesses(asking(), [*rulesets[:3], creation]) == {
        CREATION: ("lets 'RepositoryRole 4 (always)' through",)
    }


def test_tags_that_no_app_may_create_are_a_weakness() -> None:
    rulesets = rulesets_of(Profile(1, 77))
    found = weaknesses(asking(), [*rulesets[:3], replace(rulesets[-1], bypass=())])
    assert "names no App" in found[CREATION][0]


def test_this_repository_asks_of_github_what_its_own_rules_ask_for() -> None:
    policy = YamlFiles().policy((ROOT / "registry.yaml").read_bytes(), "registry.yaml")
    there = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in (ROOT / FOLDER).iterdir()}
    assert there == ruleset_files(profile_of(policy))


def test_what_stays_open_depends_on_the_profile() -> None:
    default, hardened = (left_open(rulesets_of(one)) for one in (Profile(1), Profile(1, 77)))
    assert any("whoever may push can create a tag" in words for words in default)
    assert not any("whoever may push" in words for words in hardened)
    assert set(hardened) < set(default)
    assert any("administers the repository" in words for words in hardened)


def test_a_step_says_the_weaker_and_the_stricter_apart() -> None:
    (main, *_) = rulesets_of(Profile(1))
    assert Step(main, 1).stays
    assert Step(main, 1).findings == ()
    (missing,) = Step(main, None).findings
    assert "registry-main is not on GitHub" in missing.message
    both = Step(main, 1, (Difference("lacks a", weaker=True), Difference("has b", weaker=False)))
    assert [(one.level, one.message) for one in both.findings] == [
        (Level.ERROR, "the ruleset registry-main on GitHub lacks a"),
        (Level.WARNING, "the ruleset registry-main on GitHub has b, and no file at main says so"),
    ]
