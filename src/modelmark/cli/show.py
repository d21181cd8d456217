"""`modelmark show`."""

from __future__ import annotations

from typing import Annotated

import typer

from modelmark.cli.session import open_registry, show_json
from modelmark.cli.session import show as put
from modelmark.domain.references import parse_reference
from modelmark.render import terminal
from modelmark.render.text import moment


def show(
    context: typer.Context,
    reference: Annotated[str, typer.Argument(metavar="REF", help="m@7, m@prod, m@latest, m#prod#12.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say everything about one version: stage, metrics, files, where it came from.

    Example: modelmark show nlp-sentiment@prod
    """
    details = open_registry(context).show(parse_reference(reference))
    if as_json:
        show_json(details)
        return
    found = details.resolved
    facts = {
        "aliases": ", ".join(details.held_by),
        "held before": ", ".join(details.held_before),
        "registered": f"{moment(found.registered.at)} by {found.registered.by}",
        "tag": str(found.registered.tag),
        "commit": found.registered.commit,
    }
    put(f"{found.reference.model}@{found.version}\n")
    put(terminal.version_details(details.manifest, details.stage, facts, details.archived))
