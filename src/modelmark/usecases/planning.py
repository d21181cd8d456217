"""Compares what main asks for with what the tags say, and plans the tags that are missing.

Each merge is judged again by the policy of its own first parent, oldest first, with the tags planned so far counted as
there. What main has taken back, or asks for differently by now, is not planned: main decides, not its past.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelmark.domain import layout
from modelmark.domain.change import Span
from modelmark.domain.findings import errors_of
from modelmark.domain.fold import fold
from modelmark.domain.history import ModelHistory, RawTag
from modelmark.domain.inspection import Reach
from modelmark.domain.layout import Kind
from modelmark.domain.plan import (
    Decision,
    NewTag,
    Plan,
    Rejection,
    State,
    VersionEvidence,
    assignment_message,
    compare,
    version_message,
)
from modelmark.domain.tags import AssignmentTag, VersionTag, object_id, write_tag_object
from modelmark.errors import InvalidInput, NotFound
from modelmark.usecases import state
from modelmark.usecases.check import judge_change

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from modelmark.domain.aliases import Desired
    from modelmark.domain.approvals import Provenance
    from modelmark.domain.change import Candidate, Move, NewVersion
    from modelmark.domain.commits import Commit
    from modelmark.domain.names import AliasName, ModelName
    from modelmark.domain.policy import Policy
    from modelmark.domain.versions import Version
    from modelmark.usecases.ports import Workspace


@dataclass(frozen=True)
class Disagreement:
    """An entry of a file that does not agree with the tags, and that `apply` cannot mend."""

    model: ModelName
    alias: AliasName
    state: State
    wish: Desired
    observed: int
    means: Version | None


class Planner:
    """Plans from the first-parent history of main; keeps the tags as they will be after each decision."""

    def __init__(
        self, workspace: Workspace, main: state.Main, given_up: Mapping[str, str] | None = None
    ) -> None:
        """Start from the tags of this clone; `given_up` has commits whose tags cannot be made, each with the reason."""
        self._workspace = workspace
        self._given_up = given_up or {}
        self._main = main
        self._facts = state.facts_of(workspace, main)
        self._tags = state.by_model(workspace.reader.tags(state.ALL_TAGS))
        self._folded: dict[ModelName, ModelHistory] = {}
        self._blobs = workspace.reader.entries(main.commit, layout.MODELS)
        self._refused: dict[str, Candidate] = {}
        self._asked = {(model, alias): wish for model, alias, wish in self._wishes()}

    def history(self, model: ModelName) -> ModelHistory:
        """The tags of a model, with those that are planned already."""
        if model not in self._folded:
            self._folded[model] = fold(self._tags.get(model, []), self._facts)
        return self._folded[model]

    def plan(self) -> Plan:
        """Decide on every commit of main that may have something to say."""
        decisions: list[Decision] = []
        rejections: list[Rejection] = []
        paths = self._unapplied()
        for commit in self._workspace.reader.first_parents(self._main.commit, paths) if paths else ():
            decided = self._decide(commit)
            if isinstance(decided, Rejection):
                rejections.append(decided)
            elif decided is not None:
                decisions.append(decided)
        # What a later change has asked for again, and got, is no news any more.
        standing = [one for one in rejections if self._stands(one)]
        return Plan(tuple(decisions), (*standing, *self._blocked()))

    def _stands(self, rejection: Rejection) -> bool:
        candidate = self._refused.get(rejection.commit)
        return candidate is None or any(self._waiting(candidate))

    def _blocked(self) -> Iterator[Rejection]:
        """Versions whose name is taken by a tag that does not count, and registered ones that main has lost."""
        for model in sorted(self._tags):
            for version in self.history(model).versions:
                path = layout.manifest_path(model, version)
                if path not in self._blobs:
                    reasons = (f"{path} is gone from main, and {model}@{version} is registered: restore it",)
                    yield Rejection(self._main.commit, f"{model}@{version}", reasons)
        for path in self._blobs:
            place = layout.classify(path)
            if place.kind is not Kind.MANIFEST or place.model is None or place.version is None:
                continue
            history, name = self.history(place.model), VersionTag(place.model, place.version)
            why = next((bad.why for bad in history.bad if bad.name == str(name)), None)
            if why is not None:
                reasons = (
                    f"the tag {name} has the name and does not count: {why}; have it deleted on the remote",
                )
                yield Rejection(self._main.commit, f"{place.model}@{place.version}", reasons)

    def disagreements(self) -> Iterator[Disagreement]:
        """Entries on main that the tags, planned ones included, do not bear out."""
        for model, alias, wish in self._wishes():
            history = self.history(model)
            found = compare(wish, history, alias)
            if found is not State.DONE:
                yield Disagreement(model, alias, found, wish, history.observed(alias), history.meaning(alias))

    def _wishes(self) -> Iterator[tuple[ModelName, AliasName, Desired]]:
        for path in self._blobs:
            place = layout.classify(path)
            if place.kind is not Kind.ALIASES or place.model is None:
                continue
            try:
                aliases = state.aliases_at(self._workspace, self._main.commit, place.model)
            except InvalidInput:
                continue  # one model's broken file must not stop the others; `check` and `verify` say it
            for alias, wish in aliases.entries.items():
                yield place.model, alias, wish

    def _unapplied(self) -> list[str]:
        """Files of main that the tags do not bear out yet; the history is walked for these alone."""
        found = {
            layout.aliases_path(model)
            for model, alias, wish in self._wishes()
            if wish.number > self.history(model).observed(alias)
        }
        for path in self._blobs:
            place = layout.classify(path)
            if place.kind is not Kind.MANIFEST or place.model is None or place.version is None:
                continue
            if str(VersionTag(place.model, place.version)) not in self._names(place.model):
                found.add(path)
        return sorted(found)

    def _decide(self, commit: Commit) -> Decision | Rejection | None:
        parent = commit.parents[0] if commit.parents else None
        span = Span(parent, commit.oid, parent, commit.committer.at)
        try:
            report = judge_change(self._workspace, span, lambda model, _: self.history(model), Reach.LISTED)
        except (InvalidInput, NotFound) as error:
            return Rejection(commit.oid, commit.subject, (str(error),))
        versions, moves = self._waiting(report.candidate)
        if not versions and not moves:
            return None
        if not report.verdict.passed:
            self._refused[commit.oid] = report.candidate
            return Rejection(commit.oid, commit.subject, errors_of(report.verdict.findings))
        if commit.oid in self._given_up:
            self._refused[commit.oid] = report.candidate
            return Rejection(commit.oid, commit.subject, (self._given_up[commit.oid],))
        origins = self._provenances(commit, moves, report.candidate.policy)
        if missing := tuple(words for origin in origins.values() for words in origin.missing):
            self._refused[commit.oid] = report.candidate
            return Rejection(commit.oid, commit.subject, missing, _approve(origins.values()))
        registered = [self._add(self._version_tag(commit, new.model, new.version)) for new in versions]
        assigned = [self._add(self._assignment_tag(commit, move, origins[move.model])) for move in moves]
        return Decision(commit.oid, commit.committer.at, (*registered, *assigned))

    def _provenances(
        self, commit: Commit, moves: Sequence[Move], policy: Policy
    ) -> Mapping[ModelName, Provenance]:
        if not moves:
            return {}
        before = state.Main(commit.parents[0] if commit.parents else commit.oid, policy)
        return self._workspace.provenances().of(commit, moves, (before, self._main))

    def _waiting(self, candidate: Candidate) -> tuple[list[NewVersion], list[Move]]:
        """What this change asks for and the tags do not say yet."""
        return (
            [
                new
                for new in candidate.versions
                if str(VersionTag(new.model, new.version)) not in self._names(new.model)
                and self._is_still_there(candidate, new)
            ],
            [
                move
                for move in candidate.moves
                if compare(move.wish, self.history(move.model), move.alias) is State.WAITS
                and self._is_still_asked(move)
            ],
        )

    def _is_still_there(self, candidate: Candidate, new: NewVersion) -> bool:
        """Whether main has the version as this change brought it; what was removed meanwhile gets no tag."""
        paths = {layout.manifest_path(new.model, new.version), layout.pointer_path(new.model, new.version)}
        brought = {change.path: change.new for change in candidate.files if change.path in paths}
        return all(self._blobs.get(path, "") == brought.get(path, "") for path in paths)

    def _is_still_asked(self, move: Move) -> bool:
        """Whether main asks for it now, or for a later assignment of the alias; what was taken back is not made."""
        asked = self._asked.get((move.model, move.alias))
        if asked is None or asked.number < move.wish.number:
            return False
        return asked.number > move.wish.number or asked.version == move.wish.version

    def _names(self, model: ModelName) -> set[str]:
        return {tag.name for tag in self._tags.get(model, [])}

    def _version_tag(self, commit: Commit, model: ModelName, version: Version) -> NewTag:
        reader, path = self._workspace.reader, layout.manifest_path(model, version)
        places = [(commit.oid, path), (commit.oid, layout.pointer_path(model, version))]
        manifest, pointer = reader.read(places)
        assert manifest is not None
        assert pointer is not None
        blob = reader.entries(commit.oid, layout.version_dir(model, version))[path]
        evidence = VersionEvidence(
            blob,
            hashlib.sha256(manifest).hexdigest(),
            self._workspace.documents.pointer(pointer, places[1][1]).md5,
        )
        name = VersionTag(model, version)
        message = version_message(self._main.policy.registry_id, name, evidence)
        return NewTag(name, commit.oid, commit.committer, message)

    def _assignment_tag(self, commit: Commit, move: Move, origin: Provenance) -> NewTag:
        name = AssignmentTag(move.model, move.alias, move.wish.number)
        message = assignment_message(
            self._main.policy.registry_id, name, move.wish, self.history(move.model), origin.trailers
        )
        return NewTag(name, commit.oid, commit.committer, message)

    def _add(self, tag: NewTag) -> NewTag:
        """Count a planned tag as there, so that the next decision is judged after it."""
        data = write_tag_object(tag.commit, tag.name, tag.tagger, tag.message)
        self._tags.setdefault(tag.name.model, []).append(
            RawTag(str(tag.name), object_id(data, tag.commit), data)
        )
        self._folded.pop(tag.name.model, None)
        return tag


def _approve(origins: Iterable[Provenance]) -> str:
    """What to do where approvals are missing: nothing has to be asked for again where there is a pull request to approve."""
    pulls = dict.fromkeys(one.trailers["Pull-Request"] for one in origins if "Pull-Request" in one.trailers)
    approve = f"approve {', '.join(pulls)}" if pulls else "do what it says"
    return f"{approve}, then run `modelmark apply` (or the workflow registry-apply) again"
