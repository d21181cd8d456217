"""Manifest, pointer, listing and storage agree, and every byte is there."""

from __future__ import annotations

from dataclasses import replace

from modelmark.checks.contents import check
from modelmark.domain.artifacts import Pointer
from modelmark.domain.change import NewVersion
from tests.support.candidates import MANIFEST, POINTER, candidate, found, hints, manifest, new_version

ID = "d" * 32 + ".dir"


def said(new: NewVersion) -> list[str]:
    return found(check, candidate(versions=[new]))


def test_a_version_that_agrees_passes() -> None:
    assert said(new_version()) == []


def test_what_cannot_be_read_is_somebody_elses_finding() -> None:
    assert said(replace(new_version(), manifest=None)) == []
    assert said(replace(new_version(), pointer=None, listing=None)) == []


def test_counts_and_sizes_that_differ_are_two_findings() -> None:
    assert said(new_version(pointer=Pointer(ID, 11, 2))) == [
        f"error {MANIFEST}:0 the manifest lists 1 file, artifacts.dvc says 2",
        f"error {MANIFEST}:0 the manifest's files have 10 bytes, artifacts.dvc says 11",
    ]


def test_a_manifest_without_files_is_refused() -> None:
    empty = replace(manifest(), files=())
    assert said(new_version(empty)) == [f"error {MANIFEST}:0 this manifest lists no file"]


def test_files_that_differ_are_named_on_both_sides() -> None:
    assert said(new_version(manifest("a.bin", "b.bin"), listing=["b.bin", "c.bin"])) == [
        f"error {MANIFEST}:0 a.bin is in the manifest and not in the DVC listing",
        f"error {MANIFEST}:0 c.bin is in the DVC listing and not in the manifest",
    ]


def test_a_lost_object_is_named_with_the_storage_and_the_mend() -> None:
    value = candidate(versions=[new_version(missing=["0" * 32])])
    assert found(check, value) == [
        f"error {POINTER}:0 model.safetensors ({'0' * 32}) is not in the storage s3://acme"
    ]
    assert hints(check, value) == [f"push it from the clone that registered it: dvc push {POINTER}"]


def test_a_lost_listing_is_named_as_such() -> None:
    assert said(replace(new_version(missing=[ID]), listing=None)) == [
        f"error {POINTER}:0 the listing {ID} is not in the storage s3://acme"
    ]


def test_a_corrupt_listing_is_said_in_its_own_words() -> None:
    assert said(replace(new_version(corrupt="the listing has other bytes"), listing=None)) == [
        f"error {POINTER}:0 the listing has other bytes"
    ]


def test_a_storage_that_was_not_asked_is_no_reason_to_push() -> None:
    value = candidate(versions=[replace(new_version(), listing=None, unasked="the storage was not asked")])
    assert found(check, value) == [f"error {POINTER}:0 the storage was not asked"]
    assert hints(check, value) == ["make two changes: where the storage is first, then the version in it"]


def test_many_findings_are_counted_and_not_listed() -> None:
    paths = [f"part-{index:02}.bin" for index in range(14)]
    lost = said(new_version(manifest(*paths), missing=[f"{index:032x}" for index in range(14)]))
    assert (len(lost), lost[-1]) == (11, f"error {POINTER}:0 4 more objects are not in the storage")
    other = said(new_version(manifest(*paths), listing=[], pointer=Pointer(ID, 140, 14)))
    assert (len(other), other[-1]) == (11, f"error {MANIFEST}:0 4 more files differ")
