"""A forge in memory that knows who approved what, and a registry whose prod asks for two owners."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from modelmark.domain.approvals import Merged, Opinion, Review
from modelmark.errors import Denied, Unreachable
from tests.support.desk import POLICY, PROD, STAGING, Desk

TWO = POLICY.replace("after: [staging], ", "after: [staging], approvals: 2, ")
OWNERS = b"/models/m/ @rita @bob @acme/owners\n"
ALIASES = "models/m/aliases.yaml"


@dataclass
class FakeReviews:
    """A forge in memory: every merge of main is a pull request of its second parent."""

    desk: Desk
    said: list[Review] = field(default_factory=list)
    written: frozenset[str] | None = frozenset()
    pushed: frozenset[str] = frozenset({"ada"})
    readers: frozenset[str] = frozenset()
    members: dict[str, set[str]] = field(default_factory=dict)
    by_hand: bool = False
    flooded: bool = False
    asked: list[str] = field(default_factory=list)
    broken: bool = False

    def merged(self, commit: str, base: str) -> tuple[Merged, ...]:
        self.asked.append("merged")
        if self.broken:
            raise Unreachable("github.com cannot be reached", "try again")
        assert base == "main"
        parents = self.desk.git.commit(commit).parents
        if self.by_hand or len(parents) < 2:
            return ()
        return (Merged(7, "https://github.com/acme/models/pull/7", parents[1], "ada", "b", "acme/models"),)

    def reviews(self, number: int) -> tuple[Review, ...] | None:
        self.asked.append("reviews")
        return None if self.flooded else tuple(self.said)

    def hands(self, number: int) -> frozenset[str] | None:
        return self.written

    def pushers(self, pull: Merged) -> frozenset[str]:
        return self.pushed

    def may_write(self, user: str) -> bool:
        return user not in self.readers

    def file_at(self, commit: str, path: str) -> bytes | None:
        return self.desk.git.read([(commit, path)])[0]

    def is_member(self, team: str, user: str) -> bool:
        if team not in self.members:
            raise Denied(f"the token may not read who is in @{team}", "give it Members: read")
        return user in self.members[team]


def guarded_desk(folder: Path) -> Desk:
    """Version 1 is in staging, its promotion to prod is merged and asks for two owners."""
    made = Desk.new(folder, TWO)
    made.commit({".github/CODEOWNERS": OWNERS})
    made.registered("1")
    made.promoted("1", STAGING)
    made.merge(made.promote("1", PROD, "better").submitted.branch)
    return made


def approve(forge: FakeReviews, *users: str) -> None:
    assert forge.desk.main
    head = forge.desk.git.commit(forge.desk.main).parents[1]
    forge.said += [Review(user, Opinion.APPROVED, head) for user in users]
