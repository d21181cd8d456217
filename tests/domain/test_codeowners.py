"""A code owners file as GitHub reads it: precedence, patterns, lines that are skipped."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmark.domain.codeowners import LIMIT, Codeowners, Skipped, parse_codeowners, parse_owner
from modelmark.errors import InvalidInput

# The lines of the example on GitHub's page "About code owners", in their order.
DOCUMENTED = b"""\
# This is a comment.
*       @global-owner1 @global-owner2
*.js    @js-owner #This is an inline comment.
*.go docs@example.com
*.txt @octo-org/octocats
/build/logs/ @doctocat
docs/*  docs@example.com
apps/ @octocat
/docs/ @doctocat
/scripts/ @doctocat @octocat
**/logs @octocat
/apps/ @octocat
/apps/github
"""
WITHOUT_DOCS = DOCUMENTED.replace(b"/docs/ @doctocat\n", b"")


@pytest.mark.parametrize(
    ("data", "path", "owners"),
    [
        (DOCUMENTED, "README.md", "@global-owner1 @global-owner2"),
        (DOCUMENTED, "deep/in/it/README.md", "@global-owner1 @global-owner2"),
        (DOCUMENTED, "main.js", "@js-owner"),
        (DOCUMENTED, "deep/in/it/main.js", "@js-owner"),
        (DOCUMENTED, "main.JS", "@global-owner1 @global-owner2"),
        (DOCUMENTED, "main.go", "docs@example.com"),
        (DOCUMENTED, "a.txt", "@octo-org/octocats"),
        (DOCUMENTED, "docs/a.txt", "@doctocat"),
        (DOCUMENTED, "docs/build-app/a.txt", "@doctocat"),
        (DOCUMENTED, "other/docs/a.txt", "@octo-org/octocats"),
        (DOCUMENTED, "apps/main.js", "@octocat"),
        (DOCUMENTED, "deep/apps/main.js", "@octocat"),
        (DOCUMENTED, "apps", "@global-owner1 @global-owner2"),
        (DOCUMENTED, "apps/github/main.js", ""),
        (DOCUMENTED, "apps/github", ""),
        (DOCUMENTED, "apps/githubber", "@octocat"),
        (DOCUMENTED, "build/logs/a", "@octocat"),
        (DOCUMENTED, "deeply/nested/logs/a/b", "@octocat"),
        (DOCUMENTED, "logs", "@octocat"),
        (DOCUMENTED, "scripts/run", "@doctocat @octocat"),
        (WITHOUT_DOCS, "docs/getting-started.md", "docs@example.com"),
        (WITHOUT_DOCS, "docs/build-app/troubleshooting.md", "@global-owner1 @global-owner2"),
        (b"/models/m/ @a\n/models/m/aliases.yaml @b\n", "models/m/aliases.yaml", "@b"),
        (b"/models/m/aliases.yaml @b\n/models/m/ @a\n", "models/m/aliases.yaml", "@a"),
        (b"", "README.md", ""),
    ],
)
def test_the_last_matching_line_says_who_owns_a_path(data: bytes, path: str, owners: str) -> None:
    assert parse_codeowners(data).owners_of(path) == tuple(owners.split())


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("*", ["a", "a/b", ".github/x"], []),
        ("**", ["a", "a/b"], []),
        ("/", [], ["a", "a/b"]),
        ("/*", ["a"], ["a/b"]),
        ("a", ["a", "a/b", "x/a", "x/a/b"], ["ab", "ba", "A"]),
        ("/a", ["a", "a/b"], ["x/a", "ab"]),
        ("a/b", ["a/b", "a/b/c"], ["x/a/b", "a"]),
        ("a/", ["a/b", "x/a/b/c"], ["a", "x/a"]),
        ("a/**", ["a/b", "a/b/c"], ["a", "x/a/b"]),
        ("**/a", ["a", "x/a", "x/y/a/b"], ["xa"]),
        ("a/**/b", ["a/b", "a/x/b", "a/x/y/b/z"], ["ab", "a/xb", "x/a/b"]),
        ("a*c", ["ac", "abc", "x/abc"], ["a/c", "abcd"]),
        ("a?c", ["abc"], ["ac", "a/c", "abbc"]),
        ("*.md", [".md", "x.md", "x/y.md"], ["x.mdx", "md"]),
        ("/models/*/aliases.yaml", ["models/m/aliases.yaml"], ["models/m/1/aliases.yaml"]),
        (r"a\ b", ["a b", "x/a b"], ["a", "b"]),
        (r"a\*", ["a*"], ["ab", "a\\*"]),
        (r"a\?", ["a?"], ["ab"]),
        ("a#b", ["a#b"], ["a"]),
        ("a//b", [], ["a/b", "a/x/b"]),
        ("a.c", ["a.c"], ["abc"]),
        ("é", ["é"], ["e"]),
    ],
)
def test_a_pattern_matches_what_it_says_and_no_more(pattern: str, yes: list[str], no: list[str]) -> None:
    read = parse_codeowners(f"{pattern} @a\n".encode())
    assert read.skipped == ()
    assert [path for path in [*yes, *no] if read.owners_of(path)] == yes


@pytest.mark.parametrize(
    "line",
    [
        *(
            "!a @a",
            "[ab] @a",
            "a[0-9] @a",
            r"\#a @a",
            "***/a @a",
            "a b",
            "a @",
            "a @a/",
            "a @a/b/c",
            "a docs@",
        ),
        *("a ada", "a @a,@b", "a @b @a!", "a ada@localhost", "a @a#b", "a\\", "a @ada\u200b", "a @\xe9"),
    ],
)
def test_a_line_that_is_not_well_formed_is_skipped_and_reported(line: str) -> None:
    read = parse_codeowners(f"* @first\n{line}\n* @last\n/b @b\n".encode())
    assert [rule.line for rule in read.rules] == [1, 3, 4]
    assert [one.line for one in read.skipped] == [2]
    assert "that GitHub knows" in read.skipped[0].why
    assert read.owners_of("a") == ("@last",)


def test_comments_blank_lines_and_other_line_ends_are_no_rules() -> None:
    read = parse_codeowners(b"\n# * @a\n  \t\n\t# x\n*\t@a\t @b # c @d\r\n/x @c")
    assert [(rule.line, rule.pattern, rule.owners) for rule in read.rules] == [
        (5, "*", ("@a", "@b")),
        (6, "/x", ("@c",)),
    ]
    assert read.skipped == ()


def test_what_other_systems_take_for_a_line_end_ends_no_line() -> None:
    assert parse_codeowners("# a\u2028* @eve\n# b\x0b* @eve\n# c\r* @eve\n".encode()).rules == ()


def test_of_a_file_with_three_megabytes_nothing_is_read() -> None:
    line = b"* @a\n"
    fits = line + b"#" * (LIMIT - 1 - len(line))
    assert parse_codeowners(fits).owners_of("x") == ("@a",)
    assert parse_codeowners(fits + b"#") == Codeowners(
        skipped=(Skipped(0, "it has 3 MB or more, and GitHub reads nothing of it"),)
    )


@given(st.binary(max_size=200))
def test_any_bytes_can_be_read_and_asked(data: bytes) -> None:
    read = parse_codeowners(data)
    assert all(owner for rule in read.rules for owner in rule.owners)
    read.owners_of("models/m/aliases.yaml")


@given(st.text("ab/*", min_size=1, max_size=8), st.text("ab/", min_size=1, max_size=10))
def test_wildcards_match_as_the_same_pattern_written_as_an_expression(pattern: str, path: str) -> None:
    """For anchored patterns without `**`: a star is any characters but a slash, and a whole name a folder, too."""
    pattern = "/" + re.sub(r"[*/]*\*\*[*/]*|//+", "*", pattern).strip("/") + "b"
    path = re.sub("/+", "/", path).strip("/") or "a"
    expected = re.compile(re.escape(pattern[1:]).replace(r"\*", "[^/]*") + "(/.*)?")
    found = parse_codeowners(f"{pattern} @a\n".encode()).owners_of(path)
    assert bool(found) == bool(expected.fullmatch(path))


def test_a_hostile_pattern_is_answered_at_once() -> None:
    read = parse_codeowners(f"{'*a' * 300}/{'**/' * 300}*b*c @a\n".encode())
    assert read.owners_of("a" * 400 + "/x" * 400) == ()


@pytest.mark.parametrize(
    "text", ["@ada", "@Ada-1", "@ada_acme", "@acme/nlp", "@acme/n.l-p_1", "a.b+c@x-y.example.org"]
)
def test_a_user_a_team_and_an_address_are_owners(text: str) -> None:
    assert parse_owner(text) == text


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "@",
            "ada",
            "*",
            "@ada @eve",
            "@ada\n* @eve",
            "@ada\t@eve",
            "@ada#",
            "# @ada",
            "@a/",
            "@/a",
            "@a/b/c",
        ),
        *(
            "@a//b",
            "@ada\n",
            "a@b",
            "@a@b.c",
            "a@b.c,d@e.f",
            "<a@b.c>",
            "@\u0430da",
            "@ada\u202e",
            "@ada\x00",
        ),
        *("a@b..c", "@[ada](x)"),
    ],
)
def test_no_other_text_is_an_owner(text: str) -> None:
    with pytest.raises(InvalidInput, match="is not an owner that GitHub knows") as caught:
        parse_owner(text)
    assert caught.value.message.isprintable()
