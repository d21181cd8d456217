"""A clone of a registry together with its repository on GitHub: the verbs that plain Git does not have."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from modelmark.domain.forge import run_url
from modelmark.errors import Denied, Refused
from modelmark.registry.wiring import find_github, find_repository

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from modelmark.adapters.github import GitHub
    from modelmark.domain.evidence import Evidence
    from modelmark.domain.findings import Finding
    from modelmark.domain.forge import Repository
    from modelmark.domain.protection import Protection
    from modelmark.domain.threads import Kept, Text, Topic
    from modelmark.usecases.announce import Receivers
    from modelmark.usecases.comment import Commented
    from modelmark.usecases.ports import GitRemote, Workspace
    from modelmark.usecases.state import Main

# As in `local.py`, each verb imports its own use-case.
# ruff: noqa: PLC0415


class Hosted:
    """A registry on GitHub, as one token sees it. Make one with `Registry.hosted`."""

    def __init__(self, workspace: Workspace, github: GitHub) -> None:
        self._workspace = workspace
        self._github = github

    @property
    def repository(self) -> Repository:
        """Where it is."""
        return self._github.repository

    @staticmethod
    def saved_evidence(place: Path, head: str) -> Evidence | None:
        """What a check saved about a commit, read with distrust; None where it saved nothing."""
        from modelmark.adapters.evidence_files import read_evidence

        return read_evidence(place, head)

    def comment(self, head: str, page: str, unproven: str) -> tuple[Commented, ...]:
        """Put a page below the open pull requests whose head is this commit; the other where they change the workflows."""
        from modelmark.usecases.comment import comment

        return comment(self._github.threads, head, page, unproven)

    def keep_issue(self, topic: Topic, text: Text | None) -> Kept | None:
        """Keep the one open issue of a topic; with None close it."""
        from modelmark.usecases.rolling_issue import keep_issue

        return keep_issue(self._github.threads, topic, text)

    def protect(self, *, apply: bool = False) -> Protection:
        """Hold GitHub's rulesets against the files of main; `apply` makes them so."""
        from modelmark.usecases.protect import apply_protection, plan_protection

        return (apply_protection if apply else plan_protection)(self._workspace, self._github.settings)


def hosted(workspace: Workspace, repository: Repository | None, github: GitHub | None) -> Hosted:
    """A registry on GitHub.

    Raises:
        Refused: its remote is not on GitHub.
        Denied: there is no token.
    """
    if repository is None:
        place = workspace.remote.push_url or "this clone, which has no remote,"
        raise Refused(
            f"{place} is not on GitHub, and this command speaks to GitHub",
            "for a server of your own, name it: GH_HOST=github.example.com"
            if workspace.remote.push_url
            else "git remote add origin https://github.com/OWNER/NAME.git",
        )
    if github is None:
        raise no_token(repository)
    return Hosted(workspace, github)


def no_token(repository: Repository) -> Denied:
    """What is wrong where nobody speaks for us."""
    name, login = "GH_TOKEN", "gh auth login"
    if repository.site.own:
        name, login = "GH_ENTERPRISE_TOKEN", f"gh auth login --hostname {repository.host}"
    return Denied(f"there is no token for {repository.host}", f"give one: --token, {name}, or `{login}`")


def more_to_audit(
    workspace: Workspace, token: str | None
) -> Mapping[str, Callable[[Main], Iterable[Finding]]]:
    """What an audit asks of GitHub, by its rules; nothing where the registry is not there."""
    from modelmark.domain.protection import RULE as PROTECTION
    from modelmark.usecases.protect import audit_protection
    from modelmark.usecases.unapproved import RULE as APPROVALS
    from modelmark.usecases.unapproved import unapproved_now

    if find_repository(workspace.remote) is None:
        return {}
    github = find_github(workspace.remote, token)
    settings = github.settings if github else None
    return {
        APPROVALS: partial(unapproved_now, workspace),
        PROTECTION: partial(audit_protection, workspace, settings),
    }


def find_receivers(remote: GitRemote, workflow: str | None, token: str | None) -> Receivers:
    """Who is told of assignments: the repository where the registry is on GitHub, and the environment's webhook.

    Raises:
        Denied: it is on GitHub, and there is no token.
    """
    from modelmark.adapters.webhook import find_webhook
    from modelmark.usecases.announce import Receivers

    webhook = find_webhook(os.environ)
    repository = find_repository(remote)
    if repository is None:
        return Receivers(None, webhook, remote.url, workflow)
    github = find_github(remote, token)
    if github is None:
        raise no_token(repository)
    return Receivers(github.events, webhook, repository.web, workflow, run_url(repository, os.environ))
