"""Writes what a run says into the directory of its artifacts: each file whole or not at all, and none of the user's."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from modelmark.domain.training import FILES
from modelmark.errors import CouldNot, InvalidInput

if TYPE_CHECKING:
    from pathlib import Path

    from modelmark.domain.training import Written

_PART = ".part"
_LARGEST = 4 << 20


class RunFiles:
    """The port `RunFiles` of `usecases/run.py`, over a directory."""

    def read(self, directory: Path) -> dict[str, bytes]:
        """See the port."""
        if directory.is_symlink() or not directory.is_dir():
            raise InvalidInput(f"{directory} is not a directory", "name the one that the training writes")
        found = {}
        for name in FILES:
            path = directory / name
            if path.is_symlink() or (path.exists() and not path.is_file()):
                raise InvalidInput(f"{path} is not a regular file", "a version has regular files only")
            if path.exists():
                if path.stat().st_size > _LARGEST:
                    raise InvalidInput(
                        f"{path} is larger than 4 MiB, too large to be what its name says", "rename it"
                    )
                found[name] = path.read_bytes()
        return found

    def write(self, directory: Path, plan: Written) -> None:
        """See the port."""
        try:
            for name in FILES:  # what a killed run left
                (directory / f"{name}{_PART}").unlink(missing_ok=True)
            for name in plan.remove:
                (directory / name).unlink(missing_ok=True)
            for name, content in plan.write.items():
                _replace(directory / name, content)
        except OSError as error:
            raise CouldNot(
                f"{directory} cannot be written: {error.strerror}", "check the directory and its disk"
            ) from error


def _replace(path: Path, content: bytes) -> None:
    part = path.with_name(f"{path.name}{_PART}")
    with part.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)
