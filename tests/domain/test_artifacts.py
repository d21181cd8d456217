"""A DVC directory listing comes from a storage that anybody may have written to."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmark.domain.artifacts import DIRECTORY_MD5, MD5, ListedFile, parse_listing
from modelmark.domain.names import check_path_set, parse_artifact_path
from modelmark.errors import Corrupt

ID = "0" * 31 + "a"


def directory_id(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest() + ".dir"


def parse(listing: object) -> tuple[ListedFile, ...]:
    data = json.dumps(listing).encode()
    return parse_listing(data, directory_id(data))


def test_a_listing_is_read_and_sorted_by_path() -> None:
    found = parse([{"md5": ID, "relpath": "weights/b.bin"}, {"md5": ID, "relpath": "a.json"}])
    assert found == (ListedFile("a.json", ID), ListedFile("weights/b.bin", ID))


def test_an_empty_directory_has_an_empty_listing() -> None:
    assert parse([]) == ()


def test_other_bytes_than_those_of_the_id_are_corrupt() -> None:
    data = json.dumps([{"md5": ID, "relpath": "a"}]).encode()
    with pytest.raises(Corrupt, match="has other bytes") as caught:
        parse_listing(data + b" ", directory_id(data))
    assert caught.value.hint


def test_the_id_of_a_single_file_is_not_the_id_of_a_listing() -> None:
    with pytest.raises(Corrupt, match="has other bytes"):
        parse_listing(b"[]", directory_id(b"[]").removesuffix(".dir"))


@pytest.mark.parametrize(
    "path",
    [
        "../../.ssh/authorized_keys",
        "/etc/passwd",
        "a/../b",
        "",
        ".git/hooks/pre-commit",
        "a\\b",
        "con",
        "a b",
    ],
)
def test_a_listing_that_leaves_its_directory_is_corrupt(path: str) -> None:
    with pytest.raises(Corrupt, match="is not a DVC listing"):
        parse([{"md5": ID, "relpath": path}])


@pytest.mark.parametrize("paths", [["a", "a"], ["a", "A"], ["a", "a/b"]])
def test_a_listing_whose_paths_collide_is_corrupt(paths: list[str]) -> None:
    with pytest.raises(Corrupt, match="is not a DVC listing"):
        parse([{"md5": ID, "relpath": path} for path in paths])


@pytest.mark.parametrize(
    "md5", ["", "a" * 31, "A" * 32, "g" * 32, "a" * 32 + ".dir", "a" * 32 + "\n", None, 7]
)
def test_an_entry_without_the_md5_of_a_file_is_corrupt(md5: object) -> None:
    with pytest.raises(Corrupt, match="no md5 of 32 hex digits"):
        parse([{"md5": md5, "relpath": "a"}])


@pytest.mark.parametrize(
    "listing",
    [
        None,
        7,
        "",
        {},
        {"md5": ID, "relpath": "a"},
        [[]],
        ["a"],
        [None],
        [{}],
        [{"md5": ID}],
        [{"md5": ID, "relpath": 7}],
        [{"md5": ID, "relpath": "a", "isexec": True}],
    ],
)
def test_any_other_json_is_corrupt(listing: object) -> None:
    with pytest.raises(Corrupt, match="is not a DVC listing"):
        parse(listing)


@pytest.mark.parametrize("data", [b"", b"[", b"\xff", b"[" * 100_000, b"[" + b"1" * 5000 + b"]"])
def test_what_is_no_json_is_corrupt(data: bytes) -> None:
    with pytest.raises(Corrupt, match="is not a DVC listing"):
        parse_listing(data, directory_id(data))


entries = st.dictionaries(
    st.sampled_from(["md5", "relpath", "x"]), st.just(ID) | st.text(max_size=8) | st.none()
)


@given(st.lists(entries, max_size=4) | st.recursive(st.none() | st.text(), st.lists))
def test_every_listing_is_corrupt_or_a_set_of_safe_paths(listing: object) -> None:
    try:
        found = parse(listing)
    except Corrupt:
        return
    check_path_set(parse_artifact_path(file.path) for file in found)
    assert all(MD5.fullmatch(file.md5) for file in found)


def test_the_id_of_a_directory_has_the_ending_that_dvc_gives_it() -> None:
    assert DIRECTORY_MD5.fullmatch(directory_id(b"[]"))
    assert not DIRECTORY_MD5.fullmatch(ID)
