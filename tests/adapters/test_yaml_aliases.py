from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmark.adapters.yaml_files import YamlFiles
from modelmark.domain.aliases import Aliases, Desired
from modelmark.domain.names import AliasName, ModelName
from modelmark.domain.tags import check_reason
from modelmark.domain.versions import Version, parse_version
from modelmark.errors import InvalidInput
from modelmark.usecases.ports import Documents

FILES: Documents = YamlFiles()
MODEL = ModelName("nlp-sentiment")
PROD, STAGING, CANARY = AliasName("prod"), AliasName("staging"), AliasName("canary")


def v(text: str) -> Version:
    return parse_version(text)


ALIASES = """\
# Who moves these: the NLP team.

staging:   # the next one
  version: 8   # still being measured
  assignment: 4
  # a comment within
  reason: better on short texts

# Ask Ann before you touch this.
prod:
  reason: |
    First line.
    Second line.

  assignment: 12
  version: '7'
canary: {version: 1.10, assignment: 3, reason: "x, y"}  # ü
# the end
"""


def aliases(data: bytes) -> Aliases:
    return FILES.aliases(data, "aliases.yaml")


def test_aliases_know_their_lines() -> None:
    found = aliases(ALIASES.encode())
    assert found.entries == {
        STAGING: Desired(v("8"), 4, "better on short texts"),
        PROD: Desired(v("7"), 12, "First line.\nSecond line."),
        CANARY: Desired(v("1.10"), 3, "x, y"),
    }
    assert found.lines == {STAGING: 3, PROD: 10, CANARY: 17}


def test_an_alias_may_be_unassigned_and_a_file_empty() -> None:
    assert aliases(b"prod: {version: none, assignment: 1, reason: gone}\n").entries[PROD].version is None
    assert aliases(b"") == aliases(b"# nothing yet\n") == aliases(b"{}\n") == Aliases()


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("prod: {version: 7, assignment: 0, reason: x}\n", 1, "prod.assignment must be the number of an assignment"),
        ("prod: {version: 7, assignment: 01, reason: x}\n", 1, "prod.assignment must be"),
        ("prod: {version: 7, assignment: 1000000000, reason: x}\n", 1, "prod.assignment must be"),
        ("prod: {version: 7, assignment: ١, reason: x}\n", 1, "prod.assignment must be"),
        ("prod: {version: null, assignment: 1, reason: x}\n", 1, "prod.version: 'null' is not a version"),
        ("prod:\n  version: 7\n  assignment: 1\n", 1, "prod: the key 'reason' is missing"),
        ("prod:\n  version: 7\n  assignment: 1\n  reason:\n", 4, "prod.reason: the reason is empty"),
        ("prod:\n  version: 7\n  assignment: 1\n  reason: 'Version: 8'\n", 4, "prod.reason: the reason has a line"),
        ("prod: 7\n", 1, "prod must be a mapping, not the text '7'"),
        ("latest: {version: 7, assignment: 1, reason: x}\n", 1, "'latest' cannot be an alias"),
        ("prod: {version: 7, assignment: 1, reason: x, by: me}\n", 1, "prod.by: the key 'by' is unknown here"),
    ],
)  # fmt: skip
def test_malformed_aliases_are_refused_with_their_line(text: str, line: int, says: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        aliases(text.encode())
    assert says in caught.value.message
    assert (caught.value.path, caught.value.line) == ("aliases.yaml", line)


def test_only_the_values_that_change_are_touched() -> None:
    wishes = {STAGING: Desired(v("9"), 5, "even better")}
    assert FILES.set_aliases(ALIASES.encode(), MODEL, wishes).decode() == (
        ALIASES.replace("version: 8 ", 'version: "9" ')
        .replace("assignment: 4", "assignment: 5")
        .replace("better on short texts", "even better")
    )


def test_a_reason_of_several_lines_takes_the_place_of_another() -> None:
    wishes = {PROD: Desired(v("8"), 13, "One.\n\nTwo: #2."), CANARY: Desired(None, 4, "a\nb")}
    assert FILES.set_aliases(ALIASES.encode(), MODEL, wishes).decode() == (
        ALIASES.replace("|\n    First line.\n    Second line.", "|-\n    One.\n\n    Two: #2.")
        .replace("assignment: 12", "assignment: 13")
        .replace("version: '7'", 'version: "8"')
        .replace(
            '{version: 1.10, assignment: 3, reason: "x, y"}',
            '{version: "none", assignment: 4, reason: "a\\nb"}',
        )
    )


def test_a_comment_behind_a_value_is_never_swallowed() -> None:
    data = b"prod:\n  version: 7\n  assignment: 1\n  reason: x # why\n"
    edited = FILES.set_aliases(data, MODEL, {PROD: Desired(v("7"), 2, "a\nb")})
    assert edited == b'prod:\n  version: 7\n  assignment: 2\n  reason: "a\\nb" # why\n'


def test_new_entries_go_to_the_end() -> None:
    data = ALIASES.rstrip("\n").encode()
    edited = FILES.set_aliases(data, MODEL, {AliasName("shadow"): Desired(v("9"), 1, "new")})
    assert edited.decode() == ALIASES + 'shadow:\n  version: "9"\n  assignment: 1\n  reason: new\n'


def test_a_new_file_starts_with_a_comment() -> None:
    wishes = {PROD: Desired(v("7"), 1, "first"), STAGING: Desired(v("7"), 1, "first")}
    first, _, rest = FILES.set_aliases(None, MODEL, wishes).decode().partition("\n")
    assert first.startswith("# What each alias of nlp-sentiment should mean.")
    assert rest.startswith('prod:\n  version: "7"\n  assignment: 1\n  reason: first\nstaging:\n')


def test_entries_that_say_it_already_stay_as_they_are() -> None:
    wishes = {PROD: Desired(v("7"), 12, "First line.\nSecond line.")}
    assert FILES.set_aliases(ALIASES.encode(), MODEL, wishes) == ALIASES.encode()


@pytest.mark.parametrize(
    "data", [b"{}\n", b"{prod: {version: 7, assignment: 1, reason: x}}\n", b"  prod: {version: 7, assignment: 1, reason: x}\n"]
)  # fmt: skip
def test_a_file_that_no_line_can_be_added_to_is_written_anew(data: bytes) -> None:
    wishes = {STAGING: Desired(v("8"), 1, "y")}
    found = aliases(FILES.set_aliases(data, MODEL, wishes)).entries
    assert found == {**aliases(data).entries, **wishes}


def test_windows_line_ends_survive() -> None:
    data = ALIASES.replace("\n", "\r\n").encode()
    edited = FILES.set_aliases(data, MODEL, {PROD: Desired(v("8"), 13, "One.\nTwo.")})
    assert aliases(edited).entries[PROD] == Desired(v("8"), 13, "One.\nTwo.")
    assert b"# Ask Ann before you touch this.\r\n" in edited


def test_a_reason_that_could_not_stand_in_a_tag_is_refused() -> None:
    with pytest.raises(InvalidInput, match="trailer"):
        FILES.set_aliases(None, MODEL, {PROD: Desired(v("7"), 1, "x\nVersion: 8")})


def is_reason(text: str) -> bool:
    with suppress(InvalidInput):
        return bool(check_reason(text))
    return False


VERSIONS = st.sampled_from(["7", "1.10", "1.0.2", "3+gpu", "0"]).map(v)
REASONS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=30
) | st.sampled_from(
    [
        "a\nb",
        "# a",
        "- a\n  b",
        "a: b",
        "'",
        '"',
        "a\n\n# b",
        "no",
        "1e5",
        "{a}",
        "[",
        "x, y]",
        "a\\nb",
        "  a",
        "%",
        "@x",
    ]
)
WISHES = st.dictionaries(
    st.sampled_from([PROD, STAGING, CANARY, AliasName("shadow"), AliasName("no"), AliasName("y")]),
    st.builds(Desired, st.none() | VERSIONS, st.integers(1, 999_999_999), REASONS.filter(is_reason)),
    max_size=5,
)


@given(WISHES, WISHES)
def test_what_was_set_is_what_is_read_whatever_stood_there(
    first: Mapping[AliasName, Desired], then: Mapping[AliasName, Desired]
) -> None:
    data = ALIASES.encode()
    for wishes in (first, then):
        before = aliases(data).entries
        data = FILES.set_aliases(data, MODEL, wishes)
        found = aliases(data).entries
        for alias, wish in wishes.items():
            assert (found[alias].version, found[alias].number) == (wish.version, wish.number)
            assert found[alias].reason.split() == wish.reason.split()
        assert {alias: found[alias] for alias in before if alias not in wishes} == {
            alias: wish for alias, wish in before.items() if alias not in wishes
        }
        for comment in (
            "# Who moves these",
            "# still being measured",
            "# a comment within",
            "# Ask Ann",
            "# ü",
            "# the end",
        ):
            assert comment in data.decode()
