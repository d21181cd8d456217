"""Whose approvals of a merged pull request count, and whether there are enough of them.

The rules, all of them (DESIGN.md, section 5: `approvals`). An approval counts only where

1. it is that person's last word: not withdrawn, not followed by a request for changes;
2. it was given on the commit that was merged, and after the pull request was last turned to another branch;
3. the person is an account that is no bot, opened the pull request neither, wrote nor committed any commit of it, and did
   not push the merged one;
4. the person may write here, and owns the model's `aliases.yaml` by the code owners file of the commit before the merge and
   by that of main now: by name, or as a member of a team. An e-mail address is nobody that GitHub could name.

How many it takes is the larger number of those two moments: several commits of one pull request can loosen a rule, use it and
put it back, and only both ends of that are seen by everybody.

What cannot be found out counts for nobody, and is said. A commit of main that no pull request brought has no approvals; nor
has one whose pull request asked for something else than main says now, as after a merge by hand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping


class Opinion(StrEnum):
    """What a review says; one that only comments says nothing."""

    APPROVED = "APPROVED"
    CHANGES_REQUESTED = "CHANGES_REQUESTED"
    DISMISSED = "DISMISSED"


@dataclass(frozen=True)
class Review:
    """One review with an opinion; reviews come oldest first.

    Attributes:
        user: the account's name; empty where it was deleted.
        commit: the commit that was looked at.
        bot: the account is an App's.
        turned: the pull request went to another branch then, and became another change.
    """

    user: str
    opinion: Opinion
    commit: str
    bot: bool = False
    turned: bool = False


@dataclass(frozen=True)
class Merged:
    """A merged pull request.

    Attributes:
        head: its last commit.
        author: who opened it; empty where the account was deleted.
        branch: the branch it came from, in `repository` (`owner/name`; empty where that is gone).
        at: when it was merged, in ISO 8601 and UTC.
    """

    number: int
    url: str
    head: str
    author: str
    branch: str
    repository: str
    at: str = ""


@dataclass(frozen=True)
class Reviewed:
    """A merged pull request with everything that decides whose approval counts.

    Attributes:
        reviews: oldest first.
        hands: accounts that wrote or committed anything of it, in lower case.
        pushers: who pushed the merged commit: mostly one, more where a branch was deleted and pushed again.
        unclear: why nobody's approval can count, because not all of this is known; empty = it is.
    """

    pull: Merged
    reviews: tuple[Review, ...] = ()
    hands: frozenset[str] = frozenset()
    pushers: frozenset[str] = frozenset()
    unclear: str = ""

    def approvers(self) -> tuple[str, ...]:
        """Accounts whose approval counts by rules 1 to 3, in order of their names."""
        if self.unclear:
            return ()
        excluded = {self.pull.author.casefold(), *map(str.casefold, self.pushers), *self.hands}
        return tuple(
            user
            for user, last in sorted(self._last_words().items(), key=lambda one: one[0].casefold())
            if last.opinion is Opinion.APPROVED
            and last.commit == self.pull.head
            and not (last.bot or last.turned)
            and user.casefold() not in excluded
        )

    def unheard(self) -> tuple[str, ...]:
        """Why other approvals do not count, in a few words each."""
        counted = set(self.approvers())
        return tuple(
            f"{user} {why}"
            for user, last in sorted(self._last_words().items(), key=lambda one: one[0].casefold())
            if user not in counted and (why := self._why_not(user, last))
        )

    def _last_words(self) -> Mapping[str, Review]:
        return {one.user: one for one in self.reviews if one.user}

    def _why_not(self, user: str, last: Review) -> str:
        name, head = user.casefold(), self.pull.head
        why = (
            ("asked for changes", last.opinion is Opinion.CHANGES_REQUESTED),
            ("approved, and the approval was dismissed", last.opinion is Opinion.DISMISSED),
            ("is a bot", last.bot),
            ("opened it", name == self.pull.author.casefold()),
            ("pushed last", name in map(str.casefold, self.pushers)),
            ("has commits in it", name in self.hands),
            (f"approved {last.commit[:12]}, and {head[:12]} was merged", last.commit != head),
            ("approved before it was turned to another branch", last.turned),
        )
        return next((words for words, holds in why if holds), "")


@dataclass(frozen=True)
class Ownership:
    """Who of some people owns a path.

    Attributes:
        owners: as the code owners file names them.
        people: those of the people asked about who are among them, and may write here.
        readers: those who are among them, and may not write here any more.
        unknown: owners that could not be looked into, and why.
    """

    owners: tuple[str, ...] = ()
    people: frozenset[str] = frozenset()
    readers: frozenset[str] = frozenset()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Provenance:
    """Where an assignment comes from: what its tag says of that, and what is missing for it to become true.

    Attributes:
        trailers: `Requested-By`, `Approved-By`, `Pull-Request`, as far as they are known.
        missing: sentences; empty = nothing is.
    """

    trailers: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()


def missing_approvals(
    what: str, needed: int, reviewed: Reviewed, ownership: Ownership, counted: Collection[str]
) -> tuple[str, ...]:
    """Why a pull request has too few approvals; empty where it has enough.

    Args:
        what: the assignment, for the sentence.
        needed: how many.
        reviewed: the pull request.
        ownership: who owns the model.
        counted: the approvals that count by all four rules.
    """
    if len(counted) >= needed:
        return ()
    who = ", ".join(ownership.owners) or "nobody owns the model by the code owners file"
    have = f"{len(counted)} ({', '.join(counted)})" if counted else "none"
    asked = f"{needed} approval{'s' * (needed > 1)}"
    reasons = [f"{what} asks for {asked} by owners ({who}), #{reviewed.pull.number} has {have}"]
    if reviewed.unclear:
        reasons.append(f"{reviewed.unclear}, so no approval counts")
    strangers = (
        f"{user} owns it and may not write here" if user in ownership.readers else f"{user} is no owner"
        for user in reviewed.approvers()
        if user not in ownership.people
    )
    reasons += _listed("not counted", (*reviewed.unheard(), *strangers))
    reasons += _listed("not known", ownership.unknown)
    return ("; ".join(reasons),)


def _listed(title: str, words: Iterable[str]) -> list[str]:
    found = list(words)
    return [f"{title}: {', '.join(found)}"] if found else []
