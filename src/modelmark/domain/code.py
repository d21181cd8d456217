"""What the Python code of a bundle imports, as read from its syntax; none of it is run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Where servers put a bundle's code on the path, besides its root and the folder of the file that imports.
_SOURCE_FOLDERS = ("", "code", "src")


@dataclass(frozen=True)
class Import:
    """One absolute import.

    Attributes:
        module: the dotted name.
        optional: the code goes on without it: it is tried, or only for type checkers or for another Python.
    """

    path: str
    line: int
    module: str
    optional: bool = False

    @property
    def top(self) -> str:
        """The part before the first dot."""
        return self.module.partition(".")[0]


@dataclass(frozen=True)
class BrokenCode:
    """A file that is no Python, and where."""

    path: str
    line: int
    message: str


@dataclass(frozen=True)
class Code:
    """The Python files of a bundle.

    Attributes:
        files: their paths.
        read_by: the version of the Python that read them; what is newer looks broken to it.
    """

    files: tuple[str, ...] = ()
    imports: tuple[Import, ...] = ()
    broken: tuple[BrokenCode, ...] = ()
    read_by: tuple[int, int] = (3, 11)


def is_test(path: str, kind: str) -> bool:
    """Whether a file is there for pytest."""
    return kind == "test" or PurePosixPath(path).name == "conftest.py"


def importable(paths: Iterable[str]) -> frozenset[str]:
    """Modules and packages of a bundle as paths without their ending, such as `code/clean`."""
    found: set[str] = set()
    for path in paths:
        if path.endswith(".py"):
            place = PurePosixPath(path).with_suffix("")
            found |= {str(place), *(str(parent) for parent in place.parents)}
    return frozenset(found)


def is_bundled(module: str, importer: str, bundled: frozenset[str]) -> bool:
    """Whether a top-level module is found from the folder of the importer, those above it, or a source folder."""
    return any(str(folder / module) in bundled for folder in _search_path(importer))


def _search_path(importer: str) -> Iterator[PurePosixPath]:
    yield from PurePosixPath(importer).parents
    yield from map(PurePosixPath, _SOURCE_FOLDERS)
