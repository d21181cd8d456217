"""Tags folded into what is registered and what every alias meant, when, by whom and why.

The trust rules, all of them (DESIGN.md, section 3). A tag counts only where

1. it is annotated, points at a commit itself, and its inner name is the ref's name;
2. that commit is a first-parent commit of main, where the reader has main;
3. a version tag has exactly its four trailers, and `Registry` is this registry's id;
4. an assignment above 1 has a predecessor of the number below;
5. an assignment with trailers has `Registry`, `Version`, `Version-Tag`, `Previous-Version`, `Previous-Tag`: the
   version's own tag by object id, and the object id of the assignment before (valid or not: the chain is of objects);
6. an assignment without them is made by hand: of the versions that held the alias before, it means the one whose tag
   is on the same commit, or the one that its `Version` trailer names where several are;
7. an assignment on the commit of its version's own tag is a *rollback* (no reviewed change asked for it): the
   alias must allow `rollback: direct`, by the policy in force at the last reviewed assignment before it, and the
   version must have held the alias before.

A tag that fails is ignored, counted (its number is used up, so nothing planted can become valid later), listed by
`verify`, and never resolved. The order is the number's; dates are shown and never compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.domain.history import Assignment, BadTag, Facts, ModelHistory, Origin, RawTag, Registered
from modelmark.domain.names import AliasName, shown
from modelmark.domain.tags import (
    ASSIGNMENT_TRAILERS,
    NONE,
    VERSION_TRAILERS,
    AssignmentTag,
    Message,
    TagObject,
    VersionTag,
    parse_message,
    parse_tag_name,
    parse_tag_object,
)
from modelmark.domain.versions import Version, parse_version
from modelmark.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


def fold(tags: Iterable[RawTag], facts: Facts) -> ModelHistory:
    """Fold the tags of one model (any order, any subset that includes the versions assigned)."""
    bad: list[BadTag] = []
    versions: dict[Version, Registered] = {}
    raw: dict[AliasName, dict[int, RawTag]] = {}
    for tag in sorted(tags, key=lambda one: one.name):
        try:
            name = parse_tag_name(tag.name)
            if isinstance(name, VersionTag):
                versions[name.version] = _registered(name, tag, facts)
            elif isinstance(name, AssignmentTag):
                raw.setdefault(name.alias, {})[name.number] = tag
        except InvalidInput as error:
            bad.append(BadTag(tag.name, tag.oid, error.message))
    folded = {alias: _fold_alias(found, versions, facts, bad) for alias, found in raw.items()}
    highest = {alias: max((number, tag.oid) for number, tag in found.items()) for alias, found in raw.items()}
    return ModelHistory(versions, folded, highest, tuple(bad))


def _read(tag: RawTag, facts: Facts) -> tuple[TagObject, Message]:
    """Rules 1 and 2, and the message."""
    if tag.data is None:
        raise InvalidInput("it is a lightweight tag, without author, reason and date")
    found = parse_tag_object(tag.data)
    if found.name != tag.name:
        raise InvalidInput(f"its object was made as {shown(found.name)}: somebody renamed it")
    if found.target_type != "commit":
        raise InvalidInput(f"it points at a {shown(found.target_type)} and not at a commit")
    if not facts.on_main(found.target):
        raise InvalidInput(f"it points at {found.target[:12]}, which is not a first-parent commit of main")
    return found, parse_message(found.message)


def _check_registry(trailers: Mapping[str, str], facts: Facts) -> None:
    if facts.registry_id is not None and trailers["Registry"] != facts.registry_id:
        raise InvalidInput(f"it belongs to another registry ({shown(trailers['Registry'])})")


def _registered(name: VersionTag, tag: RawTag, facts: Facts) -> Registered:
    found, message = _read(tag, facts)
    trailers = message.trailers
    if set(trailers) != set(VERSION_TRAILERS):
        raise InvalidInput(f"a version tag has exactly the trailers {', '.join(VERSION_TRAILERS)}")
    _check_registry(trailers, facts)
    return Registered(
        name,
        tag.oid,
        found.target,
        str(found.tagger),
        found.tagger.at,
        trailers["Manifest"],
        trailers["Manifest-SHA256"],
        trailers["Artifacts"],
    )


def _fold_alias(
    raw: Mapping[int, RawTag], versions: Mapping[Version, Registered], facts: Facts, bad: list[BadTag]
) -> tuple[Assignment, ...]:
    valid: list[Assignment] = []
    for number in sorted(raw):
        tag = raw[number]
        try:
            if number > 1 and number - 1 not in raw:
                raise InvalidInput(f"there is no assignment {number - 1} before it")
            before = raw[number - 1].oid if number > 1 else NONE
            valid.append(_assignment(tag, before, valid, versions, facts))
        except InvalidInput as error:
            bad.append(BadTag(tag.name, tag.oid, error.message))
    return tuple(valid)


def _assignment(
    tag: RawTag,
    before: str,
    earlier: Sequence[Assignment],
    versions: Mapping[Version, Registered],
    facts: Facts,
) -> Assignment:
    name = parse_tag_name(tag.name)
    assert isinstance(name, AssignmentTag)
    found, message = _read(tag, facts)
    previous = earlier[-1].version if earlier else None
    version: Version | None
    if set(message.trailers) <= {"Version"}:
        version = _version_on(found.target, message.trailers.get("Version"), earlier, versions)
    else:
        version = _version_of_chain(message.trailers, before, versions, facts)
    rollback = version is not None and versions[version].commit == found.target
    if rollback:
        _check_rollback(name.alias, version, earlier, facts)
    return Assignment(
        name,
        tag.oid,
        found.target,
        version,
        previous,
        Origin.ROLLBACK if rollback else Origin.REVIEWED,
        str(found.tagger),
        found.tagger.at,
        message.reason or message.subject,
        message.trailers,
    )


def _version_on(
    commit: str, wanted: str | None, earlier: Sequence[Assignment], versions: Mapping[Version, Registered]
) -> Version:
    """Rule 6. Only versions that held the alias count, so the answer does not depend on what else is registered."""
    held = {one.version for one in earlier if one.version is not None}
    there = sorted(version for version in held if versions[version].commit == commit)
    if wanted is not None:
        there = [version for version in there if version == parse_version(wanted)]
    if not there:
        raise InvalidInput(
            "it was made by hand, and no version that held the alias before has its tag on that commit"
        )
    if len(there) > 1:
        names = ", ".join(map(str, there))
        raise InvalidInput(
            f"it was made by hand on a commit of several versions ({names}): it needs a Version trailer"
        )
    return there[0]


def _version_of_chain(
    trailers: Mapping[str, str],
    before: str,
    versions: Mapping[Version, Registered],
    facts: Facts,
) -> Version | None:
    """Rule 5: the trailers must name the version's tag and the assignment before by object id."""
    missing = [key for key in ASSIGNMENT_TRAILERS if key not in trailers]
    extra = [key for key in trailers if key in VERSION_TRAILERS and key not in ASSIGNMENT_TRAILERS]
    if missing or extra:
        raise InvalidInput(
            f"its trailers lack {missing[0]}" if missing else f"an assignment has no {extra[0]} trailer"
        )
    _check_registry(trailers, facts)
    version = None if trailers["Version"] == NONE else parse_version(trailers["Version"])
    if version is not None and version not in versions:
        raise InvalidInput(f"it assigns version {version}, which is not registered")
    tag_of_version = NONE if version is None else versions[version].oid
    for key, value in {"Version-Tag": tag_of_version, "Previous-Tag": before}.items():
        if trailers[key] != value:
            raise InvalidInput(
                f"its {key} is {shown(trailers[key])} and should be {value}: the chain is broken"
            )
    return version


def _check_rollback(
    alias: AliasName, version: Version | None, earlier: Sequence[Assignment], facts: Facts
) -> None:
    """Rule 7."""
    reviewed = [one for one in earlier if one.origin is Origin.REVIEWED]
    if version not in {one.version for one in earlier}:
        raise InvalidInput(f"it rolls back to version {version}, which never held {alias}")
    if not reviewed or not facts.direct(reviewed[-1].commit, alias):
        raise InvalidInput(
            f"registry.yaml does not allow {alias} to be rolled back without review (rollback: direct)"
        )
