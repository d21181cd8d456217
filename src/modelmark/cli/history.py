"""`modelmark history`."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import Annotated

import typer

from modelmark.cli.session import open_registry, say, show, show_json
from modelmark.domain.names import parse_alias_name, parse_model_name, shown
from modelmark.errors import InvalidInput
from modelmark.render import terminal
from modelmark.render.text import clean

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


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
    past = open_registry(context).history(
        parse_model_name(model), parse_alias_name(alias) if alias else None, _moment(as_of) if as_of else None
    )
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


def _moment(text: str) -> datetime:
    """A date means the end of that day, in UTC."""
    try:
        if _DAY.fullmatch(text):
            return datetime.combine(date.fromisoformat(text), time.max, UTC)
        at = datetime.fromisoformat(text) if "T" in text or " " in text else None
    except ValueError:
        at = None
    if at is None:
        raise InvalidInput(
            f"{shown(text)} is not a date", "write 2026-03-31, or with a time 2026-03-31T12:00"
        )
    return at if at.tzinfo else at.replace(tzinfo=UTC)
