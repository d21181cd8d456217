"""`modelmark pull`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from modelmark.cli.options import To
from modelmark.cli.progress import told
from modelmark.cli.session import open_registry, say, show, show_json
from modelmark.domain.references import parse_reference
from modelmark.registry import pull_remote
from modelmark.render.text import clean, plural, size


def pull(
    context: typer.Context,
    reference: Annotated[str, typer.Argument(metavar="REF", help="m@prod, m@7, m@latest, m#prod#12.")],
    to: To,
    registry: Annotated[
        str | None, typer.Option(metavar="URL", help="The registry's repository; needs no clone.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(metavar="GLOB", help="Only files like this: 'tokenizer*'. Repeat.")
    ] = None,
    keep: Annotated[int, typer.Option(metavar="N", min=1, help="Releases that stay on the disk.")] = 2,
    cache: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Objects for several targets.", envvar="MODELMARK_CACHE"),
    ] = None,
    streams: Annotated[int, typer.Option(metavar="N", min=1, max=64, help="Files at the same time.")] = 4,
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", min=1, help="How long the storage may be silent.")
    ] = 60,
    offline: Annotated[bool, typer.Option("--offline", help="Ask nobody; use what is on this disk.")] = False,
    allow_stale: Annotated[
        bool, typer.Option("--allow-stale", help="Accept a history older than the one seen before.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Bring a version into DIR/current: every byte verified first, visible in one swap.

    Example: modelmark pull nlp-sentiment@prod --to /srv/model
    """
    from modelmark.usecases.pull import PullOptions  # noqa: PLC0415 - the other commands do without

    asked = parse_reference(reference)
    options = PullOptions(keep, tuple(only or ()), offline, allow_stale, cache, streams, timeout)
    with told() as progress:
        if registry:
            done = pull_remote(registry, asked, to, options, progress)
        else:
            done = open_registry(context).pull(asked, to, options, progress)
    for warning in done.warnings:
        say(f"warning: accepted with --allow-stale: {clean(warning)}")
    if as_json:
        show_json({key: value for key, value in vars(done).items() if key != "manifest"})
        return
    how = "was there already" if done.unchanged else "verified and back" if done.reused else "verified"
    came = (
        ""
        if done.unchanged or done.reused or done.fetched == done.size
        else f", {size(done.fetched)} of it fetched"
    )
    what = f"{plural(done.files, 'file')}, {size(done.size)}{came}"
    say(f"{asked.model}@{done.resolved.version} {how}: {what}")
    show(str(done.path))
