"""Comments and issues, and whom a token speaks for. Whoever may write here may also edit what others wrote, as on GitHub."""

from __future__ import annotations

from typing import Any

from tests.fakehub.posts import TOO_LONG, Comment, Issue
from tests.fakehub.requests import REPO, Request, Route
from tests.fakehub.shapes import account
from tests.fakehub.state import Hosted, Refusal, Reply, User, invalid

NEVER = "2026-11-28T12:00:00Z"


def me(asked: Request) -> Reply:
    if asked.user.actions or asked.user.login.endswith("[bot]"):
        raise Refusal(403, "Resource not accessible by integration")
    return Reply(200, account(asked.user.login))


def viewer(asked: Request) -> Reply:
    if asked.json().get("query") != "query { viewer { login } }":
        return Reply(200, {"errors": [{"message": "Parse error"}]})
    return Reply(200, {"data": {"viewer": {"login": asked.user.login}}})


def comments(asked: Request) -> Reply:
    _thread(asked)
    found = [one for one in asked.here.posts.comments.values() if one.on == asked.number]
    return asked.page([_comment(asked, one) for one in found])


def new_comment(asked: Request) -> Reply:
    asked.user.must_write()
    _thread(asked)
    posts = asked.here.posts
    posts.made += 1
    made = Comment(posts.made, asked.number, asked.user.login, _body(asked, "IssueComment"))
    posts.comments[made.number] = made
    return Reply(201, _comment(asked, made))


def changed_comment(asked: Request) -> Reply:
    found = _found(asked)
    found.body = _body(asked, "IssueComment")
    return Reply(200, _comment(asked, found))


def gone_comment(asked: Request) -> Reply:
    found = _found(asked)
    del asked.here.posts.comments[found.number]
    return Reply(204)


def issues(asked: Request) -> Reply:
    """Pull requests are issues, too; the newest stand first."""
    here, query = asked.here, asked.query
    _enabled(here)
    state, wanted = query.get("state", "open"), set(filter(None, query.get("labels", "").split(",")))
    found = [(one.number, _issue(asked, one)) for one in here.posts.issues.values()]
    found += [(one.number, _of_pull(here.as_json(one, asked.hub.address))) for one in here.pulls.values()]
    listed = [
        one
        for _, one in sorted(found, key=lambda pair: -pair[0])
        if state in (one["state"], "all") and wanted <= {label["name"] for label in one["labels"]}
    ]
    return asked.page(listed)


def new_issue(asked: Request) -> Reply:
    here, given = asked.here, asked.json()
    _may_write_issues(asked.user)
    _enabled(here)
    names = given.get("labels", [])
    issue = Issue(here.next_number(), asked.user.login, _title(given), _body(asked, "Issue"), [])
    if not here.posts.drops_labels:
        for name in names:
            if name.casefold() not in here.labels:
                here.make_label(asked.user, {"name": name})
        issue.labels += names
    here.posts.issues[issue.number] = issue
    return Reply(201, _issue(asked, issue))


def changed_issue(asked: Request) -> Reply:
    here, given = asked.here, asked.json()
    _may_write_issues(asked.user)
    _enabled(here)
    if asked.number not in here.posts.issues:
        raise Refusal(404, "Not Found")
    issue = here.posts.issues[asked.number]
    if given.get("state", issue.state) not in ("open", "closed"):
        raise invalid("Issue", "invalid", field="state")
    issue.title = _title({"title": issue.title, **given})
    issue.body = _body(asked, "Issue") if "body" in given else issue.body
    issue.state, issue.reason = given.get("state", issue.state), given.get("state_reason", issue.reason)
    return Reply(200, _issue(asked, issue))


def _thread(asked: Request) -> None:
    asked.here.refresh()
    if asked.number not in asked.here.pulls and asked.number not in asked.here.posts.issues:
        raise Refusal(404, "Not Found")


def _found(asked: Request) -> Comment:
    asked.user.must_write()
    if asked.number not in asked.here.posts.comments:
        raise Refusal(404, "Not Found")
    return asked.here.posts.comments[asked.number]


def _enabled(here: Hosted) -> None:
    if not here.posts.enabled:
        raise Refusal(410, "Issues has been disabled in this repository.")


def _may_write_issues(user: User) -> None:
    user.must_write()
    if not user.issues:
        kind = "integration" if user.actions else "personal access token"
        raise Refusal(403, f"Resource not accessible by {kind}")


def _title(given: Any) -> str:
    title = given.get("title")
    if not isinstance(title, str) or not title.strip():
        raise invalid("Issue", "missing_field", field="title")
    if len(title) > 256:
        raise invalid(
            "Issue", "custom", field="title", message="title is too long (maximum is 256 characters)"
        )
    return title


def _body(asked: Request, resource: str) -> str:
    body = asked.json().get("body")
    if not isinstance(body, str) or not body.strip():
        raise invalid(resource, "missing_field", field="body")
    if len(body) > TOO_LONG:
        words = "body is too long (maximum is 65536 characters)"
        raise invalid(resource, "unprocessable", field="data", message=words)
    return body


def _comment(asked: Request, one: Comment) -> Any:
    here = f"{asked.hub.address}/{asked.here.owner}/{asked.here.name}"
    return {
        "id": one.number,
        "html_url": f"{here}/pull/{one.on}#issuecomment-{one.number}",
        "user": account(one.by),
        "body": one.body,
        "created_at": NEVER,
        "updated_at": NEVER,
    }


def _issue(asked: Request, one: Issue) -> Any:
    return {
        "id": one.number,
        "number": one.number,
        "html_url": f"{asked.hub.address}/{asked.here.owner}/{asked.here.name}/issues/{one.number}",
        "state": one.state,
        "state_reason": one.reason,
        "title": one.title,
        "body": one.body,
        "user": account(one.by),
        "labels": [asked.here.labels[name.casefold()] for name in one.labels],
        "created_at": NEVER,
        "updated_at": NEVER,
    }


def _of_pull(pull: Any) -> Any:
    """A pull request as the issue that it also is."""
    same = ("id", "number", "html_url", "state", "title", "body", "user", "labels")
    link = {"url": pull["url"], "html_url": pull["html_url"]}
    return {
        **{key: pull[key] for key in same},
        "pull_request": link,
        "created_at": NEVER,
        "updated_at": NEVER,
    }


ROUTES = (
    Route("GET", "/user", me),
    Route("POST", "/:graphql", viewer),
    Route("GET", rf"{REPO}/issues/(\d+)/comments", comments),
    Route("POST", rf"{REPO}/issues/(\d+)/comments", new_comment),
    Route("PATCH", rf"{REPO}/issues/comments/(\d+)", changed_comment),
    Route("DELETE", rf"{REPO}/issues/comments/(\d+)", gone_comment),
    Route("GET", f"{REPO}/issues", issues),
    Route("POST", f"{REPO}/issues", new_issue),
    Route("PATCH", rf"{REPO}/issues/(\d+)", changed_issue),
)
