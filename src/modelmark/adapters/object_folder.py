"""A folder of objects on this machine, laid out as DVC does (`xx/rest-of-md5`): the cache, or a remote that is a folder.

Hides how a file becomes an object without being read twice, and when an object that is there may be kept.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelmark.adapters import byte_pump, object_files
from modelmark.domain.artifacts import DIRECTORY_MD5, MD5, Pointer, Stored, StoredFile
from modelmark.domain.names import check_path_set, parse_artifact_path, shown
from modelmark.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path


@dataclass(frozen=True)
class ObjectFolder:
    """Objects below `path`; `make_folder` makes a folder and its parents with the modes that DVC is told to use."""

    path: Path
    make_folder: Callable[[str], object]

    def object_path(self, oid: str) -> Path:
        """The file of an object."""
        object_id(oid)
        return self.path / oid[:2] / oid[2:]

    def add(self, source: Path, files: Sequence[str]) -> Stored:
        """Put files and their listing in, see `DvcStorage.add`."""
        paths = sorted(parse_artifact_path(path) for path in files)
        check_path_set(paths)
        with object_files.disk_errors(self.path):
            self.make_folder(str(self.path))
            object_files.reap(self.path)
            done: list[StoredFile] = []
            known: dict[str, StoredFile] = {}
            for path in paths:
                file = self._add_file(source, path)
                if known.setdefault(file.md5, file).sha256 != file.sha256:
                    raise _collision(path, file.md5)
                done.append(file)
            listing = listing_bytes(done)
            oid = hashlib.md5(listing, usedforsecurity=False).hexdigest() + ".dir"
            with object_files.draft(self.path) as draft:
                draft.write(listing)
                self._settle(draft, oid, "the listing")
        return Stored(Pointer(oid, sum(file.size for file in done), len(done)), tuple(done))

    def receive(self, other: ObjectFolder, oids: Iterable[str]) -> None:
        """Copy objects from another folder, in this order.

        DVC's own copy leaves its temporary file behind when the disk is full, so that it stays full.
        """
        self.make_folder(str(self.path))
        object_files.reap(self.path)
        for oid in oids:
            with object_files.draft(self.path) as draft:
                object_files.copy_into(draft, other.object_path(oid))
                self._publish(draft, oid)

    def _add_file(self, source: Path, path: str) -> StoredFile:
        md5, sha256 = hashlib.md5(usedforsecurity=False), hashlib.sha256()
        with object_files.open_source(source, path) as file, object_files.draft(self.path) as draft:

            def hash_and_copy(view: memoryview) -> None:
                sha256.update(view)
                draft.write(view)

            # md5 takes twice as long as sha256 where the processor knows sha256, so it gets a thread of its own.
            size = byte_pump.pump(file.read, md5.update, hash_and_copy, file.before.st_size + 1)
            file.check_unchanged(size)
            self._settle(draft, md5.hexdigest(), path)
        return StoredFile(path, size, sha256.hexdigest(), md5.hexdigest())

    def _settle(self, draft: object_files.Draft, oid: str, path: str) -> None:
        """Make a draft the object of this id, unless the very same bytes are there already.

        The mode 0444 of what is there proves nothing. A large file that was added before is written once more, only
        to be compared and dropped: that is faster than to hash both, and one read sees one state of the file.
        """
        target = self.object_path(oid)
        if draft.same_as(target):
            return
        if object_files.md5_of(target) == oid.removesuffix(".dir"):
            raise _collision(path, oid)
        self._publish(draft, oid)

    def _publish(self, draft: object_files.Draft, oid: str) -> None:
        target = self.object_path(oid)
        if not target.parent.is_dir():
            self.make_folder(str(target.parent))
        draft.publish(target)


def object_id(md5: str) -> str:
    """The id itself: only hex may become a path in a storage."""
    if not MD5.fullmatch(md5) and not DIRECTORY_MD5.fullmatch(md5):
        raise InvalidInput(f"{shown(md5)} is not the id of a DVC object")
    return md5


def listing_bytes(files: Sequence[StoredFile]) -> bytes:
    """The `.dir` object, byte for byte as `dvc_data.hashfile.tree.Tree.as_bytes` writes it; files are sorted."""
    return json.dumps([{"md5": file.md5, "relpath": file.path} for file in files]).encode()


def _collision(path: str, oid: str) -> InvalidInput:
    return InvalidInput(
        f"{path} has the md5 {oid}, and so have other bytes in the DVC cache: somebody made it so",
        "DVC can store only one of the two; find out where the file comes from",
        path=path,
    )
