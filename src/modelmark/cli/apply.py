"""`modelmark apply`."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

import typer

from modelmark.cli.options import Issue, Token
from modelmark.cli.session import NO, open_registry, say, show, show_json, tell_issue
from modelmark.domain.findings import judge
from modelmark.domain.plan import State
from modelmark.domain.threads import Kind, Topic
from modelmark.errors import InvalidInput, ModelmarkError, Unreachable
from modelmark.render import terminal
from modelmark.usecases.unapplied import RULE, broken_off, unapplied


def apply(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan and stop.")] = False,
    no_push: Annotated[bool, typer.Option("--no-push", help="Make the tags in this clone only.")] = False,
    issue: Issue = False,
    token: Token = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Make the tags say what main asks for. Run it after every merge; again does no harm.

    Example: modelmark apply --dry-run
    """
    if issue and (dry_run or no_push):
        raise InvalidInput("--issue is about tags that everybody sees", "leave out --dry-run and --no-push")
    registry = open_registry(context)
    topic = Topic(Kind.APPLY)
    try:
        done = registry.apply(dry_run=dry_run, push=not no_push, token=token)
    except ModelmarkError as error:
        # Without a network there is nowhere to tell it; and the error itself is what the command ends with.
        if issue and not isinstance(error, Unreachable):
            with suppress(ModelmarkError):
                tell_issue(registry, token, topic, judge((RULE,), [broken_off(error)]))
        raise
    conflicts = [one for one in done.disagreements if one.state is not State.WAITS]
    if as_json:
        show_json(done)
    else:
        show(terminal.plan(done.plan, dry=dry_run))
        for one in done.disagreements:
            say(terminal.state_line(one.model, one.alias, one.state, one.wish.version, one.means))
    if issue:
        tell_issue(registry, token, topic, judge((RULE,), unapplied(done)))
    if done.plan.rejections or any(one.state is not State.BEHIND for one in conflicts):
        raise typer.Exit(NO)
