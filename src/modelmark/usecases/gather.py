"""Reads a change into the values that checks look at; what cannot be read becomes a finding."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from modelmark.domain import layout
from modelmark.domain.aliases import Aliases
from modelmark.domain.change import Candidate, Move, NewVersion, Span, Subject, why_not_asked
from modelmark.domain.findings import Finding, Level
from modelmark.domain.inspection import Inspection
from modelmark.domain.layout import Kind
from modelmark.domain.plan import State, compare
from modelmark.domain.policy import REGISTRATION, Card, Gate, Policy, with_card
from modelmark.errors import Corrupt, InvalidInput, Missing, NotFound
from modelmark.usecases import state
from modelmark.usecases.newest import Wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from modelmark.domain.artifacts import Pointer
    from modelmark.domain.checks import Check
    from modelmark.domain.evaluations import Evaluation
    from modelmark.domain.history import ModelHistory
    from modelmark.domain.manifest import Manifest
    from modelmark.domain.names import ModelName
    from modelmark.domain.versions import Version
    from modelmark.usecases.ports import Workspace

T = TypeVar("T")
READING = "readable"


class Gatherer:
    """Reads everything that the checks look at.

    Args:
        workspace: the registry.
        span: what is judged.
        history: what the tags of a model say before the change, as far as it is asked.
        checks: those that may run, by name; what always runs and needs facts gets them of every new version.
    """

    def __init__(
        self,
        workspace: Workspace,
        span: Span,
        history: Callable[[ModelName, Wanted], ModelHistory],
        checks: Mapping[str, Check],
    ) -> None:
        self._workspace = workspace
        self._span = span
        self._history = history
        self._needs = {rule: one.needs for rule, one in checks.items() if one.needs}
        self._always = tuple(rule for rule in self._needs if not checks[rule].named)
        self._unreadable: list[Finding] = []
        changes = workspace.reader.diff(span.base, span.head)
        self._files = tuple(change for change in changes if change.place.kind is not Kind.OUTSIDE)
        self._own_storage = why_not_asked(self._files) if span.rules else ""

    def candidate(self) -> Candidate:
        """Read the whole change."""
        policy, new_policy = self._policies()
        rules = self._span.rules
        models = self._models()
        before = {model: self._aliases_before(model) for model in models}
        after = {model: self._aliases(model, before[model]) for model in models}
        histories = {
            model: self._history(model, self._wanted(policy, model, before[model], after[model]))
            for model in models
        }
        versions = tuple(self._new_versions())
        remotes, keys = self._storage_config()
        moves = tuple(self._moves(before, after, histories))
        found = {model: self._try(lambda one=model: self._card(one), None) for model in models}  # type: ignore[misc]
        cards = {model: card for model, card in found.items() if card is not None}
        self._check_records()
        return Candidate(
            at=self._span.at,
            policy=policy,
            files=self._files,
            unreadable=tuple(dict.fromkeys(self._unreadable)),
            versions=versions,
            known_versions={one: state.versions_at(self._workspace, rules, one) for one in models if rules},
            moves=moves,
            removed=tuple(
                (model, alias) for model in models for alias in after[model].removed_since(before[model])
            ),
            histories=histories,
            before=before,
            after=after,
            cards=cards,
            remotes=remotes,
            other_storage_keys=keys,
            new_policy=new_policy,
            stored=self._workspace.storage().location if versions and not self._own_storage else "",
            subjects=tuple(self._subjects(policy, versions, moves, histories, cards)),
            advisories=state.advisories_at(self._workspace, self._span.rules),
        )

    def _models(self) -> tuple[ModelName, ...]:
        return tuple(sorted({change.place.model for change in self._files if change.place.model is not None}))

    def _wanted(self, policy: Policy, model: ModelName, before: Aliases, after: Aliases) -> Wanted:
        """Whatever of a model's past a check may ask for: of 30,000 tags a promotion concerns five."""
        touched = {change.place.version for change in self._files if change.place.model == model}
        wished = {wish.version for wish in after.entries.values()}
        rules = [policy.aliases.get(alias) for alias in after.changed_since(before)]
        return Wanted(
            frozenset(version for version in touched | wished if version is not None),
            frozenset(first for rule in rules if rule for first in rule.after),
        )

    def _read(self, commit: str | None, path: str) -> bytes | None:
        return self._workspace.reader.read([(commit, path)])[0] if commit else None

    def _try(self, read: Callable[[], T], otherwise: T) -> T:
        try:
            return read()
        except InvalidInput as error:
            self._unreadable.append(
                Finding(READING, Level.ERROR, error.message, error.path, error.line, error.hint)
            )
            return otherwise

    def _policies(self) -> tuple[Policy, Policy | None]:
        """The policy that judges, and the change's own where it changes it."""
        documents = self._workspace.documents
        changed = any(change.path == layout.POLICY and change.new for change in self._files)
        data = self._read(self._span.head, layout.POLICY) if changed else None
        new = self._try(lambda: documents.policy(data, layout.POLICY), None) if data is not None else None
        rules = self._span.rules
        old = state.read_policy(self._workspace.reader, documents, rules) if rules else None
        if old is None and new is None:
            raise NotFound("there is no readable registry.yaml to judge by", "make one with `modelmark init`")
        return (old or new, new)  # type: ignore[return-value]

    def _aliases(self, model: ModelName, before: Aliases) -> Aliases:
        """A file that nobody can read asks for nothing new, and takes nothing back: it is refused as it is."""
        return self._try(lambda: state.aliases_at(self._workspace, self._span.head, model), before)

    def _aliases_before(self, model: ModelName) -> Aliases:
        """A file that was broken before counts as empty, so that the change that mends it is judged in full."""
        try:
            return state.aliases_at(self._workspace, self._span.base, model)
        except InvalidInput:
            return Aliases()

    def _card(self, model: ModelName) -> Card | None:
        """The base's card where it has one: a change may not judge itself by criteria of its own."""
        new = state.card_at(self._workspace, self._span.head, model)
        old = state.card_at(self._workspace, self._span.rules, model) if self._span.rules else None
        return old or new

    def _manifest(self, model: ModelName, version: Version | None, commit: str) -> Manifest | None:
        if version is None:
            return None
        return self._try(lambda: state.manifest_at(self._workspace, commit, model, version), None)

    def _new_versions(self) -> Iterator[NewVersion]:
        added = {
            (change.place.model, change.place.version)
            for change in self._files
            if change.status == "A" and change.place.kind in (Kind.MANIFEST, Kind.POINTER)
        }
        for model, version in sorted((model, version) for model, version in added if model and version):
            yield self._new_version(model, version)

    def _new_version(self, model: ModelName, version: Version) -> NewVersion:
        pointer, manifest = self._pointer(model, version), self._manifest(model, version, self._span.head)
        if pointer is None or self._own_storage:
            return NewVersion(model, version, manifest, pointer, None, frozenset(), unasked=self._own_storage)
        storage = self._workspace.storage()
        try:
            listing = storage.listing(pointer.md5)
        except Missing:
            return NewVersion(model, version, manifest, pointer, None, frozenset({pointer.md5}))
        except Corrupt as error:
            return NewVersion(model, version, manifest, pointer, None, frozenset(), error.message)
        missing = storage.missing(file.md5 for file in listing)
        return NewVersion(model, version, manifest, pointer, listing, missing)

    def _moves(
        self,
        before: dict[ModelName, Aliases],
        after: dict[ModelName, Aliases],
        histories: dict[ModelName, ModelHistory],
    ) -> Iterator[Move]:
        # A branch may be older than what is live, or archived, by now: main knows both.
        main = self._span.rules or self._span.head
        for model, aliases in after.items():
            for alias, wish in aliases.changed_since(before[model]).items():
                current = histories[model].meaning(alias)
                archived = wish.version is not None and any(
                    state.is_archived(self._workspace, commit, model, wish.version)
                    for commit in (self._span.head, main)
                )
                yield Move(
                    model,
                    alias,
                    wish,
                    aliases.lines.get(alias, 0),
                    self._manifest(model, wish.version, self._span.head),
                    self._manifest(model, current, main),
                    archived,
                )

    def _subjects(
        self,
        policy: Policy,
        versions: Sequence[NewVersion],
        moves: Sequence[Move],
        histories: Mapping[ModelName, ModelHistory],
        cards: Mapping[ModelName, Card],
    ) -> Iterator[Subject]:
        for new in versions:
            rules = with_card(policy.registration, REGISTRATION, cards.get(new.model))
            asked = [*rules.checks, *self._always]
            if not new.is_whole:  # `contents` says what is wrong; nobody can look into what is not there
                asked = [rule for rule in asked if rule not in self._needs]
            rules = replace(rules, checks=tuple(asked))
            yield Subject(
                new.model,
                new.version,
                REGISTRATION,
                rules,
                new.manifest,
                None,
                self._look(new.manifest, new.pointer, rules),
                layout.manifest_path(new.model, new.version),
            )
        for move in moves:
            gate, version = policy.gate_of(move.alias), move.wish.version
            waits = compare(move.wish, histories[move.model], move.alias) is State.WAITS
            if gate is None or version is None or not waits:
                continue
            rules = with_card(policy.gates[gate], gate, cards.get(move.model))
            pointer = self._pointer(move.model, version)
            yield Subject(
                move.model,
                version,
                gate,
                rules,
                move.candidate,
                move.current,
                self._look(move.candidate, pointer, rules),
                layout.aliases_path(move.model),
                move.line,
                move.alias,
                self._evaluations(move.model, version),
                self._evaluations(move.model, histories[move.model].meaning(move.alias)),
            )

    def _evaluations(self, model: ModelName, version: Version | None) -> tuple[Evaluation, ...]:
        """Those of the change, and those that main has got since: a branch may be older than a bad result."""
        if version is None:
            return ()
        commits = dict.fromkeys((self._span.head, self._span.rules or self._span.head))
        return self._try(lambda: state.evaluations_at(self._workspace, commits, model, version), ())

    def _look(self, manifest: Manifest | None, pointer: Pointer | None, rules: Gate) -> Inspection:
        """What the checks of a gate ask for; of what is not there, nothing is known."""
        kinds = frozenset(kind for rule in rules.checks for kind in self._needs.get(rule, ()))
        if manifest is None or not kinds:
            return Inspection()
        if pointer is None or self._own_storage:
            why = self._own_storage or "it has no readable artifacts.dvc"
            return Inspection(failed=dict.fromkeys(kinds, (why, "")))
        return self._workspace.inspector.inspect(manifest, pointer, kinds)

    def _pointer(self, model: ModelName, version: Version) -> Pointer | None:
        path = layout.pointer_path(model, version)
        data = self._read(self._span.head, path)
        read = self._workspace.documents.pointer
        return None if data is None else self._try(lambda: read(data, path), None)

    def _storage_config(self) -> tuple[dict[str, str], tuple[str, ...]]:
        if not any(change.path == layout.DVC_CONFIG and change.new for change in self._files):
            return {}, ()
        data = self._read(self._span.head, layout.DVC_CONFIG) or b""
        nothing: tuple[dict[str, str], tuple[str, ...]] = ({}, ())
        return self._try(lambda: self._workspace.documents.remotes(data), nothing)

    def _check_records(self) -> None:
        """Read the records that no check looks into, for their form."""
        documents = self._workspace.documents
        readers: dict[Kind, Callable[[bytes, str], object]] = {
            Kind.ARCHIVED: documents.archived,
            Kind.INCIDENT: documents.incident,
            Kind.EVALUATION: documents.evaluation,
        }
        for change in self._files:
            kind = change.place.kind
            read = documents.advisories if change.path == layout.ADVISORIES else readers.get(kind)
            data = self._read(self._span.head, change.path) if read and change.new else None
            if read is not None and data is not None:
                self._try(lambda read=read, data=data, path=change.path: read(data, path), None)  # type: ignore[misc]
