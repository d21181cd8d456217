"""`modelmark compare`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from modelmark.cli.session import NO, open_registry, show
from modelmark.domain.names import parse_alias_name
from modelmark.domain.references import parse_reference
from modelmark.render.data import json_text
from modelmark.render.evidence_compare import comparison_page, comparison_text


class Form(StrEnum):
    """How the comparison is written."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"


_WRITTEN = {Form.TEXT: comparison_text, Form.MARKDOWN: comparison_page, Form.JSON: json_text}


def compare(
    context: typer.Context,
    references: Annotated[list[str], typer.Argument(metavar="REF...", help="m@5 m@6 m@prod.")],
    alias: Annotated[
        str | None, typer.Option("--for", metavar="ALIAS", help="Judge by its gate, and recommend one.")
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="markdown = a page for a discussion.")] = Form.TEXT,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Put versions side by side, and say which one to promote. Exit code 1 = none.

    Example: modelmark compare nlp-sentiment@2 nlp-sentiment@3 --for prod
    """
    found = open_registry(context).compare(
        [parse_reference(text) for text in references], parse_alias_name(alias) if alias else None
    )
    show(_WRITTEN[Form.JSON if as_json else form](found).rstrip("\n"))
    if alias and found.recommended is None:
        raise typer.Exit(NO)
