"""Texts of ours are known by marker and author; topics never share a marker; only a full commit id is one."""

from __future__ import annotations

import pytest

from modelmark.domain.history import RawTag, claim_of
from modelmark.domain.threads import GATE, Kind, Post, Text, Topic, ours, parse_commit
from modelmark.errors import InvalidInput


def test_ours_are_those_with_the_marker_first_and_our_account_oldest_first() -> None:
    mine, older = Post(5, "Bot[bot]", f"{GATE}\nx"), Post(2, "bot[bot]", f"{GATE}\ny")
    others = [Post(1, "eve", f"{GATE}\nx"), Post(3, "bot[bot]", f"see {GATE}"), Post(4, "bot", f"{GATE}\nx")]
    assert ours([mine, *others, older, mine], "bot[bot]", GATE) == [older, mine]


def test_a_text_is_the_same_whatever_the_forge_does_to_its_line_ends() -> None:
    post = Post(1, "a", "x\r\ny", "t")
    assert post.says(Text("x\ny\n", "t"))
    assert not post.says(Text("x\ny\n", "u"))
    assert not post.says(Text("x y", "t"))


def test_every_topic_has_a_marker_that_begins_no_other() -> None:
    topics = [
        Topic(kind, about) for kind in Kind for about in ("", "m#prod#1", "m#prod#13", "m@v1", "m@v1.0")
    ]
    markers = [topic.marker for topic in topics]
    assert [
        (one, other) for one in markers for other in markers if one != other and one.startswith(other)
    ] == []
    assert all("-->" not in marker[:-3] for marker in markers)


@pytest.mark.parametrize("text", ["", "HEAD", "abc1234", "a" * 41, "A" * 40, "a" * 40 + "\n"])
def test_what_is_no_full_commit_id_is_refused(text: str) -> None:
    assert parse_commit("a" * 64) == "a" * 64
    with pytest.raises(InvalidInput, match="no full commit id"):
        parse_commit(text)


def test_what_a_tag_claims_is_read_as_far_as_it_can_be() -> None:
    data = f"object {'a' * 40}\ntype commit\ntag m@v1\ntagger Eve <e@x> 1 +0000\n\nx\n".encode()
    full = claim_of(RawTag("m@v1", "b" * 40, data))
    assert (full.by, full.points_at) == ("Eve <e@x>", "a" * 40)
    light = claim_of(RawTag("m@v1", "c" * 40, None))
    assert (light.by, light.points_at) == ("", "c" * 40)
