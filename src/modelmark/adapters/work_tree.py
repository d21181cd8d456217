"""The work tree: the one place where Modelmark writes files beside somebody's own.

That is all of a new registry's, and the code owners file of one that is there.
"""

from __future__ import annotations

import os
import re
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from modelmark.adapters.git import GitRunner, find_root
from modelmark.errors import CouldNot, InvalidInput, NotFound, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping


def new_registry_root(directory: Path) -> Path:
    """The root of the repository to be made a registry; `git init` where the directory is in none.

    Raises:
        Refused: it is a registry already.
        CouldNot: the directory cannot be made.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CouldNot(f"{directory} cannot be made: {error.strerror}", "choose another directory") from error
    try:
        # An empty directory becomes a repository of its own, also inside another one, as with `git init`.
        root = find_root(directory) if any(directory.iterdir()) else None
    except NotFound:
        root = None
    if root is None:
        GitRunner(directory).run(["init", "--quiet", "--initial-branch=main"])
        root = find_root(directory)
    if GitRunner(root).text(["rev-parse", "--is-bare-repository"]) == "true":
        raise InvalidInput(
            f"{directory} is a bare repository, which has no files to edit",
            "make the registry in a clone of it",
        )
    if root.resolve() != directory.resolve():
        raise InvalidInput(
            f"{directory} is inside the Git repository {root}", "make the registry at its root, or elsewhere"
        )
    return root


def storage_address(root: Path, storage: str | None) -> str:
    """The storage's address: what a person gave, a relative path counted from the root; else a folder beside it."""
    if storage is None:
        # Of the folder's name what an address may hold; whoever wants another name gives one.
        return f"../{re.sub(r'[^A-Za-z0-9._-]+', '-', root.resolve().name)}-storage"
    if "://" in storage or Path(storage).is_absolute():
        return storage
    return os.path.relpath(Path(storage).resolve(), root.resolve())


def write_new_files(root: Path, files: Mapping[str, bytes]) -> None:
    """Write files that are not there yet; one that is there with the same content is an earlier, stopped run's.

    Raises:
        Refused: one of them exists with another content; nothing was written.
    """
    if (root / "registry.yaml").exists():
        raise Refused(f"{root} is a registry already: it has registry.yaml", "edit that file instead")
    appended = {".gitignore", ".gitattributes"}
    for path, data in files.items():
        place = root / path
        if path not in appended and place.exists() and place.read_bytes() != data:
            raise Refused(f"{place} exists, and is not what a registry has there", "move it away first")
    # registry.yaml goes last: it is what makes a directory a registry, so a stopped run can be run again.
    for path, data in sorted(files.items(), key=lambda item: item[0] == "registry.yaml"):
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        before = place.read_bytes() if path in appended and place.exists() else b""
        if before and not before.endswith(b"\n"):
            before += b"\n"
        missing = [
            line for line in data.splitlines(keepends=True) if line not in before.splitlines(keepends=True)
        ]
        place.write_bytes(before + b"".join(missing) if path in appended else data)


class WorkTree:
    """Single files of a work tree, replaced whole and never through a link."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, path: str) -> bytes | None:
        """A file's bytes; None where there is none."""
        place = self._place(path)
        return place.read_bytes() if place.exists() else None

    def write(self, path: str, data: bytes) -> None:
        """Replace a file by one rename, so that nobody reads half of it; its mode stays."""
        place = self._place(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        fresh = place.with_name(f".{place.name}.{uuid.uuid4().hex}")
        try:
            fresh.write_bytes(data)
            if place.exists():
                fresh.chmod(place.stat().st_mode & 0o777)
            fresh.replace(place)
        finally:
            fresh.unlink(missing_ok=True)

    def _place(self, path: str) -> Path:
        """Where a file is, if nothing on the way leads elsewhere."""
        if GitRunner(self._root).text(["rev-parse", "--is-bare-repository"]) == "true":
            raise InvalidInput(
                f"{self._root} is a bare repository, which has no files to edit", "use a clone"
            )
        place = self._root / path
        for one in (*reversed(place.relative_to(self._root).parents[:-1]), Path(path)):
            here = self._root / one
            fits = here.is_file() if here == place else here.is_dir()
            if here.is_symlink() or (here.exists() and not fits):
                what = "a file of its own" if here == place else "a folder of its own"
                raise Refused(f"{here} is not {what}", "move it away, or remove the link")
        return place
