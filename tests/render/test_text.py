"""Foreign text is made harmless before anything is made of it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmark.render.text import clean, moment, plural, size, table


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain – text, 漢字 and é", "plain – text, 漢字 and é"),
        ("two\nlines\r\n\tand a tab", "two lines and a tab"),
        ("\x1b[31mred\x1b[0m", "?[31mred?[0m"),
        ("\x9b31m", "?31m"),
        ("bell\x07 null\x00 delete\x7f", "bell? null? delete?"),
        ("right\u202eto left", "right?to left"),
        ("zero\u200bwidth\ufeff", "zero?width?"),
        ("isolate\u2066x\u2069", "isolate?x?"),
        ("lone \ud800", "lone ?"),
        ("line\u2028para\u2029", "line para"),
        ("", ""),
    ],
)
def test_what_a_terminal_would_obey_or_hide_is_shown_as_a_question_mark(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_a_long_text_is_cut_with_a_sign() -> None:
    assert clean("x" * 501) == "x" * 499 + "…"
    assert clean("x" * 500) == "x" * 500
    assert clean("abcdef", 4) == "abc…"


@given(st.text())
def test_any_text_becomes_one_printable_line(text: str) -> None:
    assert clean(text).isprintable()
    assert clean(clean(text)) == clean(text)


def test_a_table_is_as_wide_as_its_widest_cell_and_has_no_loose_ends() -> None:
    assert table([("a", 1), ("long name", 22)], ("NAME", "N")) == "NAME       N\na          1\nlong name  22"


def test_a_hostile_cell_cannot_break_its_row() -> None:
    assert table([("a\nb", "\x1b[2J")], ("X", "Y")).split("\n") == ["X    Y", "a b  ?[2J"]


def test_a_moment_is_in_utc() -> None:
    assert moment(datetime(2026, 1, 2, 1, 30, tzinfo=timezone(timedelta(hours=2)))) == "2026-01-01 23:30"


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (1_500_000, "1.5 MB"),
        (2 * 10**12, "2000.0 GB"),
    ],
)
def test_sizes_are_as_people_say_them(count: int, said: str) -> None:
    assert size(count) == said


def test_counts_agree_with_their_noun() -> None:
    assert [plural(count, "file") for count in (0, 1, 2, 1234)] == [
        "0 files",
        "1 file",
        "2 files",
        "1,234 files",
    ]
