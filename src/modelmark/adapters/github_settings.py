"""The port `Settings` over GitHub's REST API: what a repository is, what its rulesets refuse, what its workflows may do.

Reading a ruleset needs no more than reading the repository, but GitHub leaves out who is let through for all who may not
change it. Changing one needs an administrator; GITHUB_TOKEN never is one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from modelmark.domain.protection import ActionsFacts, RepositoryFacts
from modelmark.domain.rulesets import read_ruleset, ruleset_body
from modelmark.errors import CouldNot, Denied, InvalidInput, Lost, NotFound

if TYPE_CHECKING:
    from collections.abc import Collection

    from modelmark.adapters.github_rest import Rest
    from modelmark.domain.forge import Repository
    from modelmark.domain.rulesets import Ruleset

_NOT_ON_THIS_PLAN = "Upgrade to GitHub"
_ADMINISTRATOR = (
    "the token needs Administration ({}), and its owner must administer the repository; a workflow's GITHUB_TOKEN can "
    "never do it"
)


class SettingsOnGitHub:
    """The settings of one repository."""

    def __init__(self, repository: Repository, rest: Rest) -> None:
        self._path = f"/repos/{repository}"
        self._rest = rest

    def about(self) -> RepositoryFacts:
        """See the port."""
        found = self._rest.call("GET", self._path)
        match found:
            case {"private": bool(private), "default_branch": str(branch)}:
                owner, may = found.get("owner"), found.get("permissions")
                organization = isinstance(owner, dict) and owner.get("type") == "Organization"
                granted = may.items() if isinstance(may, dict) else ()
                return RepositoryFacts(
                    private,
                    branch,
                    organization,
                    frozenset(str(name) for name, yes in granted if yes is True),
                )
        raise _nonsense("repository")

    def find_rulesets(self, names: Collection[str]) -> dict[int, Ruleset] | None:
        """See the port."""
        try:
            listed = list(self._rest.pages(f"{self._path}/rulesets", includes_parents="false"))
        except Denied as error:
            if _NOT_ON_THIS_PLAN in error.message:
                return None
            raise
        numbers = [number for one in listed if (number := _number_of(one, names)) is not None]
        return {number: self._ruleset(number) for number in numbers}

    def _ruleset(self, number: int) -> Ruleset:
        try:
            return read_ruleset(self._rest.call("GET", f"{self._path}/rulesets/{number}"))
        except InvalidInput as error:
            raise _nonsense("ruleset") from error

    def create(self, ruleset: Ruleset) -> None:
        """See the port."""
        try:
            self._change("POST", "rulesets", ruleset)
        except CouldNot as error:
            if "must be unique" in error.message:
                raise Lost(error.message, "run the command again") from error
            raise

    def replace(self, number: int, ruleset: Ruleset) -> None:
        """See the port."""
        self._change("PUT", f"rulesets/{number}", ruleset)

    def _change(self, method: str, place: str, ruleset: Ruleset) -> None:
        try:
            self._rest.call(method, f"{self._path}/{place}", ruleset_body(ruleset))
        except (Denied, NotFound) as error:
            # GitHub says "not found" to a token that may look and not change.
            raise Denied(error.message, _ADMINISTRATOR.format("read and write")) from error

    def rules_on(self, branch: str) -> frozenset[str]:
        """See the port."""
        found = self._rest.pages(f"{self._path}/rules/branches/{quote(branch, safe='')}")
        return frozenset(str(one["type"]) for one in found if isinstance(one, dict) and "type" in one)

    def actions(self) -> ActionsFacts:
        """See the port."""
        try:
            found = self._rest.call("GET", f"{self._path}/actions/permissions/workflow")
        except (Denied, NotFound) as error:
            raise Denied(error.message, _ADMINISTRATOR.format("read")) from error
        match found:
            case {
                "default_workflow_permissions": str(usual),
                "can_approve_pull_request_reviews": bool(open_pulls),
            }:
                return ActionsFacts(open_pulls, usual == "write")
        raise _nonsense("answer about Actions")

    def is_limited(self, environment: str) -> bool | None:
        """See the port."""
        try:
            found = self._rest.call("GET", f"{self._path}/environments/{quote(environment, safe='')}")
        except NotFound:
            return None
        match found:
            case {"deployment_branch_policy": None}:
                return False
            case {"deployment_branch_policy": dict()}:
                return True
        raise _nonsense("environment")

    def unread_owners(self, branch: str) -> tuple[str, ...]:
        """See the port."""
        found = self._rest.call("GET", f"{self._path}/codeowners/errors", ref=branch)
        match found:
            case {"errors": list(errors)}:
                return tuple(_words(one) for one in errors if isinstance(one, dict))
        raise _nonsense("answer about code owners")


def _number_of(one: Any, names: Collection[str]) -> int | None:
    """The number of a ruleset of these names that is the repository's own."""
    match one:
        case {"id": int(number), "name": str(name), "source_type": "Repository"} if name in names:
            return number
    return None


def _words(error: dict[str, Any]) -> str:
    line, kind, source = (error.get(key, "") for key in ("line", "kind", "source"))
    return f"line {line}: {kind} in {str(source).strip()}"


def _nonsense(what: str) -> CouldNot:
    return CouldNot(f"GitHub's answer is no {what}", "see that the remote's host is the right one")
