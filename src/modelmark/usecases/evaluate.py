"""Append a later measurement to a version: an evaluation, a drift report or a revalidation, never a new manifest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from modelmark.domain import layout
from modelmark.domain.evaluations import Evaluation, EvaluationKind
from modelmark.domain.forge import labels_of
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

_A_DAY = timedelta(days=1)


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
    """What was appended, and where it went; `submitted` None = main has it already, and nothing was made."""

    evaluation: Evaluation
    submitted: Submitted | None


def evaluate(
    workspace: Workspace, directories: Directories, asked: ByVersion, made: Measurement
) -> Evaluated:
    """Write `evaluations/<time>-<digest>.yaml`.

    Raises:
        InvalidInput: the metrics cannot be used, or were measured in the future.
        NotFound: the version is not registered.
    """
    new = _evaluation(workspace, directories, made)
    main = state.fetched_main(workspace, state.tag_patterns(asked.model))
    same = [one for one in _at(workspace, main.commit, asked) if _is_same(one, new, made)]
    if same:
        return Evaluated(same[-1], None)
    built: list[Evaluation] = []

    def build(main: state.Main) -> Proposal:
        state.require_version(state.history_of(workspace, main, asked.model), asked.model, asked.version)
        # Without a time of its own, the same result is the same request whenever it is made again.
        branch = f"evaluate/{asked.model}-{asked.version}-{new.name if made.at else new.digest}"
        found = _earlier(workspace, main, branch, asked, new) or new
        built.append(found)
        path = layout.evaluation_path(asked.model, asked.version, found.name)
        data = workspace.documents.write_evaluation(found)
        about = new.note or f"{len(new.metrics)} metrics."
        message = f"Evaluate {asked}: {found.kind} of {found.at:%Y-%m-%d}\n\n{about}"
        return Proposal(branch, {path: data}, message, (path,), labels_of("evaluation", asked.model))

    submitted = submit(workspace, build, state.tag_patterns(asked.model), main)
    return Evaluated(built[-1], submitted)


def _evaluation(workspace: Workspace, directories: Directories, made: Measurement) -> Evaluation:
    metrics = normalise_metrics(directories.document(made.metrics), str(made.metrics))
    if not metrics:
        raise InvalidInput(f"{made.metrics} has no metric", "an evaluation that measured nothing is none")
    if made.at is not None and made.at > workspace.now():
        raise InvalidInput(f"{made.at:%Y-%m-%d %H:%M:%S} UTC is still to come", "say when it was measured")
    who = workspace.writer.identity()
    at = (made.at or who.at).replace(microsecond=0)
    note = check_reason(made.note) if made.note else ""
    return Evaluation(at, str(who), made.kind, metrics, note, made.data_version)


def _is_same(one: Evaluation, new: Evaluation, made: Measurement) -> bool:
    """Whether main has it: the same result at that time, or within a day where none was given.

    A command that is run again, after a crash or by a pipeline, appends nothing twice.
    """
    near = one.at == new.at if made.at else abs(one.at - new.at) < _A_DAY
    return near and one.digest == new.digest


def _earlier(
    workspace: Workspace, main: state.Main, branch: str, asked: ByVersion, new: Evaluation
) -> Evaluation | None:
    """What an earlier run of the same command wrote and main has not got; it differs from ours in time and author."""
    workspace.remote.fetch_branches(branch)
    there = workspace.reader.branches(branch).get(branch)
    if there is None:
        return None
    merged = _at(workspace, main.commit, asked)
    found = [one for one in _at(workspace, there, asked) if one not in merged and one.digest == new.digest]
    return found[-1] if found else None


def _at(workspace: Workspace, commit: str, asked: ByVersion) -> tuple[Evaluation, ...]:
    """The evaluations at a commit; a broken one is for the gate to tell."""
    try:
        return state.evaluations_at(workspace, [commit], asked.model, asked.version)
    except InvalidInput:
        return ()
