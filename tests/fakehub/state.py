"""What fakehub remembers, and the rules by which GitHub refuses: repositories over real bare ones, pull requests, labels."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fakehub.event_log import Event, of_push
from tests.fakehub.posts import Posts
from tests.fakehub.pushes import Moved, Push
from tests.fakehub.rulesets import Settings
from tests.fakehub.shapes import account, label, repository
from tests.support.git_repos import GitSaidNo, git

Json = Any
DOCS = "https://docs.github.com/rest"
ACTIONS_MAY_NOT = "GitHub Actions is not permitted to create or approve pull requests."


@dataclass(frozen=True)
class Reply:
    """An answer: status, JSON and headers."""

    status: int
    body: Json = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """GitHub says no, in its own shape."""

    def __init__(self, status: int, message: str, errors: Sequence[Json] = ()) -> None:
        super().__init__(message)
        body: dict[str, Json] = {"message": message, "documentation_url": DOCS}
        if errors:
            body["errors"] = list(errors)
        self.reply = Reply(status, body)


def invalid(resource: str, code: str, **more: str) -> Refusal:
    """A 422 with one error."""
    return Refusal(422, "Validation Failed", [{"resource": resource, "code": code, **more}])


@dataclass(frozen=True)
class User:
    """Who a token speaks for.

    Attributes:
        writes: it has Contents and Pull requests for writing; else it only reads.
        actions: it is a workflow's GITHUB_TOKEN.
        labels: it may make labels.
        granted: the permissions of its token, such as `statuses: write`; None = all that go with `writes`.
        issues: it has Issues for writing, where it writes at all.
    """

    login: str
    writes: bool = True
    actions: bool = False
    labels: bool = True
    granted: frozenset[str] | None = None
    issues: bool = True

    def must_write(self) -> None:
        if not self.writes:
            raise self._refusal()

    def must(self, *permissions: str) -> None:
        """Refuse a token that has none of the permissions; where none are listed, those that write have all."""
        if self.granted is None and not any(one.endswith(": read") for one in permissions):
            self.must_write()
        if self.granted is not None and self.granted.isdisjoint(permissions):
            raise self._refusal()

    def _refusal(self) -> Refusal:
        kind = "integration" if self.actions else "personal access token"
        return Refusal(403, f"Resource not accessible by {kind}")


@dataclass
class Pull:
    number: int
    head: str
    base: str
    title: str
    body: str | None
    by: str
    state: str = "open"
    merged: bool = False
    labels: list[str] = field(default_factory=list)
    fork: Hosted | None = None
    head_sha: str = ""
    merge_sha: str = ""
    reviews: list[Json] = field(default_factory=list)
    turned: list[str] = field(default_factory=list)
    restored: str = ""

    @property
    def ref(self) -> str:
        """Where the repository that is asked keeps the head, for pull requests of forks as well."""
        return f"refs/pull/{self.number}/head"


@dataclass
class Hosted:
    """One repository on the server.

    Attributes:
        push_rules: each says why a push is refused, or nothing.
        events: what started workflows, oldest first.
        statuses: those of each commit, oldest first.
        pushes: who pushed what over HTTP, newest last.
        forks: by owner, in lower case.
        ref_rules: each says why a ref may not be made over REST, or nothing.
        tags_in_utc: tags made over REST forget the zone of their date, and so have other ids.
    """

    owner: str
    name: str
    bare: Path
    number: int
    pulls: dict[int, Pull] = field(default_factory=dict)
    labels: dict[str, Json] = field(default_factory=dict)
    actions_may_open: bool = False
    push_rules: list[Callable[[User, Push], str]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    statuses: dict[str, list[Json]] = field(default_factory=dict)
    pushes: list[tuple[str, Push]] = field(default_factory=list)
    forks: dict[str, Hosted] = field(default_factory=dict)
    readers: set[str] = field(default_factory=set)
    ref_rules: list[Callable[[User, str], str]] = field(default_factory=list)
    tags_in_utc: bool = False
    posts: Posts = field(default_factory=Posts)
    settings: Settings = field(default_factory=Settings)

    @property
    def default_branch(self) -> str:
        return git(self.bare, "symbolic-ref", "--short", "HEAD")

    def moved(self, user: User, refs: Sequence[Moved]) -> None:
        """Somebody has moved refs, all at once, by a push or by a request: what GitHub makes of it."""
        self.events += of_push(user, refs)

    def tip(self, branch: str) -> str | None:
        try:
            return git(self.bare, "rev-parse", "--verify", "--quiet", f"refs/heads/{branch}")
        except GitSaidNo:
            return None

    def refresh(self) -> None:
        """What GitHub does after each push: a merged pull request is merged, one without its branch is closed."""
        for pull in self.pulls.values():
            if pull.state != "open":
                continue
            head, base = self.track(pull), self.tip(pull.base)
            if head is None or base is None:
                pull.state = "closed"
            elif not self._ahead(pull):
                # Whoever pushed main: GitHub takes the commit that brought the head for the merge.
                line = git(
                    self.bare, "rev-list", "--first-parent", "--ancestry-path", f"{head}..{base}"
                ).split()
                pull.state, pull.merged, pull.merge_sha = "closed", True, line[-1] if line else head

    def track(self, pull: Pull) -> str | None:
        """Bring the head of a pull request that is open up to its branch; None where that is gone."""
        tip = (pull.fork or self).tip(pull.head)
        if tip is not None and tip != pull.head_sha:
            source = str(pull.fork.bare) if pull.fork else "."
            git(self.bare, "fetch", "-q", source, f"+refs/heads/{pull.head}:{pull.ref}")
            pull.head_sha = tip
        return tip

    def _ahead(self, pull: Pull) -> bool:
        return git(self.bare, "rev-list", "--count", f"{pull.base}..{pull.head_sha}") != "0"

    def open_pull(self, user: User, asked: Mapping[str, Json]) -> Pull:
        own = str(asked.get("head", "")).lower().startswith(f"{user.login.lower()}:")
        if not own:  # out of one's own fork anybody may
            user.must_write()
        if user.actions and not self.actions_may_open:
            raise Refusal(403, ACTIONS_MAY_NOT)
        for key in ("title", "head", "base"):
            if not isinstance(asked.get(key), str) or not asked[key].strip():
                raise invalid("PullRequest", "missing_field", field=key)
        owner, _, head = str(asked["head"]).rpartition(":")
        base = str(asked["base"])
        fork = self.forks.get(owner.lower())
        if owner and owner.lower() != self.owner.lower() and fork is None:
            raise invalid("PullRequest", "invalid", field="head")
        for name, place, branch in (("base", self, base), ("head", fork or self, head)):
            if place.tip(branch) is None:
                raise invalid("PullRequest", "invalid", field=name)
        self.refresh()
        same = ((one.head, one.base, one.state, one.fork) for one in self.pulls.values())
        if any(one == (head, base, "open", fork) for one in same):
            words = f"A pull request already exists for {self.owner}:{head}."
            raise invalid("PullRequest", "custom", message=words)
        pull = Pull(self.next_number(), head, base, "", None, user.login, fork=fork)
        self.track(pull)
        if not self._ahead(pull):
            raise invalid("PullRequest", "custom", message=f"No commits between {base} and {head}")
        _write(pull, asked)
        self.pulls[pull.number] = pull
        return pull

    def update_pull(self, user: User, number: int, asked: Mapping[str, Json]) -> Pull:
        user.must_write()
        pull = self.pull(number)
        _write(pull, asked)
        return pull

    def pull(self, number: int) -> Pull:
        self.refresh()
        if number not in self.pulls:
            raise Refusal(404, "Not Found")
        return self.pulls[number]

    def make_label(self, user: User, asked: Mapping[str, Json]) -> Json:
        user.must_write()
        if not user.labels:
            raise Refusal(403, "Resource not accessible by personal access token")
        name, color = asked.get("name"), asked.get("color", "ededed")
        if not isinstance(name, str) or not name.strip():
            raise invalid("Label", "missing_field", field="name")
        if len(name) > 50 or len(asked.get("description") or "") > 100:
            raise invalid("Label", "invalid", field="name" if len(name) > 50 else "description")
        if not isinstance(color, str) or not re.fullmatch("[0-9a-fA-F]{6}", color):
            raise invalid("Label", "invalid", field="color")
        if name.casefold() in self.labels:
            raise invalid("Label", "already_exists", field="name")
        made = label(len(self.labels) + 1, name, color, asked.get("description"))
        self.labels[name.casefold()] = made
        return made

    def put_labels(self, user: User, number: int, asked: Mapping[str, Json]) -> Json:
        user.must_write()
        pull, names = self.pull(number), asked.get("labels")
        if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
            raise invalid("Issue", "invalid", field="labels")
        for name in names:
            if name.casefold() not in self.labels:
                self.make_label(user, {"name": name})
            if name not in pull.labels:
                pull.labels.append(name)
        return [self.labels[name.casefold()] for name in pull.labels]

    def next_number(self) -> int:
        """Issues and pull requests are counted together."""
        return len(self.pulls) + len(self.posts.issues) + 1

    def as_json(self, pull: Pull, web: str) -> Json:
        """What the API says of a pull request, as far as we have it."""
        ends = {
            "head": (pull.head, pull.fork or self, pull.head_sha),
            "base": (pull.base, self, self.tip(pull.base)),
        }
        return {
            "id": self.number * 1000 + pull.number,
            "number": pull.number,
            "url": f"{web}/api/v3/repos/{self.owner}/{self.name}/pulls/{pull.number}",
            "html_url": f"{web}/{self.owner}/{self.name}/pull/{pull.number}",
            "state": pull.state,
            "merged_at": "2026-11-28T12:00:00Z" if pull.merged else None,
            "merge_commit_sha": pull.merge_sha or None,
            "title": pull.title,
            "created_at": "2026-11-28T10:30:00Z",
            "body": pull.body,
            "user": account(pull.by),
            "labels": [self.labels[name.casefold()] for name in pull.labels],
            **{
                end: {
                    "ref": ref,
                    "label": f"{place.owner}:{ref}",
                    "sha": sha or "0" * 40,
                    "user": account(place.owner),
                    "repo": repository(place.owner, place.name, place.number),
                }
                for end, (ref, place, sha) in ends.items()
            },
        }


def _write(pull: Pull, asked: Mapping[str, Json]) -> None:
    """Title and body, within GitHub's limits; it keeps line ends as a browser writes them."""
    title, body = asked.get("title", pull.title), asked.get("body", pull.body)
    if not isinstance(title, str) or not title.strip():
        raise invalid("PullRequest", "missing_field", field="title")
    if len(title) > 256:
        raise invalid("PullRequest", "custom", message="title is too long (maximum is 256 characters)")
    if body is not None and len(body) > 65_536:
        raise invalid("PullRequest", "custom", message="body is too long (maximum is 65536 characters)")
    pull.title, pull.body = title, None if body is None else body.replace("\r\n", "\n").replace("\n", "\r\n")
