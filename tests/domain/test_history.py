"""How the tags of one model fold into what is registered and what every alias means."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from modelmark.domain.fold import fold
from modelmark.domain.history import Facts, ModelHistory, Origin, RawTag
from modelmark.domain.names import AliasName
from modelmark.domain.stages import longest_hold
from modelmark.domain.tags import NONE, VersionTag
from tests.support.domain import (
    ADA,
    MODEL,
    NOON,
    PROD,
    REGISTRY_ID,
    STAGING,
    Action,
    Story,
    actions,
    commit_of,
    object_id,
    play,
    released,
    version,
)


def test_no_tags_are_an_empty_history() -> None:
    history = Story().history()
    assert history == ModelHistory()
    assert history.now(PROD) is None
    assert history.meaning(PROD) is None
    assert history.observed(PROD) == 0
    assert history.previous_tag(PROD) == NONE
    assert history.held(PROD) == ()
    assert history.holders() == {}
    assert history.latest() is None


def test_a_version_tag_says_what_is_registered() -> None:
    story = Story()
    tag = story.register("1.10")
    found = story.history().versions[version("1.10")]
    assert found.tag == VersionTag(MODEL, version("1.10"))
    assert (found.oid, found.commit) == (tag.oid, commit_of("1.10"))
    assert (found.by, found.at) == (str(ADA), NOON)
    assert found.manifest_blob == object_id("manifest of 1.10")
    assert len(found.manifest_sha256) == 64
    assert found.artifacts.endswith(".dir")


def test_the_latest_version_is_the_highest_and_not_the_last_one_made() -> None:
    story = Story()
    for text in ("1.9", "1.10", "1.2"):
        story.register(text)
    assert story.history().latest() == version("1.10")


def test_an_alias_means_what_its_highest_number_says() -> None:
    history = released("9", "10", "8").history()
    assert history.meaning(PROD) == version("8")
    assert history.observed(PROD) == 3
    assert history.held(PROD) == (version("9"), version("10"), version("8"))


def test_numbers_are_compared_as_numbers() -> None:
    story = released("1")
    story.register("2")
    for number in range(2, 12):
        story.assign("2" if number == 11 else "1")
    assert story.history().meaning(PROD) == version("2")


def test_an_assignment_knows_who_made_it_when_and_why() -> None:
    story = released("1", "2")
    now = story.history().now(PROD)
    assert now is not None
    assert (now.by, now.at, now.reason) == (str(ADA), NOON, "better on short texts")
    assert (now.version, now.previous, now.origin) == (version("2"), version("1"), Origin.REVIEWED)
    assert now.commit == object_id("merge of nlp-sentiment#prod#2")


def test_the_reason_of_a_rollback_by_hand_is_its_subject_where_it_has_nothing_else() -> None:
    story = released("1", "2")
    story.by_hand("1", message="latency\n")
    now = story.history().now(PROD)
    assert now is not None
    assert (now.version, now.origin, now.reason) == (version("1"), Origin.ROLLBACK, "latency")
    story.by_hand("2", message="back again\n\nthe probe was wrong\n")
    again = story.history().now(PROD)
    assert again is not None
    assert again.reason == "the probe was wrong"


def test_none_takes_the_meaning_away_and_keeps_what_was_held() -> None:
    story = released("1")
    story.assign(None)
    history = story.history()
    assert not history.bad
    assert history.meaning(PROD) is None
    assert history.observed(PROD) == 2
    assert history.holders() == {}
    assert history.held(PROD) == (version("1"),)


def test_what_an_alias_meant_last_outlives_that_it_means_nothing() -> None:
    story = released("1", "2")
    assert story.history().last_meant(STAGING) is None
    story.assign("1")
    assert story.history().last_meant(PROD) == version("1")
    story.assign(None)
    story.assign(None)
    assert (story.history().meaning(PROD), story.history().last_meant(PROD)) == (None, version("1"))


def test_aliases_do_not_know_of_each_other() -> None:
    story = released("1", "2")
    story.assign("1", STAGING)
    history = story.history()
    assert history.holders() == {PROD: version("2"), STAGING: version("1")}
    assert (history.observed(PROD), history.observed(STAGING)) == (2, 1)


def test_a_tag_of_somebody_else_is_neither_a_fact_nor_a_fault() -> None:
    story = released("1")
    before = story.history()
    story.put_bytes("release-2026", None)
    assert story.history() == before


def test_a_malformed_name_of_ours_is_listed_and_uses_up_no_number() -> None:
    story = released("1")
    for name in ("nlp-sentiment#prod#02", "nlp-sentiment@v01", "nlp-sentiment#prod#9999999999"):
        story.put_bytes(name, None)
    history = story.history()
    assert {bad.name for bad in history.bad} == set(story.tags) - {
        "nlp-sentiment@v1",
        "nlp-sentiment#prod#1",
    }
    assert history.observed(PROD) == 1


def test_a_reader_that_cannot_know_the_registry_accepts_any_id() -> None:
    story = released("1")
    facts = story.facts()
    anywhere = Facts(None, facts.on_main, facts.direct)
    elsewhere = Facts("another", facts.on_main, facts.direct)
    assert fold(story.tags.values(), anywhere) == story.history()
    assert not fold(story.tags.values(), elsewhere).versions


@given(actions)
def test_every_assignment_that_was_made_by_the_rules_counts(wanted: list[Action]) -> None:
    story, meant = play(wanted)
    history = story.history()
    assert history.bad == ()
    for alias, versions in meant.items():
        found = history.aliases.get(alias, ())
        assert [one.version for one in found] == versions
        assert [one.previous for one in found] == [None, *versions][: len(versions)]
        assert history.meaning(alias) == (versions[-1] if versions else None)


@given(actions)
def test_numbers_are_dense_from_one_and_each_names_the_object_before(wanted: list[Action]) -> None:
    history = play(wanted)[0].history()
    for alias, found in history.aliases.items():
        assert [one.tag.number for one in found] == list(range(1, history.observed(alias) + 1))
        before = [NONE, *(one.oid for one in found)]
        assert all(
            one.trailers.get("Previous-Tag", oid) == oid for one, oid in zip(found, before, strict=False)
        )
        assert history.previous_tag(alias) == before[-1]


@st.composite
def damaged(draw: st.DrawFn) -> list[RawTag]:
    """The tags of a story with some of them missing, cut, overwritten, swapped or invented."""
    tags = list(play(draw(actions))[0].tags.values())
    spoilt = []
    for tag in tags:
        what = draw(
            st.sampled_from(["keep", "keep", "keep", "drop", "cut", "overwrite", "swap", "lightweight"])
        )
        data = tag.data or b""
        place = draw(st.integers(0, len(data)))
        if what == "swap":
            data = draw(st.sampled_from(tags)).data or b""
        elif what == "cut":
            data = data[:place]
        elif what == "overwrite":
            filling = draw(st.binary(max_size=4))
            data = data[:place] + filling + data[place + len(filling) :]
        if what != "drop":
            spoilt.append(RawTag(tag.name, tag.oid, None if what == "lightweight" else data))
    return spoilt


foreign = st.builds(
    RawTag,
    st.text(max_size=20)
    | st.builds("nlp-sentiment#prod#{}".format, st.text(max_size=3) | st.integers(-1, 10**10))
    | st.builds("nlp-sentiment@v{}".format, st.text(max_size=3)),
    st.just(object_id("planted")),
    st.none() | st.binary() | st.builds(lambda text: text.encode("utf-8", "replace"), st.text()),
)


@given(damaged(), st.lists(foreign, max_size=3), st.randoms(use_true_random=False))
@settings(max_examples=150)
def test_the_fold_takes_anything_loses_nothing_and_has_no_order(
    tags: list[RawTag], planted: list[RawTag], random: Random
) -> None:
    by_name = {tag.name: tag for tag in (*tags, *planted)}
    facts = Story().facts()
    history = fold(by_name.values(), facts)
    shuffled = list(by_name.values())
    random.shuffle(shuffled)
    assert fold(shuffled, facts) == history
    counted = [str(found.tag) for found in history.versions.values()]
    counted += [str(one.tag) for found in history.aliases.values() for one in found]
    ours = {name for name in by_name if "#" in name or "@v" in name}
    assert sorted([*counted, *(bad.name for bad in history.bad)]) == sorted(ours)


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_no_message_whatsoever_stops_the_fold(message: bytes) -> None:
    story = released("1")
    tag = story.by_hand("1")
    assert tag.data is not None
    story.put_bytes(tag.name, tag.data.partition(b"\n\n")[0] + b"\n\n" + message)
    assert story.history().meaning(PROD) == version("1")


def hours(number: float) -> datetime:
    return NOON + timedelta(hours=number)


def test_a_version_holds_an_alias_until_the_next_assignment_or_until_now() -> None:
    story = Story()
    for text in ("1", "2"):
        story.register(text)
    for text, start in (("1", 0), ("2", 5), ("1", 6), ("2", 8)):
        story.at = hours(start)
        story.assign(text)
    history = story.history()
    assert longest_hold(history, PROD, version("1"), hours(100)) == 5
    assert longest_hold(history, PROD, version("2"), hours(8.5)) == 1
    assert longest_hold(history, PROD, version("2"), hours(10)) == 2
    assert longest_hold(history, PROD, version("1"), hours(2)) == 2, (
        "what came after the moment asked for is not known"
    )


def test_a_version_that_never_held_an_alias_held_it_for_no_time() -> None:
    history = released("1").history()
    assert longest_hold(history, PROD, version("2"), hours(1)) is None
    assert longest_hold(history, STAGING, version("1"), hours(1)) is None
    assert longest_hold(history, PROD, version("1"), NOON) == 0


def test_the_registry_id_of_the_stories_is_the_one_in_their_tags() -> None:
    now = released("1").history().now(AliasName("prod"))
    assert now is not None
    assert now.trailers["Registry"] == REGISTRY_ID
