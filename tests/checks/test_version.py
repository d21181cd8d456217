"""A new version is whole, rightly named, and counts like those before it."""

from __future__ import annotations

from dataclasses import replace

from modelmark.checks.version import check
from modelmark.domain.manifest import ManifestFile
from tests.support.candidates import (
    CARD,
    MANIFEST,
    POINTER,
    candidate,
    changed,
    found,
    hints,
    manifest,
    new_version,
)

WHOLE = [changed(MANIFEST), changed(POINTER)]


def test_a_whole_version_passes() -> None:
    assert found(check, candidate(files=WHOLE, versions=[new_version()])) == []


def test_a_version_needs_manifest_and_pointer() -> None:
    for path, other in ((MANIFEST, POINTER), (POINTER, MANIFEST)):
        value = candidate(files=[changed(other)], versions=[new_version()])
        assert found(check, value) == [
            f"error {path}:0 this file is missing: a version has a manifest and a pointer"
        ]


def test_a_manifest_of_another_version_is_refused() -> None:
    value = candidate(files=WHOLE, versions=[new_version(manifest(text="2"))])
    assert found(check, value) == [
        f"error {MANIFEST}:0 this manifest is of nlp-sentiment@2, not of its folder"
    ]


def test_a_manifest_that_cannot_be_read_is_somebody_elses_finding() -> None:
    value = candidate(files=WHOLE, versions=[replace(new_version(), manifest=None)])
    assert found(check, value) == []


def test_a_file_is_not_what_its_manifest_calls_it_but_what_its_name_says() -> None:
    """Else tests are not run, and requirements not read, because a manifest calls them something else."""
    good = manifest()
    files = (
        ManifestFile("requirements.txt", "0" * 64, 10, "other"),
        ManifestFile("a.txt", "0" * 64, 10, "weights"),
    )
    value = candidate(files=WHOLE, versions=[new_version(replace(good, files=files))])
    assert found(check, value) == [
        f"error {MANIFEST}:0 'requirements.txt' is listed as other, and by its name it is environment",
        f"error {MANIFEST}:0 'a.txt' is listed as weights, and by its name it is other",
    ]


def test_another_count_of_numbers_is_refused_with_the_next_version() -> None:
    value = candidate(files=WHOLE, versions=[new_version()], known=["1.0", "1.3"])
    assert found(check, value) == [
        f"error {MANIFEST}:0 1 has another count of numbers than 1.3, so the two have no order"
    ]
    assert hints(check, value) == ["the next version is 1.4"]


def test_a_version_that_main_has_is_refused() -> None:
    value = candidate(files=WHOLE, versions=[new_version()], known=["1", "2"])
    assert found(check, value) == [f"error {MANIFEST}:0 nlp-sentiment@1 is on main already"]
    assert hints(check, value) == ["take the next version: 3"]


def test_a_model_needs_a_card() -> None:
    value = replace(candidate(files=WHOLE, versions=[new_version()]), cards={})
    assert found(check, value) == [f"error {CARD}:0 nlp-sentiment has no card"]
    assert hints(check, value) == ["add model.yaml, for example with the line `profile: generic`"]
