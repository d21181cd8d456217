"""`modelmark check`."""

from __future__ import annotations

from typing import Annotated

import typer

from modelmark.cli.session import NO, open_registry, say, show, show_json
from modelmark.render import terminal
from modelmark.render.text import plural


def check(
    context: typer.Context,
    base: Annotated[
        str | None, typer.Option(metavar="REF", help="What the change is against; else main.")
    ] = None,
    head: Annotated[str | None, typer.Option(metavar="REF", help="The change; else HEAD.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Judge a change by the rules on main: the gate. Exit code 0 = passed, 1 = not.

    Example: modelmark check --head origin/promote/nlp-sentiment-prod-2
    """
    report = open_registry(context).check(base, head)
    verdict, candidate = report.verdict, report.candidate
    if as_json:
        show_json(
            {
                "passed": verdict.passed,
                "base": report.span.base,
                "head": report.span.head,
                "rules": verdict.rules,
                "findings": verdict.findings,
            }
        )
    else:
        text = terminal.findings(verdict)
        if text:
            show(text)
        what = f"{plural(len(candidate.files), 'file')} of the registry, {plural(len(verdict.rules), 'rule')} ran"
        say(terminal.headline(verdict, what))
    if not verdict.passed:
        raise typer.Exit(NO)
