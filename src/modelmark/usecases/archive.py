"""Take a version out of use for good, with everything that is known of it kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.domain import layout
from modelmark.domain.forge import labels_of
from modelmark.domain.records import Archived
from modelmark.domain.tags import check_reason
from modelmark.errors import InvalidInput, Refused
from modelmark.usecases import state
from modelmark.usecases.submit import Proposal, Submitted, submit

if TYPE_CHECKING:
    from modelmark.domain.references import ByVersion
    from modelmark.domain.versions import Version
    from modelmark.usecases.ports import Workspace


def archive(workspace: Workspace, asked: ByVersion, reason: str, replaced_by: Version | None) -> Submitted:
    """Write `archived.yaml`.

    Raises:
        Refused: an alias holds the version, or it is archived already.
    """
    text = check_reason(reason)
    if replaced_by == asked.version:
        raise InvalidInput(
            f"{asked} cannot be replaced by itself", "name the version to use instead, or none"
        )

    def build(main: state.Main) -> Proposal:
        history = state.history_of(workspace, main, asked.model)
        for version in (asked.version, *([replaced_by] if replaced_by else [])):
            state.require_version(history, asked.model, version)
        wished = state.aliases_at(workspace, main.commit, asked.model).entries
        holders = {alias for alias, version in history.holders().items() if version == asked.version}
        holders |= {alias for alias, wish in wished.items() if wish.version == asked.version}
        if holders:
            raise Refused(
                f"{asked} is held by {', '.join(sorted(holders))}",
                "promote another version first, or set `version: none` in aliases.yaml by a reviewed change",
            )
        if state.is_archived(workspace, main.commit, asked.model, asked.version):
            raise Refused(f"{asked} is archived already", f"modelmark show {asked}")
        who = workspace.writer.identity()
        path = layout.archived_path(asked.model, asked.version)
        branch = f"archive/{asked.model}-{asked.version}"
        data = _earlier(workspace, branch, path, text, replaced_by)
        if data is None:
            data = workspace.documents.write_archived(Archived(text, str(who), who.at, replaced_by))
        labels = labels_of("archive", asked.model)
        return Proposal(branch, {path: data}, f"Archive {asked}\n\n{text}", (path,), labels)

    return submit(workspace, build, state.tag_patterns(asked.model))


def _earlier(
    workspace: Workspace, branch: str, path: str, reason: str, replaced_by: Version | None
) -> bytes | None:
    """The file that an earlier run of the same command wrote; it differs from ours in nothing but its time."""
    workspace.remote.fetch_branches(branch)
    there = workspace.reader.branches(branch).get(branch)
    data = workspace.reader.read([(there, path)])[0] if there else None
    if data is None:
        return None
    try:
        found = workspace.documents.archived(data, path)
    except InvalidInput:
        return None
    return data if (found.reason, found.replaced_by) == (reason, replaced_by) else None
