"""Append a later measurement to a version: an evaluation, a drift report or a revalidation, never a new manifest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from modelmark.domain import layout
from modelmark.domain.evaluations import Evaluation, EvaluationKind
from modelmark.domain.metrics import normalise_metrics
from modelmark.domain.tags import check_reason
from modelmark.errors import InvalidInput
from modelmark.usecases import state
from modelmark.usecases.submit import Proposal, Submitted, submit

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from modelmark.domain.references import ByVersion
    from modelmark.usecases.ports import Directories, Workspace


@dataclass(frozen=True)
class Measurement:
    """What a person measured.

    Attributes:
        metrics: a metrics.json, flat or as records.
        at: when; None = now.
        data_version: hash or tag of the data, if it is known.
    """

    metrics: Path
    kind: EvaluationKind = EvaluationKind.EVALUATION
    note: str = ""
    at: datetime | None = None
    data_version: str | None = None


@dataclass(frozen=True)
class Evaluated:
    """What was appended, and where it went."""

    evaluation: Evaluation
    submitted: Submitted


def evaluate(
    workspace: Workspace, directories: Directories, asked: ByVersion, made: Measurement
) -> Evaluated:
    """Write `evaluations/<time>-<digest>.yaml`.

    Raises:
        InvalidInput: the metrics cannot be used, or were measured in the future.
        NotFound: the version is not registered.
    """
    metrics = normalise_metrics(directories.document(made.metrics), str(made.metrics))
    if not metrics:
        raise InvalidInput(f"{made.metrics} has no metric", "an evaluation that measured nothing is none")
    if made.at is not None and made.at > workspace.now():
        raise InvalidInput(f"{made.at:%Y-%m-%d %H:%M:%S} UTC is still to come", "say when it was measured")
    note = check_reason(made.note) if made.note else ""
    built: list[Evaluation] = []

    def build(main: state.Main) -> Proposal:
        state.require_version(state.history_of(workspace, main, asked.model), asked.model, asked.version)
        who = workspace.writer.identity()
        at = (made.at or who.at).replace(microsecond=0)
        new = Evaluation(at, str(who), made.kind, metrics, note, made.data_version)
        # Without a time of its own, the same result is the same request whenever it is made again.
        branch = f"evaluate/{asked.model}-{asked.version}-{new.name if made.at else new.digest}"
        found = _earlier(workspace, main, branch, asked, new) or new
        built.append(found)
        path = layout.evaluation_path(asked.model, asked.version, found.name)
        data = workspace.documents.write_evaluation(found)
        message = (
            f"Evaluate {asked}: {found.kind} of {found.at:%Y-%m-%d}\n\n{note or f'{len(metrics)} metrics.'}"
        )
        return Proposal(branch, {path: data}, message, (path,))

    submitted = submit(workspace, build, state.tag_patterns(asked.model))
    return Evaluated(built[-1], submitted)


def _earlier(
    workspace: Workspace, main: state.Main, branch: str, asked: ByVersion, new: Evaluation
) -> Evaluation | None:
    """What an earlier run of the same command wrote and main has not got; it differs from ours in time and author."""
    workspace.remote.fetch_branches(branch)
    there = workspace.reader.branches(branch).get(branch)
    if there is None:
        return None
    try:
        merged = state.evaluations_at(workspace, [main.commit], asked.model, asked.version)
        found = state.evaluations_at(workspace, [there], asked.model, asked.version)
    except InvalidInput:
        return None
    same = [one for one in found if one not in merged and replace(one, at=new.at, by=new.by) == new]
    return same[-1] if same else None
