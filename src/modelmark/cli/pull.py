"""`modelmark pull`."""

from __future__ import annotations

from typing import Annotated

import typer

from modelmark.cli.session import open_registry, say, show, show_json
from modelmark.domain.references import parse_reference
from modelmark.registry import pull_remote
from modelmark.render.text import plural, size


def pull(
    context: typer.Context,
    reference: Annotated[str, typer.Argument(metavar="REF", help="m@prod, m@7, m@latest, m#prod#12.")],
    to: Annotated[str, typer.Option(metavar="DIR", help="Where; DIR/current will be the release.")],
    registry: Annotated[
        str | None, typer.Option(metavar="URL", help="The registry's repository; needs no clone.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Bring a version into DIR/current: every byte verified first, visible in one swap.

    Example: modelmark pull nlp-sentiment@prod --to /srv/model
    """
    asked = parse_reference(reference)
    done = pull_remote(registry, asked, to) if registry else open_registry(context).pull(asked, to)
    if as_json:
        show_json({key: value for key, value in vars(done).items() if key != "manifest"})
        return
    how = "was there already" if done.unchanged else "verified and back" if done.reused else "verified"
    say(f"{asked.model}@{done.resolved.version} {how}: {plural(done.files, 'file')}, {size(done.size)}")
    show(str(done.path))
