"""Keeps releases on the disk of a consumer, so that `current` is always one whole, verified release.

    DIR/current -> releases/<name>                  the one atomic swap: a symbolic link, renamed over the old one
    DIR/modelmark.json -> current/.modelmark.json   what is visible; swaps with it, because it is a part of it
    DIR/releases/<name>/…                           the artifacts, and `.modelmark.json`, which says what they are
    DIR/.modelmark/                                 lock, staging, objects, what was seen of the registry, its tags

Files are synced before the swap, so a power cut leaves the old release or the new one. Whatever a killed run left in
staging is removed by the next.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from modelmark.adapters.durable import sync, sync_tree, write_whole
from modelmark.adapters.object_cache import ObjectCache
from modelmark.adapters.sources import inspect_source, read_document
from modelmark.domain.memory import Seen
from modelmark.errors import CouldNot, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping

    from modelmark.domain.artifacts import Source
    from modelmark.domain.json_values import Json

ABOUT = ".modelmark.json"
BESIDE = "modelmark.json"
OWN = ".modelmark"
_BESIDE_LINK = Path("current") / ABOUT
_CACHE = "__pycache__"


def kept_tags(target: Path) -> Path:
    """Where the tags of the registry are kept between pulls; to be used under the target's lock."""
    return target / OWN / "tags"


class Directories:
    """The ports `Directories` and `Releases`."""

    def inspect(self, source: Path) -> Source:
        """See the port."""
        return inspect_source(source)

    def document(self, path: Path) -> Json:
        """See the port."""
        return read_document(path)

    @contextmanager
    def lock(self, target: Path) -> Iterator[None]:
        """See the port."""
        own = target / OWN
        try:
            own.mkdir(parents=True, exist_ok=True)
            handle = os.open(own / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            handle = _read_only(own / "lock", error)
        with os.fdopen(handle, "rb") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX)
            except OSError as error:
                raise CouldNot(
                    f"{target} cannot be locked: {error.strerror}", "use another file system"
                ) from error
            for link, place in ((target / "current", None), (target / BESIDE, _BESIDE_LINK)):
                _check_link(link, place)  # before anything is fetched in vain
            for left in own.glob("staged-*"):  # a killed run's: we hold the lock, so nobody is writing there
                shutil.rmtree(left, ignore_errors=True)
            yield

    def seen(self, target: Path) -> Seen:
        """See the port."""
        place = target / OWN / "seen.json"
        try:
            found = json.loads(place.read_bytes())
            return Seen(str(found["registry"]), {str(name): str(oid) for name, oid in found["tags"].items()})
        except FileNotFoundError:
            return Seen()
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise CouldNot(
                f"{place} cannot be read, so what was seen of the registry before is not known",
                "restore it; without it the next pull trusts what it is shown",
            ) from error

    def remember(self, target: Path, seen: Seen) -> None:
        """See the port."""
        own = target / OWN
        text = json.dumps({"registry": seen.registry, "tags": dict(seen.tags)}, indent=1, sort_keys=True)
        with _writing(target):
            write_whole(own / "seen.json", text.encode() + b"\n", own / "seen")
            sync(own)

    def objects(self, target: Path, cache: Path | None) -> ObjectCache:
        """See the port; the target's own go as soon as no release needs them, a shared cache's after a month."""
        return ObjectCache.open(target / OWN, 0.0) if cache is None else ObjectCache.open(cache.expanduser())

    def holds(self, target: Path, name: str, sizes: Mapping[str, int]) -> bool:
        """See the port."""
        current = target / "current"
        if not current.is_symlink() or current.readlink() != Path("releases") / name:
            return False
        try:
            written = (current / ABOUT).stat().st_mtime_ns
        except OSError:
            return False
        found = _look(current, sizes)
        return found.keys() == sizes.keys() and all(
            size == sizes[path] and changed <= written for path, (size, changed) in found.items()
        )

    def verify(self, target: Path, name: str, sha256s: Mapping[str, str]) -> bool:
        """See the port."""
        release = target / "releases" / name
        if release.is_symlink() or not release.is_dir():
            return False
        found = _look(release, sha256s)
        if found.keys() != sha256s.keys() or any(size < 0 for size, _ in found.values()):
            return False
        try:
            whole = all(_sha256(release / path) == sha256 for path, sha256 in sha256s.items())
            if whole:
                _drop_caches(release, sha256s)
                _note_read(release, max((changed for _, changed in found.values()), default=0))
        except OSError:
            return False
        return whole

    @contextmanager
    def stage(self, target: Path) -> Iterator[Path]:
        """See the port."""
        with _writing(target):
            staged = Path(tempfile.mkdtemp(prefix="staged-", dir=target / OWN))
        staged.chmod(0o755)
        try:
            yield staged
        finally:
            shutil.rmtree(staged, ignore_errors=True)

    def publish(
        self, target: Path, staged: Path | None, name: str, about: Mapping[str, Json], keep: int
    ) -> Path:
        """See the port."""
        releases = target / "releases"
        release = releases / name
        with _writing(target):
            if staged is not None:
                releases.mkdir(exist_ok=True)
                if release.is_symlink() or release.exists():  # it is there, and did not verify
                    self._remove(target, release)
                _write_about(target, staged, about)
                sync_tree(staged)
                staged.rename(release)
            else:
                _write_about(target, release, about)
            swap(target, name)
        with suppress(OSError):  # what cannot be removed now is removed by the next pull
            self._prune(target, release, keep)
        return target / "current"

    def _remove(self, target: Path, release: Path) -> None:
        """Take a release away in one step, so that a kill leaves no half of it under its name."""
        trash = Path(tempfile.mkdtemp(prefix="staged-", dir=target / OWN))
        release.rename(trash / "release")
        shutil.rmtree(trash, ignore_errors=True)

    def _prune(self, target: Path, visible: Path, keep: int) -> None:
        """Keep the visible release, the ones that were visible last, and whatever was not made here."""
        shown_at = {
            path: path.stat().st_mtime_ns  # the folder's own: that of the record says since when no file may have changed
            for path in (target / "releases").iterdir()
            if path != visible and _is_ours(path)
        }
        for old in sorted(shown_at, key=lambda path: shown_at[path], reverse=True)[max(keep, 1) - 1 :]:
            self._remove(target, old)


def swap(target: Path, name: str) -> None:
    """Point `current` at a release that is there, and see that the record beside it is; under the target's lock."""
    link = Path("releases") / name
    for place, leads in ((target / "current", link), (target / BESIDE, _BESIDE_LINK)):
        _check_link(place, None if leads is link else leads)
        if place.is_symlink() and place.readlink() == leads:
            continue
        fresh = target / OWN / "current"
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(leads)
        fresh.rename(place)
        for folder in (target / "releases", target):
            sync(folder)


def _is_ours(release: Path) -> bool:
    """Whether a directory below `releases` was made here: others keep their own in a place of that name, too."""
    return not release.is_symlink() and (release / ABOUT).is_file()


def _check_link(place: Path, leads: Path | None) -> None:
    """Only a link of ours may be replaced: one that leads to this, or to some release."""
    ours = place.is_symlink() and (
        place.readlink() == leads if leads else place.readlink().parent == Path("releases")
    )
    if not ours and (place.is_symlink() or place.exists()):
        raise InvalidInput(
            f"{place} is not a link of ours, and will not be replaced", "choose another directory with --to"
        )


def _read_only(lock: Path, error: OSError) -> int:
    """A directory that may not be written can still be read: what is visible there may be what is asked for."""
    try:
        return os.open(lock, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        raise CouldNot(
            f"{lock.parent.parent} cannot be written: {error.strerror}", "check the directory and its disk"
        ) from error


@contextmanager
def _writing(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CouldNot(
            f"{target} cannot be written: {error.strerror}; what was visible before still is",
            "check the disk",
        ) from error


def _write_about(target: Path, release: Path, about: Mapping[str, Json]) -> None:
    """Say what a release is; drafted outside of it, because the release may be the visible one.

    Written again only where it says something new: a poll that finds nothing must not wake the disk.
    """
    with suppress(OSError, ValueError, TypeError):
        said = json.loads((release / ABOUT).read_bytes())
        visible = (target / "current").readlink() == Path("releases") / release.name
        if visible and {**said, "pulled_at": None} == {**about, "pulled_at": None}:
            return
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    text = json.dumps({**about, "pulled_at": at}, indent=2, ensure_ascii=False) + "\n"
    write_whole(release / ABOUT, text.encode(), target / OWN / "about")


def _look(release: Path, listed: Container[str], below: str = "") -> dict[str, tuple[int, int]]:
    """Size and time of the last change of the regular files of a release by path; size -1 for anything else.

    Without our own, and without what Python leaves in `__pycache__` when it runs code of the release.
    """
    found = {}
    with os.scandir(release / below) as entries:
        for entry in entries:
            path = f"{below}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                found.update(_look(release, listed, f"{path}/"))
            elif path != ABOUT and (path in listed or _CACHE not in path.split("/")[:-1]):
                status = entry.stat(follow_symlinks=False)
                regular = entry.is_file(follow_symlinks=False)
                found[path] = (status.st_size if regular else -1, status.st_mtime_ns)
    return found


def _note_read(release: Path, changed: int) -> None:
    """Make the record as new as the newest file that was read: or `holds` would have each poll read it again."""
    with suppress(OSError):  # where it may not be written, it is read again
        record = release / ABOUT
        if record.stat().st_mtime_ns < changed:
            os.utime(record, ns=(changed, changed))


def _drop_caches(release: Path, listed: Iterable[str]) -> None:
    """Remove what nobody verified before a release becomes visible again."""
    ours = {release / path for path in listed}
    for cache in list(release.rglob(_CACHE)):
        if cache.is_dir() and not any(path.is_relative_to(cache) for path in ours):
            shutil.rmtree(cache)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
