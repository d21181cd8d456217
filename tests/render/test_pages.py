"""The pages of comments and of rolling issues: golden files, inert whatever a repository says, and short enough for GitHub."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from modelmark.domain.findings import Finding, Level, Verdict
from modelmark.domain.threads import GATE, Kind, Topic
from modelmark.render.comment_page import comment_page, no_verdict_page
from modelmark.render.evidence_page import evidence_page
from modelmark.render.issue_page import issue_page
from tests.render.test_evidence import check_inert, headings
from tests.render.values import HOSTILE, MARKUP, evidence, verdict
from tests.support.goldens import Golden

TOPICS = {kind: Topic(kind, "m#prod#13" if kind is Kind.ALARM else "") for kind in Kind}
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def facts(text: str) -> dict[str, str]:
    return {"Tag": "m#prod#13", "Made by": f"Eve{text} <eve@example.org>", "Points at": COMMIT, "Nothing": ""}


def shown(name: str, text: str = "") -> str:
    if name == "comment":
        return comment_page(evidence(text))
    if name == "no-verdict":
        return no_verdict_page(COMMIT, f"The evidence cannot be used{text}.", f"run the check again{text}")
    kind = Kind(name)
    made = issue_page(TOPICS[kind], verdict(text), facts(text) if kind is Kind.ALARM else None)
    assert made is not None
    return f"{made.title}\n\n{made.body}"


PAGES = ["comment", "no-verdict", *Kind]


@pytest.mark.parametrize("name", PAGES)
def test_it_reads_as_it_was_reviewed(name: str, golden: Golden) -> None:
    golden(f"page-{name}.md", shown(name))


@pytest.mark.parametrize("text", [MARKUP, HOSTILE, HOSTILE + MARKUP, " many words" * 7_000])
@pytest.mark.parametrize("name", PAGES)
def test_no_text_of_a_repository_means_anything_on_a_page(name: str, text: str) -> None:
    page = shown(name, text)
    assert page.replace("\n", "").isprintable()
    assert len(page) <= 60_000
    title, _, body = page.partition(
        "\n"
    )  # an issue's title is no Markdown; a comment's marker is seen by nobody
    assert title == shown(name).partition("\n")[0]
    check_inert(body)
    assert headings(body) == headings(shown(name).partition("\n")[2]), "no heading is forged"


def test_a_comment_is_the_page_under_its_marker_and_says_which_commit_it_is_about() -> None:
    made = evidence()
    first, second, _, rest = comment_page(made).split("\n", 3)
    assert (first, rest) == (GATE, evidence_page(made))
    assert f"`{made.head[:12]}`" in second


def test_seventy_thousand_characters_of_evidence_are_a_comment_that_github_takes() -> None:
    made = evidence()
    long = replace(
        made,
        subjects=tuple(
            replace(one, notes={f"n{at}": "word " * 90 for at in range(300)}) for one in made.subjects
        ),
    )
    page = comment_page(long)
    assert 5_000 < len(page) <= 60_000
    assert "Left out, because the page would be too long" in page


def test_without_anything_loud_there_is_nothing_to_say() -> None:
    note = Verdict(("a",), (Finding("a", Level.NOTE, "fine"),))
    warning = Verdict(("a",), (Finding("a", Level.WARNING, "odd"),))
    assert [issue_page(topic, note) for topic in TOPICS.values()] == [None, None, None]
    assert [issue_page(topic, warning) is None for topic in TOPICS.values()] == [True, True, False]


def test_a_thousand_findings_are_counted_and_the_worst_are_shown() -> None:
    many = Verdict(("a",), (Finding("a", Level.ERROR, "wrong", "models/m/model.yaml", 3, "mend it"),) * 1_000)
    made = issue_page(TOPICS[Kind.AUDIT], many)
    assert made is not None
    assert "1,000 things" in made.title
    assert "… and 980 more, in the table below" in made.body
    assert len(made.body) < 60_000


def test_the_same_trouble_is_the_same_page() -> None:
    for topic in TOPICS.values():
        assert issue_page(topic, verdict()) == issue_page(topic, verdict())
    assert not re.search(r"\d{4}-\d\d-\d\d", shown(Kind.AUDIT))
