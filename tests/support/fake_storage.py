"""A storage in memory with the manners of the real one; tests of use-cases break it as they need."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from modelmark.domain.artifacts import ListedFile, Nearby, Pointer, Stored, StoredFile, parse_listing
from modelmark.domain.names import check_path_set, parse_artifact_path
from modelmark.errors import Corrupt, InvalidInput, Missing, StorageError


@dataclass
class FakeStorage:
    """Objects by id: `remote` is what everybody sees, `cache` what `add` has put in.

    Change `remote` to lose or damage an object; set `failure` to have every question to the remote raise it.
    """

    remote: dict[str, bytes] = field(default_factory=dict)
    cache: dict[str, bytes] = field(default_factory=dict)
    failure: StorageError | None = None
    location: str = "memory:storage"
    silence: float = 0.0

    def add(self, source: Path, files: Sequence[str]) -> Stored:
        paths = sorted(parse_artifact_path(path) for path in files)
        check_path_set(paths)
        done = []
        for path in paths:
            if (source / path).is_symlink() or not (source / path).is_file():
                raise InvalidInput(f"{path} is not a regular file", path=path)
            data = (source / path).read_bytes()
            md5 = hashlib.md5(data).hexdigest()
            self.cache[md5] = data
            done.append(StoredFile(path, len(data), hashlib.sha256(data).hexdigest(), md5))
        listing = json.dumps([{"md5": file.md5, "relpath": file.path} for file in done]).encode()
        pointer = Pointer(hashlib.md5(listing).hexdigest() + ".dir", sum(f.size for f in done), len(done))
        self.cache[pointer.md5] = listing
        return Stored(pointer, tuple(done))

    def push(self, stored: Stored) -> int:
        wanted = [*{file.md5: None for file in stored.files}, stored.pointer.md5]
        absent = [md5 for md5 in wanted if md5 in self.missing(wanted)]
        for md5 in absent:
            if md5 not in self.cache:
                raise StorageError(f"the DVC cache has lost object {md5}")
            self.remote[md5] = self.cache[md5]
        return len(absent)

    def listing(self, pointer_md5: str) -> tuple[ListedFile, ...]:
        return parse_listing(self._read(pointer_md5), pointer_md5)

    def missing(self, md5s: Iterable[str]) -> frozenset[str]:
        if self.failure is not None:
            raise self.failure
        return frozenset(md5s) - self.remote.keys()

    def within(self, silence: float, unwanted: Callable[[], bool]) -> FakeStorage:
        self.silence = silence
        return self

    def near(self, md5: str) -> Nearby | None:
        return None

    @contextmanager
    def reading(self, md5: str, size: int, start: int = 0) -> Iterator[Callable[[memoryview], int]]:
        yield io.BytesIO(self._read(md5)[start:]).readinto

    def fetch(self, md5: str, target: Path, size: int) -> str:
        data = self._read(md5)
        if len(data) != size:
            raise Corrupt(f"object {md5} has {len(data)} bytes instead of {size}")
        if target.exists():
            raise StorageError(f"{target} exists")
        target.write_bytes(data)
        return hashlib.sha256(data).hexdigest()

    def _read(self, md5: str) -> bytes:
        if self.failure is not None:
            raise self.failure
        if md5 not in self.remote:
            raise Missing(f"object {md5} is not in the storage")
        return self.remote[md5]
