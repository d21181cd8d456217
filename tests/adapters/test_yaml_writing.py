from __future__ import annotations

import io
import json
import math

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from modelmark.adapters.strict_yaml import (
    MAX_DEPTH,
    dump_yaml,
    parse_yaml,
    to_json,
)
from modelmark.domain.json_values import Json
from modelmark.errors import InvalidInput

PATH = "models/m/model.yaml"

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
WORDS = (
    "1e5 1.10 1_000 0x1f 0o17 0b1 .5 5. +1 -1 - -- --- ... .inf .nan 1:30 0 00 1e400 0.1.2 _1 NaN inf 2026-11-20 "
    "2026-11-20T18:40:49Z true True yes NO on y n ~ null Null = << * & ! % @ ` ? : a:b a: :a #a a#b [] {} , | > ' \" \\"
)
SPACES = "| | a|a |a: b|a #b|- a|? a|a\n|\na|a\n\n|a\nb|a\n  b\n|a\tb|a\n\tb|a\n |a\n \n|a \nb|a\n---\nb|a\n...\n|a\n# b\n|a\n\n b\n\n\n"
INVISIBLE = "\r\n|a\rb|\x00|\x1b[31m|\x7f|\x85|\xa0|\u2028|\ufeff|\u202eabc|\U0001f600|ü: x|\U000e0001|\uffff"
TRICKY = st.sampled_from(
    [*WORDS.split(), *SPACES.split("|"), *INVISIBLE.split("|"), "x" * 1200, "\x85" * 400]
)
NUMBERS = (
    st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([10**200, 1e-5, 1e16, -0.0])
)
DATA: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS | TRICKY,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS | TRICKY, inner, max_size=4),
    max_leaves=12,
)


def read(text: str) -> Json:
    return to_json(parse_yaml(text.encode(), PATH))


def test_depth_is_allowed_up_to_the_limit_and_written_up_to_it() -> None:
    data: Json = "x"
    for _ in range(MAX_DEPTH):
        data = [data]
    assert to_json(parse_yaml(dump_yaml(data), PATH)) == data
    with pytest.raises(InvalidInput, match="64 deep"):
        dump_yaml([data])
    assert read("[" * 64 + "]" * 64) is not None


@given(DATA)
@example({"a\nb": {"": []}, "c": [[], {}, [[1, "x\n"]], {"k": "a\nb"}]})
@example(["a\nb\n", "a\n\n", {"x" * 1100: {"y": "z\nz"}}])
def test_what_is_written_reads_back_the_same(data: Json) -> None:
    assert to_json(parse_yaml(dump_yaml(data), PATH)) == data


@given(DATA)
def test_readers_of_yaml_1_1_and_1_2_agree_with_us(data: Json) -> None:
    written = dump_yaml(data)
    assert same(yaml.safe_load(written), data)
    ruamel = pytest.importorskip("ruamel.yaml")
    assert same(ruamel.YAML(typ="safe", pure=True).load(io.StringIO(written.decode())), data)


def same(found: object, data: object) -> bool:
    """Equal, and of the same kind: a number is no text and no boolean."""
    return found == data and json.dumps(found, sort_keys=True) == json.dumps(data, sort_keys=True)


@given(DATA)
def test_what_is_written_ends_with_a_newline_and_holds_nothing_invisible(data: Json) -> None:
    text = dump_yaml(data).decode()
    assert text.endswith("\n")
    assert all(char.isprintable() or char in "\n\t" for char in text)


def test_block_style_keeps_the_order_and_stays_readable() -> None:
    data: Json = {
        "version": "1.10",
        "name": "no",
        "lr": 1e-05,
        "text": "f1 of 0.91, see #12",
        "note": "two\nlines",
        "files": [{"path": "a/b.json", "size": 3}, {"path": "c"}],
        "empty": {},
    }
    assert dump_yaml(data).decode() == (
        'version: "1.10"\n'
        'name: "no"\n'
        "lr: 1.0e-05\n"
        'text: "f1 of 0.91, see #12"\n'
        "note: |-\n"
        "  two\n"
        "  lines\n"
        "files:\n"
        "  - {path: a/b.json, size: 3}\n"
        "  - {path: c}\n"
        "empty: {}\n"
    )


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 10**300, "\ud800", {"\udfff": 1}])
def test_what_could_not_be_read_back_is_not_written(value: Json) -> None:
    with pytest.raises(InvalidInput):
        dump_yaml({"a": value})
