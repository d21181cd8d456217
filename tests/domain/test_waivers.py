"""A waiver excuses exactly the finding that it names, for exactly as long as it says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from modelmark.domain.findings import Finding, Level
from modelmark.domain.policy import Card, Waiver
from modelmark.domain.waivers import excuse
from tests.support.candidates import CARD, MANIFEST
from tests.support.domain import MODEL

TODAY = date(2026, 1, 2)
ABOUT = "9f86d081" * 8
FOUND = Finding(
    "scan", Level.ERROR, "model.pkl is a pickle", MANIFEST, hint="give a safetensors file", about=ABOUT
)
WAIVER = Waiver("scan", ABOUT, "trained by ourselves", "ada@example.org", TODAY)


def judged(found: Finding, *waivers: Waiver, today: date = TODAY) -> Finding:
    (only,) = excuse([found], {MODEL: Card(MODEL, waivers=waivers)}, {"scan"}, today)
    return only


def test_an_error_that_a_waiver_names_is_a_warning_that_quotes_it() -> None:
    excused = judged(FOUND, WAIVER)
    assert excused == replace(
        FOUND,
        level=Level.WARNING,
        message="waived until 2026-01-02 by ada@example.org (trained by ourselves): model.pkl is a pickle",
        hint="",
    )


def test_the_last_day_counts_and_the_day_after_does_not() -> None:
    assert judged(FOUND, WAIVER, today=TODAY).level is Level.WARNING
    late = judged(FOUND, WAIVER, today=TODAY + timedelta(days=1))
    assert late.level is Level.ERROR
    assert late.hint == "its waiver expired on 2026-01-02: give a safetensors file"


def test_an_expired_waiver_is_said_without_a_hint_too() -> None:
    late = judged(replace(FOUND, hint=""), WAIVER, today=TODAY + timedelta(days=1))
    assert late.hint == "its waiver expired on 2026-01-02"


def test_of_two_waivers_the_longer_one_counts() -> None:
    later = replace(WAIVER, expires=TODAY + timedelta(days=9), owner="bob@example.org")
    for pair in ((WAIVER, later), (later, WAIVER)):
        assert "until 2026-01-11 by bob" in judged(FOUND, *pair, today=TODAY + timedelta(days=5)).message


@pytest.mark.parametrize(
    "waiver",
    [
        replace(WAIVER, check="licenses"),
        replace(WAIVER, about=ABOUT.upper()),
        replace(WAIVER, about=ABOUT[:12]),
        replace(WAIVER, about=""),
        replace(WAIVER, about="*"),
    ],
)
def test_a_waiver_of_anything_else_excuses_nothing(waiver: Waiver) -> None:
    assert replace(judged(FOUND, waiver), hint=FOUND.hint) == FOUND


def test_a_mistyped_waiver_is_told_beside_the_finding_that_it_misses() -> None:
    other = replace(WAIVER, about=ABOUT[:12])
    assert judged(FOUND, other).hint == (
        f"give a safetensors file (its waiver in model.yaml is about '9f86d0819f86', which is not {ABOUT!r})"
    )
    assert "'9f86d0819f86' (and 1 more)," in judged(FOUND, replace(WAIVER, about="x"), other).hint
    assert judged(FOUND, replace(WAIVER, check="licenses")).hint == FOUND.hint


def test_what_no_waiver_can_name_is_never_excused() -> None:
    nameless = replace(FOUND, about="")
    assert judged(nameless, replace(WAIVER, about="")) == nameless


def test_a_rule_that_cannot_be_waived_is_not() -> None:
    found = replace(FOUND, rule="metrics")
    assert judged(found, replace(WAIVER, check="metrics")) == found


@pytest.mark.parametrize("level", [Level.WARNING, Level.NOTE])
def test_what_refuses_nothing_needs_no_excuse(level: Level) -> None:
    assert judged(replace(FOUND, level=level), WAIVER) == replace(FOUND, level=level)


@pytest.mark.parametrize("path", ["models/another/1/manifest.yaml", "", "registry.yaml"])
def test_a_waiver_of_one_model_excuses_no_other(path: str) -> None:
    elsewhere = replace(FOUND, path=path)
    assert judged(elsewhere, WAIVER) == elsewhere


def test_every_finding_is_kept_in_its_order() -> None:
    others = [replace(FOUND, about=str(number)) for number in range(3)]
    cards = {MODEL: Card(MODEL, waivers=(replace(WAIVER, about="1"),))}
    levels = [one.level for one in excuse(others, cards, {"scan"}, TODAY)]
    assert levels == [Level.ERROR, Level.WARNING, Level.ERROR]
    assert [one.path for one in excuse([replace(FOUND, path=CARD)], {}, {"scan"}, TODAY)] == [CARD]
