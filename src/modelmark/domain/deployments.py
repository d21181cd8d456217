"""What really runs, told by records, and how that stands to what the tags declare.

A record is appended for each change of an environment, and numbered: the newest is the one with the highest number, whatever
the clocks of two machines say. Whoever writes records is believed about where and when, and about nothing else: version,
tag and manifest must be those of the tags.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from modelmark.domain.events import source_of
from modelmark.domain.manifest import SHA256
from modelmark.domain.names import AliasName, ModelName, parse_alias_name, parse_model_name, shown
from modelmark.domain.tags import AssignmentTag, VersionTag, parse_tag_name
from modelmark.domain.versions import Version, parse_version
from modelmark.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from modelmark.domain.history import Assignment, ModelHistory
    from modelmark.domain.json_values import Json

FORM = 1
CLOUD_EVENT = "dev.modelmark.deployment.v1"
_MOST = 1_000_000_000
_ENV = re.compile(r"[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?")
_OID = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,252})?")
_PATH = re.compile(r"([^/]+)/([^/]+)/([^/]+)/([1-9][0-9]{0,8})\.json")
_KEYS = (
    *("record", "model", "alias", "env", "version", "tag", "tag_id", "assignment", "assignment_id"),
    *("manifest_sha256", "verified", "host", "at", "registry"),
)


@dataclass(frozen=True, order=True)
class Place:
    """Where an alias of a model is followed; the order is that of a list."""

    model: ModelName
    alias: AliasName
    env: str

    def __str__(self) -> str:
        """`m@prod in eu-1`."""
        return f"{self.model}@{self.alias} in {self.env}"

    @property
    def folder(self) -> str:
        """Where its records lie, below the root of all."""
        return f"{self.model}/{self.alias}/{self.env}"

    def path(self, number: int) -> str:
        """Where its record of a number lies.

        Raises:
            InvalidInput: nobody deploys that often.
        """
        if number >= _MOST:
            raise InvalidInput(
                f"the newest record of {self} has the number {number - 1}", "somebody made it up: look there"
            )
        return f"{self.folder}/{number}.json"


def parse_env(text: str) -> str:
    """Lower-case letters, digits, `.`, `_` and `-`, at most 63, a letter or digit at both ends.

    Raises:
        InvalidInput: anything else.
    """
    if not _ENV.fullmatch(text):
        raise InvalidInput(
            f"{shown(text)} is not the name of an environment",
            "use 1 to 63 lower-case letters, digits, '.', '_' and '-': eu-1, k8s.prod",
        )
    return text


def parse_path(path: str) -> tuple[Place, int] | None:
    """What a record's path says; None for what is no record's."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    try:
        place = Place(parse_model_name(found[1]), parse_alias_name(found[2]), parse_env(found[3]))
    except InvalidInput:
        return None
    return place, int(found[4])


@dataclass(frozen=True)
class Deployment:
    """One record.

    Attributes:
        tag_id: object id of the version's tag.
        assignment: the number of the assignment by which it came, and its object id; None where it was not by an alias.
        verified: every byte on that machine was read, and is what the manifest lists.
        registry: the address it came from, without credentials.
    """

    place: Place
    version: Version
    tag_id: str
    assignment: tuple[int, str] | None
    manifest_sha256: str
    verified: bool
    host: str
    at: datetime
    registry: str

    def same_release(self, other: Deployment) -> bool:
        """Whether two records say that the same thing runs, as surely."""
        return all(
            getattr(self, name) == getattr(other, name)
            for name in ("place", "version", "tag_id", "manifest_sha256", "verified")
        )


@dataclass(frozen=True)
class Kept:
    """A record as it was found; `deployment` None = it cannot be used, and `problem` says why."""

    place: Place
    number: int
    deployment: Deployment | None
    problem: str = ""


def write_deployment(made: Deployment) -> bytes:
    """The text of a record; the same for the same record, so that a doubled delivery is seen to be one."""
    by, place = made.assignment, made.place
    about: dict[str, Json] = {
        "record": FORM,
        "model": place.model,
        "alias": place.alias,
        "env": place.env,
        "version": str(made.version),
        "tag": str(VersionTag(place.model, made.version)),
        "tag_id": made.tag_id,
        "assignment": str(AssignmentTag(place.model, place.alias, by[0])) if by else None,
        "assignment_id": by[1] if by else None,
        "manifest_sha256": made.manifest_sha256,
        "verified": made.verified,
        "host": made.host,
        "at": made.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "registry": made.registry,
    }
    return (json.dumps(about, indent=2) + "\n").encode("ascii")


def event_id(made: Deployment) -> str:
    """The same for the same release in the same place, whoever says it and when: a receiver drops the double."""
    by = (made.assignment, made.manifest_sha256, made.verified)
    what = (made.place.folder, str(made.version), made.tag_id, *by)
    return hashlib.sha256(json.dumps(what).encode()).hexdigest()


def cloud_event(made: Deployment) -> bytes:
    """The record as a CloudEvents 1.0 document."""
    event: dict[str, Json] = {
        "specversion": "1.0",
        "id": event_id(made),
        "source": source_of(made.registry, made.place.model),
        "type": CLOUD_EVENT,
        "subject": str(made.place),
        "time": made.at.astimezone(UTC).isoformat(),
        "datacontenttype": "application/json",
        "data": json.loads(write_deployment(made)),
    }
    return json.dumps(event).encode("ascii")


def parse_deployment(value: Json, place: Place) -> Deployment:
    """Read a record that lies at a place.

    Raises:
        InvalidInput: a key too many or too few, or a value that is not of its form.
    """
    form = value.get("record") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(form, int) or form is True or form != FORM:
        raise InvalidInput(f"it is no record of the form {FORM}", "it may be of a newer Modelmark")
    odd = sorted({*value} ^ {*_KEYS})
    if odd:
        raise InvalidInput(f"it has {'the unknown' if odd[0] in value else 'no'} key {shown(odd[0])}")
    text = _Texts(value)
    version = parse_version(text.of("version"))
    said = [text.of(key) for key in ("model", "alias", "env", "tag")]
    if said != [place.model, place.alias, place.env, str(VersionTag(place.model, version))]:
        raise InvalidInput(f"it speaks of another model, alias, environment or tag than {place}")
    if not isinstance(value["verified"], bool):
        raise InvalidInput("verified is not true or false")
    return Deployment(
        place,
        version,
        text.of("tag_id", _OID.fullmatch),
        _assignment(text, place),
        text.of("manifest_sha256", SHA256.fullmatch),
        value["verified"],
        text.of("host", _HOST.fullmatch),
        _moment(text.of("at")),
        text.of("registry", lambda found: len(found) <= 400),
    )


@dataclass(frozen=True)
class _Texts:
    value: Mapping[str, Json]

    def of(self, key: str, fits: Callable[[str], object] = bool) -> str:
        """A value that must be text of some form."""
        found = self.value[key]
        if not isinstance(found, str) or not fits(found):
            raise InvalidInput(f"{key} is not of its form: {shown(str(found))}")
        return found


def _assignment(text: _Texts, place: Place) -> tuple[int, str] | None:
    if text.value["assignment"] is None and text.value["assignment_id"] is None:
        return None
    name = parse_tag_name(text.of("assignment"))
    if not isinstance(name, AssignmentTag) or (name.model, name.alias) != (place.model, place.alias):
        raise InvalidInput(f"assignment is none of {place.model}@{place.alias}")
    return name.number, text.of("assignment_id", _OID.fullmatch)


def _moment(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise InvalidInput(f"at is no time in UTC: {shown(text)}") from error


def host_name(text: str) -> str:
    """The name of a machine as a record may have it."""
    return text if _HOST.fullmatch(text) else "unknown"


class Standing(StrEnum):
    """How what runs stands to what is declared."""

    AGREES = "agrees"
    BEHIND = "behind"
    """It runs what the alias meant before; the change may be on its way."""
    SILENT = "silent"
    """It runs what the alias meant before, and said nothing for longer than a change takes."""
    UNVERIFIED = "unverified"
    """Nobody looked at the bytes, or they are not those of the manifest."""
    UNDECLARED = "undeclared"
    """It runs what the alias never meant."""


@dataclass(frozen=True)
class Running:
    """One environment, and how it stands.

    Attributes:
        declared: what the alias means now; None = nothing.
        behind: how many assignments were made since the one that brought what runs; 0 = it is what is declared.
        since: when it last said something.
        why: what is wrong with something that was never declared; else empty.
    """

    model: ModelName
    alias: AliasName
    env: str
    standing: Standing
    declared: Version | None
    runs: Version
    behind: int
    since: datetime
    host: str
    verified: bool
    why: str = ""


def judge(made: Deployment, history: ModelHistory, now: datetime, patience: timedelta) -> Running:
    """Hold a record against the tags.

    Args:
        made: the newest of its place.
        history: of its model.
        now: by which silence is judged.
        patience: how long a change may take to arrive.
    """
    place = made.place
    chain = history.aliases.get(place.alias, ())
    used = [at for at, one in enumerate(chain) if one.version == made.version]
    why = _undeclared(made, history, chain, used)
    behind = 0
    standing = Standing.AGREES if made.verified else Standing.UNVERIFIED
    if why:
        standing = Standing.UNDECLARED
    elif chain[-1].version != made.version:
        behind = chain[-1].tag.number - chain[used[-1]].tag.number
        late = now - chain[used[-1] + 1].at > patience
        standing = Standing.SILENT if late else Standing.BEHIND
    declared = history.meaning(place.alias)
    return Running(
        *(place.model, place.alias, place.env, standing, declared, made.version, behind),
        made.at,
        made.host,
        made.verified,
        why,
    )


def _undeclared(
    made: Deployment, history: ModelHistory, chain: tuple[Assignment, ...], used: list[int]
) -> str:
    """Why the tags never declared what a record says; empty = they did."""
    place, known = made.place, history.versions.get(made.version)
    if known is None:
        return f"{place.model}@{made.version} is not registered"
    if known.oid != made.tag_id:
        return f"the tag {known.tag} is another object than the one it was pulled by"
    if known.manifest_sha256 != made.manifest_sha256:
        return f"the manifest that {known.tag} pins has another SHA-256"
    if not used:
        return f"{place.alias} never meant version {made.version}"
    by = made.assignment
    if by and not any((one.tag.number, one.oid, one.version) == (*by, made.version) for one in chain):
        return f"the assignment {place.model}#{place.alias}#{by[0]} is not the one it was pulled by"
    return ""
