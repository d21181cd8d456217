"""The port `Reviews` over GitHub's REST API.

Git's own e-mail addresses name nobody here: accounts are those that GitHub has authenticated, or has matched itself.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from modelmark.domain.approvals import Merged, Opinion, Review
from modelmark.errors import Denied, NotFound

if TYPE_CHECKING:
    from modelmark.adapters.github_rest import Rest
    from modelmark.domain.forge import Repository

_COMMITS = 250  # GitHub lists no more commits of a pull request
_LISTED = 1000  # and `Rest.pages` reads no more of a list


class ReviewsOnGitHub:
    """Who brought the commits of one repository's main, and who approved them."""

    def __init__(self, repository: Repository, rest: Rest) -> None:
        self._repository = repository
        self._path = f"/repos/{repository}"
        self._rest = rest

    def merged(self, commit: str, base: str) -> tuple[Merged, ...]:
        """See the port."""
        listed = self._rest.call("GET", f"{self._path}/commits/{commit}/pulls", per_page=100)
        found = [self._merged(one, commit, base) for one in listed if isinstance(one, dict)]
        return tuple(one for one in found if one is not None)

    def _merged(self, one: Any, commit: str, base: str) -> Merged | None:
        match one:
            case {
                "number": int(number),
                "merged_at": str(at),
                "merge_commit_sha": str(made),
                "base": {"ref": str(into)},
                "head": {"ref": str(branch), "sha": str(head), "repo": place},
                "user": author,
            } if (made, into) == (commit, base):
                name = place.get("full_name") if isinstance(place, dict) else ""
                url = self._repository.pull_url(number)
                return Merged(number, url, head, _login(author), branch, str(name or ""), at)
        return None

    def reviews(self, number: int) -> tuple[Review, ...] | None:
        """See the port."""
        found = list(self._rest.pages(f"{self._path}/pulls/{number}/reviews"))
        events = list(self._rest.pages(f"{self._path}/issues/{number}/events"))
        if max(len(found), len(events)) >= _LISTED:
            return None
        turned = (one.get("created_at") for one in events if _is(one, "event", "base_ref_changed"))
        last = max((at for at in turned if isinstance(at, str)), default="")
        return tuple(review for one in found if (review := _review(one, last)) is not None)

    def hands(self, number: int) -> frozenset[str] | None:
        """See the port."""
        found = list(self._rest.pages(f"{self._path}/pulls/{number}/commits"))
        if len(found) >= _COMMITS:
            return None
        people = (one.get(role) for one in found if isinstance(one, dict) for role in ("author", "committer"))
        return frozenset(login.casefold() for one in people if (login := _login(one)))

    def pushers(self, pull: Merged) -> frozenset[str]:
        """See the port."""
        if not pull.repository:
            return frozenset()
        try:
            pushes = self._rest.call(
                "GET", f"/repos/{pull.repository}/activity", ref=f"refs/heads/{pull.branch}", per_page=100
            )
        except NotFound:
            return frozenset()
        found = [one for one in pushes or () if _is(one, "after", pull.head)]
        # Who brings the branch back after the merge pushes the same commit, and has no hand in it.
        before = [one for one in found if not isinstance(at := one.get("timestamp"), str) or at <= pull.at]
        names = {_login(one.get("actor")) for one in before}
        return frozenset() if "" in names else frozenset(names)

    def may_write(self, user: str) -> bool:
        """See the port."""
        try:
            found = self._rest.call("GET", f"{self._path}/collaborators/{quote(user, safe='')}/permission")
        except NotFound:
            return False
        return isinstance(found, dict) and found.get("permission") in ("admin", "write")

    def file_at(self, commit: str, path: str) -> bytes | None:
        """See the port."""
        try:
            found = self._rest.call("GET", f"{self._path}/contents/{quote(path)}", ref=commit)
        except NotFound:
            return None
        match found:
            case {"type": "file", "encoding": "base64", "content": str(text)}:
                try:
                    return base64.b64decode(text)
                except binascii.Error:
                    return None
        return None

    def is_member(self, team: str, user: str) -> bool:
        """See the port."""
        org, _, name = team.partition("/")
        place = f"/orgs/{quote(org, safe='')}/teams/{quote(name, safe='')}"
        try:
            # A team that the token may not see and a person who is not in it look alike below.
            self._rest.call("GET", place)
        except (NotFound, Denied):
            raise Denied(
                f"the token may not read who is in @{team}",
                "give the registry's App the permission Members: read, or name people in model.yaml",
            ) from None
        try:
            found = self._rest.call("GET", f"{place}/memberships/{quote(user, safe='')}")
        except NotFound:
            return False
        return isinstance(found, dict) and found.get("state") == "active"


def _review(one: Any, turned: str) -> Review | None:
    match one:
        case {"state": str(state), "user": user} if state in tuple(Opinion):
            # GitHub forgets the commit of a review whose commit was forced away; it is then on no commit.
            at = str(one.get("submitted_at") or "")
            commit = str(one.get("commit_id") or "")
            return Review(_login(user), Opinion(state), commit, _is_bot(user), bool(turned) and at <= turned)
    return None


def _is(one: Any, key: str, value: str) -> bool:
    return isinstance(one, dict) and one.get(key) == value


def _login(user: Any) -> str:
    match user:
        case {"login": str(login)} if login.isprintable() and " " not in login and "," not in login:
            return login
    return ""


def _is_bot(user: Any) -> bool:
    return isinstance(user, dict) and user.get("type") != "User"
