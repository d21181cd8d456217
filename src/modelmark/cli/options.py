"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

from modelmark.errors import InvalidInput


def named(directory: str | None) -> str | None:
    """A directory that an option names.

    Raises:
        InvalidInput: it is empty: a variable that is not set would mean this directory.
    """
    if directory is None or directory:
        return directory
    raise InvalidInput("--to is empty", "name a directory: --to /srv/model")


Token = Annotated[
    str | None,
    typer.Option(
        "--token",
        metavar="T",
        help="For GitHub; else GH_TOKEN or GITHUB_TOKEN, or what `gh` is logged in with.",
    ),
]

To = Annotated[
    str, typer.Option(metavar="DIR", help="Where; DIR/current will be the release.", callback=named)
]

Records = Annotated[
    str,
    typer.Option(
        metavar="WHERE", help="folder:PATH, branch:NAME, webhook (MODELMARK_WEBHOOK_URL) or https://…"
    ),
]

Issue = Annotated[
    bool,
    typer.Option(
        "--issue",
        help="Keep one issue on GitHub about what is wrong: open, up to date, closed when it is mended.",
    ),
]
