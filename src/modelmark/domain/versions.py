"""Version numbers: what may be written, how they are ordered, which one comes next (DESIGN.md, section 2)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from modelmark.domain.names import shown
from modelmark.errors import InvalidInput

# No `..`, no `.` and no `.lock` at the end of a build: the version is the end of a tag's name, and Git refuses those.
_VERSION = re.compile(r"(0|[1-9][0-9]{0,8})(\.(0|[1-9][0-9]{0,8})){0,2}(\+[0-9a-z.-]{1,64})?", re.ASCII)


@dataclass(frozen=True, order=True)
class Version:
    """One to three numbers and an optional build; ordered by the numbers, then by the build's text."""

    numbers: tuple[int, ...]
    build: str = ""

    def __str__(self) -> str:
        """The one way to write it: `7`, `2.1`, `1.0.2`, `3+gpu`."""
        return ".".join(map(str, self.numbers)) + (f"+{self.build}" if self.build else "")

    def next(self) -> Version:
        """The version after this one: the last number goes up, the build is dropped."""
        return Version((*self.numbers[:-1], self.numbers[-1] + 1))


FIRST = Version((1,))


def parse_version(text: str) -> Version:
    """Read `7`, `2.1`, `1.0.2` or `3+gpu`.

    Raises:
        InvalidInput: anything else, leading zeros and a leading `v` included.
    """
    if not _VERSION.fullmatch(text) or ".." in text or text.endswith((".", ".lock")):
        raise InvalidInput(
            f"{shown(text)} is not a version",
            "use one to three numbers without leading zeros, and '+build' if needed: 7, 2.1, 1.0.2, 3+gpu",
        )
    numbers, _, build = text.partition("+")
    return Version(tuple(map(int, numbers.split("."))), build)
