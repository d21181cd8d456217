"""`modelmark evaluate`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from modelmark.cli.options import Token
from modelmark.cli.promote import one_version
from modelmark.cli.session import open_registry, say, show, tell_submitted
from modelmark.domain.evaluations import EvaluationKind
from modelmark.domain.names import shown
from modelmark.errors import InvalidInput
from modelmark.render.text import plural
from modelmark.usecases.evaluate import Measurement


def evaluate(
    context: typer.Context,
    version: Annotated[str, typer.Argument(metavar="M@V", help="The version, such as nlp-sentiment@3.")],
    metrics: Annotated[
        str, typer.Option(metavar="FILE", help="A metrics.json: records, or a name and a number each.")
    ],
    kind: Annotated[str, typer.Option(metavar="KIND", help="evaluation, drift or revalidation.")] = (
        EvaluationKind.EVALUATION
    ),
    note: Annotated[str, typer.Option(metavar="T", help="What people should know of it.")] = "",
    at: Annotated[
        str | None, typer.Option(metavar="TIME", help="When it was measured, in UTC; else now.")
    ] = None,
    data_version: Annotated[
        str | None, typer.Option(metavar="D", help="Hash or tag of the data it was measured on.")
    ] = None,
    token: Token = None,
) -> None:
    """Append a later measurement to a version, on a branch for review: its newest figures are those that count.

    Example: modelmark evaluate nlp-sentiment@3 --metrics metrics.json
    """
    asked = one_version(version)
    made = Measurement(Path(metrics), _kind(kind), note, _moment(at) if at else None, data_version)
    registry = open_registry(context)
    done = registry.evaluate(asked, made)
    found = done.evaluation
    if done.submitted is None:
        say(f"{asked} has this result already: {found.kind} {found.name}, nothing was appended")
        show(found.name)
        return
    what = f"the {found.kind} {found.name} to {asked} ({plural(len(found.metrics), 'metric')})"
    tell_submitted(registry, token, (done.submitted, f"appended {what}"))


def _kind(text: str) -> EvaluationKind:
    if text not in tuple(EvaluationKind):
        raise InvalidInput(f"{shown(text)} is no kind of evaluation", f"one of: {', '.join(EvaluationKind)}")
    return EvaluationKind(text)


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(f"{shown(text)} is not a time", "for example 2026-11-20T18:40:49Z") from error
    return at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)
