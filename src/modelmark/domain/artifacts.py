"""What DVC knows of a version's directory: the pointer, its listing, and how both are read without trust."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelmark.domain.names import check_path_set, parse_artifact_path, shown
from modelmark.errors import Corrupt, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from modelmark.domain.json_values import Json

MD5 = re.compile(r"[0-9a-f]{32}")
DIRECTORY_MD5 = re.compile(r"[0-9a-f]{32}\.dir")


@dataclass(frozen=True)
class StoredFile:
    """One regular file as it was read: relative POSIX path, size in bytes, hex digests."""

    path: str
    size: int
    sha256: str
    md5: str


@dataclass(frozen=True)
class Content:
    """Bytes by their SHA-256 (hex) and their count."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Nearby:
    """An object that is a file on this machine; `hard` = the user lets DVC give it a second name (`cache.type`)."""

    path: Path
    hard: bool = False


@dataclass(frozen=True)
class Pointer:
    """What `artifacts.dvc` says: the directory's id (`<32 hex>.dir`), its bytes and its count of files."""

    md5: str
    size: int
    nfiles: int


@dataclass(frozen=True)
class Stored:
    """A directory whose bytes are in the DVC cache; files sorted by path."""

    pointer: Pointer
    files: tuple[StoredFile, ...]


@dataclass(frozen=True)
class Source:
    """What a directory of artifacts says of itself, before anything is stored.

    Attributes:
        files: regular files, relative POSIX paths, sorted.
        documents: parsed JSON of the well-known files that are there (`metrics.json`, `signature.json`, …).
        texts: the text of other well-known files (`data_version.txt`).
        git_commit: commit of the Git work tree that the directory is in, if any.
        git_dirty: whether that work tree had changes.
    """

    files: tuple[str, ...]
    documents: Mapping[str, Json]
    texts: Mapping[str, str]
    git_commit: str | None = None
    git_dirty: bool | None = None


@dataclass(frozen=True)
class ListedFile:
    """One entry of a DVC directory listing."""

    path: str
    md5: str


def parse_listing(data: bytes, pointer_md5: str) -> tuple[ListedFile, ...]:
    """Read a DVC `.dir` object that came from a storage, believing nothing in it.

    Args:
        data: the object's bytes.
        pointer_md5: the id it was asked for by, `<32 hex>.dir`.

    Raises:
        Corrupt: the bytes are not those of the id, or not a listing of plain relative paths.
    """
    found = hashlib.md5(data, usedforsecurity=False).hexdigest() + ".dir"
    if found != pointer_md5:
        raise Corrupt(
            f"the directory listing {pointer_md5} in the storage has other bytes (they hash to {found})",
            "restore it from a clone that still has it: `dvc push` with `verify` on, or register again",
        )
    try:
        entries = json.loads(data)
        if not isinstance(entries, list):
            raise TypeError("it is no list")
        listed = tuple(sorted((_parse_entry(entry) for entry in entries), key=lambda file: file.path))
        check_path_set(file.path for file in listed)
    except (ValueError, TypeError, RecursionError, InvalidInput) as error:
        raise Corrupt(
            f"the directory listing {pointer_md5} is not a DVC listing: {shown(str(error))}"
        ) from error
    return listed


def _parse_entry(entry: object) -> ListedFile:
    if not isinstance(entry, dict) or set(entry) != {"md5", "relpath"}:
        raise ValueError("an entry has other keys than md5 and relpath")
    md5, path = entry["md5"], entry["relpath"]
    if not isinstance(md5, str) or not MD5.fullmatch(md5) or not isinstance(path, str):
        raise ValueError(f"the entry of {shown(str(path))} has no md5 of 32 hex digits")
    return ListedFile(parse_artifact_path(path), md5)
