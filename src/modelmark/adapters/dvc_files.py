"""The text files of DVC that Modelmark writes itself, byte for byte as DVC's commands would."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from modelmark.domain.names import shown
from modelmark.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modelmark.domain.artifacts import Pointer

URL = re.compile(r"\w+://")
_REMOTE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
# ConfigObj would quote, split or interpolate anything else.
_PLAIN = re.compile(r"[A-Za-z0-9._~/:@+=?&!()*-]([A-Za-z0-9._~/:@+=?&!()* -]*[A-Za-z0-9._~/:@+=?&!()*-])?")


def pointer_bytes(pointer: Pointer) -> bytes:
    """The text of `artifacts.dvc`: what `dvc add artifacts` writes."""
    lines = (
        "outs:",
        f"- md5: {pointer.md5}",
        f"  size: {pointer.size}",
        f"  nfiles: {pointer.nfiles}",
        "  hash: md5",
        "  path: artifacts",
    )
    return ("\n".join(lines) + "\n").encode()


def init_workspace(root: Path, remote: str, url: str) -> dict[str, bytes]:
    """What `dvc init` and `dvc remote add --default REMOTE URL`, run in `root`, would write below `.dvc`.

    Nothing is added to that: `core.analytics` is the choice of the people who run `dvc`, `core.autostage` is off by
    default, and the fewer keys the file has, the fewer the gate must allow.

    Args:
        root: the future work tree; a relative path in `url` starts here.
        remote: the remote's name.
        url: a URL without password, or a path.

    Returns:
        Contents by path relative to `root`.

    Raises:
        InvalidInput: a name or URL that the file cannot hold as it is, or a password in it.
    """
    if not _REMOTE_NAME.fullmatch(remote):
        raise InvalidInput(
            f"{shown(remote)} is not a name for a remote", "use lower-case letters, digits, '_' and '-'"
        )
    if not _PLAIN.fullmatch(url):
        raise InvalidInput(
            "the storage URL holds characters that .dvc/config cannot", "use letters, digits and ._~/:@+=-"
        )
    if URL.match(url):
        if urlsplit(url).password is not None:
            raise InvalidInput(
                "the storage URL holds a password", "put it into .dvc/config.local, which Git ignores"
            )
    elif not Path(url).expanduser().is_absolute():
        url = Path(os.path.relpath(root / url, root / ".dvc")).as_posix()
    config = f"[core]\n    remote = {remote}\n['remote \"{remote}\"']\n    url = {url}\n"
    return {".dvc/config": config.encode(), ".dvc/.gitignore": b"/config.local\n/tmp\n/cache\n"}


def split_config(parsed: dict[str, Any]) -> tuple[dict[str, str], tuple[str, ...]]:
    """A `.dvc/config` as DVC's parser sees it: URLs of its remotes by name, and all other keys as `section.key`."""
    remotes, others = {}, []
    for key, value in _flat(parsed):
        if key[0] == "remote" and key[2:] == ("url",) and isinstance(value, str):
            remotes[key[1]] = value
        else:
            others.append(".".join(key))
    return remotes, tuple(sorted(others))


def _flat(tree: dict[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _flat(value, (*above, key))
        else:
            yield (*above, key), value
