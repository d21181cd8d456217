"""Looks at the release that is visible on this machine: what it says it is, and whether every byte of it is."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from modelmark.adapters.releases import ABOUT
from modelmark.adapters.strict_json import read_json
from modelmark.domain.names import shown
from modelmark.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modelmark.domain.json_values import Json

_CACHE = "__pycache__"  # what Python leaves when it runs code of a release


class Disk:
    """The port `Disk` of `usecases/deployed.py`."""

    def about(self, target: Path) -> tuple[Path, Mapping[str, Json]]:
        """See the port."""
        release = Path(os.path.realpath(target / "current"))  # once: the link may be swapped while we look
        return release, self.said(release, target)

    def said(self, release: Path, target: Path) -> Mapping[str, Json]:
        """What the record beside a release of a target says.

        Raises:
            NotFound: there is none.
            InvalidInput: it cannot be read.
        """
        if not (release / ABOUT).is_file():
            raise NotFound(
                f"{target} has no release", f"pull one there: modelmark pull nlp-sentiment@prod --to {target}"
            )
        found = read_json(release / ABOUT, str(release / ABOUT))
        if not isinstance(found, dict):
            raise InvalidInput(f"{release / ABOUT} is no record of a release", "pull it again")
        return found

    def differs(self, release: Path, sha256s: Mapping[str, str]) -> str:
        """See the port."""
        there = set()
        for folder, folders, files in os.walk(release):
            for name in (*files, *(one for one in folders if (Path(folder) / one).is_symlink())):
                path = Path(folder) / name
                relative = path.relative_to(release).as_posix()
                if relative in sha256s and not path.is_symlink() and _sha256(path) == sha256s[relative]:
                    there.add(relative)
                elif relative in sha256s:
                    return f"{relative} has other bytes than the manifest lists"
                elif relative != ABOUT and _CACHE not in relative.split("/")[:-1]:
                    return f"{shown(relative)} is not in the manifest"
        missing = sorted(sha256s.keys() - there)
        return f"{missing[0]} is not there" if missing else ""


def _sha256(path: Path) -> str | None:
    try:
        if not path.is_file():
            return None  # a pipe would never end
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return None
