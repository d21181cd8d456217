"""Who asked for an assignment and who approved it: as plain Git knows it, or as the forge does, which also counts.

On a forge nothing becomes true without the approvals that registry.yaml asked for when the change was merged; the code
owners are those of that moment, and of main now. Plain Git has no reviews: there a merge is the approval, and nothing is counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.domain import layout
from modelmark.domain.approvals import Merged, Ownership, Provenance, Reviewed, missing_approvals
from modelmark.domain.codeowners import OTHER_PLACES, PLACE, parse_codeowners
from modelmark.domain.policy import Way
from modelmark.errors import Denied, InvalidInput, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from modelmark.domain.change import Move
    from modelmark.domain.codeowners import Owners
    from modelmark.domain.commits import Commit
    from modelmark.domain.names import ModelName
    from modelmark.domain.tags import Person
    from modelmark.usecases.forge_ports import Reviews
    from modelmark.usecases.ports import Documents, GitReader
    from modelmark.usecases.state import Main


class GitProvenance:
    """What the commits themselves say; anybody may write any name there, so it decides nothing."""

    def __init__(self, reader: GitReader) -> None:
        self._reader = reader

    def of(self, commit: Commit, moves: Sequence[Move], rules: Sequence[Main]) -> dict[ModelName, Provenance]:
        """See the port."""
        found = Provenance(self._people(commit))
        return {move.model: found for move in moves}

    def _people(self, commit: Commit) -> dict[str, str]:
        asked = self._reader.commit(commit.parents[1]).author if len(commit.parents) > 1 else commit.author
        people = {"Requested-By": _line(asked)}
        if (asked.name, asked.email) != (commit.author.name, commit.author.email):
            people["Approved-By"] = _line(commit.author)
        return people


class ForgeProvenance:
    """What the forge says of the pull request that brought a commit.

    Args:
        reader: this clone.
        documents: reads `aliases.yaml` as a pull request had it.
        find_reviews: asked at the first assignment, and once; gives None where there is no token.
    """

    def __init__(
        self, reader: GitReader, documents: Documents, find_reviews: Callable[[], Reviews | None]
    ) -> None:
        self._reader = reader
        self._documents = documents
        self._find = find_reviews
        self._by_git = GitProvenance(reader)
        self._known: dict[int, Reviewed] = {}

    def of(self, commit: Commit, moves: Sequence[Move], rules: Sequence[Main]) -> dict[ModelName, Provenance]:
        """See the port."""
        plain = self._by_git.of(commit, moves, rules)
        self._known.clear()  # people may have approved since the last question
        if all(one.policy.promotion is Way.DIRECT for one in rules):
            return plain  # one person may promote: there is no review to count
        reviews = self._find()
        if reviews is None:
            return {model: Provenance(plain[model].trailers, _untold(moves, model, rules)) for model in plain}
        pulls = reviews.merged(commit.oid, rules[-1].policy.default_branch)
        return {
            model: self._of_model(reviews, pulls, [one for one in moves if one.model == model], rules)
            or Provenance(
                plain[model].trailers,
                _unasked(commit, pulls, [one for one in moves if one.model == model], rules),
            )
            for model in plain
        }

    def _of_model(
        self,
        reviews: Reviews,
        pulls: Sequence[Merged],
        moves: Sequence[Move],
        rules: Sequence[Main],
    ) -> Provenance | None:
        """What the first pull request with enough approvals says; else the last one; None where none asked for this."""
        found = None
        for pull in pulls:
            if not self._asked_for(reviews, pull, moves):
                continue
            found = self._judged(reviews, pull, moves, rules)
            if not found.missing:
                break
        return found

    def _asked_for(self, reviews: Reviews, pull: Merged, moves: Sequence[Move]) -> bool:
        """Whether the merged head says exactly what main says now: a merge made by hand may say anything."""
        path = layout.aliases_path(moves[0].model)
        data = reviews.file_at(pull.head, path)
        try:
            entries = self._documents.aliases(data, path).entries if data is not None else {}
        except InvalidInput:
            return False
        return all(entries.get(move.alias) == move.wish for move in moves)

    def _judged(
        self, reviews: Reviews, pull: Merged, moves: Sequence[Move], rules: Sequence[Main]
    ) -> Provenance:
        needed, strictest = max(_needed(moves, rules), key=lambda one: one[0])
        reviewed = self._looked_at(reviews, pull)
        counted = reviewed.approvers()
        missing: tuple[str, ...] = ()
        if needed:
            path = layout.aliases_path(strictest.model)
            owners = [self._owners(one.commit, path) for one in rules]
            ownership = _ownership(reviews, owners, counted)
            counted = tuple(user for user in counted if user in ownership.people)
            what = f"{strictest.model}#{strictest.alias}#{strictest.wish.number}"
            missing = missing_approvals(what, needed, reviewed, ownership, counted)
        trailers = {"Requested-By": f"@{pull.author}" if pull.author else "a deleted account"}
        if counted:
            trailers["Approved-By"] = ", ".join(f"@{user}" for user in counted)
        return Provenance({**trailers, "Pull-Request": pull.url}, missing)

    def _looked_at(self, reviews: Reviews, pull: Merged) -> Reviewed:
        """A pull request with its reviews, asked for once: it may promote many models."""
        if pull.number not in self._known:
            self._known[pull.number] = _reviewed(reviews, pull)
        return self._known[pull.number]

    def _owners(self, commit: str, path: str) -> Owners:
        """Owners by the code owners file of a commit; GitHub reads the first of its places, and no other."""
        files = self._reader.read([(commit, place) for place in (PLACE, *OTHER_PLACES)])
        data = next((one for one in files if one is not None), None)
        return () if data is None else parse_codeowners(data).owners_of(path)


def _reviewed(reviews: Reviews, pull: Merged) -> Reviewed:
    said, hands, pushers = reviews.reviews(pull.number), reviews.hands(pull.number), reviews.pushers(pull)
    unclear = {
        "it has too many reviews to know them all": said is None,
        "it has too many commits to know who wrote them all": hands is None,
        f"GitHub does not say who pushed {pull.head[:12]}": not pushers,
    }
    why = next((words for words, holds in unclear.items() if holds), "")
    return Reviewed(pull, said or (), hands or frozenset(), pushers, why)


def _needed(moves: Iterable[Move], rules: Sequence[Main]) -> Iterator[tuple[int, Move]]:
    """How many approvals each assignment needs: the most that any of the rules asks for."""
    for move in moves:
        asked = (
            one.policy.aliases.get(move.alias) for one in rules if one.policy.promotion is not Way.DIRECT
        )
        yield max((rule.approvals for rule in asked if rule), default=0), move


def _ownership(reviews: Reviews, files: Sequence[Owners], people: Sequence[str]) -> Ownership:
    """Which of some people are among the owners by every one of the files, and may write."""
    unknown: dict[str, None] = {}
    among = [_among(reviews, owners, people, unknown) for owners in files]
    found = frozenset(people).intersection(*among)
    readers = frozenset(user for user in found if not reviews.may_write(user))
    names = dict.fromkeys(owner for owners in files for owner in owners)
    return Ownership(tuple(names), found - readers, readers, tuple(unknown))


def _among(
    reviews: Reviews, owners: Owners, people: Sequence[str], unknown: dict[str, None]
) -> frozenset[str]:
    """Which people are owners; a team is asked only for those who are not named themselves."""
    named = {owner[1:].casefold() for owner in owners if owner.startswith("@") and "/" not in owner}
    found = {user for user in people if user.casefold() in named}
    unknown |= dict.fromkeys(
        f"{owner} (an e-mail address is no account)" for owner in owners if not owner.startswith("@")
    )
    for team in (owner[1:] for owner in owners if owner.startswith("@") and "/" in owner):
        try:
            found |= {user for user in people if user not in found and reviews.is_member(team, user)}
        except (Denied, NotFound) as error:
            unknown[f"@{team} ({error.message}; {error.hint})"] = None
    return frozenset(found)


def _untold(moves: Sequence[Move], model: ModelName, rules: Sequence[Main]) -> tuple[str, ...]:
    """Approvals that nobody can count without a token."""
    return tuple(
        f"{_asks(move, needed)}, and without a token nobody can count them: --token, GH_TOKEN, or `gh auth login`"
        for needed, move in _needed(moves, rules)
        if needed and move.model == model
    )


def _unasked(
    commit: Commit, pulls: Sequence[Merged], moves: Sequence[Move], rules: Sequence[Main]
) -> tuple[str, ...]:
    """Why there are no approvals to count."""
    why = (
        f"{', '.join(f'#{pull.number}' for pull in pulls)}, which it merges, asked for something else"
        if pulls
        else "no pull request brought it, or brought it as one of several commits"
    )
    return tuple(
        f"{_asks(move, needed)}, and {commit.oid[:12]} has none: {why}; ask again with another reason: "
        f"modelmark promote {move.model}@{move.wish.version or 'VERSION'} --to {move.alias}"
        for needed, move in _needed(moves, rules)
        if needed
    )


def _asks(move: Move, needed: int) -> str:
    return f"{move.model}#{move.alias}#{move.wish.number} asks for {needed} approval{'s' * (needed > 1)}"


def _line(person: Person) -> str:
    return "".join(char for char in str(person) if char.isprintable()).strip() or "unknown"
