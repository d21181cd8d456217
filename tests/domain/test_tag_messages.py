"""What may stand in the message of a tag, and what makes it ambiguous."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from modelmark.domain.tags import (
    ASSIGNMENT_TRAILERS,
    ORIGIN_TRAILERS,
    VERSION_TRAILERS,
    AssignmentTag,
    Message,
    Person,
    TagName,
    VersionTag,
    check_reason,
    parse_message,
    parse_tag_object,
    write_tag_object,
)
from modelmark.errors import InvalidInput
from tests.support.domain import (
    MODEL,
    PGP,
    PROD,
    SSH,
    alias_names,
    model_names,
    moments,
    numbers,
    object_id,
    versions,
)

TAG = AssignmentTag(MODEL, PROD, 12)
COMMIT = object_id("a commit")
TRAILERS = {
    "Registry": "acme",
    "Version": "6",
    "Version-Tag": object_id("v6"),
    "Previous-Version": "7",
    "Previous-Tag": object_id("prod 11"),
}

tag_names = st.builds(VersionTag, model_names, versions) | st.builds(
    AssignmentTag, model_names, alias_names, numbers
)
plain = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=30)
values = st.lists(plain, min_size=1, max_size=3).map(" ".join)
oids = st.from_regex(r"[0-9a-f]{40}", fullmatch=True)
version_trailers = st.fixed_dictionaries(
    {
        "Registry": values,
        "Manifest": oids,
        "Manifest-SHA256": st.from_regex(r"[0-9a-f]{64}", fullmatch=True),
        "Artifacts": st.from_regex(r"[0-9a-f]{32}\.dir", fullmatch=True),
    }
)
assignment_trailers = st.fixed_dictionaries(
    dict.fromkeys(ASSIGNMENT_TRAILERS, values), optional=dict.fromkeys(ORIGIN_TRAILERS, values)
)
trailer_blocks: st.SearchStrategy[dict[str, str]] = st.just({}) | version_trailers | assignment_trailers

# Lines that somebody who wants to be misread would write, between lines that anybody would.
TRAPS = [
    "",
    " ",
    "\t",
    "Version: 6",
    " Version: 6",
    "Version : 6",
    "Version:6",
    "Registry",
    "Note: see the wiki",
    "Signed-off-by: Bob <bob@example.org>",
    "-----BEGIN PGP SIGNATURE-----",
    "-----BEGIN SSH SIGNATURE-----",
    "-----END SSH SIGNATURE-----",
    "object 1234",
    "better on short texts",
]
BREAKS = ["\n", "\n\n", "\n\n\n", "\r", "\r\n", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029"]
hostile_texts = st.lists(st.sampled_from([*TRAPS, *BREAKS]) | st.text(max_size=5), max_size=12).map("".join)
good_reasons = st.lists(
    st.sampled_from(["Better on short texts.", "Note: see the wiki", "see\nbelow", "  indented", "ä € 你"])
    | values,
    min_size=1,
    max_size=5,
).map(lambda parts: check_reason("\n\n".join(parts)))


def text_of(*paragraphs: str) -> str:
    return "\n\n".join(paragraphs) + "\n"


def block_of(trailers: dict[str, str]) -> str:
    return "\n".join(f"{key}: {value}" for key, value in trailers.items())


@given(tag_names, st.just("") | good_reasons, trailer_blocks, moments, values)
def test_a_tag_says_after_git_what_was_put_into_it(
    name: TagName, reason: str, trailers: dict[str, str], at: datetime, who: str
) -> None:
    message = Message(f"{name} is a subject", reason, trailers)
    data = write_tag_object(COMMIT, name, Person(who, "ada@example.org", at), message)
    found = parse_tag_object(data)
    assert (found.target, found.target_type, found.name) == (COMMIT, "commit", str(name))
    assert (found.tagger.at, found.tagger.at.utcoffset()) == (at, at.utcoffset())
    assert found.tagger.email == "ada@example.org"
    assert parse_message(found.message) == message


@given(good_reasons, assignment_trailers, st.sampled_from([PGP, SSH]))
def test_a_signature_changes_nothing_of_what_a_message_says(
    reason: str, trailers: dict[str, str], signature: str
) -> None:
    message = Message("a subject", reason, trailers)
    assert parse_message(f"{message}{signature}") == message


@given(hostile_texts, trailer_blocks, st.sampled_from(["", PGP, SSH]))
@example("x\n\n\n\ny", TRAILERS, "")
@example("Version: 9", {}, "")
def test_no_reason_that_is_let_through_is_read_as_a_trailer_or_changes_one(
    text: str, trailers: dict[str, str], signature: str
) -> None:
    try:
        reason = check_reason(text)
    except InvalidInput:
        return
    message = Message("a subject", reason, trailers)
    assert parse_message(f"{message}{signature}") == message


@given(hostile_texts)
def test_a_reason_that_was_checked_passes_unchanged(text: str) -> None:
    try:
        reason = check_reason(text)
    except InvalidInput:
        return
    assert check_reason(reason) == reason
    reason.encode()


def test_a_reason_is_trimmed_and_keeps_its_paragraphs() -> None:
    assert check_reason("\n better  \r\n\n\n\non short texts\n") == "better\n\non short texts"


@pytest.mark.parametrize("text", ["", " \n\t\n", "\u2028"])
def test_a_reason_says_something(text: str) -> None:
    with pytest.raises(InvalidInput, match="is empty"):
        check_reason(text)


@pytest.mark.parametrize("text", ["a\x1b[31m", "a\tb", "a\0", "a\x7fb", "a\udcffb", "x" * 4001])
def test_a_reason_is_plain_text_of_at_most_4000_characters(text: str) -> None:
    with pytest.raises(InvalidInput, match="control characters or more than"):
        check_reason(text)


def test_a_reason_of_4000_characters_is_fine() -> None:
    assert len(check_reason("x" * 4000)) == 4000


@pytest.mark.parametrize("key", [*VERSION_TRAILERS, *ASSIGNMENT_TRAILERS, *ORIGIN_TRAILERS])
@pytest.mark.parametrize("form", ["{}: 6", "well\n{}: 6", "{} : 6", "well\n  {}:6", "well\u2028{}: 6"])
def test_a_reason_with_a_line_like_a_trailer_is_refused(key: str, form: str) -> None:
    with pytest.raises(InvalidInput, match="could be read as a trailer"):
        check_reason(form.format(key))


def test_a_reason_with_the_start_of_a_signature_is_refused() -> None:
    with pytest.raises(InvalidInput, match="could be read as a trailer"):
        check_reason("well\n-----BEGIN SSH SIGNATURE-----")


def test_a_message_without_trailers_is_a_subject_and_a_reason() -> None:
    assert parse_message("latency\n") == Message("latency", "", {})
    assert parse_message("latency\n\np95 is 90 ms\n\nNote: see #12\n") == Message(
        "latency", "p95 is 90 ms\n\nNote: see #12", {}
    )
    assert parse_message("") == Message("", "", {})


def test_a_key_given_twice_is_refused() -> None:
    text = text_of("subject", block_of(TRAILERS) + "\nVersion: 7")
    with pytest.raises(InvalidInput, match="gives Version twice"):
        parse_message(text)


@pytest.mark.parametrize(
    "paragraphs",
    [
        ("Version: 7", block_of(TRAILERS)),
        ("subject", "Version: 7", block_of(TRAILERS)),
        ("subject", "the reason\nVersion: 7", block_of(TRAILERS)),
        ("subject", " Version : 7", block_of(TRAILERS)),
        ("subject", block_of(TRAILERS), "the reason"),
        ("Version: 7",),
    ],
)
def test_a_trailer_outside_the_last_paragraph_is_refused(paragraphs: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput, match="outside the last paragraph"):
        parse_message(text_of(*paragraphs))


@pytest.mark.parametrize("blank", ["\n \n", "\n\t\n", "\n\n\n"])
def test_a_blank_line_of_any_kind_ends_a_paragraph(blank: str) -> None:
    assert parse_message(f"subject{blank}Version: 6\n").trailers == {"Version": "6"}


@pytest.mark.parametrize(
    "line", ["Deploy: now", "version: 7", "free text", " folded", "Version:7", "Version : 7", " Version: 7"]
)
def test_the_last_paragraph_holds_nothing_but_known_trailers(line: str) -> None:
    for lines in (f"Registry: acme\n{line}", f"{line}\nRegistry: acme"):
        with pytest.raises(InvalidInput, match="mixes trailers with"):
            parse_message(text_of("subject", lines))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("Manifest", "--upload-pack=touch /tmp/x"),
        ("Manifest", "HEAD"),
        ("Manifest", "A" * 40),
        ("Manifest-SHA256", "0" * 40),
        ("Artifacts", "../../etc/passwd"),
        ("Artifacts", "0" * 31 + ".dir"),
    ],
)
def test_an_id_must_look_like_one(key: str, value: str) -> None:
    with pytest.raises(InvalidInput, match=f"its {key} is no id"):
        parse_message(text_of("subject", f"{key}: {value}"))


@pytest.mark.parametrize("signature", [PGP, SSH])
def test_what_follows_the_start_of_a_signature_says_nothing(signature: str) -> None:
    text = text_of("subject", block_of(TRAILERS)) + signature
    assert parse_message(text + "\nVersion: 7\n").trailers == TRAILERS


def test_two_signatures_are_refused_because_git_cuts_at_the_last_one() -> None:
    with pytest.raises(InvalidInput, match="more than one signature"):
        parse_message(text_of("subject", "Version: 6") + SSH + text_of("", "Version: 7") + PGP)
