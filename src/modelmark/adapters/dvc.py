"""Where a version's bytes live: the DVC cache and the DVC remote, through DVC's own object databases.

Hides everything that is DVC: its configuration, its layout of objects, its file formats and its kinds of remotes.
No `Repo` is ever built and no DVC process runs, so the cost is that of one directory, whatever the registry holds.
What DVC believes (an object by its file mode, a directory by its listing) is not believed here.
"""

from __future__ import annotations

import functools
import hashlib
import io
import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from modelmark.adapters.byte_pump import pump, read_all, writer
from modelmark.adapters.dvc_files import URL, split_config
from modelmark.adapters.object_files import disk_errors, new_file
from modelmark.adapters.object_folder import ObjectFolder, listing_bytes
from modelmark.adapters.object_remote import ObjectRemote, without_secrets
from modelmark.adapters.object_streams import Patience
from modelmark.domain.artifacts import ListedFile, Nearby, Stored, parse_listing
from modelmark.domain.names import shown
from modelmark.errors import Corrupt, InvalidInput, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from contextlib import AbstractContextManager

_LISTING_LIMIT = 64 << 20
_EXTRAS = ("azure", "gs", "s3", "ssh", "webdav")  # of ours, in pyproject.toml


@dataclass(frozen=True, repr=False)
class DvcStorage:
    """The storage of one registry: `open` it in a clone, or reach it `at` a URL without one.

    Reading never changes the remote, and no method removes or replaces an object that is there.
    """

    _remote: ObjectRemote
    _cache: ObjectFolder | None

    @classmethod
    def open(cls, root: Path, remote: str | None) -> DvcStorage:
        """The storage that `.dvc/config` (and config.local, global and system) of a work tree names.

        Args:
            root: the work tree, with `.dvc/` in it.
            remote: a remote's name; None means the default one, `core.remote`.

        Raises:
            InvalidInput: no `.dvc`, a malformed configuration, or no such remote.
            StorageError: the kind of remote needs a package that is not installed.
        """
        folder = root.absolute() / ".dvc"
        if not folder.is_dir():
            raise InvalidInput(f"{root} has no .dvc folder", "run `modelmark init` in the registry's root")
        config = _load_config(folder)
        name = remote or config["core"].get("remote")
        if not name:
            raise InvalidInput("no default DVC remote is set", "run `dvc remote default <name>`")
        cache = _open_cache(Path(config["cache"].get("dir") or folder / "cache"), config["cache"])
        return cls(_connect(config, name=name), cache)

    @classmethod
    def at(cls, url: str, *, base: Path | None = None) -> DvcStorage:
        """The storage at a URL, for reading without a clone.

        Args:
            url: what `.dvc/config` says: a URL, or a path. Options such as credentials come from a remote with this URL in
                the user's global or system DVC config.
            base: the folder that a relative path starts from, i.e. the `.dvc` folder that says so.

        Raises:
            InvalidInput: a relative path without `base`, a malformed configuration, an unknown kind of URL.
        """
        if not URL.match(url):
            path = Path(url).expanduser()
            if base is None and not path.is_absolute():
                raise InvalidInput(
                    f"the storage {shown(url)} is a path relative to a registry's .dvc folder",
                    "run this in a clone, or use a storage with a full path or URL",
                )
            url = os.path.normpath((base or Path("/")).absolute() / path)
        config = _load_config(None)
        known = (
            options for options in config["remote"].values() if options["url"].rstrip("/") == url.rstrip("/")
        )
        return cls(_connect(config, **{**next(known, {}), "url": url}), None)

    def within(self, silence: float, unwanted: Callable[[], bool] = bool) -> DvcStorage:
        """See the port."""
        return replace(self, _remote=replace(self._remote, patience=Patience(silence, unwanted)))

    @property
    def location(self) -> str:
        """The URL or path for people, without user, password and query."""
        return self._remote.location

    def add(self, source: Path, files: Sequence[str]) -> Stored:
        """Put the files of a directory into the cache, byte for byte as `dvc add` would; each is read once.

        Args:
            source: the directory.
            files: paths below it, relative and with `/`.

        Raises:
            InvalidInput: a bad path, not a regular file, a file that changed while it was read, or one whose md5
                belongs to other bytes, too.
            StorageError: the disk of the cache is full or may not be written.
        """
        return self._writable_cache().add(source, files)

    def push(self, stored: Stored) -> int:
        """Copy what the remote lacks from the cache, the listing last; return how many objects were copied.

        Each file is asked for (DVC takes a listing as proof), so a remote that lost one gets it back.

        Raises:
            StorageError: the cache does not hold the bytes any more, the remote is full; Denied; Unreachable.
            Corrupt: the remote has an object of another size; it is left alone.
        """
        cache, listing = self._writable_cache(), stored.pointer.md5
        sizes = {file.md5: file.size for file in stored.files} | {listing: len(listing_bytes(stored.files))}
        exists = self._remote.root is None or self._remote.root.is_dir()
        present = self._remote.sizes(sizes) if exists else {}
        for md5, size in present.items():
            if size is not None and size != sizes[md5]:
                raise self._remote.wrong_size(md5, size, sizes[md5])
        absent = [md5 for md5 in sizes if md5 not in present]
        for md5 in absent:
            path = cache.object_path(md5)
            if not path.is_file() or path.stat().st_size != sizes[md5]:
                raise StorageError(
                    f"the DVC cache has lost object {md5}", "run the command again from the start"
                )
        self._remote.upload(cache, [md5 for md5 in absent if md5 != listing])
        self._remote.upload(cache, [md5 for md5 in absent if md5 == listing])
        return len(absent)

    def listing(self, pointer_md5: str) -> tuple[ListedFile, ...]:
        """The files of a directory as the remote's `.dir` object lists them.

        Raises:
            Missing, Denied, Unreachable: the storage.
            Corrupt: other bytes than those of the id, more than 64 MiB, or not a listing.
        """
        data = bytearray()
        with self._remote.reading(pointer_md5, None) as read:
            read_all(read, data.extend, _LISTING_LIMIT + 1)
        if len(data) > _LISTING_LIMIT:
            raise Corrupt(f"the directory listing {pointer_md5} in {self.location} is larger than 64 MiB")
        return parse_listing(bytes(data), pointer_md5)

    def missing(self, md5s: Iterable[str]) -> frozenset[str]:
        """Which of these objects (files and listings) the remote does not have.

        Raises:
            Denied, Unreachable: the storage; no answer is never taken for "not there".
        """
        wanted = frozenset(md5s)
        return wanted - self._remote.sizes(wanted).keys()

    def near(self, md5: str) -> Nearby | None:
        """See the port."""
        return self._remote.near(md5)

    def reading(
        self, md5: str, size: int, start: int = 0
    ) -> AbstractContextManager[Callable[[memoryview], int]]:
        """See the port; Missing, Denied and Unreachable may also come while it is read."""
        return self._remote.reading(md5, size, start)

    def fetch(self, md5: str, target: Path, size: int) -> str:
        """Stream one object into a new file and return the sha256 of what came.

        Args:
            target: must not exist; removed again on any error.
            size: what the manifest lists; never is more read than the one byte that proves it too long.

        Raises:
            Missing, Denied, Unreachable: the storage.
            Corrupt: another size.
            StorageError: the disk of `target` is full or may not be written.
        """
        digest = hashlib.sha256()
        with self.reading(md5, size) as read, disk_errors(target.parent), new_file(target) as sink:
            count = pump(read, digest.update, writer(sink), size + 1)
            if count != size:
                raise self._remote.wrong_size(md5, count, size)
        return digest.hexdigest()

    def _writable_cache(self) -> ObjectFolder:
        if self._cache is None:
            raise StorageError(f"{self.location} was opened for reading", "run this in a clone")
        return self._cache


def declared_remotes(config: bytes) -> tuple[dict[str, str], tuple[str, ...]]:
    """Read a committed `.dvc/config` with DVC's own parser, so that both always see the same.

    Returns:
        The URL of each remote as it is written, and every other key as `section.key`, sorted.

    Raises:
        InvalidInput: not UTF-8 or not a configuration, with the line.
    """
    _import_dvc()
    from dvc.config import Config, ConfigError  # noqa: PLC0415

    class _Text:
        def open(self, path: str) -> io.StringIO:
            return io.StringIO(config.decode())

    try:
        parsed: dict[str, Any] = Config.load_file(".dvc/config", fs=_Text())
    except (ConfigError, SyntaxError, ValueError) as error:
        line = getattr(error.__cause__ or error, "line_number", None) or 0
        raise InvalidInput(
            f"not a DVC configuration: {shown(str(error))}", path=".dvc/config", line=line
        ) from error
    return split_config(parsed)


@functools.cache
def _import_dvc() -> None:
    """Import DVC, then undo what that does: it wraps `sys.stdout`, and gives three loggers handlers that print to it."""
    if "dvc" in sys.modules:
        return  # somebody chose how DVC talks
    streams = sys.stdout, sys.stderr
    import logging  # noqa: PLC0415

    import dvc.config  # noqa: F401, PLC0415

    sys.stdout, sys.stderr = streams
    for name in ("dvc", "dvc_data", "dvc_objects"):
        logging.getLogger(name).handlers.clear()
    for name in ("dvc", "dvc_data", "dvc_objects", "adlfs", "azure", "fsspec", "gcsfs"):
        logging.getLogger(name).addHandler(logging.NullHandler())  # else Python shows what nobody asked for


def _load_config(folder: Path | None) -> Any:
    """The merged configuration of a `.dvc` folder, or of the user and system alone."""
    _import_dvc()
    from dvc.config import Config, ConfigError  # noqa: PLC0415

    try:
        return Config(folder)
    except (ConfigError, SyntaxError) as error:
        raise InvalidInput(f"the DVC configuration is not valid: {shown(str(error), 400)}") from error


def _open_cache(folder: Path, options: dict[str, Any]) -> ObjectFolder:
    from dvc_data.hashfile.db import get_odb  # noqa: PLC0415
    from dvc_objects.fs.local import localfs  # noqa: PLC0415

    database = get_odb(localfs, str(folder / "files" / "md5"), **options)  # type: ignore[no-untyped-call]
    return ObjectFolder(Path(database.path), database.makedirs)


def _connect(config: Any, **chosen: str) -> ObjectRemote:
    """The remote of this `name`, or of this `url` with its options."""
    from dvc.config import ConfigError  # noqa: PLC0415
    from dvc.fs import RemoteMissingDepsError, get_cloud_fs, get_fs_config  # noqa: PLC0415
    from dvc_data.hashfile.db import get_odb  # noqa: PLC0415
    from dvc_objects.fs.local import localfs  # noqa: PLC0415

    url = chosen.get("url", "")
    try:
        url = get_fs_config(config, **chosen)["url"]
        kind, options, path = get_cloud_fs(config, **chosen)
        # DVC's client for SSH asks on the terminal for what it was not given, and waits for ever.
        fs = kind(**options, **({"client_factory": None} if kind.protocol == "ssh" else {}))
    except (ConfigError, KeyError, ValueError) as error:
        raise InvalidInput(
            f"the DVC remote {shown(chosen.get('name') or without_secrets(url))} cannot be used: {shown(str(error), 400)}",
            "see `dvc remote list`",
        ) from error
    except (ImportError, RemoteMissingDepsError) as error:
        scheme = urlsplit(url).scheme
        raise StorageError(
            f"DVC has no support for {scheme} storage installed",
            f'run `pip install "{"modelmark" if scheme in _EXTRAS else "dvc"}[{scheme}]"`',
        ) from error
    if options.get("version_aware") or options.get("worktree"):
        raise InvalidInput("a cloud-versioned DVC remote has no objects", "unset version_aware, worktree")
    folder = Path(path) if fs.protocol == "local" else None
    location = without_secrets(url) if folder is None else str(folder)
    if folder is not None and URL.match(url):
        raise InvalidInput("DVC does not know this kind of storage URL", "write the path itself for a folder")
    options["hash_name"] = "md5"
    database = get_odb(fs, fs.join(path, "files", "md5"), **options)  # type: ignore[no-untyped-call]
    hard = "hardlink" in (config["cache"].get("type") or ())
    return ObjectRemote(location, database, folder, localfs, hard=hard)
