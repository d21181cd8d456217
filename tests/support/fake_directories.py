"""Plain directories outside the registry, as `pull` and `register` see them."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from modelmark.domain.artifacts import Content, Nearby, Source
from modelmark.domain.json_values import Json
from modelmark.domain.memory import Seen
from modelmark.errors import InvalidInput

Fill = Callable[[memoryview], int]


@dataclass(frozen=True)
class FakeObjects:
    """Objects by SHA-256."""

    kept: dict[str, bytes]

    def put(
        self,
        wanted: Content,
        target: Path,
        source: Callable[[int], AbstractContextManager[Fill]],
        near: Nearby | None = None,
    ) -> Content:
        if wanted.sha256 not in self.kept:
            buffer = memoryview(bytearray(wanted.size + 1))
            count = 0
            with source(0) as fill:
                while count <= wanted.size and (more := fill(buffer[count:])):
                    count += more
            found = Content(hashlib.sha256(buffer[:count]).hexdigest(), count)
            if found != wanted:
                return found
            self.kept[wanted.sha256] = bytes(buffer[:count])
        target.write_bytes(self.kept[wanted.sha256])
        return wanted

    def sweep(self, wanted: Collection[str]) -> None:
        for sha256 in set(self.kept) - set(wanted):
            del self.kept[sha256]


@dataclass
class FakeDirectories:
    """Targets of `pull` in memory (sources are read from disk, as the fake storage does)."""

    releases: dict[tuple[Path, str], dict[str, bytes]] = field(default_factory=dict)
    current: dict[Path, str] = field(default_factory=dict)
    about: dict[Path, Mapping[str, Json]] = field(default_factory=dict)
    staging: list[Path] = field(default_factory=list)
    memory: dict[Path, Seen] = field(default_factory=dict)
    kept: dict[str, bytes] = field(default_factory=dict)
    published: int = 0

    def inspect(self, source: Path) -> Source:
        if not source.is_dir():
            raise InvalidInput(f"{source} is not a directory")
        files = tuple(
            sorted(path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file())
        )
        documents = {
            name: json.loads((source / name).read_text()) for name in files if name.endswith(".json")
        }
        texts = {name: (source / name).read_text().strip() for name in files if name == "data_version.txt"}
        return Source(files, documents, texts)

    def document(self, path: Path) -> Json:
        found: Json = json.loads(path.read_text())
        return found

    @contextmanager
    def lock(self, target: Path) -> Iterator[None]:
        yield

    def holds(self, target: Path, name: str, sizes: Mapping[str, int]) -> bool:
        found = self.releases.get((target, name), {})
        return self.current.get(target) == name and {path: len(data) for path, data in found.items()} == sizes

    def verify(self, target: Path, name: str, sha256s: Mapping[str, str]) -> bool:
        found = self.releases.get((target, name))
        return (
            found is not None
            and {path: hashlib.sha256(data).hexdigest() for path, data in found.items()} == sha256s
        )

    @contextmanager
    def stage(self, target: Path) -> Iterator[Path]:
        with tempfile.TemporaryDirectory() as folder:
            self.staging.append(Path(folder))
            yield Path(folder)

    def seen(self, target: Path) -> Seen:
        return self.memory.get(target, Seen())

    def remember(self, target: Path, seen: Seen) -> None:
        self.memory[target] = seen

    def objects(self, target: Path, cache: Path | None) -> FakeObjects:
        return FakeObjects(self.kept)

    def publish(
        self, target: Path, staged: Path | None, name: str, about: Mapping[str, Json], keep: int
    ) -> Path:
        self.published += 1
        if staged is not None:
            files = [path for path in staged.rglob("*") if path.is_file()]
            self.releases[target, name] = {
                path.relative_to(staged).as_posix(): path.read_bytes() for path in files
            }
        self.current[target], self.about[target] = name, about
        return target / "current"
