"""Who owns which path: a code owners file as GitHub reads it, and the part of it that Modelmark writes.

GitHub's rules are gitignore's with exceptions (its page "About code owners"): the last matching line wins, a line
without owners takes ownership away, `!`, `[ ]` and an escaped `#` do not work, `docs/*` does not reach into folders, a
line that is not well formed is skipped, and a file of 3 MB or more is not read at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from modelmark.domain.layout import MODELS, RULES, model_dir
from modelmark.domain.names import shown
from modelmark.errors import InvalidInput, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from modelmark.domain.names import ModelName

T = TypeVar("T")
Owners = tuple[str, ...]
Segment = tuple[str, ...]

# GitHub reads the first of these that a branch has, and none of the others.
PLACE = ".github/CODEOWNERS"
OTHER_PLACES = ("CODEOWNERS", "docs/CODEOWNERS")
LIMIT = 3_000_000
BEGIN = "# modelmark codeowners: begin"
END = "# modelmark codeowners: end"
_HEADER = (
    BEGIN,
    "# `modelmark codeowners` writes this block from the owners in registry.yaml and in every model.yaml: change them",
    "# there. The last line that matches a path decides, so only comments may stand below the block.",
)

# An underscore stands in the names of the users that an enterprise manages (ada_acme).
_OWNER = re.compile(r"@[A-Za-z0-9_-]+(/[A-Za-z0-9._-]+)?|[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_PATTERN = re.compile(r"(?:\\.|[^ \t\\])*")
_CHARACTER = re.compile(r"\\.|[^\\]")
_MARK = re.compile(rf"^({BEGIN}|{END})[ \t\r]*(?:\n|\Z)".encode(), re.MULTILINE)
_ANY: Segment = ("*",)
_DEPTH: Segment = ("**",)


def parse_owner(text: str) -> str:
    """`@user`, `@org/team` or an e-mail address; nothing else can stand in the file and mean only itself."""
    if not _OWNER.fullmatch(text):
        raise InvalidInput(
            f"{shown(text)} is not an owner that GitHub knows", "write @user, @org/team or an e-mail address"
        )
    return str(text)


@dataclass(frozen=True)
class Rule:
    """One line: what it matches, and who owns that; no owners = nobody does."""

    line: int
    pattern: str
    owners: Owners

    def matches(self, path: str) -> bool:
        """Whether the line speaks about a file, by its path from the root."""
        return _fits(_segments(self.pattern), path.split("/"), _DEPTH, _segment_fits)


@dataclass(frozen=True)
class Skipped:
    """A line that GitHub leaves out, and why; line 0 = the whole file."""

    line: int
    why: str


@dataclass(frozen=True)
class Codeowners:
    """A whole file, in its order."""

    rules: tuple[Rule, ...] = ()
    skipped: tuple[Skipped, ...] = ()

    def owners_of(self, path: str) -> Owners:
        """Owners of a file by its path from the root; any one of them is enough for GitHub. Empty = nobody."""
        return next((rule.owners for rule in reversed(self.rules) if rule.matches(path)), ())


def parse_codeowners(data: bytes) -> Codeowners:
    """Read a file as GitHub does: what is not well formed is left out and reported; never raises."""
    if len(data) >= LIMIT:
        return Codeowners(skipped=(Skipped(0, "it has 3 MB or more, and GitHub reads nothing of it"),))
    rules, skipped = [], []
    for number, raw in enumerate(data.split(b"\n"), 1):
        line = raw.decode("utf-8", "surrogateescape").strip(" \t\r")
        if not line or line.startswith("#"):
            continue
        try:
            rules.append(_rule(number, line))
        except InvalidInput as error:
            skipped.append(Skipped(number, error.message))
    return Codeowners(tuple(rules), tuple(skipped))


def _rule(number: int, line: str) -> Rule:
    found = _PATTERN.match(line)
    pattern = found.group() if found else ""
    if not pattern or pattern.startswith(("!", "\\#")) or re.search(r"[\[\]]|\*\*\*", pattern):
        raise InvalidInput(f"{shown(pattern or line)} is not a pattern that GitHub knows")
    owners = []
    for word in re.split(r"[ \t]+", line[len(pattern) :].lstrip(" \t")):
        if not word or word.startswith("#"):
            break
        owners.append(parse_owner(word))
    return Rule(number, pattern, tuple(owners))


# --- patterns ------------------------------------------------------------------------------------------------------


def _segments(pattern: str) -> tuple[Segment, ...]:
    """A pattern as one list of characters a folder; what it leaves unsaid is written out."""
    if pattern == "/":
        return ((),)
    parts = pattern.removeprefix("/").split("/")
    anywhere = "/" not in pattern[:-1]
    end: tuple[Segment, ...] = (_DEPTH,)  # the name of a folder stands for all that is in it
    if parts[-1] in ("", "**"):
        parts.pop()
        end = (_ANY, _DEPTH)
    elif parts[-1] == "*":
        end = ()
    middle = (_DEPTH if part == "**" else tuple(_CHARACTER.findall(part)) for part in parts)
    return (*([_DEPTH] * anywhere), *middle, *end)


def _segment_fits(segment: Segment, name: str) -> bool:
    return _fits(segment, name, "*", lambda part, char: part == "?" or part[-1] == char)


def _fits(pattern: Sequence[T], items: Sequence[str], many: T, same: Callable[[T, str], bool]) -> bool:
    """Match with a wildcard for any number of items.

    Only ever goes back to the last wildcard, so that a hostile pattern costs its length times that of the items.
    """
    at = done = start = 0
    last: int | None = None
    while done < len(items):
        if at < len(pattern) and pattern[at] == many:
            last, start = at, done
            at += 1
        elif at < len(pattern) and same(pattern[at], items[done]):
            at, done = at + 1, done + 1
        elif last is not None:
            start += 1
            at, done = last + 1, start
        else:
            return False
    return all(one == many for one in pattern[at:])


# --- the block that Modelmark writes -------------------------------------------------------------------------------


def block_of(platform: Owners, models: Mapping[ModelName, Owners]) -> tuple[str, ...]:
    """The lines of the managed block, markers included.

    The owners of the registry own the rules, and every model that names no owners. They do not own `aliases.yaml` of
    the others: who answers for a model approves its promotions, and a card that wants the platform to may name it.

    Args:
        platform: owners of the registry itself, checked by `parse_owner`.
        models: owners by model, checked alike.
    """
    owned = dict.fromkeys((*RULES, f"{MODELS}/"), platform)
    owned |= {f"{model_dir(model)}/": owners or platform for model, owners in models.items()}
    lines = (f"/{path} {' '.join(dict.fromkeys(owners))}" for path, owners in sorted(owned.items()) if owners)
    return (*_HEADER, *lines, END)


def with_block(data: bytes, block: Sequence[str]) -> bytes:
    """The file with this block in the place of its old one, or at its end; every other byte stays.

    Raises:
        Refused: the markers of the old block are not one pair, or GitHub would not read so large a file.
    """
    text = "".join(f"{line}\n" for line in block).encode()
    place = _find_block(data)
    if place is None:
        gap = b"" if not data or data.endswith(b"\n") else b"\n"
        new = data + gap + text
    else:
        new = data[: place.start] + text + data[place.end :]
    if len(new) >= LIMIT:
        raise Refused(
            f"{PLACE} would have {len(new)} bytes, and GitHub reads nothing of one with 3 MB or more",
            "name teams instead of people in registry.yaml and the models' model.yaml",
        )
    return new


@dataclass(frozen=True)
class Agreement:
    """How a file differs from what it should say; it agrees where nothing stands in any of these.

    Attributes:
        missing: lines that its block lacks.
        surplus: lines of its block that nobody asked for.
        problems: sentences about what else keeps the block from deciding.
    """

    missing: tuple[str, ...] = ()
    surplus: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether the file says what it should."""
        return not (self.missing or self.surplus or self.problems)


def compare_block(data: bytes | None, block: Sequence[str]) -> Agreement:
    """Hold a file (None = there is none) against the block that it should have."""
    if data is None:
        return Agreement(tuple(block), problems=(f"there is no {PLACE}",))
    read = parse_codeowners(data)
    whole = tuple(f"{PLACE}: {one.why}" for one in read.skipped if one.line == 0)
    try:
        place = _find_block(data)
    except Refused as error:
        return Agreement(problems=(*whole, error.message))
    if place is None:
        return Agreement(tuple(block), problems=(*whole, f"{PLACE} has no block of Modelmark"))
    there = data[place.start : place.end].decode("utf-8", "surrogateescape").replace("\r", "").split("\n")
    lines = [line for line in there if line]
    known, wanted = frozenset(lines), frozenset(block)
    missing = tuple(line for line in block if line not in known)
    surplus = tuple(line for line in lines if line not in wanted)
    moved = lines != list(block) and not missing and not surplus
    late = (
        f"{PLACE}:{rule.line}: {shown(rule.pattern)} stands below the block, and so decides in its place"
        for rule in read.rules
        if rule.line > place.last_line
    )
    return Agreement(
        missing, surplus, (*whole, *(["the lines of the block are in another order"] * moved), *late)
    )


@dataclass(frozen=True)
class _Place:
    """Where the block is: byte offsets, and the number of its last line."""

    start: int
    end: int
    last_line: int


def _find_block(data: bytes) -> _Place | None:
    """The block between its markers; None where there are none.

    Raises:
        Refused: the markers are not one begin and then one end.
    """
    marks = list(_MARK.finditer(data))
    if not marks:
        return None
    lines = [data.count(b"\n", 0, mark.start()) + 1 for mark in marks]
    if [mark[1].decode() for mark in marks] != [BEGIN, END]:
        raise Refused(
            f"{PLACE} has markers of Modelmark in the lines {', '.join(map(str, lines[:9]))}, "
            "which are not one begin and then one end",
            "remove the markers and what stands between them, then run `modelmark codeowners`",
        )
    return _Place(marks[0].start(), marks[1].end(), lines[1])
