from __future__ import annotations

from collections.abc import Mapping

import pytest

from modelmark.domain.names import AliasName
from modelmark.domain.policy import AliasRule, Stage
from modelmark.domain.stages import stage_of
from tests.support.domain import PROD, STAGING, Story, version

SHADOW = AliasName("shadow")
RULES = {
    SHADOW: AliasRule(Stage.EXPERIMENT),
    STAGING: AliasRule(Stage.STAGING),
    PROD: AliasRule(Stage.PRODUCTION),
}


def stage(
    story: Story,
    text: str = "1",
    *,
    archived: bool = False,
    rules: Mapping[AliasName, AliasRule] = RULES,
) -> Stage:
    return stage_of(version(text), story.history(), rules, archived=archived)


def story_of(*aliases: AliasName) -> Story:
    """Version 1 holds these aliases; version 2 holds none."""
    story = Story()
    story.register("1")
    story.register("2")
    for alias in aliases:
        story.assign("1", alias)
    return story


def test_a_version_that_never_held_an_alias_is_an_experiment() -> None:
    assert stage(story_of()) is Stage.EXPERIMENT
    assert stage(story_of(PROD), "2") is Stage.EXPERIMENT


@pytest.mark.parametrize(
    ("alias", "expected"),
    [(SHADOW, Stage.EXPERIMENT), (STAGING, Stage.STAGING), (PROD, Stage.PRODUCTION)],
)
def test_a_version_has_the_stage_of_the_alias_it_holds(alias: AliasName, expected: Stage) -> None:
    assert stage(story_of(alias)) is expected


def test_of_several_aliases_the_furthest_counts() -> None:
    assert stage(story_of(PROD, STAGING, SHADOW)) is Stage.PRODUCTION
    assert stage(story_of(SHADOW, STAGING)) is Stage.STAGING


def test_a_version_that_lost_production_goes_back_to_staging() -> None:
    story = story_of(PROD)
    story.assign("2")
    assert stage(story) is Stage.STAGING
    assert stage(story, "2") is Stage.PRODUCTION


def test_a_version_that_was_rolled_back_to_is_in_production_again() -> None:
    story = story_of(PROD)
    story.assign("2")
    story.by_hand("1")
    assert stage(story) is Stage.PRODUCTION
    assert stage(story, "2") is Stage.STAGING


def test_a_version_goes_back_to_staging_where_its_alias_means_nothing_now() -> None:
    story = story_of(PROD)
    story.assign(None)
    assert stage(story) is Stage.STAGING


def test_losing_an_alias_of_experiments_is_no_promotion() -> None:
    story = story_of(SHADOW)
    story.assign("2", SHADOW)
    assert stage(story) is Stage.EXPERIMENT


@pytest.mark.parametrize("aliases", [(), (PROD,), (STAGING, PROD)])
def test_an_archived_version_is_archived_whatever_it_holds(aliases: tuple[AliasName, ...]) -> None:
    assert stage(story_of(*aliases), archived=True) is Stage.ARCHIVED


def test_an_alias_that_the_policy_does_not_know_counts_for_nothing() -> None:
    assert stage(story_of(PROD), rules={STAGING: RULES[STAGING]}) is Stage.EXPERIMENT


def test_a_tag_that_does_not_count_gives_no_stage() -> None:
    story = story_of(STAGING)
    story.by_hand("2", PROD)
    assert stage(story, "2") is Stage.EXPERIMENT
