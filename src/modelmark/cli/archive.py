"""`modelmark archive`."""

from __future__ import annotations

from typing import Annotated

import typer

from modelmark.cli.options import Token
from modelmark.cli.promote import one_version
from modelmark.cli.session import open_registry, tell_submitted
from modelmark.domain.versions import parse_version


def archive(
    context: typer.Context,
    version: Annotated[str, typer.Argument(metavar="M@V", help="The version, such as nlp-sentiment@1.")],
    reason: Annotated[str, typer.Option(metavar="T", help="Why; is kept with the version.")],
    replaced_by: Annotated[str | None, typer.Option(metavar="V", help="The version to use instead.")] = None,
    token: Token = None,
) -> None:
    """Take a version out of use for good, with its whole lineage kept, on a branch for review.

    Example: modelmark archive nlp-sentiment@1 --reason 'withdrawn data'
    """
    asked = one_version(version)
    registry = open_registry(context)
    done = registry.archive(asked, reason, parse_version(replaced_by) if replaced_by else None)
    tell_submitted(registry, token, (done, f"archived {asked}"))
