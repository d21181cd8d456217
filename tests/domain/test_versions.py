from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmark.domain.versions import FIRST, Version, parse_version
from modelmark.errors import InvalidInput
from tests.support.domain import builds, versions


@given(versions)
def test_a_version_is_read_back_from_its_text(version: Version) -> None:
    assert parse_version(str(version)) == version


@given(st.text(alphabet="0123456789.+-av", max_size=12))
def test_a_text_that_is_a_version_is_the_only_way_to_write_it(text: str) -> None:
    try:
        version = parse_version(text)
    except InvalidInput:
        return
    assert str(version) == text


@pytest.mark.parametrize(
    ("text", "numbers", "build"),
    [("7", (7,), ""), ("2.1", (2, 1), ""), ("1.0.2", (1, 0, 2), ""), ("3+gpu", (3,), "gpu"), ("0", (0,), "")],
)
def test_one_to_three_numbers_and_a_build_are_a_version(
    text: str, numbers: tuple[int, ...], build: str
) -> None:
    assert parse_version(text) == Version(numbers, build)


def test_a_trailing_zero_is_part_of_the_version() -> None:
    assert str(parse_version("1.10")) == "1.10"
    assert parse_version("1.10") != parse_version("1.1")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "v1",
        "01",
        "1.02",
        "1.2.3.4",
        "1.",
        ".1",
        "1..2",
        "-1",
        "1 ",
        "1\n",
        "1+",
        "1+GPU",
        "1+a_b",
        "1+a+b",
        "1-rc1",
        "1+" + "a" * 65,
        "1234567890",
        "٣",
        "latest",
        "none",
    ],
)
def test_anything_else_is_no_version(text: str) -> None:
    with pytest.raises(InvalidInput, match="is not a version"):
        parse_version(text)


@pytest.mark.parametrize("text", ["1+a..b", "1+a.", "1+.", "1+a.lock", "1+.lock"])
def test_a_build_that_git_refuses_in_a_tag_name_is_no_version(text: str) -> None:
    with pytest.raises(InvalidInput, match="is not a version"):
        parse_version(text)


@given(st.lists(versions.filter(lambda one: len(one.numbers) == 3)))
def test_versions_are_ordered_by_their_numbers_and_then_by_their_build(found: list[Version]) -> None:
    assert sorted(found) == sorted(found, key=lambda one: (*one.numbers, one.build))


def test_numbers_are_ordered_as_numbers_and_a_build_comes_after_none() -> None:
    texts = ["2.9", "2.10", "2.10+cpu", "2.10+gpu", "10.0"]
    assert sorted(map(parse_version, reversed(texts))) == list(map(parse_version, texts))


@given(versions.filter(lambda one: one.numbers[-1] < 999_999_999), builds)
def test_the_next_version_is_higher_than_every_build_of_this_one(version: Version, build: str) -> None:
    following = version.next()
    assert following > version
    assert following > Version(version.numbers, build)
    assert len(following.numbers) == len(version.numbers)
    assert not following.build
    assert parse_version(str(following)) == following


def test_counting_starts_at_one() -> None:
    assert str(FIRST) == "1"
