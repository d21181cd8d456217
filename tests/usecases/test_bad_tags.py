"""A tag that does not count: its mend says what is still true, and only names of ours stand in a command."""

from __future__ import annotations

import pytest

from modelmark.domain.history import BadTag, TagClaim
from modelmark.usecases.bad_tags import bad_tag
from tests.support.domain import Story, released


def hint(name: str, story: Story) -> str:
    found = bad_tag(BadTag(name, "1" * 40, "odd"), TagClaim(name, "1" * 40, "Eve", "2" * 40), story.history())
    assert "'Eve'" in found.message
    return found.hint


def test_whoever_tried_to_roll_back_is_told_what_is_true_and_the_right_command() -> None:
    assert hint("nlp-sentiment#prod#7", released("1", "2")).endswith(
        "find out who pushed it; prod still means 2; "
        "to roll back: modelmark rollback nlp-sentiment --alias prod --to VERSION --reason …"
    )


def test_an_alias_that_means_nothing_cannot_be_rolled_back() -> None:
    assert hint("nlp-sentiment#prod#7", Story()).endswith("find out who pushed it; prod still means nothing")


@pytest.mark.parametrize("name", ["m#$(reboot)#7", "m#prod#x", "a;b#prod#1", "##"])
def test_a_name_that_is_none_of_ours_stands_in_no_command(name: str) -> None:
    assert hint(name, released("1")).endswith("find out who pushed it")


def test_a_version_tag_is_deleted() -> None:
    assert "deleted on the remote" in hint("nlp-sentiment@v3", released("1"))
