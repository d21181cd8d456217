"""`modelmark verify`."""

from __future__ import annotations

from typing import Annotated

import typer

from modelmark.cli.options import Issue, Token
from modelmark.cli.session import NO, open_registry, say, show, show_json, tell_issue
from modelmark.domain.references import parse_reference
from modelmark.domain.threads import Kind, Topic
from modelmark.errors import InvalidInput
from modelmark.render import terminal
from modelmark.render.text import counted
from modelmark.usecases.verify import Depth


def verify(
    context: typer.Context,
    reference: Annotated[
        str | None, typer.Argument(metavar="[REF]", help="One version, by any reference.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="The whole registry (also without REF).")] = False,
    storage: Annotated[bool, typer.Option("--storage", help="Ask the storage for every object.")] = False,
    content: Annotated[bool, typer.Option("--content", help="Read every byte in the storage.")] = False,
    fetch: Annotated[bool, typer.Option("--fetch", help="Bring main and the tags first.")] = False,
    approvals: Annotated[
        bool, typer.Option("--approvals", help="Ask GitHub whether the assignment REF was approved.")
    ] = False,
    issue: Issue = False,
    token: Token = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say whether everything is what its tags say. Exit code 0 = yes, 1 = no.

    Example: modelmark verify --all --storage
    """
    if reference and everything:
        raise InvalidInput("REF and --all exclude each other", "give one of them")
    if (issue or approvals) and not reference:
        raise InvalidInput(
            "--issue and --approvals are about one REF", "for the whole registry: modelmark audit --issue"
        )
    asked = parse_reference(reference) if reference else None
    registry = open_registry(context)
    depth = Depth(storage or content, content, approvals or issue)
    done = registry.verify(asked, depth, token, fetch=fetch)
    if as_json:
        show_json({"passed": done.verdict.passed, **vars(done)})
    else:
        text = terminal.findings(done.verdict)
        if text:
            show(text)
        objects = {"object": done.objects} if storage or content else {}
        known = {"model": done.models, "version": done.versions, "assignment": done.assignments}
        say(terminal.headline(done.verdict, counted({**known, **objects})))
    if issue and done.asked:
        facts = {"Tag": done.asked.name, "Made by": done.asked.by, "Points at": done.asked.points_at}
        tell_issue(registry, token, Topic(Kind.ALARM, done.asked.name), done.verdict, facts)
    if not done.verdict.passed:
        raise typer.Exit(NO)
