"""`modelmark record`."""

from __future__ import annotations

from typing import Annotated

import typer

from modelmark.cli.session import Token, open_registry, say, tell_submitted
from modelmark.domain.names import parse_alias_name, parse_model_name


def record(
    context: typer.Context,
    model: Annotated[
        str | None, typer.Argument(metavar="[M]", help="One model; else all that are behind.")
    ] = None,
    alias: Annotated[
        str | None, typer.Option(metavar="ALIAS", help="One alias; else all that are behind.")
    ] = None,
    token: Token = None,
) -> None:
    """Record a rollback that was made by hand with `git tag`: incident and aliases.yaml, on a branch for review.

    Example: modelmark record nlp-sentiment
    """
    registry = open_registry(context)
    done = registry.record(
        parse_model_name(model) if model else None, parse_alias_name(alias) if alias else None
    )
    told = []
    for one in done:
        last = one.assignments[-1]
        what = f"recorded {last.tag} ({last.tag.alias} means {last.version or 'nothing'})"
        told.append((one.submitted, what))
    tell_submitted(registry, token, *told)
    if not done:
        say("nothing to record: the files say what the tags say")
