"""A clone of a registry together with its repository on GitHub: the verbs that plain Git does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.errors import Denied, Refused

if TYPE_CHECKING:
    from modelmark.adapters.github import GitHub
    from modelmark.domain.forge import Repository
    from modelmark.domain.protection import Protection
    from modelmark.usecases.ports import Workspace

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
            "for a server of your own, name it: GH_HOST=github.example.com",
        )
    if github is None:
        raise Denied(
            f"there is no token for {repository.host}", "give one: --token, GH_TOKEN, or `gh auth login`"
        )
    return Hosted(workspace, github)
