"""`modelmark watch`."""

from __future__ import annotations

import gc
import shlex
from typing import Annotated

import typer

from modelmark.cli.options import Records, To
from modelmark.cli.session import open_registry, say, until_stopped
from modelmark.domain.durations import parse_duration
from modelmark.domain.references import parse_reference
from modelmark.errors import CouldNot, InvalidInput
from modelmark.registry import WatchOptions, watch_remote
from modelmark.registry.asked import RECORDS
from modelmark.render.text import clean


def watch(
    context: typer.Context,
    reference: Annotated[str, typer.Argument(metavar="REF", help="An alias: m@prod.")],
    to: To,
    registry: Annotated[
        str | None, typer.Option(metavar="URL", help="The registry's repository; else this clone's remote.")
    ] = None,
    every: Annotated[str, typer.Option(metavar="TIME", help="Between two polls, on average.")] = "30s",
    on_change: Annotated[
        str | None,
        typer.Option(
            metavar="CMD", help="Run after each swap, without a shell, JSON on stdin; if it fails: back."
        ),
    ] = None,
    hook_timeout: Annotated[str, typer.Option(metavar="TIME", help="For the command.")] = "60s",
    health: Annotated[
        str | None,
        typer.Option(
            metavar="HOST:PORT", help="Answer here: /healthz, /readyz, /version, /metrics (Prometheus)."
        ),
    ] = None,
    report: Annotated[
        str | None, typer.Option(metavar="E", help="Record each release as what runs in this environment.")
    ] = None,
    records: Records = RECORDS,
) -> None:
    """Keep DIR/current at what an alias means: poll, verify, swap, tell. SIGTERM ends it.

    Example: modelmark watch nlp-sentiment@prod --to /srv/model --every 30s
    """
    gc.set_threshold(700, 10, 10)  # a long life, unlike other commands'
    seconds, timeout = parse_duration(every), parse_duration(hook_timeout)
    options = WatchOptions(seconds, _words(on_change), timeout, health, report, records)
    asked = parse_reference(reference)
    url = registry or open_registry(context).remote_url
    if not url:
        raise CouldNot("this clone has no remote to watch", "name one with --registry URL")
    until_stopped(lambda: watch_remote(url, asked, to, options, lambda text: say(clean(text, 1000))))


def _words(command: str | None) -> tuple[str, ...]:
    """The argument list that a command line stands for; quotes count, and nothing else that a shell would do."""
    try:
        words = tuple(shlex.split(command)) if command is not None else ()
    except ValueError as error:
        raise InvalidInput(f"--on-change has a quote that does not end: {error}", "quote it") from error
    if command is not None and not words:
        raise InvalidInput("--on-change is empty", "leave it out, or name a program")
    return words
