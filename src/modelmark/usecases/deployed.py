"""Record what really runs in an environment: appended, numbered, and once for each change."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from modelmark.domain.deployments import (
    Deployment,
    Kept,
    Place,
    parse_deployment,
    parse_env,
    write_deployment,
)
from modelmark.domain.manifest import SHA256
from modelmark.domain.names import parse_model_name, shown
from modelmark.domain.references import ByAlias, ByVersion
from modelmark.domain.tags import AssignmentTag, parse_tag_name
from modelmark.domain.versions import parse_version
from modelmark.errors import InvalidInput, Lost, ModelmarkError
from modelmark.usecases.pull import read_manifest
from modelmark.usecases.resolve import resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from modelmark.domain.json_values import Json
    from modelmark.domain.names import ModelName
    from modelmark.domain.references import Reference
    from modelmark.usecases.pull_ports import ReleaseSource
    from modelmark.usecases.resolve import Resolved

_TRIES = 20


class Records(Protocol):
    """Where records are kept."""

    @property
    def where(self) -> str:
        """The place, as a person named it; no secret."""

    def last(self, place: Place) -> Kept | None:
        """The newest record of a place, as it is now."""

    def newest(self, model: ModelName | None) -> tuple[Kept, ...]:
        """The newest record of every place, or of every place of a model.

        Raises:
            Refused: records go there and cannot be read back.
        """

    def append(self, made: Deployment, number: int) -> str:
        """Add a record of a number that must not exist yet, and return what it is called there.

        Raises:
            Lost: it does, or what `last` saw is no longer the newest.
        """


class Disk(Protocol):
    """The releases on this machine."""

    def about(self, target: Path) -> tuple[Path, Mapping[str, Json]]:
        """The folder of the release that is visible in a target, and what its record says.

        Raises:
            NotFound: nothing was pulled there.
        """

    def differs(self, release: Path, sha256s: Mapping[str, str]) -> str:
        """In what a release is not exactly these files, read now; empty = in nothing."""


@dataclass(frozen=True)
class Witness:
    """Who says so: the machine, and when; and where records are kept."""

    host: str
    now: Callable[[], datetime]
    records: Records
    pause: Callable[[int], None]


@dataclass(frozen=True)
class Recorded:
    """A record; `already` = the newest says the same, and nothing was written.

    Attributes:
        name: what the record is called where it is kept.
        problem: why it is not verified; empty where it is.
    """

    deployment: Deployment
    name: str
    where: str
    already: bool = False
    problem: str = ""


def record_deployment(records: Records, made: Deployment, pause: Callable[[int], None]) -> Recorded:
    """Append a record, unless the newest says the same.

    Args:
        records: where.
        made: what runs.
        pause: waits before another try, whose number it is told.

    Raises:
        InvalidInput: it is nothing that could be read back.
        Lost: others were faster each time.
        CouldNot: the place cannot be reached, or written.
    """
    parse_deployment(
        json.loads(write_deployment(made)), made.place
    )  # what cannot be read back is not written
    for attempt in range(1, _TRIES + 1):
        last = records.last(made.place)
        if last and last.deployment and last.deployment.same_release(made):
            return Recorded(last.deployment, made.place.path(last.number), records.where, already=True)
        number = last.number + 1 if last else 1
        try:
            return Recorded(made, records.append(made, number), records.where)
        except Lost:
            if attempt < _TRIES:
                pause(attempt)
    raise Lost(
        f"{records.where} did not take the record: somebody else was faster, {_TRIES} times",
        "run the command again",
    )


def deployment_of(
    found: Resolved, place: Place, witness: Witness, registry: str, *, verified: bool
) -> Deployment:
    """The record of what was resolved, and pulled or not."""
    by = found.assignment
    ours = by is not None and by.tag.alias == place.alias
    return Deployment(
        place,
        found.version,
        found.registered.oid,
        (by.tag.number, by.oid) if by and ours else None,
        found.registered.manifest_sha256,
        verified,
        witness.host,
        witness.now(),
        registry[:400],
    )


def deployed(
    source: ReleaseSource, disk: Disk, asked: Reference, env: str, target: Path | None, witness: Witness
) -> Recorded:
    """Record what runs in an environment.

    Args:
        source: the registry.
        disk: this machine.
        asked: the alias that the environment follows.
        env: its name.
        target: where the release was pulled to; None = what the alias means now, which nobody looked at.
        witness: who says so, and where to.

    Raises:
        InvalidInput: no alias is named, or another model was pulled there.
        NotFound: nothing was pulled there; or the alias means nothing.
    """
    if not isinstance(asked, ByAlias) or asked.number is not None:
        raise InvalidInput(
            f"{asked} is not an alias, and an environment follows one", f"for example {asked.model}@prod"
        )
    place = Place(asked.model, asked.alias, parse_env(env))
    if target is None:
        made = deployment_of(resolve(source, asked), place, witness, source.address, verified=False)
        problem = "nobody looked at the bytes: name the directory that it was pulled to, with --to"
    else:
        made, problem = _seen(source, disk, place, target, witness)
    return replace(record_deployment(witness.records, made, witness.pause), problem=problem)


def _seen(
    source: ReleaseSource, disk: Disk, place: Place, target: Path, witness: Witness
) -> tuple[Deployment, str]:
    """The release in a directory, and why it is not verified."""
    release, about = disk.about(target)
    made = claimed(about, place, target, witness)
    try:
        found = resolve(source, ByVersion(place.model, made.version))
        if (found.registered.oid, found.registered.manifest_sha256) != (made.tag_id, made.manifest_sha256):
            return made, f"{target} was pulled by another tag than {found.registered.tag} is now"
        files = read_manifest(source, found).files
    except ModelmarkError as error:
        if error.exit_code != 1:
            raise  # nobody could look, which says nothing of what runs
        return made, error.message
    problem = disk.differs(release, {file.path: file.sha256 for file in files})
    return replace(made, verified=not problem, registry=source.address[:400]), problem


def claimed(about: Mapping[str, Json], place: Place, target: Path, witness: Witness) -> Deployment:
    """What the record beside a release says of it, before anybody has looked.

    Raises:
        InvalidInput: it cannot be used, or speaks of another model.
    """
    text = {key: value for key, value in about.items() if isinstance(value, str)}
    missing = [key for key in ("model", "version", "tag_id", "manifest_sha256") if key not in text]
    if missing or not SHA256.fullmatch(text["manifest_sha256"]):
        raise InvalidInput(f"the record of the release in {target} cannot be used", "pull it again")
    if parse_model_name(text["model"]) != place.model:
        raise InvalidInput(
            f"{target} has {shown(text['model'])}, not {place.model}", "name the directory it was pulled to"
        )
    name = parse_tag_name(text["assignment"]) if "assignment" in text else None
    by = (
        (name.number, text["assignment_id"])
        if isinstance(name, AssignmentTag) and name.alias == place.alias and "assignment_id" in text
        else None
    )
    version, registry = parse_version(text["version"]), text.get("registry", "unknown")[:400]
    return Deployment(
        *(place, version, text["tag_id"], by, text["manifest_sha256"]),
        verified=False,
        host=witness.host,
        at=witness.now(),
        registry=registry,
    )
