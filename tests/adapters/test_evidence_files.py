"""Evidence that comes out of a pull request's own run: the very page where it is ours, one sentence where it is not."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmark.adapters.evidence_files import LARGEST, decode_evidence, read_evidence
from modelmark.domain.evidence import Evidence
from modelmark.domain.findings import Finding, Level, Verdict
from modelmark.errors import InvalidInput, ModelmarkError, Refused
from modelmark.render.data import json_text
from modelmark.render.evidence_json import evidence_json
from modelmark.render.evidence_page import evidence_page
from tests.render.test_evidence import check_inert
from tests.render.values import HOSTILE, MARKUP, evidence

HEAD = evidence().head
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


def text_of(value: Evidence) -> str:
    return json_text(evidence_json(value))


def raw(**changes: Any) -> dict[str, Any]:
    return {**json.loads(text_of(evidence())), **changes}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "evidence.json"


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
    NUMBERS,
    st.integers(0, 2**53),
    st.booleans(),
)
def test_what_check_writes_comes_back_as_it_was_and_makes_the_same_page(
    text: str, number: float, count: int, direct: bool
) -> None:
    made = evidence(text)
    dossier = made.subjects[1]
    row = replace(dossier.metrics[0], difference=number)
    found = replace(made.verdict.findings[0], line=count)
    made = replace(
        made,
        files=count,
        moves=(replace(made.moves[0], direct=direct), *made.moves[1:]),
        verdict=Verdict(made.verdict.rules, (found, *made.verdict.findings[1:])),
        subjects=(made.subjects[0], replace(dossier, metrics=(row, *dossier.metrics[1:])), made.subjects[2]),
    )
    again = decode_evidence(json.loads(text_of(made)))
    assert again == made
    assert evidence_page(again) == evidence_page(made)


@pytest.mark.parametrize("text", [MARKUP, HOSTILE + MARKUP, "x" * 20_000])
def test_a_hostile_text_ends_as_an_inert_page(place: Path, text: str) -> None:
    place.write_text(text_of(evidence(text)), encoding="utf-8")
    read = read_evidence(place, HEAD)
    assert read is not None
    page = evidence_page(read)
    check_inert(page)
    assert len(page) <= 60_000
    assert page == evidence_page(evidence(text))


def test_none_there_is_none(place: Path) -> None:
    assert read_evidence(place, HEAD) is None


def test_evidence_about_another_commit_is_refused(place: Path) -> None:
    place.write_text(text_of(evidence()), encoding="utf-8")
    with pytest.raises(Refused, match=r"is about the commit 76543210fedc, and not about aaaaaaaaaaaa"):
        read_evidence(place, "a" * 40)


def link(place: Path) -> None:
    place.with_name("elsewhere").write_text(text_of(evidence()))
    place.symlink_to("elsewhere")


FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "a link": (link, "cannot be opened"),
    "a folder": (Path.mkdir, "is no regular file"),
    "a pipe": (os.mkfifo, "is no regular file"),
    "too large": (lambda place: place.write_bytes(b" " * (LARGEST + 1)), "larger than 4 MiB"),
    "not UTF-8": (lambda place: place.write_bytes(b"\xff"), "not UTF-8"),
    "empty": (lambda place: place.write_bytes(b""), "not JSON"),
    "NaN": (lambda place: place.write_text('{"files": NaN}'), "NaN is not a number"),
    "infinite": (lambda place: place.write_text('{"files": 1e999}'), "too large for a number"),
    "a long number": (lambda place: place.write_text(f'{{"files": {"9" * 5000}}}'), "cannot be used"),
    "deep": (lambda place: place.write_text("[" * 100_000), "nested too deep"),
    "quite deep": (lambda place: place.write_text("[" * 900 + "]" * 900), "does not fit|nested too deep"),
    "a key twice": (lambda place: place.write_text('{"a": 1, "a": 2}'), "stands there twice"),
    "half a character": (lambda place: place.write_text('{"a": "\\ud800"}'), "half a character"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_none_of_ours_is_one_sentence(name: str, place: Path) -> None:
    make, said = FILES[name]
    make(place)
    with pytest.raises(InvalidInput, match=said) as caught:
        read_evidence(place, HEAD)
    assert len(caught.value.message) < 400


def deeper(key: str, **changes: Any) -> dict[str, Any]:
    """The evidence with the first value of a list changed."""
    value = raw()
    value[key][0] = {**value[key][0], **changes}
    return value


WRONG = {
    "a list": [],
    "an unknown key": raw(extra=1),
    "a key that is not there": {key: item for key, item in raw().items() if key != "moves"},
    "a wrong type": raw(files="3"),
    "truth for a number": raw(files=True),
    "a huge number": raw(files=10**4000),
    "no name of a model": deeper("moves", model="../evil"),
    "no name of an alias": deeper("moves", alias="v1"),
    "no version": deeper("moves", after="1.0.0.0`"),
    "no level": deeper("findings", level="fatal"),
    "no check": deeper("findings", rule="a|b](https://e.example)"),
    "no check, by a line end": raw(rules=["flow\n"]),
    "no check that explains itself": raw(asks={"<b>": "x"}),
    "no commit": raw(head="HEAD"),
    "no base": raw(base="main"),
    "no date": deeper("subjects", created_at="yesterday"),
    "another verdict": raw(passed=True),
    "a real number too large": deeper(
        "subjects",
        history=[{"metric": "f1", "where": {}, "dataset": "", "split": "", "limit": 10**400, "points": []}],
    ),
    "no kind": deeper(
        "subjects",
        evaluations=[
            {
                "at": "2026-01-02T12:00:00Z",
                "by": "",
                "kind": "@x",
                "metrics": [],
                "note": "",
                "data_version": None,
            }
        ],
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit_is_refused_in_a_sentence_that_repeats_none_of_it(name: str) -> None:
    with pytest.raises(InvalidInput, match=r"^the evidence ") as caught:
        decode_evidence(WRONG[name])
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 400
    assert caught.value.hint


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | NUMBERS | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*raw(), "x"]), inner),
        max_leaves=12,
    )
)
def test_anything_else_in_place_of_a_part_is_never_an_exception_of_ours(value: Any) -> None:
    for key in ("findings", "moves", "subjects", "base", "asks"):
        try:
            evidence_page(decode_evidence(raw(**{key: value})))
        except ModelmarkError:
            continue


def test_as_many_findings_as_fit_take_seconds_and_a_page(place: Path) -> None:
    one = Finding("flow", Level.ERROR, "@octocat", "p")
    many = replace(evidence(), verdict=Verdict(("flow",), (one,) * 14_000))
    place.write_text(text_of(many), encoding="utf-8")
    assert 2 << 20 < place.stat().st_size <= LARGEST
    began = time.monotonic()
    read = read_evidence(place, HEAD)
    assert read is not None
    assert len(evidence_page(read)) <= 60_000
    assert time.monotonic() - began < 30


def test_a_whole_number_is_whole_however_json_writes_it() -> None:
    assert decode_evidence(raw(files=3.0)).files == 3
