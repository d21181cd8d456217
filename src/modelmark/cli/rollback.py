"""`modelmark rollback`."""

from __future__ import annotations

from typing import Annotated

import typer

from modelmark.cli.options import Token
from modelmark.cli.session import open_registry, say, tell_submitted
from modelmark.domain.names import parse_alias_name, parse_model_name
from modelmark.domain.versions import parse_version


def rollback(
    context: typer.Context,
    model: Annotated[str, typer.Argument(metavar="M", help="The model, such as nlp-sentiment.")],
    reason: Annotated[str, typer.Option(metavar="T", help="Why; goes into the tag and the incident.")],
    alias: Annotated[str, typer.Option(metavar="ALIAS", help="Which alias.")] = "prod",
    to: Annotated[
        str | None, typer.Option(metavar="V", help="A version it meant before; else what today's replaced.")
    ] = None,
    token: Token = None,
) -> None:
    """Put an alias back, now: the tag at once, its record on a branch for review.

    Example: modelmark rollback nlp-sentiment --reason 'p95 latency doubled'
    """
    wanted = parse_version(to.removeprefix("v")) if to else None
    registry = open_registry(context)
    done = registry.rollback(parse_model_name(model), parse_alias_name(alias), wanted, reason)
    made = done.assignment
    verb = "was rolled back already, by" if done.resumed else "is rolled back:"
    say(f"{model}@{alias} {verb} {made.tag} means {made.version} (it meant {made.previous or 'nothing'})")
    if done.resumed:
        say("nothing else was changed; to go further back, name a version (--to) or give another reason")
    tell_submitted(registry, token, (done.recorded.submitted, "recorded incident and aliases.yaml"))
