"""The releases that are on a consumer's disk: which one is visible, back to an older one, and a watch's own memory.

    DIR/.modelmark/watch.json     which release the hook took last, which assignment it did not take, what it was not told
    DIR/.modelmark/watch.lock     held by the one watch of this directory for as long as it lives

The memory is written anew and renamed, so a kill leaves the old text or the new one.
"""

from __future__ import annotations

import fcntl
import json
import os
import stat
from contextlib import contextmanager, suppress
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from modelmark.adapters import releases
from modelmark.adapters.durable import write_whole
from modelmark.domain.names import shown
from modelmark.domain.watching import Memory, Rejected, Release
from modelmark.errors import Corrupt, CouldNot, Missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modelmark.domain.json_values import Json

_LIMIT = 1 << 20
_Value = TypeVar("_Value", Release, Rejected)


class Shelf:
    """The port `Shelf`."""

    def visible(self, target: Path) -> Release | None:
        """See the port."""
        current = target / "current"
        if not current.is_symlink() or current.readlink().parent != Path("releases"):
            return None
        return _read_release(target, current.readlink().name)

    def restore(self, target: Path, release: Release) -> None:
        """See the port."""
        if _read_release(target, release.name) is None:
            raise Missing(
                f"the release {release.name} is not in {target} any more", "pull with --keep 2 or more"
            )
        with _writing(target):
            # Verified once, and kept where nobody should write: hashing gigabytes while a bad release is visible is worse.
            changed = _written_to(target / "releases" / release.name)
            if changed:
                raise Corrupt(
                    f"{shown(changed)} of the release {release.name} was written to since it was verified",
                    f"find out by whom; `modelmark pull` into {target} mends it",
                )
            os.utime(target / "releases" / release.name)  # pruning keeps the ones that were visible last
            releases.swap(target, release.name)

    def keep(self, target: Path, release: Release) -> None:
        """See the port."""
        with suppress(OSError):  # it is gone, or the disk takes nothing: whoever needs it will say so
            os.utime(target / "releases" / release.name)

    @contextmanager
    def alone(self, target: Path) -> Iterator[None]:
        """See the port."""
        own = target / ".modelmark"
        with _writing(own):
            own.mkdir(parents=True, exist_ok=True)
            handle = os.open(own / "watch.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        with os.fdopen(handle, "rb") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise CouldNot(
                    f"another watch keeps {target} up to date",
                    "end that one first, or name another directory with --to",
                ) from None
            except OSError as error:
                raise CouldNot(
                    f"{target} cannot be locked: {error.strerror}", "use another file system"
                ) from error
            yield

    def recall(self, target: Path) -> Memory | None:
        """See the port."""
        try:
            found = _read(target / ".modelmark" / "watch.json")
        except (FileNotFoundError, NotADirectoryError):
            return None
        accepted, rejected = found.get("accepted"), found.get("rejected")
        return Memory(_value(Release, accepted), _value(Rejected, rejected), found.get("untold") is True)

    def remember(self, target: Path, memory: Memory) -> None:
        """See the port."""
        own = target / ".modelmark"
        text = json.dumps(asdict(memory), indent=2)
        with _writing(own):
            own.mkdir(parents=True, exist_ok=True)
            write_whole(own / "watch.json", text.encode(), own / "watch.json.new")


def _written_to(release: Path) -> str:
    """A file that was written to since the release was verified, or is no regular one; empty = there is none.

    Python leaves bytecode when it runs code of the release.
    """
    since = (release / releases.ABOUT).stat().st_mtime_ns
    for path in release.rglob("*"):
        about = path.lstat()
        if stat.S_ISDIR(about.st_mode) or "__pycache__" in path.relative_to(release).parts[:-1]:
            continue
        if not stat.S_ISREG(about.st_mode) or about.st_mtime_ns > since:
            return path.relative_to(release).as_posix()
    return ""


@contextmanager
def _writing(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CouldNot(
            f"{place} cannot be written: {error.strerror}", "check the directory and its disk"
        ) from error


def _read_release(target: Path, name: str) -> Release | None:
    """What a release says of itself; None where it is not whole enough to say it."""
    try:
        about = _read(target / "releases" / name / releases.ABOUT)
    except OSError:
        return None
    return _value(Release, {**about, "name": name})


def _read(path: Path) -> dict[str, Json]:
    """A small JSON object of ours; what is damaged says nothing."""
    with path.open("rb") as stream:
        data = stream.read(_LIMIT)
    try:
        found: Any = json.loads(data)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _value(cls: type[_Value], found: Json) -> _Value | None:
    """A value from its fields; an absent text is empty, and one of another type is no value at all."""
    if not isinstance(found, dict):
        return None
    wanted: dict[str, Any] = {}
    for one in fields(cls):
        kind: type = {"str": str, "int": int, "float": float}[str(one.type)]
        item = found.get(one.name)
        wanted[one.name] = kind() if item is None else item
        if type(wanted[one.name]) is not kind:
            return None
    return cls(**wanted) if wanted.get("name", "x") else None
