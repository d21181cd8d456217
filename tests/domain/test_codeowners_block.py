"""The block that Modelmark writes into a code owners file: what it says, what it leaves alone, and how it is judged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmark.domain.codeowners import (
    BEGIN,
    END,
    LIMIT,
    Agreement,
    block_of,
    compare_block,
    parse_codeowners,
    parse_owner,
    with_block,
)
from modelmark.domain.layout import RULES
from modelmark.domain.names import ModelName
from modelmark.errors import InvalidInput, Refused

PLATFORM = ("@acme/platform",)
NLP = ModelName("nlp")
BLOCK = block_of(PLATFORM, {NLP: ("@acme/nlp", "ada@example.org"), ModelName("new"): ()})
FILE = with_block(b"", BLOCK)

names = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,6}[a-z0-9])?", fullmatch=True).map(ModelName)
owners = st.lists(
    st.from_regex(r"@[a-z0-9-]{1,6}(/[a-z0-9._-]{1,6})?|[a-z]{1,3}@[a-z]{1,3}\.org", fullmatch=True),
    max_size=3,
).map(lambda found: tuple(dict.fromkeys(found)))
below = st.lists(st.from_regex(r"[A-Za-z0-9._#@ -]{1,8}", fullmatch=True), min_size=1, max_size=4).map(
    "/".join
)
# What a person may have in the file already: anything but our markers.
written = st.lists(
    st.sampled_from(
        [b"* @old", b"# hello", b"", b"*.md docs@example.org\r", b"\xff\xfe", b"/models/ @x", b"  ", b"[x"]
    )
)


def text(lines: list[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)


# --- what it says -------------------------------------------------------------------------------------------------


@given(owners, st.dictionaries(names, owners, max_size=6), below, written)
def test_every_path_below_a_model_has_the_owners_of_its_card(
    platform: tuple[str, ...], models: dict[ModelName, tuple[str, ...]], path: str, before: list[bytes]
) -> None:
    read = parse_codeowners(with_block(text(before), block_of(platform, models)))
    bare = parse_codeowners(text(before))
    for model, asked in models.items():
        place = f"models/{model}/{path}"
        assert read.owners_of(place) == (asked or platform or bare.owners_of(place))


@pytest.mark.parametrize("path", [path + ("x/y.yml" if path.endswith("/") else "") for path in RULES])
def test_the_rules_belong_to_the_owners_of_the_registry(path: str) -> None:
    assert parse_codeowners(with_block(b"* @eve\n", BLOCK)).owners_of(path) == PLATFORM


def test_the_lines_are_sorted_and_say_who_writes_them() -> None:
    rules = [line for line in BLOCK if not line.startswith("#")]
    assert rules == sorted(rules)
    assert rules[-3:] == [
        "/models/new/ @acme/platform",
        "/models/nlp/ @acme/nlp ada@example.org",
        "/registry.yaml @acme/platform",
    ]
    assert (BLOCK[0], BLOCK[-1]) == (BEGIN, END)
    assert "`modelmark codeowners`" in BLOCK[1]


def test_a_promotion_is_approved_by_the_owners_of_its_model_alone() -> None:
    assert parse_codeowners(FILE).owners_of("models/nlp/aliases.yaml") == ("@acme/nlp", "ada@example.org")


def test_without_any_owner_no_line_takes_ownership_away() -> None:
    assert [line for line in block_of((), {NLP: ()}) if not line.startswith("#")] == []


def test_an_owner_who_is_named_twice_stands_there_once() -> None:
    assert "/models/nlp/ @a @b" in block_of((), {NLP: ("@a", "@b", "@a")})


@given(st.text(max_size=30))
def test_whatever_passes_for_an_owner_is_read_back_as_that_one_owner(name: str) -> None:
    try:
        owner = parse_owner(name)
    except InvalidInput:
        return
    assert parse_codeowners(f"* {owner}\n".encode()).owners_of("x") == (name,)


# --- what it leaves alone -----------------------------------------------------------------------------------------


@given(written, written)
def test_what_stands_outside_of_the_markers_survives(above: list[bytes], after: list[bytes]) -> None:
    old = with_block(text(above), block_of(("@old",), {NLP: ("@older",)})) + text(after)
    new = with_block(old, BLOCK)
    assert new == text(above) + FILE + text(after)
    assert with_block(new, BLOCK) == new


def test_a_last_line_without_a_line_end_gets_one() -> None:
    assert with_block(b"* @a", BLOCK) == b"* @a\n" + FILE


def test_a_block_at_the_end_without_a_line_end_is_found() -> None:
    assert with_block(FILE.rstrip(b"\n"), BLOCK) == FILE


def test_a_block_with_the_line_ends_of_another_system_is_replaced() -> None:
    assert with_block(FILE.replace(b"\n", b"\r\n"), BLOCK) == FILE


@pytest.mark.parametrize(
    "marks",
    [(BEGIN,), (END,), (END, BEGIN), (BEGIN, BEGIN, END), (BEGIN, END, END), (BEGIN, END, BEGIN, END)],
)
def test_markers_that_are_no_pair_are_refused(marks: tuple[str, ...]) -> None:
    data = "".join(f"# x\n{mark}\n" for mark in marks).encode()
    with pytest.raises(Refused, match=r"lines 2.* not one begin and then one end"):
        with_block(data, BLOCK)
    assert not compare_block(data, BLOCK).agrees


def test_a_file_that_github_would_not_read_is_not_written() -> None:
    above = b"#" * (LIMIT - len(FILE) - 2) + b"\n"
    assert len(with_block(above, BLOCK)) == LIMIT - 1
    with pytest.raises(Refused, match="reads nothing of one with 3 MB or more"):
        with_block(b"#" + above, BLOCK)


# --- how it is judged ---------------------------------------------------------------------------------------------


@given(written)
def test_what_was_just_written_agrees(above: list[bytes]) -> None:
    assert compare_block(with_block(text(above), BLOCK), BLOCK) == Agreement()


def test_no_file_and_a_file_without_a_block_lack_every_line() -> None:
    assert compare_block(None, BLOCK) == Agreement(BLOCK, problems=("there is no .github/CODEOWNERS",))
    assert compare_block(b"* @a\n", BLOCK) == Agreement(
        BLOCK, problems=(".github/CODEOWNERS has no block of Modelmark",)
    )


def test_lines_that_differ_are_named() -> None:
    found = compare_block(FILE.replace(b"@acme/nlp", b"@eve"), BLOCK)
    assert found == Agreement(
        ("/models/nlp/ @acme/nlp ada@example.org",), ("/models/nlp/ @eve ada@example.org",)
    )
    assert not found.agrees


def test_the_same_lines_in_another_order_or_twice_do_not_agree() -> None:
    line = b"/models/ @acme/platform\n"
    moved = FILE.replace(line, b"").replace(END.encode(), line + END.encode())
    for data in (moved, FILE.replace(line, line * 2)):
        assert compare_block(data, BLOCK).problems == ("the lines of the block are in another order",)


def test_a_rule_below_the_block_does_not_agree_and_a_comment_does() -> None:
    assert compare_block(FILE + b"\n# the end\n[x] @skipped\n", BLOCK).agrees
    found = compare_block(FILE + b"# the end\n* @eve\n", BLOCK)
    assert found.problems == (
        f".github/CODEOWNERS:{len(BLOCK) + 2}: '*' stands below the block, and so decides in its place",
    )


def test_a_file_that_github_does_not_read_does_not_agree() -> None:
    found = compare_block(b"#" * LIMIT + b"\n" + FILE, BLOCK)
    assert found.problems == (".github/CODEOWNERS: it has 3 MB or more, and GitHub reads nothing of it",)
