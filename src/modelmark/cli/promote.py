"""`modelmark promote`."""

from __future__ import annotations

from typing import Annotated

import typer

from modelmark.cli.options import Token
from modelmark.cli.session import open_registry, tell_submitted
from modelmark.domain.names import parse_alias_name
from modelmark.domain.references import ByVersion, parse_reference
from modelmark.errors import InvalidInput


def promote(
    context: typer.Context,
    version: Annotated[str, typer.Argument(metavar="M@V", help="The version, such as nlp-sentiment@3.")],
    to: Annotated[str, typer.Option(metavar="ALIAS", help="The alias that should mean it, such as prod.")],
    reason: Annotated[str, typer.Option(metavar="T", help="Why; goes into the history.")],
    token: Token = None,
) -> None:
    """Ask that an alias means a version: a one-entry change of aliases.yaml, on a branch for review.

    Example: modelmark promote nlp-sentiment@3 --to prod --reason 'short texts'
    """
    registry = open_registry(context)
    made = registry.promote(one_version(version), parse_alias_name(to), reason, token)
    before = f"it means {made.previous} now" if made.previous else "it means nothing yet"
    what = f"asked for {made.model}#{made.alias}#{made.number} to mean version {made.version} ({before})"
    tell_submitted(registry, token, (made.submitted, what))


def one_version(text: str) -> ByVersion:
    """A reference that names a version outright.

    Raises:
        InvalidInput: it names an alias.
    """
    reference = parse_reference(text)
    if not isinstance(reference, ByVersion):
        raise InvalidInput(f"{text!r} is not one version", "name it by its number: nlp-sentiment@3")
    return reference
