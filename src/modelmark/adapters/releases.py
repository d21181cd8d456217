"""Keeps releases on the disk of a consumer, so that `current` is always one whole, verified release.

    DIR/current -> releases/<name>        the one atomic swap: a symbolic link, renamed over the old one
    DIR/releases/<name>/…                 the artifacts, and `.modelmark.json`, which says what they are
    DIR/.modelmark/                       lock and staging; whatever a killed run left there is removed by the next

Files are synced before the swap, so a power cut leaves the old release or the new one.
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

from modelmark.adapters.sources import inspect_source, read_document
from modelmark.errors import CouldNot, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping

    from modelmark.domain.artifacts import Source
    from modelmark.domain.json_values import Json

ABOUT = ".modelmark.json"
_CACHE = "__pycache__"
_KEPT = 2
_CHUNK = 1024 * 1024


class Directories:
    """The port `Directories`."""

    def inspect(self, source: Path) -> Source:
        """See the port."""
        return inspect_source(source)

    def document(self, path: Path) -> Json:
        """See the port."""
        return read_document(path)

    @contextmanager
    def lock(self, target: Path) -> Iterator[None]:
        """See the port."""
        own = target / ".modelmark"
        try:
            own.mkdir(parents=True, exist_ok=True)
            stream = (own / "lock").open("w")
        except OSError as error:
            raise CouldNot(
                f"{target} cannot be written: {error.strerror}", "check the directory and its disk"
            ) from error
        with stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX)
            except OSError as error:
                raise CouldNot(
                    f"{target} cannot be locked: {error.strerror}", "use another file system"
                ) from error
            _check_link(target / "current")  # before anything is fetched in vain
            for left in own.glob("staged-*"):  # a killed run's: we hold the lock, so nobody is writing there
                shutil.rmtree(left, ignore_errors=True)
            yield

    def holds(self, target: Path, name: str, sizes: Mapping[str, int]) -> bool:
        """See the port."""
        current = target / "current"
        if not current.is_symlink() or current.readlink() != Path("releases") / name:
            return False
        return _sizes(current, sizes) == sizes

    def verify(self, target: Path, name: str, sha256s: Mapping[str, str]) -> bool:
        """See the port."""
        release = target / "releases" / name
        if release.is_symlink() or not release.is_dir():
            return False
        sizes = _sizes(release, sha256s)
        if set(sizes) != set(sha256s) or min(sizes.values(), default=0) < 0:
            return False
        try:
            whole = all(_sha256(release / path) == sha256 for path, sha256 in sha256s.items())
            if whole:
                _drop_caches(release, sha256s)
        except OSError:
            return False
        return whole

    @contextmanager
    def stage(self, target: Path) -> Iterator[Path]:
        """See the port."""
        own = target / ".modelmark"
        try:
            staged = Path(tempfile.mkdtemp(prefix="staged-", dir=own))
        except OSError as error:
            raise CouldNot(f"{own} cannot be written: {error.strerror}", "check the disk") from error
        staged.chmod(0o755)
        try:
            yield staged
        finally:
            shutil.rmtree(staged, ignore_errors=True)

    def publish(self, target: Path, staged: Path | None, name: str, about: Mapping[str, Json]) -> Path:
        """See the port."""
        releases = target / "releases"
        release = releases / name
        try:
            releases.mkdir(exist_ok=True)
            if staged is not None:
                if release.is_symlink() or release.exists():  # it is there, and did not verify
                    self._remove(target, release)
                _write_about(target, staged, about)
                _sync_folders(staged)
                staged.rename(release)
            else:
                _write_about(target, release, about)
            _swap(target, Path("releases") / name)
            _sync(releases)
            _sync(target)
        except OSError as error:
            raise CouldNot(
                f"{target} cannot be written: {error.strerror}; what was visible before still is",
                "check the disk",
            ) from error
        with suppress(OSError):  # what cannot be removed now is removed by the next pull
            self._prune(target, release)
        return target / "current"

    def _remove(self, target: Path, release: Path) -> None:
        """Take a release away in one step, so that a kill leaves no half of it under its name."""
        trash = Path(tempfile.mkdtemp(prefix="staged-", dir=target / ".modelmark"))
        release.rename(trash / "release")
        shutil.rmtree(trash, ignore_errors=True)

    def _prune(self, target: Path, visible: Path) -> None:
        """Keep the visible release and the one before it."""
        releases = [path for path in (target / "releases").iterdir() if path.is_dir() and path != visible]
        releases.sort(
            key=lambda path: (path / ABOUT).stat().st_mtime_ns if (path / ABOUT).exists() else 0, reverse=True
        )
        for old in releases[_KEPT - 1 :]:
            self._remove(target, old)


def _swap(target: Path, link: Path) -> None:
    current = target / "current"
    _check_link(current)
    if current.is_symlink() and current.readlink() == link:
        return
    fresh = target / ".modelmark" / "current"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(link)
    fresh.rename(current)


def _check_link(current: Path) -> None:
    ours = current.is_symlink() and current.readlink().parent == Path("releases")
    if not ours and (current.is_symlink() or current.exists()):
        raise InvalidInput(
            f"{current} is not a link of ours, and will not be replaced", "choose another directory with --to"
        )


def _write_about(target: Path, release: Path, about: Mapping[str, Json]) -> None:
    """Say what a release is; drafted outside of it, because the release may be the visible one."""
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    text = json.dumps({**about, "pulled_at": at}, indent=2, ensure_ascii=False) + "\n"
    fresh = target / ".modelmark" / "about"
    with fresh.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(release / ABOUT)


def _sizes(release: Path, listed: Container[str]) -> dict[str, int]:
    """Sizes of the regular files of a release by path, -1 for anything else.

    Without our own, and without what Python leaves in `__pycache__` when it runs code of the release.
    """
    found = {}
    for folder, folders, files in os.walk(release):
        for name in (*files, *(one for one in folders if (Path(folder) / one).is_symlink())):
            path = Path(folder) / name
            relative = path.relative_to(release).as_posix()
            cached = _CACHE in relative.split("/")[:-1] and relative not in listed
            if relative != ABOUT and not cached:
                found[relative] = path.stat().st_size if path.is_file() and not path.is_symlink() else -1
    return found


def _drop_caches(release: Path, listed: Iterable[str]) -> None:
    """Remove what nobody verified before a release becomes visible again."""
    ours = {release / path for path in listed}
    for cache in list(release.rglob(_CACHE)):
        if cache.is_dir() and not any(path.is_relative_to(cache) for path in ours):
            shutil.rmtree(cache)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sync_folders(root: Path) -> None:
    for folder, _, _ in os.walk(root):
        _sync(Path(folder))


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
