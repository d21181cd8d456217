"""The pages of `check` and `compare`: golden files, and nothing hostile that anybody obeys.

The Markdown is read again by a parser of the same grammar as GitHub's: whatever a repository says must end up in code
spans, or as words that mean nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from modelmark.domain.comparison import Row
from modelmark.domain.findings import Finding, Level, Verdict
from modelmark.domain.metrics import Metric
from modelmark.render.actions import workflow_commands
from modelmark.render.data import json_text
from modelmark.render.evidence_compare import comparison_page, comparison_text
from modelmark.render.evidence_json import evidence_json
from modelmark.render.evidence_page import evidence_page
from modelmark.render.markdown import PAGE, advice, code, page, prose, table
from modelmark.render.sarif import evidence_sarif
from tests.render.values import HOSTILE, MARKUP, comparison, evidence
from tests.support.goldens import Golden

SHOWN: dict[str, Callable[[str], str]] = {
    "evidence.md": lambda text: evidence_page(evidence(text)),
    "evidence.json": lambda text: json_text(evidence_json(evidence(text))) + "\n",
    "evidence.sarif": lambda text: json_text(evidence_sarif(evidence(text))) + "\n",
    "evidence.actions": lambda text: workflow_commands(evidence(text)) + "\n",
    "comparison.md": lambda text: comparison_page(comparison(text)),
    "comparison.txt": lambda text: comparison_text(comparison(text)) + "\n",
    "comparison.json": lambda text: json_text(comparison(text)) + "\n",
}
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
OURS = re.compile(r"(</?details>|<summary>[\w ,:]+</summary>|<br>|\s)*")
# What GitHub makes links, pictures or formulas of, in text that Markdown has left alone.
ALIVE = re.compile(r"@|://|www\.|#\w|(?i:gh-\d)|\b[0-9a-f]{7,40}\b|:\w+:|\$|<|\[\^?\w|\w\.\w+/|(?i:https?:)")
CHART = re.compile(
    r"%%\{init: [^\n]*\}%%|xychart-beta( horizontal)?|    title \"[^\"\n]*\"|    x-axis \[(\"[^\"\n]*\"(, )?)+\]"
    r"|    y-axis -?[\d.]+ --> -?[\d.]+|    (bar|line) \[(-?[\d.]+(, )?)+\]"
)


@pytest.mark.parametrize("name", SHOWN)
@pytest.mark.parametrize("text", ["", MARKUP], ids=["plain", "hostile"])
def test_it_reads_as_it_was_reviewed(name: str, text: str, golden: Golden) -> None:
    golden(f"hostile-{name}" if text else name, SHOWN[name](text))


def test_what_an_alias_meant_before_it_was_emptied_is_not_called_live() -> None:
    made = evidence()
    emptied = replace(made, moves=(replace(made.moves[0], before=None), *made.moves[1:]))
    assert "against `1`, which `prod` means now" in evidence_page(made)
    assert "against `1`, which `prod` meant before it was emptied" in evidence_page(emptied)


@pytest.mark.parametrize("text", ["", MARKUP, HOSTILE, HOSTILE + MARKUP])
@pytest.mark.parametrize("name", ["evidence.md", "comparison.md"])
def test_no_text_of_a_repository_means_anything_on_the_page(name: str, text: str) -> None:
    shown = SHOWN[name](text)
    assert shown.replace("\n", "").isprintable()
    check_inert(shown)
    assert headings(shown) == headings(SHOWN[name]("")), "no heading is forged"


@given(st.text(st.characters() | st.sampled_from('@#`|[]()<>!&*_~:/\\.-=1aw \n$%"'), max_size=40))
def test_any_text_is_inert_as_prose_as_code_and_as_advice(text: str) -> None:
    for made in (prose, code, advice):
        check_inert(table(("a", "b"), [(made(text), "x"), ("y", made(text))], tuple))
        cells = [token.type for token in MARKDOWN.parse(table(("a", "b"), [(made(text), made(text))], tuple))]
        assert cells.count("td_open") == 2
        check_inert(f"- **x**: {made(text)}")


def check_inert(markdown: str) -> None:
    for token in every(MARKDOWN.parse(markdown)):
        if token.type in ("html_block", "html_inline"):
            assert OURS.fullmatch(token.content), token
        elif token.type == "text":
            assert not ALIVE.search(token.content), token.content
        elif token.type == "fence":
            assert token.info in ("mermaid", "sh")
            if token.info == "mermaid":
                assert all(CHART.fullmatch(line) for line in token.content.rstrip("\n").split("\n")), token
        else:
            assert token.type not in (
                "link_open",
                "image",
                "code_block",
                "blockquote_open",
                "s_open",
                "em_open",
                "hr",
            )


def every(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from every(token.children or [])


def headings(markdown: str) -> list[str]:
    return [token.tag for token in MARKDOWN.parse(markdown) if token.type == "heading_open"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain words, and 0.95 at least (passes)", "plain words, and 0.95 at least (passes)"),
        ("see https://e.example now", "see `https://e.example` now"),
        ("run `modelmark apply` first", "run `modelmark apply` first"),
        ("one ` alone", "one \u02cb alone"),
        ("ask @octocat about #12", "ask `@octocat` about `#12`"),
        ("a|b", "`a\u00a6b`"),
        ("f1 [domain=travel], fails", "f1 `[domain=travel]`, fails"),
        (
            "files under `models/`, and (`a b`) only; `c`; d",
            "files under `models/`, and (`a b`) only; `c`; d",
        ),
        (
            "commit 0123456789ab 'Merge request #6 from a/x': no",
            "commit `0123456789ab` `'Merge request #6 from a/x'`: no",
        ),
        ("'low' and 'high'", "`'low'` and `'high'`"),
        ("1,234 files -0.5% 1e-3", "1,234 files -0.5% 1e-3"),
        ("", ""),
    ],
)
def test_plain_words_stand_free_and_the_rest_is_code(text: str, shown: str) -> None:
    assert prose(text) == shown


def test_a_command_at_the_end_of_a_hint_is_one_piece() -> None:
    assert (
        advice("ask for it: modelmark promote m@1 --to prod")
        == "ask for it: `modelmark promote m@1 --to prod`"
    )
    assert advice("git fetch origin") == "`git fetch origin`"


def test_the_verdict_comes_first_with_its_reasons_worst_first() -> None:
    lines = evidence_page(evidence()).split("\n")
    assert (
        lines[0]
        == "## ❌ Not passed: `nlp-sentiment@2 → prod`, `nlp-sentiment@5 (new)`, `nlp-sentiment@6 (new)`, 1 error"
    )
    assert [line[:14] for line in lines[2:4]] == ["- ❌ **flow**: ", "- ⚠️ **frozen*"]


def test_no_rule_ran_is_not_passed() -> None:
    nothing = replace(evidence(), verdict=Verdict((), ()), rules={}, moves=(), subjects=())
    assert evidence_page(nothing).startswith("## ❌ Not passed: 3 files of the registry, no rule ran")
    assert workflow_commands(nothing) == "::error title=modelmark::no rule ran, so nothing passed"


def test_a_page_that_would_be_too_long_says_what_it_leaves_out() -> None:
    shown = page([("the head", "a" * 100), ("the middle", "b" * 9_000), ("the end", "c" * 100)], 2_000)
    assert "a" * 100 in shown
    assert "c" * 100 in shown
    assert shown.endswith(
        "**Left out, because the page would be too long:** the middle. `--json` has everything.\n"
    )


def test_no_page_is_longer_than_a_forge_takes() -> None:
    full, wide = evidence(), MARKUP * 3
    rows = tuple(
        Row(
            f"f{number}{wide}",
            {"a": wide},
            {},
            wide,
            "",
            Metric("f", 1.0),
            None,
            None,
            1,
            None,
            False,
            False,
            (),
        )
        for number in range(3000)
    )
    found = tuple(Finding("flow", Level.ERROR, wide, wide, 1, wide) for _ in range(3000))
    subjects = tuple(replace(one, metrics=rows) for one in full.subjects * 20)
    shown = evidence_page(
        replace(full, subjects=subjects, verdict=Verdict(("flow",), found), moves=full.moves * 500)
    )
    assert PAGE * 0.8 < len(shown) <= PAGE
    assert "**Left out, because the page would be too long:**" in shown
    assert "more; `--json` has them all." in shown
    check_inert(shown)


def test_a_chart_stands_after_its_table_and_draws_the_threshold() -> None:
    shown = evidence_page(evidence())
    assert (
        shown.index("### Over the versions")
        < shown.index("| Version |")
        < shown.index("f1 over the versions")
    )
    assert "line [0.92, 0.92, 0.92]" in shown


def test_workflow_commands_are_one_line_each_and_nothing_else_is_a_command() -> None:
    for text in (MARKUP, HOSTILE + MARKUP):
        lines = workflow_commands(evidence(text)).split("\n")
        assert [line.split(" ")[0] for line in lines] == ["::error", "::warning"]
        for line in lines:
            properties, message = re.fullmatch(r"::\w+ (.*?)::(.*)", line).groups()  # type: ignore[union-attr]
            assert {pair.split("=")[0] for pair in properties.split(",")} <= {"file", "line", "title"}
            assert "%0A::error" not in message.replace("%250A", "")
            assert "##[" not in line


def test_github_shows_ten_of_a_level_and_the_worst_come_first() -> None:
    many = tuple(Finding("flow", level, f"{level} {number}") for level in Level for number in range(12))
    lines = workflow_commands(replace(evidence(), verdict=Verdict(("flow",), many))).split("\n")
    assert [line.partition(" ")[0] for line in lines] == [*["::error"] * 10, "2", *["::warning"] * 10, "2"]
    assert lines[0].endswith("::error 0")


@pytest.mark.parametrize("text", ["", MARKUP, HOSTILE + MARKUP])
def test_sarif_has_the_structure_that_code_scanning_reads(text: str) -> None:
    log = json.loads(SHOWN["evidence.sarif"](text))
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert (log["version"], rules) == ("2.1.0", ["flow", "metrics", "scan"])
    for result in run["results"]:
        assert result["level"] in ("error", "warning", "note")
        assert (
            rules[result["ruleIndex"]] == result["ruleId"]
            if "ruleIndex" in result
            else result["ruleId"] == "frozen"
        )
        assert not re.search(r"[\[\]{}]", result["message"]["text"]), "neither a link nor a placeholder"
        (place,) = result["locations"]
        uri = place["physicalLocation"]["artifactLocation"]["uri"]
        assert re.fullmatch(r"[A-Za-z0-9._~%/-]+", uri)
        assert not uri.startswith("/")
        assert place["physicalLocation"].get("region", {"startLine": 1})["startLine"] >= 1


def test_a_finding_keeps_its_fingerprint_when_its_line_moves() -> None:
    marks = [
        json.dumps(
            evidence_sarif(
                replace(evidence(), verdict=Verdict(("a",), (Finding("a", Level.ERROR, "m", "p", line),)))
            )
        )
        for line in (1, 9)
    ]
    found = [re.search(r'"modelmark/v1": "(\w{32})"', mark) for mark in marks]
    assert found[0]
    assert found[1]
    assert found[0][1] == found[1][1]


@pytest.mark.parametrize("name", ["evidence.json", "evidence.sarif", "comparison.json", "comparison.txt"])
def test_nothing_in_the_log_of_a_workflow_is_taken_for_a_command(name: str) -> None:
    shown = SHOWN[name](HOSTILE + MARKUP)
    assert "##[" not in shown
    assert not re.search(r"(?m)^\s*::", shown)
    assert shown.replace("\n", "").isprintable()
