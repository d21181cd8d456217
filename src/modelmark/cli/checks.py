"""`modelmark checks`."""

from __future__ import annotations

from typing import Annotated

import typer

from modelmark.cli.session import open_registry, say, show, show_json
from modelmark.domain.checks import Described
from modelmark.errors import NotFound
from modelmark.render.checks import described
from modelmark.usecases.checks import checks as describe


def checks(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say what the gate can ask: every check, when it runs, what it needs, and an example of what it finds.

    Example: modelmark checks
    """
    found, here = _of_registry(context)
    if as_json:
        show_json(found)
        return
    show("\n\n".join(described(one) for one in found))
    if not here:
        say("no registry here: inside one, this says which of its gates ask for which check")


def _of_registry(context: typer.Context) -> tuple[tuple[Described, ...], bool]:
    """The checks, and whether a registry says which of them it asks for."""
    try:
        return open_registry(context).checks(), True
    except NotFound:
        return describe(None), False
