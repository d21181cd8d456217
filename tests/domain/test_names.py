"""Every rule of DESIGN.md, section 2, for the names of models and aliases and for the paths of artifacts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmark.domain.names import (
    check_path_set,
    parse_alias_name,
    parse_artifact_path,
    parse_model_name,
    shown,
)
from modelmark.errors import InvalidInput
from tests.support.domain import alias_names, model_names


@given(model_names)
def test_a_model_name_is_read_as_it_is_written(name: str) -> None:
    assert parse_model_name(name) == name


@pytest.mark.parametrize("name", ["a", "7", "nlp-sentiment", "a--b", "x" * 63])
def test_lower_case_letters_digits_and_inner_hyphens_make_a_model_name(name: str) -> None:
    assert parse_model_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "-a",
        "a-",
        "A",
        "a_b",
        "a.b",
        "a/b",
        "..",
        "a b",
        "a\n",
        "ä",
        "٣",
        "a@v1",
        "a#b",
        "--force",
        "x" * 64,
    ],
)
def test_anything_else_is_no_model_name_and_the_hint_shows_one(name: str) -> None:
    with pytest.raises(InvalidInput, match="is not a model name") as caught:
        parse_model_name(name)
    assert "nlp-sentiment" in caught.value.hint


@given(alias_names)
def test_an_alias_name_is_read_as_it_is_written(name: str) -> None:
    assert parse_alias_name(name) == name


@pytest.mark.parametrize("name", ["p", "prod", "prev_prod", "site-7", "v", "v2-canary", "vv1", "x" * 32])
def test_a_letter_then_letters_digits_underscores_and_hyphens_make_an_alias_name(name: str) -> None:
    assert parse_alias_name(name) == name


@pytest.mark.parametrize(
    "name", ["", "7", "1a", "_a", "-a", "a_", "a-", "Prod", "a.b", "a#b", "a b", "prod\n", "x" * 33]
)
def test_anything_else_is_no_alias_name(name: str) -> None:
    with pytest.raises(InvalidInput, match="is not an alias name"):
        parse_alias_name(name)


@pytest.mark.parametrize("name", ["latest", "none", "v1", "v007"])
def test_a_name_that_already_means_something_is_no_alias_name(name: str) -> None:
    with pytest.raises(InvalidInput, match="already has a meaning"):
        parse_alias_name(name)


@pytest.mark.parametrize(
    "path",
    [
        "model.onnx",
        "_private",
        "a/b/c.txt",
        "A-1_2.3+4@5=6,7",
        "config/concert.json",
        "lpt.txt",
        "com10",
        "x" * 128,
        "/".join("abcdefghijklmnop"),
        "/".join(["x" * 127] * 4)[:512],
    ],
)
def test_plain_relative_paths_are_artifact_paths(path: str) -> None:
    assert parse_artifact_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/etc/passwd",
        "a/",
        "a//b",
        ".",
        "..",
        "../a",
        "a/../b",
        "./a",
        ".git/config",
        "a/.hidden",
        "-rf",
        "a/-b",
        "C:/a",
        "a\\b",
        "a b",
        "a\nb",
        "a\n",
        "a\0b",
        "é.txt",
        "a:b",
        "~root",
        "$HOME",
        "a*",
        "+a",
        "@a",
        "x" * 129,
    ],
)
def test_a_segment_of_any_other_form_is_no_artifact_path(path: str) -> None:
    with pytest.raises(InvalidInput, match="is not a path that an artifact may have"):
        parse_artifact_path(path)


@pytest.mark.parametrize(
    "path", ["con", "NUL", "aux.txt", "a/Prn", "com1/a", "LPT9.tar.gz", "com0", "con.a/model.bin"]
)
def test_a_windows_device_is_no_artifact_path(path: str) -> None:
    with pytest.raises(InvalidInput, match="on Windows"):
        parse_artifact_path(path)


@pytest.mark.parametrize("path", ["/".join("abcdefghijklmnopq"), "/".join(["x" * 127] * 4) + "/a"])
def test_seventeen_levels_or_513_bytes_are_too_long(path: str) -> None:
    assert path.count("/") == 16 or len(path) == 513
    with pytest.raises(InvalidInput, match="too long"):
        parse_artifact_path(path)


@given(st.text())
def test_a_path_that_is_let_through_stays_inside_its_directory(text: str) -> None:
    try:
        path = parse_artifact_path(text)
    except InvalidInput:
        return
    assert path == text
    assert path.isascii()
    assert all(part.strip(".") for part in path.split("/"))


def test_paths_of_one_tree_go_together() -> None:
    check_path_set(["a/b", "a/c", "d", "a-b", "e/b"])


@pytest.mark.parametrize("paths", [["a", "a"], ["a/b", "c", "a/b"]])
def test_a_path_may_not_be_listed_twice(paths: list[str]) -> None:
    with pytest.raises(InvalidInput, match="listed twice"):
        check_path_set(paths)


@pytest.mark.parametrize("paths", [["a", "A"], ["a/B", "a/b"], ["a/x", "A/y"], ["a", "A/b"]])
def test_two_paths_may_not_differ_only_in_case(paths: list[str]) -> None:
    for order in (paths, paths[::-1]):
        with pytest.raises(InvalidInput, match="upper and lower case"):
            check_path_set(order)


@pytest.mark.parametrize("paths", [["a", "a/b"], ["a/b/c", "a/b"]])
def test_a_file_may_not_also_be_a_directory(paths: list[str]) -> None:
    for order in (paths, paths[::-1]):
        with pytest.raises(InvalidInput, match="also a directory"):
            check_path_set(order)


@given(st.text())
def test_foreign_text_is_shown_on_one_short_line_of_printable_ascii(text: str) -> None:
    assert shown(text).isascii()
    assert shown(text).isprintable()
    assert len(shown(text, limit=5)) <= 5 * len(r"\U00000000") + len(r"''\u2026")
