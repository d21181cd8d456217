"""`modelmark comment`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from modelmark.cli.options import Token
from modelmark.cli.session import open_registry, say, show
from modelmark.domain.threads import parse_commit
from modelmark.errors import InvalidInput, Refused
from modelmark.render.comment_page import comment_page, no_verdict_page, unproven_page
from modelmark.render.text import clean

_DIED = "The check ended before it wrote down what it had found."


def comment(
    context: typer.Context,
    evidence: Annotated[
        Path, typer.Argument(metavar="FILE", help="What `check --save` wrote; none there = no verdict.")
    ],
    head: Annotated[str, typer.Option(metavar="SHA", help="The commit that was checked, in full.")],
    token: Token = None,
) -> None:
    """Put the gate's page below the pull request whose head is this commit: one comment, kept up to date.

    The file is distrusted: it is held to the published schema, and every text in it is inert on the page. Where it is
    missing or cannot be used, the comment says that there is no verdict, so that no older page stands for one. It says so as
    well where the pull request changes `.github/`, because its own workflows wrote the evidence.

    Example: modelmark comment evidence.json --head "$HEAD_SHA"
    """
    commit = parse_commit(head)
    registry = open_registry(context).hosted(token)
    unusable: InvalidInput | Refused | None = None
    try:
        found = registry.saved_evidence(evidence, commit)
        if found is None:
            say(f"{clean(evidence)} is not there: the comment says that there is no verdict")
        page = comment_page(found) if found else no_verdict_page(commit, _DIED)
    except (InvalidInput, Refused) as error:
        unusable, page = error, no_verdict_page(commit, str(error), error.hint)
    done = registry.comment(commit, page, unproven_page(commit))
    for one in done:
        show(f"{registry.repository.pull_url(one.pull)}#issuecomment-{one.comment.number}")
        say(f"comment {one.comment.outcome}, on pull request {one.pull}")
    if not done:
        say(f"no open pull request has the head {commit[:12]}: nothing to comment")
    if unusable is not None:
        raise unusable
