"""Write or check the code owners file: who must review which model, and who the rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from modelmark.domain.codeowners import (
    OTHER_PLACES,
    PLACE,
    Agreement,
    block_of,
    compare_block,
    parse_codeowners,
    with_block,
)
from modelmark.domain.layout import MODELS, POLICY, card_path
from modelmark.domain.names import ModelName, parse_model_name, shown
from modelmark.errors import InvalidInput, NotFound
from modelmark.usecases.state import read_policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from modelmark.domain.policy import Policy
    from modelmark.usecases.ports import Workspace


class WorkTree(Protocol):
    """The files that somebody has checked out, for the one that is written among them."""

    def read(self, path: str) -> bytes | None:
        """A file's bytes; None where there is none.

        Raises:
            Refused: a symbolic link or something else stands in its place.
        """

    def write(self, path: str, data: bytes) -> None:
        """Replace a file whole, or make it."""


@dataclass(frozen=True)
class CodeownersReport:
    """What became of the file.

    Attributes:
        commit: where the owners were read.
        agreement: how the file differs from them; of the written file where one was written.
        warnings: sentences about what is as asked for, and maybe not as meant.
        written: whether the file of the work tree changed.
    """

    commit: str
    agreement: Agreement
    warnings: tuple[str, ...]
    written: bool = False


@dataclass(frozen=True)
class _Wanted:
    """What a commit asks for."""

    commit: str
    policy: Policy
    models: Mapping[ModelName, tuple[str, ...]]

    @property
    def block(self) -> tuple[str, ...]:
        return block_of(self.policy.owners, self.models)


def check_codeowners(workspace: Workspace, head: str) -> CodeownersReport:
    """Say whether the code owners file at a commit is the one that its cards and its registry.yaml ask for."""
    wanted = _wanted(workspace, head)
    # A symbolic link is not among the entries: GitHub follows none.
    blob = workspace.reader.entries(wanted.commit, PLACE.rpartition("/")[0]).get(PLACE)
    data = workspace.reader.blob(blob) if blob else None
    warnings = (*_warnings(wanted, data), *_unread(workspace, wanted.commit))
    return CodeownersReport(wanted.commit, compare_block(data, wanted.block), warnings)


def write_codeowners(workspace: Workspace, tree: WorkTree, head: str) -> CodeownersReport:
    """Write the code owners file into the work tree; what stands outside of its block stays."""
    wanted = _wanted(workspace, head)
    before = tree.read(PLACE)
    data = with_block(before or b"", wanted.block)
    if data != before:
        tree.write(PLACE, data)
    warnings = (*_warnings(wanted, data), *_unread(workspace, wanted.commit))
    return CodeownersReport(wanted.commit, compare_block(data, wanted.block), warnings, data != before)


def _wanted(workspace: Workspace, head: str) -> _Wanted:
    reader = workspace.reader
    commit = reader.find_commit(head)
    if commit is None:
        raise NotFound(
            f"there is no commit {shown(head)} here", "git fetch, or name one that `git log` shows"
        )
    policy = read_policy(reader, workspace.documents, commit)
    if policy is None:
        raise NotFound(f"{shown(head)} has no {POLICY}", "name a commit of a registry with --head")
    models = [model for name in reader.children(commit, MODELS) if (model := _find_model(name))]
    cards = reader.read([(commit, card_path(model)) for model in models])
    owners = {
        model: workspace.documents.owners(data, card_path(model)) if data is not None else ()
        for model, data in zip(models, cards, strict=True)
    }
    return _Wanted(commit, policy, owners)


def _find_model(folder: str) -> ModelName | None:
    """The model that a folder is; None where its name is none, which the check `places` says."""
    try:
        return parse_model_name(folder)
    except InvalidInput:
        return None


def _warnings(wanted: _Wanted, data: bytes | None) -> Iterator[str]:
    platform = wanted.policy.owners
    if not platform:
        yield f"{POLICY} names no owners, so nobody must review a change of the rules: add owners under registry"
    stands_in = f"{', '.join(platform)} must review it" if platform else "nobody must review it"
    for model, owners in sorted(wanted.models.items()):
        if not owners:
            yield f"{card_path(model)} names no owners: {stands_in}"
    for one in parse_codeowners(data or b"").skipped:
        if one.line:
            yield f"{PLACE}:{one.line}: {one.why}: it skips the line"


def _unread(workspace: Workspace, commit: str) -> Iterator[str]:
    contents = workspace.reader.read([(commit, path) for path in OTHER_PLACES])
    for path, data in zip(OTHER_PLACES, contents, strict=True):
        if data is not None:
            yield f"GitHub reads {PLACE} and then nothing of {path}: move its lines, and remove it"
