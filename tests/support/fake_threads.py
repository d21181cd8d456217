"""A forge in memory on which people write: comments and issues, and what another run does between two requests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from modelmark.domain.forge import Label
from modelmark.domain.threads import Post, Text
from modelmark.errors import NotFound

BOT = "github-actions[bot]"


@dataclass
class FakePosts:
    """One place. `does` is what was asked of it; `meanwhile` happens once, before a text is written."""

    me: str = BOT
    there: list[Post] = field(default_factory=list)
    closed: list[Post] = field(default_factory=list)
    meanwhile: Callable[[], object] = lambda: None
    does: list[str] = field(default_factory=list)

    def all(self) -> tuple[Post, ...]:
        self.does.append("list")
        return tuple(self.there)

    def add(self, text: Text) -> Post:
        before, self.meanwhile = self.meanwhile, lambda: None
        before()
        self.does.append("add")
        made = Post(len(self.there) + len(self.closed) + 1, self.me, text.body, text.title)
        self.there.append(made)
        return made

    def edit(self, number: int, text: Text) -> None:
        self.does.append(f"edit {number}")
        place, found = self._at(number)
        self.there[place] = replace(found, body=text.body, title=text.title)

    def retire(self, number: int, last: Text) -> None:
        self.does.append(f"retire {number}")
        place, found = self._at(number)
        self.closed.append(replace(found, body=last.body, title=last.title))
        del self.there[place]

    def _at(self, number: int) -> tuple[int, Post]:
        for place, one in enumerate(self.there):
            if one.number == number:
                return place, one
        raise NotFound("Not Found")


@dataclass
class FakeThreads:
    """`pulls` are the open pull requests by number, with their heads; `changes` the paths of some, None = too many."""

    pulls: dict[int, str] = field(default_factory=dict)
    below: dict[int, FakePosts] = field(default_factory=dict)
    board: FakePosts = field(default_factory=FakePosts)
    asked: list[str] = field(default_factory=list)
    changes: dict[int, tuple[str, ...] | None] = field(default_factory=dict)

    def paths(self, pull: int) -> tuple[str, ...] | None:
        return self.changes.get(pull, ("models/m/aliases.yaml",))

    def login(self) -> str:
        return BOT

    def pulls_at(self, head: str) -> tuple[int, ...]:
        return tuple(number for number, at in self.pulls.items() if at == head)

    def comments(self, pull: int) -> FakePosts:
        return self.below.setdefault(pull, FakePosts())

    def issues(self, labels: Sequence[Label]) -> FakePosts:
        self.asked = [one.name for one in labels]
        return self.board
