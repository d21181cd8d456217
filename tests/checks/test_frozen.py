"""What is on main stays as it is."""

from __future__ import annotations

import pytest

from modelmark.checks.frozen import check
from tests.support.candidates import ALIASES, CARD, MANIFEST, POINTER, candidate, changed, found, hints
from tests.support.domain import Story

ARCHIVED = "models/m/1/archived.yaml"
INCIDENT = "models/m/incidents/prod-1.yaml"
EVALUATION = "models/nlp-sentiment/1/evaluations/20261120T184049Z-1a2b3c4d.yaml"


def with_version(text: str) -> Story:
    """A model with one registered version."""
    story = Story()
    story.register(text)
    return story


def test_new_files_and_changes_of_cards_aliases_and_rules_pass() -> None:
    files = [changed(path) for path in (MANIFEST, POINTER, ARCHIVED, INCIDENT, EVALUATION, CARD, ALIASES)]
    files += [
        changed(path, "M") for path in (CARD, ALIASES, "registry.yaml", ".dvc/config", "models/README.md")
    ]
    files += [changed("models/README.md", "D"), changed("models/m/1/stray.txt", "D")]
    assert found(check, candidate(files=files)) == []


@pytest.mark.parametrize("status", ["M", "T"])
@pytest.mark.parametrize(
    ("path", "mend"),
    [
        (MANIFEST, "register a new version"),
        (POINTER, "register a new version"),
        (ARCHIVED, "register the bytes as a new version"),
        (INCIDENT, "add another record"),
        (EVALUATION, "add the result"),
    ],
)
def test_a_change_of_what_never_changes_is_refused(path: str, mend: str, status: str) -> None:
    value = candidate(files=[changed(path, status)])
    assert found(check, value) == [f"error {path}:0 this file is on main already and is changed"]
    assert mend in hints(check, value)[0]


@pytest.mark.parametrize(
    "path", [MANIFEST, POINTER, ARCHIVED, INCIDENT, EVALUATION, CARD, ALIASES, "registry.yaml", ".dvc/config"]
)
def test_a_deletion_is_refused(path: str) -> None:
    value = candidate(files=[changed(path, "D")], story=with_version("1"))
    assert found(check, value) == [f"error {path}:0 this file is deleted, and a registry forgets nothing"]
    assert hints(check, value)[0]


def test_a_version_that_never_got_its_tag_may_be_removed_as_a_whole() -> None:
    whole = [changed(MANIFEST, "D"), changed(POINTER, "D")]
    assert found(check, candidate(files=whole, story=with_version("2"))) == []
    assert found(check, candidate(files=[*whole, changed(EVALUATION, "D")], story=with_version("2"))) == []
    assert len(found(check, candidate(files=whole[:1], story=with_version("2")))) == 1


def test_the_hint_of_a_deleted_file_names_it() -> None:
    assert hints(check, candidate(files=[changed(CARD, "D")])) == [
        f"restore it: git checkout origin/main -- {CARD}"
    ]
