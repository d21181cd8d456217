"""`modelmark resolve`."""

from __future__ import annotations

from typing import Annotated

import typer

from modelmark.cli.session import open_registry, show, show_json
from modelmark.domain.references import parse_reference
from modelmark.registry import resolve_remote


def resolve(
    context: typer.Context,
    reference: Annotated[
        str, typer.Argument(metavar="REF", help="m@7, m@prod, m@latest, m#prod#12, models:/m@prod.")
    ],
    registry: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Ask this repository; needs no clone."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say which version a reference means now: version, tag, commit.

    Example: modelmark resolve nlp-sentiment@prod
    """
    asked = parse_reference(reference)
    found = resolve_remote(registry, asked) if registry else open_registry(context).resolve(asked)
    if as_json:
        show_json(found)
        return
    tag = found.assignment.tag if found.assignment else found.registered.tag
    show(f"{found.reference.model}@{found.version} {tag} {found.registered.commit}")
