"""Plain directories outside the registry, as `pull` and `register` see them."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from modelmark.domain.artifacts import Source
from modelmark.domain.json_values import Json
from modelmark.errors import InvalidInput


@dataclass
class FakeDirectories:
    """Targets of `pull` in memory (sources are read from disk, as the fake storage does)."""

    releases: dict[tuple[Path, str], dict[str, bytes]] = field(default_factory=dict)
    current: dict[Path, str] = field(default_factory=dict)
    about: dict[Path, Mapping[str, Json]] = field(default_factory=dict)
    staging: list[Path] = field(default_factory=list)
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

    def publish(self, target: Path, staged: Path | None, name: str, about: Mapping[str, Json]) -> Path:
        self.published += 1
        if staged is not None:
            files = [path for path in staged.rglob("*") if path.is_file()]
            self.releases[target, name] = {
                path.relative_to(staged).as_posix(): path.read_bytes() for path in files
            }
        self.current[target], self.about[target] = name, about
        return target / "current"
