"""GitHub's OpenAPI for the tests: one npm package of a pinned version and content, kept without its prose outside Git.

    python -m tests.fakehub.openapi.fetch

What is kept is the API as a whole and not only what fakehub answers today: 2.6 MiB that are read in a tenth of a second, so
a new route needs no network. The name of the file has the version and what this module would do, so it is never stale.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

PACKAGE, VERSION = "@octokit/openapi", "23.0.2"
INTEGRITY = "sha512-pV8M7L9GY23AybNvTmo2nyjmpmnt6+2sRE/tqr0ZLQcPS4lnw7u5eZGNmwRNkBC3D7gZXbFx5AHzLUVRBXGDhg=="
MEMBER = "package/generated/api.github.com.json"
FOLDER = Path(__file__).parents[3] / ".openapi"
MISSING = "GitHub's OpenAPI is not here: `make openapi` fetches it, where there is npm and the network"

# Each maps names of their own to what they name, so a property called `title` is no prose.
_NAMES = {"paths", "schemas", "properties", "parameters", "responses"}
_PROSE = {"description", "summary", "title", "example", "examples", "externalDocs", "headers", "info"}


class NotFetched(Exception):
    """It could not be had, with the reason."""


def place(folder: Path | None = None) -> Path:
    """Where it is kept."""
    made_by = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]
    return (folder or FOLDER) / f"github-{VERSION}-{made_by}.json"


def find(folder: Path | None = None) -> dict[str, Any] | None:
    """What was fetched; None where nothing was."""
    kept = place(folder)
    if not kept.is_file():
        return None
    found = json.loads(kept.read_bytes())
    assert isinstance(found, dict)
    return found


def fetch(folder: Path | None = None, npm: str = "npm") -> Path:
    """Fetch it where it is missing, and whole or not at all."""
    kept = place(folder)
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent) as room:
            new = Path(room) / "new.json"
            new.write_text(json.dumps(without_prose(unpack(_pack(npm, Path(room)))), separators=(",", ":")))
            new.replace(kept)
    for other in kept.parent.glob("github-*.json"):
        if other != kept:
            other.unlink(missing_ok=True)
    return kept


def _pack(npm: str, room: Path) -> Path:
    command = [
        npm,
        "pack",
        f"{PACKAGE}@{VERSION}",
        "--ignore-scripts",
        "--fetch-retries=1",
        "--loglevel=error",
    ]
    try:
        subprocess.run(command, cwd=room, check=True, capture_output=True, text=True, timeout=300)
        (packed,) = room.glob("*.tgz")
    except subprocess.CalledProcessError as error:
        why = "; ".join((error.stderr or error.stdout).strip().splitlines()[:4])
        raise NotFetched(f"npm ended with {error.returncode}: {why}") from None
    except (OSError, subprocess.TimeoutExpired, ValueError) as error:
        raise NotFetched(f"npm did not bring {PACKAGE} {VERSION}: {error}") from None
    return packed


def unpack(packed: Path) -> dict[str, Any]:
    """The one file of the package that we need, where the package has the content that we know."""
    with packed.open("rb") as data:
        found = "sha512-" + base64.b64encode(hashlib.file_digest(data, "sha512").digest()).decode()
    if found != INTEGRITY:
        raise NotFetched(f"{packed.name} is not the package that we know: {found} instead of {INTEGRITY}")
    with tarfile.open(packed) as archive:
        member = archive.extractfile(MEMBER)
        assert member is not None
        document = json.load(member)
    assert isinstance(document, dict)
    return document


def without_prose(part: Any, *, names: bool = False) -> Any:
    """A part of the document without what only people read, and without extensions; `names`: its keys are names."""
    if isinstance(part, list):
        return [without_prose(one) for one in part]
    if not isinstance(part, dict):
        return part
    return {
        key: without_prose(value, names=not names and key in _NAMES)
        for key, value in part.items()
        if names or not (key in _PROSE or key.startswith("x-"))
    }


def main() -> int:
    """Fetch it; 0 also where there is no npm, because then nobody expects it."""
    if shutil.which("npm") is None:
        sys.stderr.write("there is no npm: answers of fakehub are not held to GitHub's OpenAPI\n")
        return 0
    try:
        sys.stderr.write(f"GitHub's OpenAPI: {os.path.relpath(fetch())}\n")
    except NotFetched as error:
        sys.stderr.write(f"error: GitHub's OpenAPI could not be fetched: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
