"""Reads requirements files, line by line, as pip would; what would make pip look elsewhere is told, never followed."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from modelmark.domain.names import shown
from modelmark.domain.requirements import Required, Trouble, normalised

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_HASH = re.compile(r"\s--hash[= ]\S+")
_COMMENT = re.compile(r"(^|\s)#.*$")
_INCLUDE = re.compile(r"(?:-r|--requirement)[ =]*(?P<path>\S.*)")
_HARMLESS = frozenset({"--require-hashes", "--only-binary", "--prefer-binary", "--no-binary"})
_PIN_IT = "pin it, such as numpy==2.4.6"

# Options by what they do to whoever installs.
_OTHER_PLACES = "it takes packages from another place than the index of whoever installs"
_REFUSED: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(
        ("-i", "--index-url", "--extra-index-url", "-f", "--find-links", "--trusted-host", "--no-index"),
        (_OTHER_PLACES, "set the index where the model is installed, not in the bundle"),
    ),
    **dict.fromkeys(
        ("-e", "--editable"),
        ("it installs a folder, which has no version", "put the code into the bundle, or pin a release"),
    ),
    **dict.fromkeys(
        ("-c", "--constraint"),
        ("constraints are not followed", "pin the versions in the requirements themselves"),
    ),
}


class RequirementFiles:
    """Reads requirements files and those that they include.

    Args:
        read: the text of a file of the bundle; None where there is no such file.
        applies: whether a requirement's marker is true.
    """

    def __init__(self, read: Callable[[str], str | None], applies: Callable[[object], bool]) -> None:
        self._read = read
        self._applies = applies
        self.files: list[str] = []

    def parse(self, path: str) -> Iterator[Required | Trouble]:
        """Every line of a file; one that was read before has nothing new."""
        if path in self.files:
            return
        text = self._read(path)
        if text is None:
            return
        self.files.append(path)
        for line, words in logical_lines(text):
            yield from self.parse_line(path, line, words)

    def parse_line(self, path: str, line: int, words: str) -> Iterator[Required | Trouble]:
        """One line without its comment."""
        include = _INCLUDE.fullmatch(words)
        if include:
            yield from self._include(path, line, include["path"])
        elif words.startswith("-"):
            yield from _option(path, line, words)
        else:
            yield self._requirement(path, line, words)

    def _include(self, path: str, line: int, name: str) -> Iterator[Required | Trouble]:
        wanted = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
        if self._read(wanted) is None:
            yield Trouble(
                path,
                line,
                f"includes {shown(name)}, which is not in the bundle",
                "add the file and register again",
            )
        else:
            yield from self.parse(wanted)

    def _requirement(self, path: str, line: int, words: str) -> Required | Trouble:
        from packaging.requirements import InvalidRequirement, Requirement  # noqa: PLC0415 - seldom needed

        hashes = len(_HASH.findall(words))
        text = _HASH.sub("", words).strip()
        try:
            found = Requirement(text)
        except InvalidRequirement:
            return Trouble(path, line, f"{shown(text)} is no requirement", _PIN_IT)
        name = normalised(found.name)
        if found.url is not None:
            return Trouble(path, line, f"{shown(text)}: {_OTHER_PLACES}", "pin a release of it", name)
        return Required(path, line, name, text, _pinned(found.specifier), hashes, self._applies(found.marker))


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """The line on which each entry begins, and its words: continued lines joined, comments cut off."""
    begun, words = 0, ""
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        begun = begun or number
        comment = line.lstrip().startswith("#")
        if line.endswith("\\") and not comment:
            words += line[:-1] + " "
            continue
        entry = _COMMENT.sub("", words + line).strip()
        if entry:
            yield begun, entry
        begun, words = 0, ""
    entry = _COMMENT.sub("", words).strip()
    if entry:
        yield begun, entry


def _option(path: str, line: int, words: str) -> Iterator[Trouble]:
    name = re.split(r"[ =]", words, maxsplit=1)[0]
    if name in _HARMLESS:
        return
    short = name if name.startswith("--") else name[:2]
    why, hint = _REFUSED.get(short, ("nobody here knows this option", "remove the line"))
    yield Trouble(path, line, f"{shown(words)}: {why}", hint, short if short in _REFUSED else "")


def _pinned(specifier: object) -> str | None:
    """The one version that a specifier allows; of plain letters, as pip fills in variables where it reads `${…}`."""
    match = re.fullmatch(r"={2,3}\s*([A-Za-z0-9.!+_-]+)", str(specifier))
    return match[1] if match else None
