"""`modelmark announce`."""

from __future__ import annotations

from typing import Annotated

import typer

from modelmark.cli.options import Token
from modelmark.cli.session import COULD_NOT, NO, open_registry, say, show, show_json
from modelmark.domain.names import shown
from modelmark.domain.tags import TAG_PREFIX, AssignmentTag, parse_tag_name
from modelmark.errors import InvalidInput
from modelmark.render import announcements
from modelmark.usecases.announce import Asked


def announce(
    context: typer.Context,
    tags: Annotated[
        list[str] | None,
        typer.Argument(metavar="TAG", help="Assignments; else all that are new and were not announced."),
    ] = None,
    workflow: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Start this workflow of the default branch, too, with the input `tag`."
        ),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Also what was announced before.")] = False,
    days: Annotated[
        int, typer.Option(min=1, max=3650, metavar="N", help="Without TAG: how old a tag may be.")
    ] = 7,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would be sent, and stop.")] = False,
    token: Token = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Tell workflows and a webhook what an alias means now. Run it after apply; again, it tells who has not heard.

    Example: modelmark announce 'nlp-sentiment#prod#12'
    """
    asked = Asked(tuple(map(_assignment, tags or ())), again, dry_run, days)
    done = open_registry(context).announce(asked, workflow, token)
    if as_json:
        show_json(done)
    elif text := announcements.sent(done):
        show(text)
    for line in announcements.unsent(done):
        say(line)
    if done.failed or done.refused:
        raise typer.Exit(COULD_NOT if done.failed else NO)


def _assignment(text: str) -> AssignmentTag:
    name = parse_tag_name(text.removeprefix(TAG_PREFIX))
    if not isinstance(name, AssignmentTag):
        raise InvalidInput(
            f"{shown(text)} is not the name of an assignment",
            "use MODEL#ALIAS#NUMBER: 'nlp-sentiment#prod#12'",
        )
    return name
