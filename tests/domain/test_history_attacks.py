"""One test for each way to make a tag lie, rules 1 to 4: it is listed, never resolved, and its number is used up."""

from __future__ import annotations

import pytest

from modelmark.domain.history import RawTag
from modelmark.domain.tags import AssignmentTag, VersionTag
from tests.support.domain import (
    MODEL,
    PROD,
    STAGING,
    Story,
    assert_ignored,
    commit_of,
    object_id,
    released,
    version,
)

NEXT = AssignmentTag(MODEL, PROD, 3)


def assert_not_registered(story: Story, tag: RawTag, why: str) -> None:
    history = story.history()
    assert [bad.name for bad in history.bad] == [tag.name]
    assert why in history.bad[0].why
    assert tag.name not in {str(found.tag) for found in history.versions.values()}


# --- rules 1 and 2: what the tag object is ------------------------------------------------------------------------


def test_a_lightweight_assignment_is_ignored() -> None:
    story = released("1", "2")
    assert_ignored(story, story.put_bytes(str(NEXT), None), "lightweight")


def test_a_lightweight_version_is_not_registered() -> None:
    story = Story()
    assert_not_registered(story, story.put_bytes("nlp-sentiment@v1", None), "lightweight")


def test_an_old_assignment_under_a_new_name_is_ignored() -> None:
    story = released("1", "2")
    old = story.tags["nlp-sentiment#prod#1"]
    assert_ignored(story, story.put_bytes(str(NEXT), old.data), "somebody renamed it")


def test_an_assignment_of_another_alias_under_a_new_name_is_ignored() -> None:
    story = released("1", "2")
    other = story.assign("1", STAGING)
    assert_ignored(story, story.put_bytes(str(NEXT), other.data), "somebody renamed it")


def test_a_version_under_the_name_of_another_is_not_registered() -> None:
    story = released("1", "2")
    old = story.tags["nlp-sentiment@v1"]
    assert_not_registered(story, story.put_bytes("nlp-sentiment@v3", old.data), "somebody renamed it")


@pytest.mark.parametrize("kind", ["tag", "tree", "blob", "commit\x1b[2J"])
def test_a_tag_on_something_else_than_a_commit_is_ignored(kind: str) -> None:
    story = released("1", "2")
    tag = story.replace(story.by_hand("1"), "type commit", f"type {kind}")
    assert_ignored(story, tag, "and not at a commit")


def test_a_version_tag_on_a_tag_is_not_registered() -> None:
    story = released("1", "2")
    tag = story.replace(story.register("3"), "type commit", "type tag")
    assert_not_registered(story, tag, "and not at a commit")


@pytest.mark.parametrize("target", ["HEAD", "main", "--all", ""])
def test_a_tag_on_something_else_than_an_object_id_is_ignored(target: str) -> None:
    story = released("1", "2")
    tag = story.by_hand("1")
    assert_ignored(story, story.replace(tag, commit_of("1"), target), "no object id")


def test_an_assignment_off_main_is_ignored() -> None:
    story = released("1", "2")
    story.off_main.add(object_id("a branch"))
    assert_ignored(
        story, story.assign("1", commit=object_id("a branch")), "not a first-parent commit of main"
    )


def test_a_version_off_main_is_not_registered_and_cannot_be_assigned() -> None:
    story = released("1", "2")
    tag = story.register("3")
    story.assign("3")
    story.off_main.add(commit_of("3"))
    history = story.history()
    assert {bad.name for bad in history.bad} == {tag.name, str(NEXT)}
    assert history.meaning(PROD) == version("2")


@pytest.mark.parametrize("data", [b"", b"tree 0\n\nx\n", b"\xff\xfe", b"object " + b"a" * 40])
def test_an_object_that_is_no_tag_is_ignored(data: bytes) -> None:
    story = released("1", "2")
    history_before = story.history()
    story.put_bytes(str(NEXT), data)
    history = story.history()
    assert history.aliases == history_before.aliases
    assert [bad.name for bad in history.bad] == [str(NEXT)]


# --- rule 3: version tags -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "Version: 3",
        "Requested-By: Bob <bob@example.org>",
        "Previous-Version: none",
        "Manifest: " + "0" * 40,
        "Colour: red",
    ],
)
def test_a_version_tag_with_another_trailer_is_not_registered(line: str) -> None:
    story = released("1", "2")
    tag = story.register("3")
    assert_not_registered(story, story.replace(tag, "\nArtifacts:", f"\n{line}\nArtifacts:"), "")


@pytest.mark.parametrize("key", ["Registry", "Manifest", "Manifest-SHA256", "Artifacts"])
def test_a_version_tag_without_one_of_its_trailers_is_not_registered(key: str) -> None:
    story = released("1", "2")
    tag = story.register("3")
    assert tag.data is not None
    lines = [line for line in tag.data.split(b"\n") if not line.startswith(f"{key}: ".encode())]
    tag = story.put_bytes(tag.name, b"\n".join(lines))
    assert_not_registered(story, tag, "exactly the trailers")


def test_a_version_tag_of_another_registry_is_not_registered() -> None:
    story = released("1", "2")
    assert_not_registered(story, story.replace(story.register("3"), "6f0c", "7f0c"), "another registry")


def test_a_manifest_that_is_an_option_of_git_is_not_registered() -> None:
    story = released("1", "2")
    tag = story.replace(story.register("3"), object_id("manifest of 3"), "--upload-pack=evil")
    assert_not_registered(story, tag, "its Manifest is no id")


# --- rule 4: numbers ----------------------------------------------------------------------------------------------


def test_an_assignment_after_a_gap_is_ignored() -> None:
    story = released("1", "2")
    assert_ignored(story, story.by_hand("1", number=4), "there is no assignment 3 before it")


def test_a_first_assignment_with_another_number_than_one_is_ignored() -> None:
    story = Story()
    story.register("1")
    story.assign("1", number=2)
    history = story.history()
    assert history.now(PROD) is None
    assert (len(history.bad), history.observed(PROD)) == (1, 2)


def test_a_planted_high_number_wins_nothing_and_the_next_one_comes_after_it() -> None:
    story = released("1", "2")
    planted = story.assign("1", number=700)
    assert_ignored(story, planted, "there is no assignment 699 before it")
    last = story.history().now(PROD)
    assert last is not None
    assert last.tag.number == 701
    assert last.trailers["Previous-Tag"] == planted.oid


def test_a_planted_number_never_comes_to_count_through_what_is_made_after_it() -> None:
    story = released("1", "2")
    planted = story.by_hand("1", number=5)
    for text in ("6", "7", "8"):
        story.register(text)
        story.assign(text)
    story.by_hand("6")
    history = story.history()
    assert [bad.name for bad in history.bad] == [planted.name]
    assert [one.tag.number for one in history.aliases[PROD]] == [1, 2, 6, 7, 8, 9]
    assert history.meaning(PROD) == version("6")


def test_a_planted_number_with_trailers_stays_ignored_where_the_gap_before_it_is_filled() -> None:
    story = released("1", "2")
    planted = story.assign("1", number=4)
    story.by_hand("1", number=3)
    story.by_hand("2", number=5)
    history = story.history()
    assert [bad.name for bad in history.bad] == [planted.name]
    assert "its Previous-Tag is" in history.bad[0].why
    assert history.meaning(PROD) == version("2")


def test_a_gap_that_is_filled_later_takes_nothing_back_from_a_reviewed_assignment() -> None:
    story = released("1", "2", "3")
    story.by_hand("1", number=5)
    story.register("4")
    story.assign("4")
    story.by_hand("2", number=4)
    assert story.history().meaning(PROD) == version("4")
    story.by_hand("3")
    assert story.history().meaning(PROD) == version("3")


def test_a_version_tag_is_not_hurt_by_the_assignments() -> None:
    story = released("1")
    story.put_bytes(str(NEXT), b"garbage")
    assert VersionTag(MODEL, version("1")) in {found.tag for found in story.history().versions.values()}
