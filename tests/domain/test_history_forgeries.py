"""One test for each way to forge an assignment, rules 5 to 7: it is listed, never resolved, its number is used up."""

from __future__ import annotations

import pytest

from modelmark.domain.history import Origin, RawTag
from modelmark.domain.tags import AssignmentTag
from tests.support.domain import (
    MODEL,
    PGP,
    PROD,
    SSH,
    STAGING,
    Story,
    assert_ignored,
    commit_of,
    object_id,
    released,
    version,
)

NEXT = AssignmentTag(MODEL, PROD, 3)


# --- rule 5: assignments with trailers ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line", ["Version: 2", "Registry: another", "Previous-Tag: none", "Version-Tag: " + "0" * 40]
)
def test_an_assignment_that_gives_a_trailer_twice_is_ignored(line: str) -> None:
    story = released("1", "2")
    tag = story.assign("1")
    assert tag.data is not None
    assert_ignored(story, story.put_bytes(tag.name, tag.data + f"{line}\n".encode()), "twice")


def test_an_assignment_with_a_trailer_outside_the_last_block_is_ignored() -> None:
    story = released("1", "2")
    tag = story.replace(story.assign("1"), "better on", "Version: 2\nbetter on")
    assert_ignored(story, tag, "outside the last paragraph")


def test_a_hand_made_assignment_with_a_trailer_outside_the_last_block_is_ignored() -> None:
    story = released("1", "2")
    assert_ignored(story, story.by_hand("1", message="x\n\nVersion: 1\n\ny\n"), "outside the last paragraph")


def test_an_assignment_with_an_unknown_trailer_is_ignored() -> None:
    story = released("1", "2")
    tag = story.assign("1", changes={"Colour": "red"})
    assert_ignored(story, tag, "mixes trailers with")


def test_an_assignment_with_a_trailer_of_a_version_tag_is_ignored() -> None:
    story = released("1", "2")
    tag = story.assign("1", changes={"Manifest": object_id("manifest of 1")})
    assert_ignored(story, tag, "an assignment has no Manifest trailer")


@pytest.mark.parametrize("key", ["Registry", "Version", "Version-Tag", "Previous-Version", "Previous-Tag"])
def test_an_assignment_without_one_of_its_trailers_is_ignored(key: str) -> None:
    story = released("1", "2")
    tag = story.assign("1")
    assert tag.data is not None
    lines = [line for line in tag.data.split(b"\n") if not line.startswith(f"{key}: ".encode())]
    tag = story.put_bytes(tag.name, b"\n".join(lines))
    assert_ignored(story, tag, f"its trailers lack {key}")


def test_a_hand_made_assignment_that_claims_an_approval_is_ignored() -> None:
    story = released("1", "2")
    tag = story.by_hand("1", message="x\n\nApproved-By: the boss\n")
    assert_ignored(story, tag, "its trailers lack Registry")


def test_an_assignment_of_another_registry_is_ignored() -> None:
    story = released("1", "2")
    assert_ignored(story, story.assign("1", changes={"Registry": "another"}), "another registry")


def test_an_assignment_of_a_version_that_is_not_registered_is_ignored() -> None:
    story = released("1", "2")
    tag = story.assign("1", changes={"Version": "3"})
    assert_ignored(story, tag, "version 3, which is not registered")


@pytest.mark.parametrize("text", ["v1", "01", "None", "latest"])
def test_an_assignment_of_something_that_is_no_version_is_ignored(text: str) -> None:
    story = released("1", "2")
    assert_ignored(story, story.assign("1", changes={"Version": text}), "is not a version")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("Version-Tag", object_id("another tag")),
        ("Version-Tag", "none"),
        ("Version", "none"),
        ("Version", "2"),
        ("Previous-Tag", object_id("another tag")),
        ("Previous-Tag", "none"),
    ],
)
def test_an_assignment_that_names_another_object_or_version_is_ignored(key: str, value: str) -> None:
    story = released("1", "2")
    assert_ignored(story, story.assign("1", changes={key: value}), "the chain is broken")


@pytest.mark.parametrize("text", ["1", "none", "1 or so"])
def test_what_an_assignment_says_of_the_version_before_is_not_believed(text: str) -> None:
    story = released("1", "2")
    story.assign("1", changes={"Previous-Version": text})
    now = story.history().now(PROD)
    assert now is not None
    assert (now.version, now.previous) == (version("1"), version("2"))


def test_the_chain_breaks_where_an_earlier_tag_was_replaced() -> None:
    story = released("1", "2", "3")
    story.replace(story.tags["nlp-sentiment#prod#2"], "better on", "worse on")
    history = story.history()
    assert [bad.name for bad in history.bad] == [str(NEXT)]
    assert "its Previous-Tag is" in history.bad[0].why


def test_an_assignment_breaks_where_the_tag_of_its_version_was_replaced() -> None:
    story = released("1", "2")
    story.replace(story.tags["nlp-sentiment@v2"], "is registered", "is registered!")
    history = story.history()
    assert history.meaning(PROD) == version("1")
    assert "its Version-Tag is" in history.bad[0].why


def test_the_first_assignment_has_no_predecessor() -> None:
    story = Story()
    story.register("1")
    story.assign("1", changes={"Previous-Tag": object_id("before the beginning")})
    assert story.history().now(PROD) is None


# --- rules 6 and 7: rollbacks -------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["rollback", "by_hand"])
def test_a_rollback_to_a_version_that_held_the_alias_counts(how: str) -> None:
    story = released("1", "2")
    getattr(story, how)("1")
    now = story.history().now(PROD)
    assert now is not None
    assert (now.version, now.previous, now.origin) == (version("1"), version("2"), Origin.ROLLBACK)
    assert not story.history().bad


@pytest.mark.parametrize(
    ("how", "why"),
    [("rollback", "which never held prod"), ("by_hand", "no version that held the alias before")],
)
def test_a_rollback_to_a_version_that_never_held_the_alias_is_ignored(how: str, why: str) -> None:
    story = released("1", "2")
    story.register("3")
    story.assign("3", STAGING)
    assert_ignored(story, getattr(story, how)("3"), why)


@pytest.mark.parametrize("how", ["rollback", "by_hand"])
def test_a_rollback_of_an_alias_that_was_never_assigned_is_ignored(how: str) -> None:
    story = Story()
    story.register("1")
    getattr(story, how)("1")
    assert story.history().now(PROD) is None


@pytest.mark.parametrize("how", ["rollback", "by_hand"])
def test_a_rollback_without_review_is_ignored_where_the_policy_does_not_allow_it(how: str) -> None:
    story = released("1", "2", direct=False)
    assert_ignored(story, getattr(story, how)("1"), "rollback: direct")


def test_the_policy_that_counts_is_the_one_of_the_last_reviewed_assignment() -> None:
    story = released("1", "2", direct=False)
    story.direct_at = {object_id("merge of nlp-sentiment#prod#2"): True}
    story.by_hand("1")
    assert story.history().meaning(PROD) == version("1")
    story.by_hand("2")
    assert story.history().meaning(PROD) == version("2")
    story.assign("1")
    story.by_hand("2")
    assert story.history().meaning(PROD) == version("1")


def test_a_hand_made_assignment_on_a_commit_without_a_version_is_ignored() -> None:
    story = released("1", "2")
    tag = story.put_text(NEXT, object_id("some commit"), "latency\n")
    assert_ignored(story, tag, "no version that held the alias before has its tag on that commit")


def two_on_one_commit() -> Story:
    """A story in which 1 and 1+gpu came with one merge, and both held prod before 2."""
    story = Story()
    story.register("1")
    story.register("1+gpu", commit=commit_of("1"))
    story.register("2")
    for text in ("1", "1+gpu", "2"):
        story.assign(text)
    return story


def test_a_hand_made_assignment_on_a_commit_of_several_versions_is_ignored() -> None:
    story = two_on_one_commit()
    assert_ignored(story, story.by_hand("1"), "on a commit of several versions (1, 1+gpu)")


def test_a_version_that_never_held_the_alias_makes_no_commit_ambiguous() -> None:
    story = Story()
    story.register("1")
    story.register("1+gpu", commit=commit_of("1"))
    story.register("2")
    story.assign("1")
    story.assign("2")
    story.by_hand("1")
    assert not story.history().bad
    assert story.history().meaning(PROD) == version("1")


@pytest.mark.parametrize("text", ["1", "1+gpu"])
def test_a_version_trailer_says_which_of_several_versions_is_meant(text: str) -> None:
    story = two_on_one_commit()
    story.by_hand("1", message=f"latency\n\nVersion: {text}\n")
    assert not story.history().bad
    assert story.history().meaning(PROD) == version(text)


def test_a_version_trailer_that_names_a_version_of_another_commit_is_ignored() -> None:
    story = two_on_one_commit()
    tag = story.by_hand("1", message="latency\n\nVersion: 2\n")
    assert_ignored(story, tag, "no version that held the alias before has its tag on that commit")


@pytest.mark.parametrize("text", ["none", "1 or so", "v1"])
def test_a_version_trailer_that_is_no_version_is_ignored(text: str) -> None:
    story = released("1", "2")
    assert_ignored(story, story.by_hand("1", message=f"x\n\nVersion: {text}\n"), "is not a version")


# --- signatures ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("signature", [PGP, SSH])
def test_signed_tags_say_what_they_say_without_the_signature(signature: str) -> None:
    story = Story()
    sign(story, story.register("1"), signature)
    sign(story, story.assign("1"), signature)
    story.register("2")
    story.assign("2")
    sign(story, story.by_hand("1"), signature)
    history = story.history()
    assert not history.bad
    assert history.held(PROD) == (version("1"), version("2"))
    assert history.meaning(PROD) == version("1")


@pytest.mark.parametrize("signature", [PGP, SSH])
def test_trailers_after_a_signature_change_nothing(signature: str) -> None:
    story = two_on_one_commit()
    tag = story.by_hand("1", message=f"latency\n\nVersion: 1\n{signature}\n\nVersion: 1+gpu\n")
    assert story.history().meaning(PROD) == version("1")
    assert tag.name not in {bad.name for bad in story.history().bad}


def test_a_signature_hidden_before_the_real_one_is_ignored() -> None:
    story = two_on_one_commit()
    tag = story.by_hand("1", message=f"latency\n\nVersion: 1\n{SSH}\n\nVersion: 1+gpu\n{PGP}")
    assert_ignored(story, tag, "more than one signature")


def sign(story: Story, tag: RawTag, signature: str) -> RawTag:
    assert tag.data is not None
    return story.put_bytes(tag.name, tag.data + signature.encode())
