"""`modelmark history`."""

from __future__ import annotations

from typing import Annotated

import typer

from modelmark.cli.session import open_registry, say, show, show_json
from modelmark.render import terminal
from modelmark.render.text import clean


def history(
    context: typer.Context,
    model: Annotated[str, typer.Argument(metavar="M", help="The model.")],
    alias: Annotated[str | None, typer.Option(metavar="A", help="One alias; else all.")] = None,
    as_of: Annotated[
        str | None, typer.Option(metavar="DATE", help="What was live then: 2026-03-31 or with a time.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say what was live: when, by whom, why; the newest first.

    Example: modelmark history nlp-sentiment --alias prod --as-of 2026-03-31
    """
    past = open_registry(context).history(model, alias, as_of)
    if as_json:
        show_json(past)
        return
    show(terminal.assignments(past.assignments) if past.assignments else "nothing was live then")
    for one in past.states:
        if one.state is not None:
            say(
                terminal.state_line(
                    past.model, one.alias, one.state, one.wish, one.now.version if one.now else None
                )
            )
    for problem in past.bad:
        say(f"! {clean(problem)}")
