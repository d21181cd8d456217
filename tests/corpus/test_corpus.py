"""A corpus of bad versions and changes, each refused for its own reason and no other, and of good ones that pass."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest

from modelmark.errors import ModelmarkError
from tests.corpus import (
    bundles,
    cases_attacks,
    cases_changes,
    cases_environment,
    cases_files,
    cases_promotions,
    cases_rules,
    cases_runs,
    cases_sources,
    cases_versions,
)
from tests.corpus.cases import Bad
from tests.corpus.cases_sources import Refused
from tests.corpus.scene import Scene, errors, said
from tests.support.desk import PROD

BAD = (
    *cases_versions.CASES,
    *cases_files.CASES,
    *cases_environment.CASES,
    *cases_changes.CASES,
    *cases_promotions.CASES,
    *cases_runs.CASES,
    *cases_rules.CASES,
)


def _named(bad: Bad | Refused) -> str:
    return bad.name.replace(" ", "-")


@pytest.mark.parametrize("bad", BAD, ids=_named)
def test_it_is_refused_for_its_own_reason_and_no_other(scene: Scene, bad: Bad) -> None:
    found = errors(scene.judge(bad.make(scene)))
    assert {one.rule for one in found} == {bad.rule, *bad.also}, said(found)
    assert any(re.search(bad.says, one.message) for one in found), said(found)
    assert all(one.path.startswith(bad.at) for one in found), said(found)
    assert all(one.hint for one in found if one.rule != "metrics"), "a figure speaks for itself"


@pytest.mark.parametrize("refused", cases_sources.CASES, ids=_named)
def test_no_version_is_made_of_it(scene: Scene, refused: Refused) -> None:
    before = dict(scene.refs)
    folder = scene.written(bundles.text_classifier(4))
    refused.spoil(folder)
    with pytest.raises(ModelmarkError) as caught:
        scene.register_folder(folder, refused.version, profile=refused.profile)
    assert re.search(refused.says, caught.value.message), caught.value.message
    assert caught.value.exit_code in {1, 2}
    assert scene.refs == before, "nothing was handed in"


@pytest.mark.parametrize("attack", cases_attacks.CASES, ids=_named)
def test_a_change_that_loosens_a_rule_and_promotes_in_one_go_is_refused(scene: Scene, attack: Bad) -> None:
    found = errors(scene.judge(attack.make(scene)))
    assert attack.rule in {one.rule for one in found}, said(found)
    assert any(re.search(attack.says, one.message) for one in found if one.rule == attack.rule), said(found)


@pytest.mark.parametrize("attack", cases_attacks.CASES, ids=_named)
def test_such_a_change_means_nothing_even_where_somebody_merges_it(scene: Scene, attack: Bad) -> None:
    scene.merge(attack.make(scene))
    with suppress(ModelmarkError):
        scene.apply()
    assert "reviews#prod#2" not in scene.tags()


def test_the_promotion_that_every_attack_adds_to_passes(scene: Scene) -> None:
    assert errors(scene.judge(scene.ask("2", PROD))) == []
