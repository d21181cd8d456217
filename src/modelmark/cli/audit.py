"""`modelmark audit`."""

from __future__ import annotations

from typing import Annotated

import typer

from modelmark.cli.options import Issue, Token
from modelmark.cli.session import NO, open_registry, say, show, show_json, tell_issue
from modelmark.domain.threads import Kind, Topic
from modelmark.render import terminal
from modelmark.render.text import counted


def audit(
    context: typer.Context,
    issue: Issue = False,
    token: Token = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Hold tags, files, storage, code owners and pending merges against each other. Exit code 0 = all is well, 1 = not.

    It fetches main and every tag first, and changes nothing here or there; --issue keeps one issue about what it found.

    Example: modelmark audit --issue
    """
    registry = open_registry(context)
    done = registry.audit(token)
    if as_json:
        show_json({"passed": done.verdict.passed, **vars(done)})
    else:
        told = terminal.findings(done.verdict)
        if told:
            show(told)
        looked_at = {name: getattr(done, f"{name}s") for name in ("model", "version", "assignment", "object")}
        say(terminal.headline(done.verdict, f"{counted(looked_at)}, main at {done.commit[:12]}"))
    if issue:
        tell_issue(registry, token, Topic(Kind.AUDIT), done.verdict)
    if not done.verdict.passed:
        raise typer.Exit(NO)
