"""Collects what a reviewer wants to see beside the verdict; reads at most the manifests of a model's newest versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.checks import ALL
from modelmark.domain import layout
from modelmark.domain.evidence import PAST, Evidence, dossier, moved
from modelmark.errors import InvalidInput

if TYPE_CHECKING:
    from modelmark.domain.history import ModelHistory
    from modelmark.domain.manifest import Manifest
    from modelmark.domain.names import ModelName
    from modelmark.usecases.check import Report
    from modelmark.usecases.ports import Workspace

_READABLE = "Every file of the registry that the change touches can be read."


def evidence(workspace: Workspace, report: Report) -> Evidence:
    """The page behind a verdict."""
    candidate, span = report.candidate, report.span
    asked_by = str(workspace.reader.commit(span.head).author)
    models = {subject.model for subject in candidate.subjects if subject.alias is not None}
    past = {model: newest_manifests(workspace, model, candidate.histories[model]) for model in models}
    return Evidence(
        span.base,
        span.head,
        len(candidate.files),
        report.verdict,
        {rule: ALL[rule].about if rule in ALL else _READABLE for rule in report.verdict.rules},
        report.left_out,
        tuple(moved(candidate, move, asked_by) for move in candidate.moves),
        tuple(dossier(subject, past.get(subject.model, ())) for subject in candidate.subjects),
    )


def newest_manifests(workspace: Workspace, model: ModelName, history: ModelHistory) -> tuple[Manifest, ...]:
    """Manifests of the newest registered versions, by the blobs that their tags name; what cannot be read is left out."""
    registered = sorted(history.versions.items())[-PAST:]
    texts = workspace.reader.blobs([found.manifest_blob for _, found in registered])
    read = []
    for (version, _), text in zip(registered, texts, strict=True):
        try:
            if text is not None:
                read.append(workspace.documents.manifest(text, layout.manifest_path(model, version)))
        except InvalidInput:
            continue  # a history has a gap there; `verify` says what is wrong
    return tuple(read)
