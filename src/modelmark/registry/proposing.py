"""The pull request of a change that a verb handed in: where it is opened, and what its page says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from modelmark.domain.forge import pull_request
from modelmark.errors import ModelmarkError
from modelmark.registry.wiring import find_github, find_repository
from modelmark.render.evidence_page import evidence_page, unjudged_page
from modelmark.usecases.evidence import evidence
from modelmark.usecases.propose import propose

if TYPE_CHECKING:
    from modelmark.usecases.forge_ports import PullRequests
    from modelmark.usecases.ports import Workspace
    from modelmark.usecases.propose import Proposed
    from modelmark.usecases.submit import Submitted


def propose_change(workspace: Workspace, sent: Submitted, token: str | None) -> Proposed | None:
    """See `Registry.propose`."""
    repository = find_repository(workspace.remote)
    if repository is None or sent.branch is None:
        return None
    page, warnings = _page(workspace, sent)
    asked = sent.proposal
    pull = pull_request(sent.branch, sent.default_branch, asked.title, page, asked.labels)

    def find_pulls() -> PullRequests | None:
        github = find_github(workspace.remote, token)
        return github.pulls if github else None

    done = propose(repository, find_pulls, pull)
    return replace(done, warnings=(*warnings, *done.warnings))


def _page(workspace: Workspace, sent: Submitted) -> tuple[str, tuple[str, ...]]:
    """The body: what `check --format markdown` writes, as far as it was asked; and why it is not that."""
    why: tuple[str, ...] = ()
    try:
        if sent.report is not None:
            return evidence_page(evidence(workspace, sent.report)), why
    except ModelmarkError as error:
        why = (f"the page behind the verdict could not be written: {error.message}",)
    return unjudged_page(sent.proposal.message, sent.place), why
