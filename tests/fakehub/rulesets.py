"""The settings of a repository on fakehub, and what its rulesets refuse: pushes, refs made by requests, merges."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.fakehub.pushes import ZERO, Moved, Push

Json = Any

# What GitHub says to the pusher, by the type of the rule that is broken.
WORDS = {
    "creation": "Cannot create ref due to creations being restricted.",
    "update": "Cannot update this protected ref.",
    "deletion": "Cannot delete this protected ref.",
    "non_fast_forward": "Cannot force-push to this protected ref.",
    "pull_request": "Changes must be made through a pull request.",
    "required_status_checks": "Required status checks are expected.",
}


class Pusher(Protocol):
    """Who moves a ref."""

    @property
    def login(self) -> str: ...


@dataclass
class Settings:
    """What an administrator has set.

    Attributes:
        plan: of the owner: free, pro, team or enterprise.
        admins: accounts that administer the repository.
        apps: the account of each App that is installed on it, by the App's number.
        teams: the accounts in each team, by the team's number.
        rulesets: as they were sent, by their numbers.
        unread_owners: lines of the code owners file that GitHub does not take.
        environments: which branches may deploy to each; None = every branch.
    """

    private: bool = False
    organization: bool = True
    plan: str = "team"
    default_branch: str = "main"
    admins: set[str] = field(default_factory=set)
    apps: dict[int, str] = field(default_factory=dict)
    teams: dict[int, set[str]] = field(default_factory=dict)
    rulesets: dict[int, Json] = field(default_factory=dict)
    write_by_default: bool = False
    unread_owners: list[Json] = field(default_factory=list)
    environments: dict[str, Json] = field(default_factory=dict)

    @property
    def has_rulesets(self) -> bool:
        return not (self.private and self.plan == "free")

    def in_force(self, ref: str, user: Pusher | None = None) -> list[Json]:
        """Rules that are in force on a ref, each with the number of its ruleset; for a user, those that do not let them by."""
        return [
            {**rule, "ruleset_id": number}
            for number, ruleset in self.rulesets.items()
            if self.has_rulesets
            and ruleset["enforcement"] == "active"
            and self._reaches(ruleset, ref)
            and not (user and self._lets_through(ruleset, user.login))
            for rule in ruleset["rules"]
        ]

    def may_move(self, user: Pusher, ref: str, *kinds: str) -> str:
        """Why somebody may not move a ref like this; empty where they may.

        Args:
            kinds: what it is: creation, update, deletion, non_fast_forward; a push of commits that no pull request
                brought is also pull_request and required_status_checks.
        """
        broken = [WORDS[rule["type"]] for rule in self.in_force(ref, user) if rule["type"] in kinds]
        return " ".join(dict.fromkeys(broken))

    def refuse_push(self, user: Pusher, push: Push) -> str:
        """The rule of a push: GitHub's words for the first ref that may not be moved."""
        for one in push.refs:
            if why := self.may_move(user, one.ref, *_kinds(push, one)):
                return f"GH013: Repository rule violations found for {one.ref}. - {why}"
        return ""

    def refuse_ref(self, user: Pusher, ref: str) -> str:
        """The rule of a ref that is made by a request."""
        return self.may_move(user, ref, "creation")

    def refuse_merge(self, user: Pusher, ref: str, approvals: int, green: Collection[str]) -> str:
        """Why a pull request may not be merged: too few approvals that count, or a check that is not green."""
        for rule in self.in_force(ref, user):
            said = rule.get("parameters", {})
            if rule["type"] == "pull_request" and approvals < said["required_approving_review_count"]:
                return f"At least {said['required_approving_review_count']} approving review is required by reviewers with write access."
            for check in said.get("required_status_checks", ()):
                if check["context"] not in green:
                    return f'Required status check "{check["context"]}" is expected.'
        return ""

    def _lets_through(self, ruleset: Json, login: str) -> bool:
        through: dict[str, Callable[[int], bool]] = {
            "Integration": lambda number: self.apps.get(number) == login,
            "Team": lambda number: login in self.teams.get(number, ()),
            "RepositoryRole": lambda number: number == 5 and login in self.admins,
        }
        actors = (one for one in ruleset["bypass_actors"] if one["actor_type"] in through)
        return any(through[one["actor_type"]](one["actor_id"]) for one in actors)

    def _reaches(self, ruleset: Json, ref: str) -> bool:
        kind = "refs/tags/" if ruleset["target"] == "tag" else "refs/heads/"
        names = ruleset["conditions"]["ref_name"]
        return (
            ref.startswith(kind)
            and any(map(self._matcher(ref), names["include"]))
            and not any(map(self._matcher(ref), names["exclude"]))
        )

    def _matcher(self, ref: str) -> Any:
        special = {"~ALL": True, "~DEFAULT_BRANCH": ref == f"refs/heads/{self.default_branch}"}
        return lambda pattern: special.get(pattern, matches(pattern, ref))


def matches(pattern: str, ref: str) -> bool:
    """Ruby's File.fnmatch with FNM_PATHNAME: `*` stops at a slash, `**/` where a name starts is any number of folders."""
    found = ""
    for part in re.findall(r"(?:(?<=/)|^)(?:\*\*/)+|\*+|\?|\[[^\]]+\]|\\.|.", pattern):
        if part.endswith("**/"):
            found += "(?:[^/.][^/]*/)*"
        elif part[0] == "*":
            found += "[^/]*"
        elif part == "?":
            found += "[^/]"
        elif part[0] == "[" and len(part) > 1:
            found += part
        else:
            found += re.escape(part[-1])
    return re.fullmatch(found, ref) is not None


def _kinds(push: Push, moved: Moved) -> Iterator[str]:
    if moved.old == ZERO:
        yield "creation"
        return
    if moved.new == ZERO:
        yield "deletion"
        return
    yield from ("update", "pull_request", "required_status_checks")
    if moved.ref.startswith("refs/tags/") or not _is_forward(push, moved):
        yield "non_fast_forward"


def _is_forward(push: Push, moved: Moved) -> bool:
    return push.git("rev-list", "--count", f"{moved.new}..{moved.old}") == "0"
