from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
import yaml

from modelmark.adapters.strict_yaml import (
    MAX_BYTES,
    MappingNode,
    Scalar,
    line_of,
    parse_yaml,
    reading,
    to_json,
)
from modelmark.domain.json_values import Json
from modelmark.errors import InvalidInput

PATH = "models/m/model.yaml"


@pytest.fixture(params=["C parser", "pure parser"])
def _parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Both parsers, whichever of them this machine has."""
    if request.param == "pure parser":
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    elif not hasattr(yaml, "CSafeLoader"):
        pytest.skip("this PyYAML has no C parser")
    reading._pyyaml.cache_clear()
    yield
    reading._pyyaml.cache_clear()


def refusal(data: bytes | str) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        parse_yaml(data if isinstance(data, bytes) else data.encode(), PATH)
    assert caught.value.path == PATH
    assert caught.value.message
    assert caught.value.hint
    return caught.value


def read(text: str) -> Json:
    return to_json(parse_yaml(text.encode(), PATH))


def test_every_scalar_is_the_text_that_was_written() -> None:
    tree = parse_yaml(
        b"version: 1.10\nname: no\nnothing: null\ntilde: ~\nempty:\nn: 0x1f\nday: 2026-11-20\n", PATH
    )
    assert tree == {
        "version": "1.10",
        "name": "no",
        "nothing": "null",
        "tilde": "~",
        "empty": "",
        "n": "0x1f",
        "day": "2026-11-20",
    }
    assert isinstance(tree, MappingNode)
    assert all(isinstance(value, Scalar) and value.plain for value in tree.values())


def test_quoted_and_block_scalars_are_not_plain() -> None:
    tree = parse_yaml(b"a: '1'\nb: \"1\"\nc: |\n  1\nd: >-\n  1\n", PATH)
    assert isinstance(tree, MappingNode)
    assert [isinstance(value, Scalar) and value.plain for value in tree.values()] == [False] * 4


def test_a_scalar_knows_where_it_stands() -> None:
    text = "# ü\na: x\nb: 'y z' # why\n"
    tree = parse_yaml(text.encode(), PATH)
    assert isinstance(tree, MappingNode)
    value = tree["b"]
    assert isinstance(value, Scalar)
    assert (value.line, text[value.start : value.end]) == (3, "'y z'")


def test_lines_are_found_by_location_and_missing_steps_are_passed_over() -> None:
    tree = parse_yaml(b"a:\n  b:\n    - x\n    - c: 1\n      d: 2\ne: {f: 1}\n", PATH)
    assert line_of(tree, ()) == 1
    assert line_of(tree, ("a", "b")) == 2
    assert line_of(tree, ("a", "b", 1)) == 4
    assert line_of(tree, ("a", "b", 1, "d")) == 5
    assert line_of(tree, ("a", "b", 1, "not there")) == 4
    assert line_of(tree, ("a", "b", 9)) == 2
    assert line_of(tree, ("e", "<union tag>", "f", "[key]")) == 6


def test_an_empty_document_is_an_empty_text() -> None:
    assert (
        parse_yaml(b"", PATH) == parse_yaml(b"# only a comment\n", PATH) == parse_yaml(b"---\n", PATH) == ""
    )


def test_plain_json_words_and_numbers_convert_in_free_form_parts() -> None:
    assert read("[true, false, null, 1, -1, 0.5, 1e5, 1.10, -0.5E-3]") == [
        True,
        False,
        None,
        1,
        -1,
        0.5,
        1e5,
        1.1,
        -5e-4,
    ]


def test_everything_else_stays_text_in_free_form_parts() -> None:
    words = [
        "True",
        "yes",
        "no",
        "~",
        "",
        "01",
        "+1",
        ".5",
        "5.",
        "1_000",
        "0x1f",
        ".inf",
        ".nan",
        "NaN",
        "Infinity",
        "١",
    ]
    assert read("\n".join(f"- {word}" for word in words)) == words
    assert read("['1', \"true\", 'null']") == ["1", "true", "null"]


@pytest.mark.parametrize("number", ["1e999", "-1e999", "9" * 301, "0." + "1" * 300])
def test_a_number_that_no_double_holds_is_refused_with_its_line(number: str) -> None:
    tree = parse_yaml(f"a: 1\nb: {number}\n".encode(), PATH)
    with pytest.raises(InvalidInput, match="too large") as caught:
        to_json(tree)
    assert caught.value.line == 2


def test_free_form_parts_are_plain_values_of_python() -> None:
    found = read("{a: x, b: [y]}")
    assert isinstance(found, dict)
    assert {type(key) for key in found} == {str}
    assert type(found["a"]) is str
    assert type(found["b"]) is list


@pytest.mark.usefixtures("_parser")
@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "the key 'a' is there twice, first in line 1"),
        ("{a: 1, 'a': 2}", 1, "the key 'a' is there twice"),
        ("x:\n  a: 1\n  a: 1\n", 3, "twice, first in line 2"),
        ("a: 1\nb: &x 2\n", 2, "&x names a value for reuse (a YAML anchor)"),
        ("&x a: 1\n", 1, "anchor"),
        ("a: &x\n  b: 1\n", 1, "anchor"),
        ("a: &x [1]\nb: *x\n", 1, "anchor"),
        ("a: 1\nb: *x\n", 2, "*x repeats another value (a YAML alias)"),
        ("a: 1\nb: !!str 2\n", 2, "is a YAML tag"),
        ("a: ! x\n", 1, "is a YAML tag"),
        ("a: !!python/object/apply:os.system [id]\n", 1, "is a YAML tag"),
        ("!!map {a: 1}\n", 1, "is a YAML tag"),
        ("a: 1\n<<: {b: 2}\n", 2, "merge key"),
        ("a: 1\n---\nb: 2\n", 2, "a second document starts here"),
        ("%YAML 1.1\n---\na: 1\n", 1, "% directive"),
        ("%TAG ! tag:x,2000:\n---\na: 1\n", 1, "% directive"),
        ("a:\n\tb: 1\n", 2, "a tab cannot indent YAML"),
        ("a: @x\n", 1, "a value cannot start with '@'"),
        ("a: 1\nb: `x\n", 2, "a value cannot start with '`'"),
        ("a: b: c\n", 1, "a ': ' stands where no key can be"),
        ("a: 1\n b: 2\n", 2, "a ': ' stands where no key can be"),
        ("  a: 1\n b: 2\n", 2, "the indentation does not fit"),
        ("a:\n  - x\n y\n", 3, "the indentation does not fit"),
        ("a: 1\n- b\n", 2, "the indentation does not fit"),
        ("a: 1\nb: \"x\nc: 1\n", 2, "the quote that opens here is never closed"),
        ("a: 1\nb\nc: 1\n", 2, "this is neither 'key: value' nor the rest of a value"),
        ("a: [1, 2\nb: 3\n", 2, "a [ or { is not closed"),
        ('a: "\\q"\n', 1, "a \\ starts an escape that YAML does not know"),
        ("? [a]\n: 1\n", 1, "a key must be text"),
        ("{a: 1}: 2\n", 1, "a key must be text"),
        ("{? : 1}", 1, "the key before the ':' is missing"),
        ("a: " + "[" * 64 + "]" * 64, 1, "nested more than 64 deep"),
        ("a:\n" + "".join(f"{' ' * depth}a:\n" for depth in range(1, 80)), 65, "nested more than 64 deep"),
    ],
)  # fmt: skip
def test_what_lets_a_file_mean_more_than_it_shows_is_refused(text: str, line: int, says: str) -> None:
    error = refusal(text)
    assert says in error.message
    assert error.line == line


@pytest.mark.usefixtures("_parser")
def test_half_a_character_is_refused() -> None:
    assert refusal('a: "\\ud800"\n').line == 1


@pytest.mark.parametrize(
    "char",
    [
        "\x00",
        "\x07",
        "\x1b",
        "\x7f",
        "\x85",
        "\u2028",
        "\u2029",
        "\ufeff",
        "\u202e",
        "\u2066",
        "\uffff",
        "\r",
    ],
)
def test_invisible_characters_are_refused_with_their_line(char: str) -> None:
    error = refusal(f"a: 1\r\nb: x{char}y\nc: 1\n")
    assert error.line == 2
    assert f"U+{ord(char):04X}" in error.message


def test_an_escape_may_name_a_control_character() -> None:
    assert read('a: "\\x1b[31m\\u2028"') == {"a": "\x1b[31m\u2028"}


def test_bytes_that_are_not_utf8_are_refused_with_their_line() -> None:
    assert refusal(b"a: 1\nb: \xff\n").line == 2
    assert refusal("a: 1\n".encode("utf-16")).message == "this is not UTF-8"
    assert "U+0000" in refusal("a: 1\n".encode("utf-16-le")).message


def test_a_byte_order_mark_is_refused() -> None:
    assert "byte order mark" in refusal(b"\xef\xbb\xbfa: 1\n").message


def test_five_mebibytes_are_refused_unread() -> None:
    assert "4 MiB" in refusal(b"a: " + b"x" * (5 << 20)).message


def test_one_huge_scalar_is_read() -> None:
    data = b"a: " + b"x" * (MAX_BYTES - 3)
    assert parse_yaml(data, PATH) == {"a": "x" * (MAX_BYTES - 3)}


@pytest.mark.parametrize(
    "unit",
    ["[", "{", "- ", "? ", "[a,", "!", "&", "*", "{a,", "'", '"', "- a\n", "a:\n ", "a: |\n ", "\n", "[],"],
)
def test_four_mebibytes_of_malice_cost_little(unit: str) -> None:
    data = (unit * (MAX_BYTES // len(unit))).encode()
    before = time.process_time()
    with suppress(InvalidInput):
        parse_yaml(data, PATH)
    assert (
        time.process_time() - before < 10
    )  # about one second for the worst of them; minutes without our limits


@pytest.mark.parametrize("unit", ["&a", "*a", "!a", "%a", "@", "'a' "])
def test_a_message_never_grows_with_the_file(unit: str) -> None:
    assert len(refusal(unit[0] + unit[1:] * 100_000).message) < 300


def test_yaml_is_imported_only_when_a_file_is_read() -> None:
    code = "import sys, modelmark.adapters.yaml_files; sys.exit('yaml' in sys.modules or 'pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
