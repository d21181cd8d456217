"""`modelmark list`."""

from __future__ import annotations

from typing import Annotated

import typer

from modelmark.cli.session import open_registry, say, show, show_json
from modelmark.domain.names import parse_model_name
from modelmark.render import terminal
from modelmark.render.text import clean, moment, table
from modelmark.usecases.listing import Summary, VersionRow


def list_(
    context: typer.Context,
    model: Annotated[
        str | None, typer.Argument(metavar="[M]", help="One model, with all its versions.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say what is registered and what is live.

    Example: modelmark list nlp-sentiment
    """
    registry = open_registry(context)
    if model is None:
        summaries = registry.list()
        if as_json:
            show_json(summaries)
            return
        show(
            _models(summaries)
            if summaries
            else "no model is registered yet: modelmark register DIR --model M"
        )
    else:
        summary, rows = registry.versions(parse_model_name(model))
        summaries = (summary,)
        if as_json:
            show_json({"model": summary, "versions": rows})
            return
        show(_versions(rows))
    _tell(summaries)


def _models(summaries: tuple[Summary, ...]) -> str:
    rows = [(one.model, one.latest or "-", one.versions, _live(one)) for one in summaries]
    return table(rows, ("MODEL", "LATEST", "VERSIONS", "LIVE"))


def _live(one: Summary) -> str:
    now = [f"{found.alias}={found.now.version}" for found in one.aliases if found.now and found.now.version]
    return ", ".join(now) or "-"


def _versions(rows: tuple[VersionRow, ...]) -> str:
    cells = [(row.version, row.stage, ", ".join(row.held_by) or "-", moment(row.at), row.by) for row in rows]
    return table(cells, ("VERSION", "STAGE", "ALIASES", "REGISTERED (UTC)", "BY"))


def _tell(summaries: tuple[Summary, ...]) -> None:
    """What needs a person."""
    for one in summaries:
        for version in one.waiting:
            say(f"! {one.model}@{version} is merged and has no tag: `modelmark apply`")
        for found in one.aliases:
            if found.state is not None:
                means = found.now.version if found.now else None
                say(terminal.state_line(one.model, found.alias, found.state, found.wish, means))
        for problem in one.problems:
            say(f"! {clean(problem)}")
