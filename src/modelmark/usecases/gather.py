"""Reads a change into the values that checks look at; what cannot be read becomes a finding."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from modelmark.domain import layout
from modelmark.domain.change import Candidate, Move, NewVersion, Span, Subject, why_not_asked
from modelmark.domain.inspection import Inspection
from modelmark.domain.layout import Kind
from modelmark.domain.plan import State, compare
from modelmark.domain.policy import REGISTRATION, with_card
from modelmark.errors import Corrupt, Missing
from modelmark.usecases import state
from modelmark.usecases.changed_files import ChangedFiles
from modelmark.usecases.newest import Wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from modelmark.domain.aliases import Aliases
    from modelmark.domain.artifacts import Pointer
    from modelmark.domain.checks import Check
    from modelmark.domain.history import ModelHistory
    from modelmark.domain.manifest import Manifest
    from modelmark.domain.names import ModelName
    from modelmark.domain.policy import Card, Gate, Policy
    from modelmark.domain.versions import Version
    from modelmark.usecases.ports import Workspace


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
        changes = workspace.reader.diff(span.base, span.head)
        self._files = tuple(change for change in changes if change.place.kind is not Kind.OUTSIDE)
        self._read = ChangedFiles(workspace, span, self._files)
        self._own_storage = why_not_asked(self._files) if span.rules else ""

    def candidate(self) -> Candidate:
        """Read the whole change."""
        policy, new_policy = self._read.policies()
        rules = self._span.rules
        models = self._models()
        before = {model: self._read.aliases_before(model) for model in models}
        after = {model: self._read.aliases(model, before[model]) for model in models}
        histories = {model: self._past(policy, model, before[model], after[model]) for model in models}
        versions = tuple(self._new_versions())
        remotes, keys = self._read.storage_config()
        moves = tuple(self._moves(before, after, histories))
        new_cards = self._read.new_cards()
        cards = self._cards(models, new_cards)
        self._read.check_records()
        return Candidate(
            at=self._span.at,
            policy=policy,
            files=self._files,
            unreadable=tuple(dict.fromkeys(self._read.unreadable)),
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
            new_cards=new_cards,
            all_cards=self._all_cards(policy, new_policy),
            remotes=remotes,
            other_storage_keys=keys,
            new_policy=new_policy,
            stored=self._workspace.storage().location if versions and not self._own_storage else "",
            subjects=tuple(self._subjects(policy, versions, moves, histories, cards)),
            advisories=state.advisories_at(self._workspace, self._span.rules),
        )

    def _models(self) -> tuple[ModelName, ...]:
        return tuple(sorted({change.place.model for change in self._files if change.place.model is not None}))

    def _past(self, policy: Policy, model: ModelName, before: Aliases, after: Aliases) -> ModelHistory:
        """What the tags say; of an alias that means nothing now, all, for it is held against what it meant last."""
        wanted = self._wanted(policy, model, before, after)
        found = self._history(model, wanted)
        emptied = {one for one in after.changed_since(before) if found.now(one) and not found.meaning(one)}
        if emptied <= wanted.aliases:
            return found
        return self._history(model, replace(wanted, aliases=wanted.aliases | emptied))

    def _cards(self, models: Sequence[ModelName], changed: Mapping[ModelName, Card]) -> dict[ModelName, Card]:
        """The base's card where it has one: a change may not judge itself by criteria of its own."""
        found = {model: self._read.card(model, self._span.rules) or changed.get(model) for model in models}
        return {model: card for model, card in found.items() if card is not None}

    def _all_cards(self, policy: Policy, new: Policy | None) -> dict[ModelName, Card]:
        """Every card of the base, where the change takes away what they may add to."""
        lost = new is not None and self._span.rules and policy.gates_lost_in(new)
        return state.cards_at(self._workspace, self._span.rules) if lost and self._span.rules else {}

    def _wanted(self, policy: Policy, model: ModelName, before: Aliases, after: Aliases) -> Wanted:
        """Whatever of a model's past a check may ask for: of 30,000 tags a promotion concerns five."""
        touched = {change.place.version for change in self._files if change.place.model == model}
        wished = {wish.version for wish in after.entries.values()}
        rules = [policy.aliases.get(alias) for alias in after.changed_since(before)]
        return Wanted(
            frozenset(version for version in touched | wished if version is not None),
            frozenset(first for rule in rules if rule for first in rule.after),
        )

    def _new_versions(self) -> Iterator[NewVersion]:
        added = {
            (change.place.model, change.place.version)
            for change in self._files
            if change.status == "A" and change.place.kind in (Kind.MANIFEST, Kind.POINTER)
        }
        for model, version in sorted((model, version) for model, version in added if model and version):
            yield self._new_version(model, version)

    def _new_version(self, model: ModelName, version: Version) -> NewVersion:
        pointer, manifest = (
            self._read.pointer(model, version),
            self._read.manifest(model, version, self._span.head),
        )
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
                current = histories[model].last_meant(alias)
                archived = wish.version is not None and any(
                    state.is_archived(self._workspace, commit, model, wish.version)
                    for commit in (self._span.head, main)
                )
                yield Move(
                    model,
                    alias,
                    wish,
                    aliases.lines.get(alias, 0),
                    self._read.manifest(model, wish.version, self._span.head),
                    self._read.manifest(model, current, main),
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
            pointer = self._read.pointer(move.model, version)
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
                self._read.evaluations(move.model, version),
                self._read.evaluations(move.model, histories[move.model].last_meant(move.alias)),
            )

    def _look(self, manifest: Manifest | None, pointer: Pointer | None, rules: Gate) -> Inspection:
        """What the checks of a gate ask for; of what is not there, nothing is known."""
        kinds = frozenset(kind for rule in rules.checks for kind in self._needs.get(rule, ()))
        if manifest is None or not kinds:
            return Inspection()
        if pointer is None or self._own_storage:
            why = self._own_storage or "it has no readable artifacts.dvc"
            return Inspection(failed=dict.fromkeys(kinds, (why, "")))
        return self._workspace.inspector.inspect(manifest, pointer, kinds)
