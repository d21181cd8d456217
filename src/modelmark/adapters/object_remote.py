"""The remote end: which objects a DVC remote has, and how one is read as a stream.

Hides the kinds of remotes, and which of the many ways to ask one keeps "no" and "no answer" apart.
"""

from __future__ import annotations

import re
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modelmark.adapters.object_folder import ObjectFolder, object_id
from modelmark.adapters.object_opening import open_file, open_stream
from modelmark.adapters.object_streams import Patience
from modelmark.adapters.storage_errors import classify, storage_errors
from modelmark.domain.artifacts import Nearby
from modelmark.errors import Corrupt, Missing, Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

_MANY = 256  # from here on one listing of the remote is cheaper than a question per object


@dataclass(frozen=True)
class ObjectRemote:
    """A DVC remote.

    Args:
        location: for people, without secrets.
        database: a `dvc_data.hashfile.db.HashFileDB`.
        root: the folder, where the remote is one on this machine.
        disk: `dvc_objects.fs.local.localfs`, which uploads start from.
        patience: how long it may take to read.
        hard: whether the user lets DVC link files out of a folder.
    """

    location: str
    database: Any
    root: Path | None
    disk: Any
    patience: Patience = field(default_factory=Patience)
    hard: bool = False

    def sizes(self, md5s: Iterable[str]) -> dict[str, int | None]:
        """The objects that are there, with their sizes where the storage tells them.

        Raises:
            Denied, Unreachable: never taken for "not there". (`HashFileDB.oids_exist` does that with HTTP errors, and
                on a folder it hashes, changes modes and deletes.)
        """
        asked = sorted(object_id(md5) for md5 in md5s)
        self._check_root()
        present: dict[str, int | None] = {}
        if self.root is None and self.database.fs.CAN_TRAVERSE and len(asked) > _MANY:
            with storage_errors(self.location, "its objects"):
                present = dict.fromkeys(self.database.oids_exist(asked))
            asked = [md5 for md5 in asked if md5 not in present][
                :1
            ]  # once more, in the way that keeps errors apart
        with storage_errors(self.location, "its objects"):
            paths = [self.database.oid_to_path(md5) for md5 in asked]
            answers = self.database.fs.info(paths, return_exceptions=True) if paths else []
        for md5, answer in zip(asked, answers, strict=True):
            if not isinstance(answer, BaseException):
                present[md5] = answer.get("size")
                continue
            error = classify(answer, self.location, f"object {md5}") or answer
            if not isinstance(error, Missing):
                raise error from answer
        return present

    def near(self, md5: str) -> Nearby | None:
        """See the port `Storage`."""
        place = Path(self.database.oid_to_path(object_id(md5)))
        return None if self.root is None else Nearby(place, self.hard)

    @contextmanager
    def reading(self, md5: str, size: int | None, start: int = 0) -> Iterator[Callable[[memoryview], int]]:
        """A function that fills buffers from one object, from its byte `start` on; `size` saves a question."""
        what, path = f"object {object_id(md5)}", self.database.oid_to_path(md5)
        self._check_root()
        with storage_errors(self.location, what):
            if self.root is not None:
                stream: Any = open_file(path, start)
            else:
                stream = open_stream(self.database.fs, path, start, size, self.patience)

        def read(view: memoryview) -> int:
            with storage_errors(self.location, what):  # apart from errors of the disk that the bytes go to
                count: int = stream.readinto(view)
                return count

        with closing(stream):
            yield read

    def upload(self, source: ObjectFolder, md5s: Sequence[str]) -> None:
        """Copy objects from the cache; where one fails, no later call of the caller's should follow."""
        if not md5s:
            return
        try:
            with storage_errors(self.location, "its objects"):
                if self.root is not None:
                    ObjectFolder(Path(self.database.path), self.database.makedirs).receive(source, md5s)
                else:
                    from_paths = [str(source.object_path(md5)) for md5 in md5s]
                    self.database.add(from_paths, self.disk, list(md5s), check_exists=False, verify=False)
        except Missing as error:  # a server of WebDAV makes no folder above its own
            raise Unreachable(
                f"the storage {self.location} does not exist", "make its folder, or check the address"
            ) from error

    def wrong_size(self, md5: str, found: int, wanted: int) -> Corrupt:
        """The error for an object of another size; one that is too long was not read to its end."""
        amount = f"more than {wanted}" if found > wanted else f"{found} instead of {wanted}"
        return Corrupt(
            f"object {md5} in the storage {self.location} has {amount} bytes",
            "delete it there and push the version again from a clone that has it",
        )

    def _check_root(self) -> None:
        if self.root is not None and not self.root.is_dir():
            raise Unreachable(
                f"the storage folder {self.root} does not exist (is it mounted?)",
                "mount it; the first push of a registry creates it",
            )


def without_secrets(url: str) -> str:
    """The URL without user, password and query."""
    return re.split("[?#]", re.sub(r"//[^/?#]*@", "//", url))[0]
