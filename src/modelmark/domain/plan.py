"""What must be done to make the tags say what main asks for. A plan is data; `apply` carries it out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC
from enum import StrEnum
from typing import TYPE_CHECKING

from modelmark.domain.names import shown
from modelmark.domain.tags import NONE, AssignmentTag, Message, Person, TagName, VersionTag
from modelmark.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from modelmark.domain.aliases import Desired
    from modelmark.domain.history import Assignment, ModelHistory
    from modelmark.domain.names import AliasName, ModelName
    from modelmark.domain.policy import AliasRule
    from modelmark.domain.versions import Version

ASK_AGAIN = (
    "ask again with what is right by a new change; a version that never got its tag may be removed by one"
)
TAGS_A_PUSH = 3
"""GitHub makes no event at all of a push of more tags, so nothing that listens would hear of them."""


class State(StrEnum):
    """How the entry of a file and the tags of an alias stand to each other."""

    DONE = "done"
    WAITS = "waits for apply"
    CONFLICT = "conflict"
    BEHIND = "behind: needs record"
    GAP = "refused: numbers are missing"


def compare(wish: Desired, history: ModelHistory, alias: AliasName) -> State:
    """Compare the desired entry with the observed tags (DESIGN.md, section 4)."""
    observed = history.observed(alias)
    if wish.number > observed:
        return State.WAITS if wish.number == observed + 1 else State.GAP
    now = history.now(alias)
    if now is not None and wish.number < now.tag.number:
        return State.BEHIND
    # What is left is the last valid assignment, or a number that an invalid tag has used up.
    done = now is not None and (now.tag.number, now.version) == (wish.number, wish.version)
    return State.DONE if done else State.CONFLICT


@dataclass(frozen=True)
class NewTag:
    """A tag to make, complete: its bytes are a pure function of this value."""

    name: TagName
    commit: str
    tagger: Person
    message: Message


@dataclass(frozen=True)
class Decision:
    """All tags of one commit of main; they are pushed together or not at all."""

    commit: str
    at: datetime
    tags: tuple[NewTag, ...]


def parts(decision: Decision, rules: Mapping[AliasName, AliasRule]) -> tuple[Decision, ...]:
    """Cut a decision into pushes of at most `TAGS_A_PUSH` tags, in an order in which each may be the last.

    An alias and the one that keeps what it leaves stay in one push, even where a chain of them is longer: whole comes
    before heard.
    """
    if len(decision.tags) <= TAGS_A_PUSH:
        return (decision,)
    groups: dict[object, list[NewTag]] = {}
    moved = {(tag.name.model, tag.name.alias) for tag in decision.tags if isinstance(tag.name, AssignmentTag)}
    leaders = {rule.previous_as: alias for alias, rule in rules.items() if rule.previous_as is not None}
    for tag in decision.tags:
        groups.setdefault(_head(tag.name, moved, leaders), []).append(tag)
    pushes: list[list[NewTag]] = []
    for group in groups.values():
        if pushes and len(pushes[-1]) + len(group) <= TAGS_A_PUSH:
            pushes[-1] += group
        else:
            pushes.append(list(group))
    return tuple(replace(decision, tags=tuple(push)) for push in pushes)


def _head(
    name: TagName, moved: set[tuple[ModelName, AliasName]], leaders: Mapping[AliasName, AliasName]
) -> object:
    """What tags that belong together have in common: the first of the moved aliases that leave to one another."""
    if not isinstance(name, AssignmentTag):
        return name
    chain = [name.alias]
    while (leader := leaders.get(chain[-1])) is not None and leader not in chain:
        if (name.model, leader) not in moved:
            break
        chain.append(leader)
    return name.model, chain[-1]


@dataclass(frozen=True)
class Rejection:
    """A commit of main whose change does not become true, why, and what to do about it."""

    commit: str
    subject: str
    reasons: tuple[str, ...]
    hint: str = ASK_AGAIN


@dataclass(frozen=True)
class Plan:
    """What `apply` will do, in order, and what it will not."""

    decisions: tuple[Decision, ...] = ()
    rejections: tuple[Rejection, ...] = ()


@dataclass(frozen=True)
class VersionEvidence:
    """What a version tag pins: the manifest's blob id and SHA-256, and the DVC id of the directory."""

    manifest_blob: str
    manifest_sha256: str
    artifacts: str


def version_message(registry_id: str, tag: VersionTag, evidence: VersionEvidence) -> Message:
    """The message of a version tag."""
    trailers = {
        "Registry": registry_id,
        "Manifest": evidence.manifest_blob,
        "Manifest-SHA256": evidence.manifest_sha256,
        "Artifacts": evidence.artifacts,
    }
    return Message(f"{tag.model} {tag.version} is registered", "", trailers)


def assignment_message(
    registry_id: str,
    tag: AssignmentTag,
    wish: Desired,
    history: ModelHistory,
    origin: Mapping[str, str],
) -> Message:
    """The message of the next assignment of an alias.

    Args:
        registry_id: the registry's id.
        tag: the assignment's name; its number is the next one.
        wish: version and reason.
        history: the tags as they are before it.
        origin: `Requested-By`, `Approved-By`, `Pull-Request`, where known.
    """
    previous = history.meaning(tag.alias)
    means = "nothing" if wish.version is None else str(wish.version)
    trailers = {
        "Registry": registry_id,
        "Version": NONE if wish.version is None else str(wish.version),
        "Version-Tag": NONE if wish.version is None else history.versions[wish.version].oid,
        "Previous-Version": NONE if previous is None else str(previous),
        "Previous-Tag": history.previous_tag(tag.alias),
        **origin,
    }
    return Message(f"{tag.model} {tag.alias} means {means}", wish.reason, trailers)


def rollback_target(
    model: ModelName, alias: AliasName, history: ModelHistory, wanted: Version | None
) -> Version:
    """The version a rollback goes to: the named one, or what the reviewed assignment of today's version replaced.

    So rolling back twice goes two releases back, and never to the bad one.

    Raises:
        Refused: there is nothing to go back to, or the named version never held the alias.
    """
    today = history.now(alias)
    if today is None:
        raise Refused(f"{model} has never had {alias}, so there is nothing to roll back")
    held = history.held(alias)
    if wanted is not None:
        if wanted == today.version:
            raise Refused(
                f"{model}@{alias} is already {wanted}", f"see `modelmark history {model} --alias {alias}`"
            )
        if wanted not in held:
            names = ", ".join(map(str, held))
            raise Refused(
                f"{wanted} never held {alias} of {model}, so going to it is no rollback", f"it held: {names}"
            )
        return wanted
    target = _replaced_by(today, history.aliases[alias])
    if target is None:
        others = ", ".join(str(one) for one in held if one != today.version)
        raise Refused(
            f"{model}@{alias} is {today.version or 'nothing'}{_since(today)}, and no reviewed assignment replaced another "
            "version by it",
            f"if another one is meant, name it with --to; it has also held: {others}" if others else "",
        )
    return target


def _since(today: Assignment) -> str:
    """Who rolled it back, when and why: whoever comes second must see that somebody was there already."""
    if today.origin != "rollback":
        return ""
    who, at = shown(today.by.partition(" <")[0]), today.at.astimezone(UTC)
    return f" since {who} rolled it back at {at:%Y-%m-%d %H:%M} UTC ({shown(today.reason, 100)})"


def _replaced_by(today: Assignment, assignments: tuple[Assignment, ...]) -> Version | None:
    """What the reviewed assignment of today's version replaced.

    A reviewed assignment that goes back (to the version it replaces, or to one further down) replaces nothing:
    otherwise a second rollback by pull request would return to the bad version.
    """
    replaced: dict[Version | None, Version | None] = {}
    for one in assignments:
        below = one.previous
        while below is not None and below != one.version:
            below = replaced.get(below)
        if one.origin == "reviewed" and (below is None or one.version is None):
            replaced[one.version] = one.previous
    return replaced.get(today.version)
