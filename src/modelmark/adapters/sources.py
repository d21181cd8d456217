"""Reads a directory that somebody wants to register: which regular files it has, and what the well-known ones say."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from modelmark.adapters.git import GitRunner
from modelmark.adapters.strict_json import parse_json
from modelmark.domain.artifacts import Source
from modelmark.domain.collected import DOCUMENTS, TEXTS
from modelmark.domain.names import parse_artifact_path, shown
from modelmark.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modelmark.domain.json_values import Json

_DOCUMENTS = (*DOCUMENTS, "config.json", "labels.json")
_LARGEST = 4 * 1024 * 1024
_KINDS = (
    (stat.S_ISLNK, "a symbolic link"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISCHR, "a device"),
)


def inspect_source(source: Path) -> Source:
    """List a directory without following links, and read its well-known files.

    Raises:
        InvalidInput: it is no directory, has something else than regular files, a name that may not be, or a
            well-known file that cannot be read.
    """
    if source.is_symlink() or not source.is_dir():
        what = "is a symbolic link" if source.is_symlink() else "is not a directory"
        raise InvalidInput(f"{source} {what}", "name the directory that the training wrote")
    files = tuple(sorted(_walk(source, source)))
    commit, dirty = _git_state(source)
    return Source(
        files,
        {name: _read_json(source, name) for name in _DOCUMENTS if name in files},
        {name: _read_text(source, name).strip() for name in TEXTS if name in files},
        commit,
        dirty,
    )


def read_document(path: Path) -> Json:
    """One JSON file, read as what a stranger wrote.

    Raises:
        InvalidInput: it is no regular file, larger than 4 MiB, or not JSON that can be used.
    """
    if not path.is_file():
        raise InvalidInput(f"{path} is not a file", "name the metrics.json that the evaluation wrote")
    return _read_json(path.parent, path.name)


def _walk(root: Path, folder: Path) -> Iterator[str]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        modes = [entry.stat(follow_symlinks=False).st_mode for entry in entries]
    except OSError as error:
        raise InvalidInput(
            f"{shown(error.filename or str(folder), 4000)} cannot be read: {error.strerror}",
            "check its permissions, and that nothing writes there now",
        ) from error
    for entry, mode in zip(entries, modes, strict=True):
        path = Path(entry.path)
        # The tail of a path with broken UTF-8 is not a name that may be; `shown` makes it safe to print.
        relative = path.relative_to(root).as_posix()
        if stat.S_ISDIR(mode):
            if entry.name != "__pycache__":
                yield from _walk(root, path)
            continue
        if not stat.S_ISREG(mode):
            kind = next((words for test, words in _KINDS if test(mode)), "not a regular file")
            raise InvalidInput(
                f"{shown(relative)} in {root} is {kind}; a version has regular files only",
                "put a copy of the file there, or remove it",
            )
        yield _named(root, relative)


def _named(root: Path, relative: str) -> str:
    try:
        return parse_artifact_path(relative)
    except InvalidInput as error:
        raise InvalidInput(f"{root}: {error.message}", error.hint) from error


def _read_text(source: Path, name: str) -> str:
    path = source / name
    try:
        if path.stat().st_size > _LARGEST:
            raise InvalidInput(
                f"{path} is larger than 4 MiB, too large to be what its name says", "rename it"
            )
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path} is not UTF-8 (byte {error.start})", "save it as UTF-8") from error
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}", "check its permissions") from error


def _read_json(source: Path, name: str) -> Json:
    return parse_json(_read_text(source, name), name, str(source / name))


def _git_state(source: Path) -> tuple[str | None, bool | None]:
    """Commit of the work tree around the directory, and whether tracked files of it are changed."""
    runner = GitRunner(source)
    commit = runner.attempt(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])
    if commit.status != 0:
        return None, None
    status = runner.attempt(["status", "--porcelain", "--untracked-files=no"])
    return commit.out.decode().strip() or None, bool(status.out.strip()) if status.status == 0 else None
