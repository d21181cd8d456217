"""`modelmark record`."""

from __future__ import annotations

from typing import Annotated

import typer

from modelmark.cli.options import Token
from modelmark.cli.session import open_registry, say, tell_submitted
from modelmark.domain.names import AliasName, ModelName, parse_alias_name, parse_model_name
from modelmark.domain.references import ByAlias, parse_reference


def record(
    context: typer.Context,
    model: Annotated[
        str | None, typer.Argument(metavar="[M | M#ALIAS#N]", help="One model or assignment; else all.")
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
    name, of_tag = _asked(model)
    done = registry.record(name, parse_alias_name(alias) if alias else of_tag)
    told = []
    for one in done:
        last = one.assignments[-1]
        what = f"recorded {last.tag} ({last.tag.alias} means {last.version or 'nothing'})"
        told.append((one.submitted, what))
    tell_submitted(registry, token, *told)
    if not done:
        say("nothing to record: the files say what the tags say")


def _asked(text: str | None) -> tuple[ModelName | None, AliasName | None]:
    """The model, and the alias where the text is the name of an assignment; its number does not matter, all are recorded."""
    if text is None or "#" not in text:
        return (parse_model_name(text) if text else None, None)
    asked = parse_reference(text)
    return asked.model, asked.alias if isinstance(asked, ByAlias) else None
