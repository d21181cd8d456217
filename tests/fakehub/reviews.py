"""Reviews, merges, and what GitHub knows of who brought a commit."""

from __future__ import annotations

import base64
import time
from typing import Any

from tests.fakehub.pushes import Moved
from tests.fakehub.requests import REPO, Request, Route
from tests.fakehub.shapes import account
from tests.fakehub.state import Hosted, Pull, Refusal, Reply, User, invalid
from tests.support.git_repos import GitSaidNo, git

_STATES = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}
_WEB = {"GIT_COMMITTER_NAME": "GitHub", "GIT_COMMITTER_EMAIL": "noreply@github.com"}


def review(here: Hosted, number: int, user: User, event: str) -> Any:
    """What the button under a pull request does; nobody approves what is their own."""
    pull = here.pull(number)
    if event not in _STATES:
        raise invalid("PullRequestReview", "invalid", field="event")
    if event != "COMMENT" and user.login == pull.by:
        raise Refusal(422, "Unprocessable Entity", ["Can not approve your own pull request"])
    made = {
        "id": len(pull.reviews) + 1,
        "user": account(user.login),
        "state": _STATES[event],
        "commit_id": pull.head_sha,
        "body": "",
        "submitted_at": "2026-11-28T11:00:00Z",
    }
    pull.reviews.append(made)
    return made


def merge(here: Hosted, number: int, user: User, how: str = "merge") -> str:
    """What the merge button does; returns the commit that main then has."""
    user.must_write()
    pull = here.pull(number)
    if pull.state != "open":
        raise Refusal(405, "Pull Request is not mergeable")
    base = str(here.tip(pull.base))
    try:
        tree = git(here.bare, "merge-tree", "--write-tree", base, pull.head_sha).split("\n")[0]
    except GitSaidNo:
        raise Refusal(405, "Pull Request is not mergeable") from None
    parents = ["-p", base] if how == "squash" else ["-p", base, "-p", pull.head_sha]
    who = {
        **_WEB,
        "GIT_AUTHOR_NAME": user.login,
        "GIT_AUTHOR_EMAIL": f"{user.login}@users.noreply.github.com",
        "GIT_AUTHOR_DATE": f"{int(time.time())} +0000",
        "GIT_COMMITTER_DATE": f"{int(time.time())} +0000",
    }
    message = f"Merge pull request #{number} from {here.owner}/{pull.head}"
    made = git(here.bare, "commit-tree", *parents, "-m", message, tree, env=who)
    git(here.bare, "update-ref", f"refs/heads/{pull.base}", made, base)
    pull.state, pull.merged, pull.merge_sha = "closed", True, made
    here.moved(user, [Moved(base, made, f"refs/heads/{pull.base}")])
    return made


def new_review(asked: Request) -> Reply:
    return Reply(200, review(asked.here, asked.number, asked.user, str(asked.json().get("event", ""))))


def listed(asked: Request) -> Reply:
    return asked.page(asked.here.pull(asked.number).reviews)


def merged(asked: Request) -> Reply:
    how = asked.json()
    if how.get("sha", asked.here.pull(asked.number).head_sha) != asked.here.pulls[asked.number].head_sha:
        raise Refusal(409, "Head branch was modified. Review and try the merge again.")
    made = merge(asked.here, asked.number, asked.user, str(how.get("merge_method", "merge")))
    return Reply(200, {"sha": made, "merged": True, "message": "Pull Request successfully merged"})


def commits(asked: Request) -> Reply:
    here, pull = asked.here, asked.here.pull(asked.number)
    start = git(here.bare, "merge-base", pull.head_sha, f"{pull.merge_sha}^" if pull.merged else pull.base)
    line = git(here.bare, "log", "--reverse", "--format=%H %ae %ce", f"{start}..{pull.head_sha}").splitlines()
    found = []
    for one in line[:250]:
        sha, author, committer = one.split(" ")
        names = [account(asked.hub.emails.get(email, "")) for email in (author, committer)]
        found.append({"sha": sha, "author": names[0], "committer": names[1]})
    return asked.page(found)


def of_commit(asked: Request) -> Reply:
    here, sha = asked.here, asked.parts[2]
    here.refresh()
    return asked.page(
        [here.as_json(pull, asked.hub.address) for pull in here.pulls.values() if _brought(here, pull, sha)]
    )


def _brought(here: Hosted, pull: Pull, sha: str) -> bool:
    """GitHub lists what merged a commit, and what has it on its branch."""
    if pull.merge_sha == sha:
        return True
    return sha in git(here.bare, "rev-list", f"{pull.base}..{pull.head_sha}").split()


def activity(asked: Request) -> Reply:
    wanted = asked.query.get("ref")
    found = [
        {
            "id": number,
            "before": moved.old,
            "after": moved.new,
            "ref": moved.ref,
            "timestamp": "2026-11-28T10:00:00Z",
            "activity_type": "push",
            "actor": account(login),
        }
        for number, (login, push) in enumerate(asked.here.pushes)
        for moved in push.refs
        if wanted in (None, moved.ref)
    ]
    again = [
        {
            **one,
            "actor": account(pull.restored),
            "timestamp": "2026-11-28T13:00:00Z",
            "id": len(found) + pull.number,
        }
        for one in found
        for pull in asked.here.pulls.values()
        if pull.restored and one["after"] == pull.head_sha
    ]
    return Reply(200, [*again, *found[::-1]][: int(asked.query.get("per_page", "30"))])


def issue_events(asked: Request) -> Reply:
    turned = asked.here.pull(asked.number).turned
    found = [
        {"id": 1, "event": "base_ref_changed", "commit_id": None, "created_at": at, "actor": account("ada")}
        for at in turned
    ]
    return asked.page(found)


def permission(asked: Request) -> Reply:
    login = asked.parts[2]
    kind = "read" if login.casefold() in asked.here.readers else "write"
    return Reply(200, {"permission": kind, "role_name": kind, "user": account(login)})


def contents(asked: Request) -> Reply:
    path = asked.parts[2]
    try:
        oid = git(asked.here.bare, "rev-parse", f"{asked.query.get('ref', 'HEAD')}:{path}")
        data = git(asked.here.bare, "cat-file", "blob", oid)
    except GitSaidNo:
        raise Refusal(404, "Not Found") from None
    text = base64.encodebytes(f"{data}\n".encode()).decode()
    file = {"name": path.rpartition("/")[2], "path": path, "sha": oid, "size": len(data) + 1}
    return Reply(200, {"type": "file", "encoding": "base64", "content": text, **file})


def team(asked: Request) -> Reply:
    _members(asked)
    slug = asked.parts[1]
    more = {"type": "organization", "permission": "push", "created_at": "2026-11-01T00:00:00Z"}
    return Reply(200, {"id": 1, "slug": slug, "name": slug, "description": None, **more})


def membership(asked: Request) -> Reply:
    state = _members(asked).get(asked.parts[2].lower())
    if state is None:
        raise Refusal(404, "Not Found")
    return Reply(200, {"state": state, "role": "member"})


def _members(asked: Request) -> dict[str, str]:
    """A workflow's token reads no team, and what a token may not read is not there."""
    found = asked.hub.teams.get("/".join(asked.parts[:2]).lower())
    if found is None or asked.user.actions:
        raise Refusal(404, "Not Found")
    return found


ROUTES = (
    Route("GET", rf"{REPO}/pulls/(\d+)/reviews", listed),
    Route("POST", rf"{REPO}/pulls/(\d+)/reviews", new_review),
    Route("PUT", rf"{REPO}/pulls/(\d+)/merge", merged),
    Route("GET", rf"{REPO}/pulls/(\d+)/commits", commits),
    Route("GET", f"{REPO}/commits/([0-9a-f]+)/pulls", of_commit),
    Route("GET", f"{REPO}/activity", activity),
    Route("GET", rf"{REPO}/issues/(\d+)/events", issue_events),
    Route("GET", f"{REPO}/collaborators/([^/]+)/permission", permission),
    Route("GET", f"{REPO}/contents/(.+)", contents),
    Route("GET", "/orgs/([^/]+)/teams/([^/]+)", team),
    Route("GET", "/orgs/([^/]+)/teams/([^/]+)/memberships/([^/]+)", membership),
)
