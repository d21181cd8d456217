"""A corpus of bad versions and changes, each refused for its own reason and no other, and of good ones that pass."""

from __future__ import annotations

import re

import pytest

from tests.corpus import cases_changes, cases_files, cases_promotions, cases_versions
from tests.corpus.cases import Bad
from tests.corpus.scene import Scene, errors, said

BAD = (*cases_versions.CASES, *cases_files.CASES, *cases_changes.CASES, *cases_promotions.CASES)


@pytest.mark.parametrize("bad", [pytest.param(bad, id=bad.name.replace(" ", "-")) for bad in BAD])
def test_it_is_refused_for_its_own_reason_and_no_other(scene: Scene, bad: Bad) -> None:
    found = errors(scene.judge(bad.make(scene)))
    assert {one.rule for one in found} == {bad.rule, *bad.also}, said(found)
    assert any(re.search(bad.says, one.message) for one in found), said(found)
    assert all(one.path.startswith(bad.at) for one in found), said(found)
