"""`modelmark status`."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from modelmark.cli.session import NO, open_registry, say, show, show_json
from modelmark.errors import InvalidInput
from modelmark.registry.asked import RECORDS
from modelmark.render import terminal
from modelmark.render.text import clean

_MOST_HOURS = 1_000_000


def status(
    context: typer.Context,
    model: Annotated[
        str | None, typer.Argument(metavar="[M]", help="One model; else all with records.")
    ] = None,
    records: Annotated[str, typer.Option(metavar="WHERE", help="folder:PATH or branch:NAME.")] = RECORDS,
    hours: Annotated[
        float,
        typer.Option("--silent-after", metavar="HOURS", help="How long a change may take to arrive."),
    ] = 24,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say what runs where, against what the tags declare. Exit code 0 = they agree, 1 = somewhere they do not, or nothing is known.

    Example: modelmark status nlp-sentiment --records folder:/mnt/deployments
    """
    if not 0 <= hours <= _MOST_HOURS:
        raise InvalidInput(
            f"--silent-after {hours:g} is no time between 0 and {_MOST_HOURS:,} hours", "try 24"
        )
    found = open_registry(context).status(model, records=records, patience=timedelta(hours=hours))
    if as_json:
        show_json({"agrees": found.agrees, **vars(found)})
    else:
        show(terminal.running(found.running) if found.running else "no environment has said what it runs")
        for one in found.unheard:
            say(
                f"· {one.model}@{one.alias} means {one.declared}, and no environment has said that it runs it"
            )
        for problem in found.problems:
            say(f"! {clean(problem)}")
    if not found.agrees:
        raise typer.Exit(NO)
