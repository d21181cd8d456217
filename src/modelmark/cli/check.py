"""`modelmark check`."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from modelmark.cli.session import NO, append_to_summary, open_registry, say, show
from modelmark.domain.evidence import Evidence
from modelmark.render import terminal
from modelmark.render.actions import workflow_commands
from modelmark.render.data import json_text
from modelmark.render.evidence_json import evidence_json
from modelmark.render.evidence_page import evidence_page
from modelmark.render.sarif import evidence_sarif
from modelmark.render.text import plural


class Form(StrEnum):
    """How the verdict is written."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    MARKDOWN = "markdown"
    GITHUB = "github"


_WRITTEN: dict[Form, Callable[[Evidence], str]] = {
    Form.TEXT: lambda evidence: terminal.findings(evidence.verdict),
    Form.JSON: lambda evidence: json_text(evidence_json(evidence)),
    Form.SARIF: lambda evidence: json_text(evidence_sarif(evidence)),
    Form.MARKDOWN: evidence_page,
    Form.GITHUB: workflow_commands,
}


def check(
    context: typer.Context,
    base: Annotated[
        str | None, typer.Option(metavar="REF", help="What the change is against; none or empty = main.")
    ] = None,
    head: Annotated[str | None, typer.Option(metavar="REF", help="The change; else HEAD.")] = None,
    form: Annotated[
        Form,
        typer.Option("--format", help="markdown = the reviewer's page; github = annotations, and the page."),
    ] = Form.TEXT,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    save: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the JSON there, too.")] = None,
    fetch: Annotated[bool, typer.Option("--fetch", help="Bring main and the head first.")] = False,
    unsandboxed: Annotated[
        bool, typer.Option("--unsandboxed", help="Run bundled code without a sandbox; never in CI.")
    ] = False,
) -> None:
    """Judge a change by the rules on main: the gate. Exit code 0 = passed, 1 = not.

    Example: modelmark check --head origin/promote/nlp-sentiment-prod-2
    """
    registry = open_registry(context)
    if unsandboxed:
        say("warning: code of the change runs without a sandbox, with all that you may do on this machine")
    evidence = registry.evidence(registry.check(base, head, fetch=fetch, unsandboxed=unsandboxed))
    if head is None and not evidence.files and evidence.base == evidence.head:
        say("HEAD adds nothing to main, so there was nothing to judge; did you mean --head origin/…?")
    if save:
        save.write_text(_WRITTEN[Form.JSON](evidence) + "\n", encoding="utf-8")
    chosen = Form.JSON if as_json else form
    if text := _WRITTEN[chosen](evidence).rstrip("\n"):
        show(text)
    if chosen is Form.GITHUB:
        append_to_summary(evidence_page(evidence))
    if chosen is Form.TEXT:
        what = f"{plural(evidence.files, 'file')} of the registry, {plural(len(evidence.rules), 'rule')} ran"
        say(terminal.headline(evidence.verdict, what))
    if not evidence.verdict.passed:
        raise typer.Exit(NO)
