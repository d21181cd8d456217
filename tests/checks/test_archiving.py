"""A version is archived only while nobody relies on it."""

from __future__ import annotations

from modelmark.checks.archiving import check
from tests.support.candidates import candidate, changed, found, hints, move
from tests.support.domain import STAGING, Story, released

PATH = "models/nlp-sentiment/1/archived.yaml"


def test_a_version_that_nobody_holds_passes() -> None:
    assert found(check, candidate(files=[changed(PATH)], known=["1"], story=released("1", "2"))) == []


def test_a_version_that_an_alias_holds_is_refused() -> None:
    value = candidate(files=[changed(PATH)], known=["1"], story=released("1"))
    assert found(check, value) == [f"error {PATH}:0 nlp-sentiment@1 is held by prod"]
    assert "promote another version first" in hints(check, value)[0]


def test_a_version_that_the_same_change_promotes_is_refused() -> None:
    value = candidate(files=[changed(PATH)], known=["1"], moves=[move("1", STAGING, 1)])
    assert found(check, value) == [f"error {PATH}:0 nlp-sentiment@1 is held by staging"]


def test_a_version_that_is_not_on_main_is_refused() -> None:
    value = candidate(files=[changed(PATH)], story=Story())
    assert found(check, value) == [f"error {PATH}:0 nlp-sentiment@1 is not on main, so it cannot be archived"]


def test_other_changes_of_the_file_are_the_business_of_frozen() -> None:
    assert found(check, candidate(files=[changed(PATH, "M")], story=released("1"))) == []
