"""Everything about one version: `show`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelmark.domain import layout
from modelmark.domain.stages import stage_of
from modelmark.errors import NotFound
from modelmark.usecases import state
from modelmark.usecases.resolve import LocalTags, Resolved, resolve

if TYPE_CHECKING:
    from modelmark.domain.manifest import Manifest
    from modelmark.domain.names import AliasName
    from modelmark.domain.policy import Stage
    from modelmark.domain.references import Reference
    from modelmark.usecases.ports import Workspace


@dataclass(frozen=True)
class Details:
    """Everything about one version."""

    resolved: Resolved
    manifest: Manifest
    stage: Stage
    held_by: tuple[AliasName, ...]
    held_before: tuple[AliasName, ...]
    archived: str | None


def show(workspace: Workspace, reference: Reference) -> Details:
    """Everything about the version that a reference means."""
    main = state.find_main(workspace)
    found = resolve(LocalTags(workspace), reference)
    path = layout.manifest_path(reference.model, found.version)
    data = workspace.reader.blob(found.registered.manifest_blob)
    if data is None:
        raise NotFound(
            f"the manifest that {found.registered.tag} names is not in this clone", "git fetch origin"
        )
    manifest = workspace.documents.manifest(data, path)
    history = state.history_of(workspace, main, reference.model)
    archived_file = layout.archived_path(reference.model, found.version)
    text = workspace.reader.read([(main.commit, archived_file)])[0]
    archived = workspace.documents.archived(text, archived_file).reason if text is not None else None
    now = tuple(sorted(alias for alias, held in history.holders().items() if held == found.version))
    ever = tuple(
        sorted(
            alias for alias in history.aliases if found.version in history.held(alias) and alias not in now
        )
    )
    stage = stage_of(found.version, history, main.policy.aliases, archived=archived is not None)
    return Details(found, manifest, stage, now, ever, archived)
