"""Records of what really runs: their form, where they lie, and which is the newest.

A record is appended for each change of an environment, and numbered: the newest is the one with the highest number, whatever
the clocks of two machines say.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from modelmark.domain.events import source_of
from modelmark.domain.manifest import SHA256
from modelmark.domain.names import AliasName, ModelName, parse_alias_name, parse_model_name, shown
from modelmark.domain.tags import AssignmentTag, VersionTag, parse_tag_name
from modelmark.domain.versions import Version, parse_version
from modelmark.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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
