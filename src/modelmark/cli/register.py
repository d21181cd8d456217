"""`modelmark register`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from modelmark.cli.options import Token
from modelmark.cli.session import key_values, open_registry, say, show, tell_submitted
from modelmark.domain.manifest import Compression
from modelmark.domain.names import parse_model_name
from modelmark.domain.versions import parse_version
from modelmark.render.text import plural, size
from modelmark.usecases.register import Request


def register(
    context: typer.Context,
    source: Annotated[str, typer.Argument(metavar="DIR", help="The directory that the training wrote.")],
    model: Annotated[str, typer.Option(metavar="M", help="The model's name, such as nlp-sentiment.")],
    version: Annotated[
        str | None, typer.Option(metavar="V", help="7, 2.1, 1.0.2 or 3+gpu; else the next one.")
    ] = None,
    profile: Annotated[
        str | None, typer.Option(metavar="P", help="What a new model must have, by registry.yaml.")
    ] = None,
    tag: Annotated[
        list[str] | None, typer.Option(metavar="K=V", help="language=en; may be given again.")
    ] = None,
    note: Annotated[
        str | None, typer.Option(metavar="T", help="What people should know: limits, personal data.")
    ] = None,
    compressed: Annotated[
        str | None, typer.Option(metavar="HOW", help="quantised, pruned, …: the metrics are of this form.")
    ] = None,
    compressed_from: Annotated[
        str | None, typer.Option(metavar="V", help="The version it was made of.")
    ] = None,
    token: Token = None,
) -> None:
    """Make an immutable version of a directory, on a branch for review.

    Example: modelmark register out/ --model nlp-sentiment --tag language=en
    """
    parent = parse_version(compressed_from) if compressed_from else None
    request = Request(
        Path(source),
        parse_model_name(model),
        parse_version(version) if version else None,
        profile,
        key_values(tag or [], "--tag"),
        note,
        Compression(compressed, parent) if compressed else None,
    )
    registry = open_registry(context)
    made = registry.register(request)
    if made.submitted is None or made.manifest is None:
        next_step = "it is merged, and waits for `modelmark apply`" if made.waits else "nothing is to be done"
        say(f"these bytes are already {made.model}@{made.version}: nothing was stored, {next_step}")
        show(f"{made.model}@{made.version}")
        return
    stored = f"{plural(made.uploaded, 'object')} stored" if made.uploaded else "every byte was stored already"
    what = f"{plural(len(made.manifest.files), 'file')}, {size(made.manifest.size)}, {stored}"
    tell_submitted(registry, token, (made.submitted, f"registered {made.model}@{made.version} ({what})"))
