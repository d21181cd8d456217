"""The names and the bytes of tags; their messages are in test_tag_messages.py, what they mean in test_history.py."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmark.domain.names import AliasName, ModelName
from modelmark.domain.tags import (
    AssignmentTag,
    Message,
    Person,
    TagName,
    VersionTag,
    parse_person,
    parse_tag_name,
    parse_tag_object,
    write_tag_object,
)
from modelmark.errors import InvalidInput
from tests.support.domain import (
    ADA,
    MODEL,
    NOON,
    PROD,
    alias_names,
    model_names,
    numbers,
    object_id,
    version,
    versions,
)

TAG = AssignmentTag(MODEL, PROD, 12)
COMMIT = object_id("a commit")

tag_names = st.builds(VersionTag, model_names, versions) | st.builds(
    AssignmentTag, model_names, alias_names, numbers
)


# --- names --------------------------------------------------------------------------------------------------------


@given(tag_names)
def test_a_tag_name_is_read_back_from_its_text(name: TagName) -> None:
    assert parse_tag_name(str(name)) == name


def test_the_two_forms_of_a_tag_name() -> None:
    assert parse_tag_name("m@v1.0.2+gpu") == VersionTag(ModelName("m"), version("1.0.2+gpu"))
    assert parse_tag_name("m#prev_prod#12") == AssignmentTag(ModelName("m"), AliasName("prev_prod"), 12)


@given(tag_names)
def test_git_accepts_every_tag_name_that_we_write(name: TagName) -> None:
    # The rules of `git check-ref-format`.
    text = str(name)
    assert not any(char in text for char in " ~^:?*[\\\x7f/")
    assert not any(part in text for part in ("..", "@{", "//"))
    assert not text.startswith((".", "-"))
    assert not text.endswith((".", ".lock"))


@pytest.mark.parametrize("name", ["v1.0", "release-7", "m@1", "main", "", "m@latest"])
def test_a_tag_of_somebody_else_is_not_ours(name: str) -> None:
    assert parse_tag_name(name) is None


@pytest.mark.parametrize(
    "name",
    [
        "m@v",
        "m@v01",
        "m@vlatest",
        "@v1",
        "M@v1",
        "m#prod",
        "m#prod#",
        "m#prod#0",
        "m#prod#01",
        "m#prod#1#2",
        "m#prod#1234567890",
        "m#prod#٣",
        "m#prod#1\n",
        "#prod#1",
        "m##1",
        "m#latest#1",
        "m@v1#1",
    ],
)
def test_a_tag_that_looks_like_ours_must_be_well_formed(name: str) -> None:
    with pytest.raises(InvalidInput):
        parse_tag_name(name)


# --- objects ------------------------------------------------------------------------------------------------------


def test_the_bytes_of_a_tag_depend_on_nothing_but_the_arguments() -> None:
    data = write_tag_object(COMMIT, TAG, ADA, Message("subject", "reason", {"Version": "6"}))
    stamp = int(NOON.timestamp())
    assert data.decode() == (
        f"object {COMMIT}\ntype commit\ntag nlp-sentiment#prod#12\n"
        f"tagger Ada <ada@example.org> {stamp} +0000\n\nsubject\n\nreason\n\nVersion: 6\n"
    )


@given(st.text(), st.text())
def test_no_name_or_address_of_a_person_adds_a_header(name: str, email: str) -> None:
    found = parse_tag_object(write_tag_object(COMMIT, TAG, Person(name, email, NOON), Message("s", "", {})))
    assert (found.target, found.name, found.message) == (COMMIT, str(TAG), "s\n")
    assert found.tagger.at == NOON
    assert found.tagger.name
    assert found.tagger.email


HEADERS = {
    "object": COMMIT,
    "type": "commit",
    "tag": str(TAG),
    "tagger": "Ada <ada@example.org> 1767355200 +0100",
}


def object_of(headers: list[tuple[str, str]]) -> bytes:
    return ("\n".join(f"{key} {value}" for key, value in headers) + "\n\nsubject\n").encode()


def test_headers_are_read_in_the_order_of_git() -> None:
    found = parse_tag_object(object_of(list(HEADERS.items())))
    assert (found.target, found.target_type, found.name) == (COMMIT, "commit", str(TAG))
    assert str(found.tagger) == "Ada <ada@example.org>"
    assert found.tagger.at.utcoffset() == timedelta(hours=1)
    assert found.tagger.at == datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize("missing", list(HEADERS))
def test_a_tag_object_without_one_of_its_headers_is_refused(missing: str) -> None:
    with pytest.raises(InvalidInput, match="not an annotated tag"):
        parse_tag_object(object_of([item for item in HEADERS.items() if item[0] != missing]))


def test_a_tag_object_with_its_headers_in_another_order_is_refused() -> None:
    with pytest.raises(InvalidInput, match="not an annotated tag"):
        parse_tag_object(object_of(list(HEADERS.items())[::-1]))


def test_a_tag_object_that_is_not_utf8_is_refused() -> None:
    with pytest.raises(InvalidInput, match="UTF-8"):
        parse_tag_object(object_of(list(HEADERS.items())) + b"\xff")


@pytest.mark.parametrize("target", ["", "HEAD", "--all", "g" * 40, "a" * 39, "A" * 40])
def test_a_tag_object_must_point_at_an_object_id(target: str) -> None:
    with pytest.raises(InvalidInput, match="no object id"):
        parse_tag_object(object_of(list({**HEADERS, "object": target}.items())))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ada",
        "Ada <a@b> 12",
        "Ada <a@b> +0000",
        "Ada <a@b> 1e9 +0000",
        "Ada <a@b> 12 UTC",
        "A\n<a> 1 +0000",
    ],
)
def test_a_person_without_a_date_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="no readable author"):
        parse_person(text)


@pytest.mark.parametrize("text", ["Ada <a@b> 999999999999 +0000", "Ada <a@b> 12 +9900"])
def test_a_date_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="impossible date"):
        parse_person(text)


def test_a_zone_west_of_greenwich_is_negative_in_both_parts() -> None:
    assert parse_person("Ada <a@b> 0 -0330").at.utcoffset() == -timedelta(hours=3, minutes=30)
