"""How what runs stands to what the tags declare.

Whoever writes records is believed about where and when, and about nothing else: version, tag and manifest must be those of
the tags.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from modelmark.domain.deployments import Deployment
    from modelmark.domain.history import Assignment, ModelHistory
    from modelmark.domain.names import AliasName, ModelName
    from modelmark.domain.versions import Version


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
