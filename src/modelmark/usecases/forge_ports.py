"""What the use-cases need of a forge, in parts: each takes only the one that it uses, and its fakes stay small.

Every error is a sentence with what to do: NotFound, Lost (it is there already), Denied, Unreachable, or another CouldNot.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from modelmark.domain.approvals import Merged, Review
    from modelmark.domain.forge import Label, Opened, PullRequest
    from modelmark.domain.json_values import Json
    from modelmark.domain.plan import NewTag
    from modelmark.domain.protection import ActionsFacts, RepositoryFacts
    from modelmark.domain.rulesets import Ruleset
    from modelmark.domain.tags import TagName
    from modelmark.domain.threads import Post, Text


class PullRequests(Protocol):
    """Where people review the branches of one repository."""

    def find_open(self, branch: str, base: str) -> Opened | None:
        """The open pull request of a branch of this repository into another one."""

    def open(self, asked: PullRequest) -> Opened:
        """Open a pull request.

        Raises:
            Lost: there is one for this branch already.
        """

    def update(self, number: int, asked: PullRequest) -> None:
        """Set title and body."""

    def add_labels(self, number: int, labels: Sequence[Label]) -> None:
        """Put labels on a pull request, beside those it has; one that does not exist is made."""


class Reviews(Protocol):
    """Who brought a commit of main, and who approved it."""

    def merged(self, commit: str, base: str) -> tuple[Merged, ...]:
        """Pull requests whose merge into a branch made this very commit; mostly one, or none."""

    def reviews(self, number: int) -> tuple[Review, ...] | None:
        """Reviews of a pull request that say yes or no, oldest first; None = too many to know."""

    def hands(self, number: int) -> frozenset[str] | None:
        """Accounts that wrote or committed any commit of a pull request, in lower case; None = too many to know."""

    def pushers(self, pull: Merged) -> frozenset[str]:
        """Who pushed the pull request's last commit before the merge; empty where GitHub does not say."""

    def may_write(self, user: str) -> bool:
        """Whether somebody may write to this repository today."""

    def file_at(self, commit: str, path: str) -> bytes | None:
        """A file as any commit has it, also one that is not in this clone; None where it has none."""

    def is_member(self, team: str, user: str) -> bool:
        """Whether somebody is in a team, `org/name`.

        Raises:
            Denied: the token may not read the team.
        """


class TagRefs(Protocol):
    """Tags made by requests instead of a push, for a token that may not push them."""

    def make_tag(self, tag: NewTag) -> str:
        """Make the tag's object, without a ref; returns its id, which may not be the one that Git would give it."""

    def create(self, name: TagName, oid: str) -> None:
        """Create the tag.

        Raises:
            Lost: there is one of this name.
        """


class Events(Protocol):
    """Starts workflows, and remembers with a commit what was said about it."""

    def dispatch(self, kind: str, payload: Mapping[str, Json]) -> None:
        """Send a `repository_dispatch`; starts the workflows of the default branch that listen to this kind."""

    def start_workflow(self, file: str, branch: str, inputs: Mapping[str, str]) -> None:
        """Start one workflow by hand, as its file stands on a branch."""

    def announced(self, commit: str) -> frozenset[str]:
        """Contexts of the commit's statuses that say success, in lower case."""

    def mark(self, commit: str, context: str, about: str, url: str) -> None:
        """Write a status that says success; an empty `url` is none."""


class Webhook(Protocol):
    """Somebody outside who is told by a signed request."""

    def send(self, body: bytes) -> None:
        """Deliver an event; returns when the receiver has taken it."""


class Posts(Protocol):
    """Texts in one place: the comments of a pull request, or the open issues with a label."""

    def all(self) -> tuple[Post, ...]:
        """All of them, by whomever."""

    def add(self, text: Text) -> Post:
        """Write one."""

    def edit(self, number: int, text: Text) -> None:
        """Make one say something else."""

    def retire(self, number: int, last: Text) -> None:
        """Take one away: a comment is deleted, an issue is closed with these last words.

        Raises:
            NotFound: it is gone already.
        """


class Threads(Protocol):
    """What people read and write on a forge beside the changes themselves."""

    def login(self) -> str:
        """The account that we write as."""

    def pulls_at(self, head: str) -> tuple[int, ...]:
        """Open pull requests whose head is exactly this commit, those from forks too."""

    def paths(self, pull: int) -> Collection[str] | None:
        """Paths that a pull request changes, those that it moves away from too; None = too many to know."""

    def comments(self, pull: int) -> Posts:
        """The comments of a pull request."""

    def issues(self, labels: Sequence[Label]) -> Posts:
        """The open issues with the first of these labels; a new one gets all of them."""


class Settings(Protocol):
    """What a repository is set to."""

    def about(self) -> RepositoryFacts:
        """The repository, as this token sees it."""

    def find_rulesets(self, names: Collection[str]) -> Mapping[int, Ruleset] | None:
        """The repository's own rulesets of these names, by their numbers; None where its plan has none at all."""

    def create(self, ruleset: Ruleset) -> None:
        """Make a ruleset.

        Raises:
            Lost: there is one of this name.
            Denied: the token is no administrator's.
        """

    def replace(self, number: int, ruleset: Ruleset) -> None:
        """Put a ruleset in the place of another.

        Raises:
            Denied: the token is no administrator's.
        """

    def rules_on(self, branch: str) -> frozenset[str]:
        """Types of all rules that are in force on a branch, wherever they were written."""

    def actions(self) -> ActionsFacts:
        """What workflows may do here.

        Raises:
            Denied: the token may not see it.
        """

    def is_limited(self, environment: str) -> bool | None:
        """Whether not every branch may deploy to an environment; None = there is none that is shown.

        Raises:
            Denied: the token may not see it.
        """

    def unread_owners(self, branch: str) -> tuple[str, ...]:
        """What of a branch's code owners file GitHub does not take, in a few words each: nobody of that name, no access."""
