"""A check as a person reads it: when it runs, what it needs, what it finds."""

from __future__ import annotations

from dataclasses import replace

from modelmark.domain.checks import Described
from modelmark.render.checks import described

SCAN = Described(
    "scan",
    "What is inside is harmless.",
    False,
    ("production",),
    "the bytes",
    ("Formats",),
    True,
    "model.pkl is …",
)


def test_everything_is_said_in_a_line_each() -> None:
    assert described(SCAN) == (
        "scan: What is inside is harmless.\n"
        "  runs:   in production\n"
        "  needs:  the bytes (Formats)\n"
        "  waiver: possible, in model.yaml\n"
        "  finds:  model.pkl is …"
    )


def test_it_says_when_it_runs() -> None:
    assert "runs:   always" in described(replace(SCAN, always=True, gates=()))
    assert "runs:   where a gate names it" in described(replace(SCAN, gates=None))
    assert "runs:   nowhere here" in described(replace(SCAN, gates=()))
    assert "runs:   in staging, production" in described(replace(SCAN, gates=("staging", "production")))


def test_what_cannot_be_waived_or_needs_no_facts_says_nothing_of_them() -> None:
    plain = described(replace(SCAN, waivable=False, facts=()))
    assert "waiver" not in plain
    assert "needs:  the bytes\n" in plain


def test_foreign_text_is_made_harmless() -> None:
    assert "\x1b" not in described(replace(SCAN, gates=("\x1b[31m",), example="\x1b[2J"))
