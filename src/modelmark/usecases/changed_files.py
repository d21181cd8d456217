"""What the files of a change and of its base say; a file of the change that nobody can read becomes a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from modelmark.domain import layout
from modelmark.domain.aliases import Aliases
from modelmark.domain.findings import Finding, Level
from modelmark.domain.layout import Kind
from modelmark.errors import InvalidInput, NotFound
from modelmark.usecases import state

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from modelmark.domain.artifacts import Pointer
    from modelmark.domain.change import Span
    from modelmark.domain.commits import FileChange
    from modelmark.domain.evaluations import Evaluation
    from modelmark.domain.manifest import Manifest
    from modelmark.domain.names import ModelName
    from modelmark.domain.policy import Card, Policy
    from modelmark.domain.versions import Version
    from modelmark.usecases.ports import Workspace

T = TypeVar("T")
READING = "readable"


class ChangedFiles:
    """Reads files at the head of a change, and what judges it at its base.

    Args:
        workspace: the registry.
        span: what is judged.
        changes: the paths of the registry that it touches.
    """

    def __init__(self, workspace: Workspace, span: Span, changes: Sequence[FileChange]) -> None:
        self._workspace = workspace
        self._span = span
        self._files = changes
        self.unreadable: list[Finding] = []

    def _read(self, commit: str | None, path: str) -> bytes | None:
        return self._workspace.reader.read([(commit, path)])[0] if commit else None

    def _try(self, read: Callable[[], T], otherwise: T) -> T:
        try:
            return read()
        except InvalidInput as error:
            self.unreadable.append(
                Finding(READING, Level.ERROR, error.message, error.path, error.line, error.hint)
            )
            return otherwise

    def policies(self) -> tuple[Policy, Policy | None]:
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

    def aliases(self, model: ModelName, before: Aliases) -> Aliases:
        """A file that nobody can read asks for nothing new, and takes nothing back: it is refused as it is."""
        return self._try(lambda: state.aliases_at(self._workspace, self._span.head, model), before)

    def aliases_before(self, model: ModelName) -> Aliases:
        """A file that was broken before counts as empty, so that the change that mends it is judged in full."""
        try:
            return state.aliases_at(self._workspace, self._span.base, model)
        except InvalidInput:
            return Aliases()

    def card(self, model: ModelName, commit: str | None) -> Card | None:
        """A model's card at a commit."""
        return self._try(lambda: state.card_at(self._workspace, commit, model), None) if commit else None

    def new_cards(self) -> dict[ModelName, Card]:
        """The cards that the change adds or changes."""
        models = [one.place.model for one in self._files if one.place.kind is Kind.CARD and one.new]
        found = {model: self.card(model, self._span.head) for model in models if model is not None}
        return {model: card for model, card in found.items() if card is not None}

    def manifest(self, model: ModelName, version: Version | None, commit: str) -> Manifest | None:
        """A version's manifest at a commit; None for no version."""
        if version is None:
            return None
        return self._try(lambda: state.manifest_at(self._workspace, commit, model, version), None)

    def evaluations(self, model: ModelName, version: Version | None) -> tuple[Evaluation, ...]:
        """Those of the change, and those that main has got since: a branch may be older than a bad result."""
        if version is None:
            return ()
        commits = dict.fromkeys((self._span.head, self._span.rules or self._span.head))
        return self._try(lambda: state.evaluations_at(self._workspace, commits, model, version), ())

    def pointer(self, model: ModelName, version: Version) -> Pointer | None:
        """A version's artifacts.dvc."""
        path = layout.pointer_path(model, version)
        data = self._read(self._span.head, path)
        read = self._workspace.documents.pointer
        return None if data is None else self._try(lambda: read(data, path), None)

    def storage_config(self) -> tuple[dict[str, str], tuple[str, ...]]:
        """Remotes by name and the names of other keys, where the change brings a .dvc/config."""
        if not any(change.path == layout.DVC_CONFIG and change.new for change in self._files):
            return {}, ()
        data = self._read(self._span.head, layout.DVC_CONFIG) or b""
        nothing: tuple[dict[str, str], tuple[str, ...]] = ({}, ())
        return self._try(lambda: self._workspace.documents.remotes(data), nothing)

    def check_records(self) -> None:
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
