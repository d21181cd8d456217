"""`modelmark verify`."""

from __future__ import annotations

from typing import Annotated

import typer

from modelmark.cli.session import NO, open_registry, say, show, show_json
from modelmark.domain.references import parse_reference
from modelmark.errors import InvalidInput
from modelmark.render import terminal
from modelmark.render.text import plural
from modelmark.usecases.verify import Depth


def verify(
    context: typer.Context,
    reference: Annotated[
        str | None, typer.Argument(metavar="[REF]", help="One version, by any reference.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="The whole registry (also without REF).")] = False,
    storage: Annotated[bool, typer.Option("--storage", help="Ask the storage for every object.")] = False,
    content: Annotated[bool, typer.Option("--content", help="Read every byte in the storage.")] = False,
    fetch: Annotated[bool, typer.Option("--fetch", help="Bring main and the tags first.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say whether everything is what its tags say. Exit code 0 = yes, 1 = no.

    Example: modelmark verify --all --storage
    """
    if reference and everything:
        raise InvalidInput("REF and --all exclude each other", "give one of them")
    asked = parse_reference(reference) if reference else None
    done = open_registry(context).verify(asked, Depth(storage or content, content), fetch=fetch)
    if as_json:
        show_json({"passed": done.verdict.passed, **vars(done)})
    else:
        text = terminal.findings(done.verdict)
        if text:
            show(text)
        counts = (
            plural(done.models, "model"),
            plural(done.versions, "version"),
            plural(done.assignments, "assignment"),
            *([plural(done.objects, "object")] if storage or content else []),
        )
        say(terminal.headline(done.verdict, ", ".join(counts)))
    if not done.verdict.passed:
        raise typer.Exit(NO)
