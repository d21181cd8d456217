"""What fakehub remembers of comments and issues."""

from __future__ import annotations

from dataclasses import dataclass, field

TOO_LONG = 65_536


@dataclass
class Comment:
    """`on` is the number of the issue or the pull request that it stands below."""

    number: int
    on: int
    by: str
    body: str


@dataclass
class Issue:
    number: int
    by: str
    title: str
    body: str
    labels: list[str]
    state: str = "open"
    reason: str | None = None


@dataclass
class Posts:
    """All of one repository.

    Attributes:
        enabled: whether the repository has issues switched on; comments of pull requests it has anyway.
        drops_labels: who asks may open an issue and not label it: GitHub leaves the labels out, and says nothing.
    """

    comments: dict[int, Comment] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)
    enabled: bool = True
    drops_labels: bool = False
    made: int = 0

    def open_issues(self) -> list[Issue]:
        return [one for one in self.issues.values() if one.state == "open"]
