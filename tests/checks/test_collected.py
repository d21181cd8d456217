"""A manifest that says something else than its files is refused, part by part."""

from __future__ import annotations

from dataclasses import replace

import pytest

from modelmark.checks.collected import RULE, check
from modelmark.domain.collected import Collected, collect
from modelmark.domain.inspection import Inspection
from modelmark.errors import CouldNot
from tests.support.candidates import MANIFEST, asking, candidate, found, hints, manifest, new_version

FACTS = collect({"metrics.json": {"f1": 0.74}}, {"data_version.txt": "v1"})


def test_a_manifest_that_says_what_its_files_say_passes_and_the_note_names_them() -> None:
    made = replace(manifest(f1=0.74), lineage=FACTS.lineage)
    assert found(check, asking(RULE, FACTS, made=made)) == [
        f"note {MANIFEST}:0 the manifest says what its files say: metrics.json, data_version.txt"
    ]


def test_every_part_that_differs_is_a_finding_with_its_file_and_place() -> None:
    value = asking(RULE, FACTS, made=manifest(f1=0.99))
    assert found(check, value) == [
        f"error {MANIFEST}:0 metrics is not what metrics.json says, so the gate would judge what no training wrote: "
        "'metrics[0].value' is 0.99 in the manifest, and 0.74 in the file",
        f"error {MANIFEST}:0 lineage.data_version is not what data_version.txt says, so the gate would judge what no "
        "training wrote: 'lineage.data_version' is nothing in the manifest, and 'v1' in the file",
    ]
    assert all("register the directory again" in hint for hint in hints(check, value))


def test_texts_of_files_are_shown_short_and_without_control_characters() -> None:
    signature = {"\x1b[31m\n" * 40: "\u202e" * 200}
    (line,) = found(check, asking(RULE, collect({"signature.json": signature}, {})))  # type: ignore[dict-item]
    assert line.isprintable()
    assert len(line) < 700


def test_where_no_file_speaks_there_is_nothing_to_say() -> None:
    assert found(check, asking(RULE, Collected())) == []


def test_nobody_looked_is_not_a_pass() -> None:
    value = asking(RULE)
    blind = replace(
        value.subjects[0], inspection=Inspection(failed={Collected: ("metrics.json is lost", "")})
    )
    with pytest.raises(CouldNot, match=r"metrics\.json is lost"):
        list(check(replace(value, subjects=(blind,))))


def test_a_version_that_nobody_was_asked_to_look_into_is_left_alone() -> None:
    assert found(check, candidate(versions=[new_version()])) == []
