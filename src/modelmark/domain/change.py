"""A change to a registry as plain values: what the checks of the gate look at.

Everything that had to be read (files, tags, storage) has been read before; a file that could not be read is a
finding already. So a check is a function from a `Candidate` to findings, and executes nothing of the change.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from modelmark.domain.findings import Finding
from modelmark.domain.layout import MODELS, POLICY, Kind
from modelmark.domain.manifest import compare_listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from modelmark.domain.advisories import Advisories
    from modelmark.domain.aliases import Aliases, Desired
    from modelmark.domain.artifacts import ListedFile, Pointer
    from modelmark.domain.commits import FileChange
    from modelmark.domain.evaluations import Evaluation
    from modelmark.domain.findings import Level
    from modelmark.domain.history import ModelHistory
    from modelmark.domain.inspection import Inspection
    from modelmark.domain.manifest import Manifest
    from modelmark.domain.names import AliasName, ModelName
    from modelmark.domain.policy import Card, Gate, Policy
    from modelmark.domain.versions import Version


@dataclass(frozen=True)
class Span:
    """What is judged, and by which rules.

    Attributes:
        base: the commit before the change, or None for a repository's first commit.
        head: the commit with the change in it.
        rules: the commit whose registry.yaml judges; None = there is none before this change.
        at: the moment by which ages are judged.
    """

    base: str | None
    head: str
    rules: str | None
    at: datetime


@dataclass(frozen=True)
class NewVersion:
    """A version directory that the change adds.

    Attributes:
        listing: the files DVC's listing names, or None where the storage does not have it.
        missing: ids of objects that the storage lacks.
        corrupt: what is wrong with the listing in the storage, or empty.
        unasked: why the storage was not asked for it, or empty.
    """

    model: ModelName
    version: Version
    manifest: Manifest | None
    pointer: Pointer | None
    listing: tuple[ListedFile, ...] | None
    missing: frozenset[str]
    corrupt: str = ""
    unasked: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether the storage lists and has just the files that the manifest names."""
        if self.manifest is None or self.listing is None or self.missing:
            return False
        return not compare_listing(self.manifest, self.listing)


@dataclass(frozen=True)
class Move:
    """An entry of `aliases.yaml` that the change adds or alters.

    Attributes:
        candidate: the manifest of the version that it asks for; None for `none`, or where it cannot be read.
        current: the manifest of what the alias means now, or meant last where it was set to `none`: a promotion is held
            against it, and nobody gets round that by emptying the alias first. None = it never meant anything.
    """

    model: ModelName
    alias: AliasName
    wish: Desired
    line: int
    candidate: Manifest | None
    current: Manifest | None
    archived: bool


@dataclass(frozen=True)
class Subject:
    """A version that a gate judges: one that the change adds, or one that an alias is to mean.

    Attributes:
        gate: the gate's name; `registration` for a new version.
        rules: that gate, with what the model's card adds, and for a new version what always looks into its files.
        manifest: None where it cannot be read.
        current: as `Move.current`; None for a new version or a new alias.
        inspection: what was found in its files.
        path: where a person can mend what is found: the manifest, or the entry of aliases.yaml that asks.
        evaluations: its later measurements; `evaluations.newest` says which figures count.
        current_evaluations: those of the current version.
    """

    model: ModelName
    version: Version
    gate: str
    rules: Gate
    manifest: Manifest | None
    current: Manifest | None
    inspection: Inspection
    path: str
    line: int = 0
    alias: AliasName | None = None
    evaluations: tuple[Evaluation, ...] = ()
    current_evaluations: tuple[Evaluation, ...] = ()

    def finding(self, rule: str, level: Level, message: str, hint: str = "", about: str = "") -> Finding:
        """A finding on this version, at its place."""
        return Finding(rule, level, message, self.path, self.line, hint, about)

    def about(self, what: str) -> str:
        """What a waiver names to excuse something of this version, and of no other."""
        return f"{self.version}: {what}"


@dataclass(frozen=True)
class Candidate:
    """A change, with everything needed to judge it.

    Attributes:
        at: the moment by which ages are judged: the date of the merge, or now.
        policy: the base's; the change's own only where the base has none.
        stored: where the storage is, for messages.
        removed: alias entries that the change deletes.
        histories: what the tags say of what the change touches: what every alias means, the versions concerned, and the
            whole past of the aliases that come first.
        cards: those that judge: the base's, or a model's first.
        new_cards: those that the change adds or changes.
        all_cards: the base's of every model, where the change takes a gate out of registry.yaml; else empty.
        subjects: versions that a gate judges.
        advisories: the base's advisories.yaml; None where it has none.
    """

    at: datetime
    policy: Policy
    files: tuple[FileChange, ...]
    unreadable: tuple[Finding, ...]
    versions: tuple[NewVersion, ...]
    known_versions: Mapping[ModelName, tuple[Version, ...]]
    moves: tuple[Move, ...]
    removed: tuple[tuple[ModelName, AliasName], ...]
    histories: Mapping[ModelName, ModelHistory]
    before: Mapping[ModelName, Aliases] = field(default_factory=dict)
    after: Mapping[ModelName, Aliases] = field(default_factory=dict)
    cards: Mapping[ModelName, Card] = field(default_factory=dict)
    new_cards: Mapping[ModelName, Card] = field(default_factory=dict)
    all_cards: Mapping[ModelName, Card] = field(default_factory=dict)
    remotes: Mapping[str, str] = field(default_factory=dict)
    other_storage_keys: tuple[str, ...] = ()
    new_policy: Policy | None = None
    stored: str = ""
    subjects: tuple[Subject, ...] = ()
    advisories: Advisories | None = None

    def adds(self, subject: Subject) -> bool:
        """Whether the change adds the version, so that `required-artifacts` says what it lacks."""
        return any((new.model, new.version) == (subject.model, subject.version) for new in self.versions)

    def asked(self, rule: str) -> tuple[Subject, ...]:
        """The subjects whose gate asks for a check, and whose manifest can be read."""
        return tuple(one for one in self.subjects if rule in one.rules.checks and one.manifest is not None)


def why_not_asked(files: Iterable[FileChange]) -> str:
    """Why the storage may not be asked about a change; empty where it may.

    A work tree may have the change checked out, and with it a DVC configuration, or what some file system takes for
    one. To DVC it may name commands to run, and servers to send credentials to.
    """
    brings = any(
        change.path != POLICY
        and not change.path.startswith(f"{MODELS}/")
        and change.place.kind in (Kind.POLICY, Kind.STRAY)
        for change in files
    )
    return (
        "the storage was not asked: the change itself says where it is and how it is reached"
        if brings
        else ""
    )
