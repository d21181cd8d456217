"""Builds domain values in memory: names for Hypothesis, and the tags of one model as Git would store them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import strategies as st

from modelmark.domain.aliases import Desired
from modelmark.domain.fold import fold
from modelmark.domain.history import Facts, ModelHistory, RawTag
from modelmark.domain.names import AliasName, ModelName
from modelmark.domain.plan import VersionEvidence, assignment_message, version_message
from modelmark.domain.tags import AssignmentTag, Message, Person, TagName, VersionTag, write_tag_object
from modelmark.domain.versions import Version, parse_version

REGISTRY_ID = "6f0c1d8e-4a52-4c1b-9b8e-0d6a3f6f2a11"
MODEL = ModelName("nlp-sentiment")
PROD = AliasName("prod")
STAGING = AliasName("staging")
NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
ADA = Person("Ada", "ada@example.org", NOON)

PGP = "-----BEGIN PGP SIGNATURE-----\n\niQEzBAABCAAdFiEE\n=aBcD\n-----END PGP SIGNATURE-----\n"
SSH = "-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAQAAADMAAAAL\n-----END SSH SIGNATURE-----\n"


def version(text: str) -> Version:
    """Shorter to read in a test than `parse_version`."""
    return parse_version(text)


def object_id(text: str) -> str:
    """An object id that is always the same for the same text."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def tag_id(data: bytes) -> str:
    """The id that Git gives to a tag object."""
    return hashlib.sha1(b"tag %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


@dataclass
class Story:
    """The tags of one model, made one after the other, each as its rightful author would make it.

    Attributes:
        direct: whether registry.yaml says `rollback: direct`, at every commit without an answer of its own.
        direct_at: the answers of single commits.
        off_main: commits that are not first-parent commits of main.
        at: the date of the tags that are made from now on.
    """

    direct: bool = True
    tags: dict[str, RawTag] = field(default_factory=dict)
    direct_at: dict[str, bool] = field(default_factory=dict)
    off_main: set[str] = field(default_factory=set)
    at: datetime = NOON

    def history(self) -> ModelHistory:
        """The fold of all tags."""
        return fold(self.tags.values(), self.facts())

    def facts(self) -> Facts:
        """What the fold may ask; like the real thing, `on_main` takes hexadecimal ids and nothing else."""
        return Facts(
            REGISTRY_ID,
            on_main=lambda oid: bytes.fromhex(oid).hex() not in self.off_main,
            direct=lambda commit, _: self.direct_at.get(commit, self.direct),
        )

    def register(self, text: str, *, commit: str = "") -> RawTag:
        """Make the tag of a version, on a commit of its own unless another is given."""
        tag = VersionTag(MODEL, version(text))
        evidence = VersionEvidence(
            object_id(f"manifest of {text}"),
            hashlib.sha256(text.encode()).hexdigest(),
            hashlib.md5(text.encode(), usedforsecurity=False).hexdigest() + ".dir",
        )
        return self.put(tag, commit or commit_of(text), version_message(REGISTRY_ID, tag, evidence))

    def assign(
        self,
        text: str | None,
        alias: AliasName = PROD,
        *,
        commit: str = "",
        number: int = 0,
        changes: Mapping[str, str] | None = None,
    ) -> RawTag:
        """Make the next assignment with all trailers, as `apply` does after a review; `changes` spoils trailers."""
        history = self.history()
        tag = AssignmentTag(MODEL, alias, number or history.observed(alias) + 1)
        wish = Desired(version(text) if text else None, tag.number, "better on short texts")
        message = assignment_message(REGISTRY_ID, tag, wish, history, {})
        spoilt = Message(message.subject, message.reason, {**message.trailers, **(changes or {})})
        return self.put(tag, commit or object_id(f"merge of {tag}"), spoilt)

    def rollback(self, text: str, alias: AliasName = PROD) -> RawTag:
        """Make the next assignment as `modelmark rollback` does: all trailers, on the commit of the version."""
        return self.assign(text, alias, commit=self.commit(text))

    def by_hand(
        self, text: str, alias: AliasName = PROD, *, number: int = 0, message: str = "latency regression\n"
    ) -> RawTag:
        """Make an assignment as `git tag -a` does: no trailers, on the commit of the version."""
        tag = AssignmentTag(MODEL, alias, number or self.history().observed(alias) + 1)
        return self.put_text(tag, self.commit(text), message)

    def put(self, tag: TagName, commit: str, message: Message) -> RawTag:
        """Store a tag."""
        return self.put_bytes(str(tag), write_tag_object(commit, tag, replace(ADA, at=self.at), message))

    def put_text(self, tag: TagName, commit: str, message: str) -> RawTag:
        """Store a tag whose message is any text."""
        return self.put_bytes(str(tag), _head(commit, tag) + message.encode())

    def put_bytes(self, name: str, data: bytes | None) -> RawTag:
        """Store a ref with any tag object, or without one (a lightweight tag)."""
        found = RawTag(name, object_id(name) if data is None else tag_id(data), data)
        self.tags[name] = found
        return found

    def replace(self, tag: RawTag, old: str, new: str) -> RawTag:
        """Store a tag again with a part of its object replaced."""
        assert tag.data is not None
        assert old.encode() in tag.data
        return self.put_bytes(tag.name, tag.data.replace(old.encode(), new.encode(), 1))

    def commit(self, text: str) -> str:
        """The commit that the tag of a version is on."""
        data = self.tags[str(VersionTag(MODEL, version(text)))].data
        assert data is not None
        return data.decode().split("\n")[0].removeprefix("object ")


def _head(commit: str, tag: TagName) -> bytes:
    return write_tag_object(commit, tag, ADA, Message("", "", {})).rstrip(b"\n") + b"\n\n"


def commit_of(text: str) -> str:
    """The commit on main that brings a version in a `Story`."""
    return object_id(f"commit of {text}")


def released(*texts: str, direct: bool = True) -> Story:
    """A story in which versions were registered and assigned to prod by review, one after the other."""
    story = Story(direct=direct)
    for text in texts:
        story.register(text)
        story.assign(text)
    return story


def assert_ignored(story: Story, tag: RawTag, why: str) -> None:
    """The tag is the only bad one, for this reason, and prod still means 2; what is made next counts again."""
    history = story.history()
    assert [bad.name for bad in history.bad] == [tag.name]
    assert why in history.bad[0].why
    assert history.bad[0].oid == tag.oid
    assert history.meaning(PROD) == version("2")
    if "#prod#" in tag.name:
        assert history.observed(PROD) == int(tag.name.rpartition("#")[2])
        assert history.previous_tag(PROD) == tag.oid
    story.register("99")
    story.assign("99")
    assert story.history().meaning(PROD) == version("99")
    assert [bad.name for bad in story.history().bad] == [tag.name]


# --- Hypothesis ---------------------------------------------------------------------------------------------------

model_names = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", fullmatch=True).map(ModelName)
alias_names = (
    st.from_regex(r"[a-z]([a-z0-9_-]{0,30}[a-z0-9])?", fullmatch=True)
    .filter(lambda text: text not in {"latest", "none"} and not text.removeprefix("v").isdigit())
    .map(AliasName)
)
numbers = st.integers(1, 999_999_999)
builds = st.from_regex(r"[0-9a-z-]{1,8}(\.[0-9a-z-]{1,8}){0,3}", fullmatch=True).filter(
    lambda text: not text.endswith(".lock")
)
versions = st.builds(
    Version,
    st.lists(st.integers(0, 999_999_999), min_size=1, max_size=3).map(tuple),
    st.just("") | builds,
)
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1), timezones=zones).map(
    lambda at: at.replace(microsecond=0)
)

Action = tuple[str, AliasName, int]
actions: st.SearchStrategy[list[Action]] = st.lists(
    st.tuples(
        st.sampled_from(["register", "assign", "assign", "unassign", "rollback", "by hand"]),
        st.sampled_from([PROD, STAGING]),
        st.integers(0, 4),
    ),
    max_size=14,
)


def play(wanted: list[Action]) -> tuple[Story, dict[AliasName, list[Version | None]]]:
    """Carry out actions as far as they are possible; returns the tags, and what each alias meant in turn."""
    story = Story()
    known = ["1"]
    meant: dict[AliasName, list[Version | None]] = {PROD: [], STAGING: []}
    story.register("1")
    for what, alias, choice in wanted:
        held = [one for one in dict.fromkeys(meant[alias]) if one is not None]
        if what == "register":
            known.append(str(len(known) + 1))
            story.register(known[-1])
        elif what == "assign":
            story.assign(known[choice % len(known)], alias)
            meant[alias].append(version(known[choice % len(known)]))
        elif what == "unassign":
            story.assign(None, alias)
            meant[alias].append(None)
        elif held:
            target = held[choice % len(held)]
            (story.rollback if what == "rollback" else story.by_hand)(str(target), alias)
            meant[alias].append(target)
    return story, meant
