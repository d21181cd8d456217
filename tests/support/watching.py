"""A watch over a registry in memory: a clock that only a script moves, a hook that does as it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from modelmark.domain.history import Assignment, Facts, RawTag
from modelmark.domain.json_values import Json
from modelmark.domain.references import ByAlias
from modelmark.domain.watching import Memory, Pace, Release, Watched
from modelmark.errors import Missing
from modelmark.usecases.ports import Documents, Storage
from modelmark.usecases.pull import LocalReleases
from modelmark.usecases.watch import watch
from modelmark.usecases.watch_ports import Order, Surroundings
from tests.support.desk import PROD, Desk, M

TARGET = Path("/srv/model")


class Done(BaseException):
    """The script is over."""


@dataclass
class FakeSource:
    """The remote's tags as they are now; raises what it is told to."""

    desk: Desk
    failure: Exception | None = None
    asked: list[str] = field(default_factory=list)

    @property
    def _local(self) -> LocalReleases:
        return LocalReleases(self.desk.workspace, Path("/srv/clone"))

    def _reach(self, what: str) -> None:
        self.asked.append(what)
        if self.failure is not None:
            raise self.failure

    def first_missing(self, names: Sequence[str]) -> str | None:
        self._reach("names")
        return next((name for name in names if f"refs/tags/{name}" not in self.desk.refs), None)

    def tags(self, patterns: Sequence[str]) -> list[RawTag]:
        self._reach("tags")
        names = {ref.removeprefix("refs/tags/"): oid for ref, oid in self.desk.refs.items()}
        return [
            RawTag(name, oid, self.desk.git.objects.tags.get(oid))
            for name, oid in names.items()
            if any(fnmatchcase(name, pattern) for pattern in patterns)
        ]

    def facts(self) -> Facts:
        return self._local.facts()

    def confirm(self, assignment: Assignment) -> None:
        """Without a clone there is nothing to hold it against."""

    @property
    def documents(self) -> Documents:
        return self._local.documents

    @property
    def address(self) -> str:
        return "memory:server"

    def manifest(self, oid: str) -> bytes | None:
        return self._local.manifest(oid)

    def storage(self) -> Storage:
        return self._local.storage()


@dataclass
class FakeShelf:
    """The port `Shelf` beside `FakeDirectories`."""

    desk: Desk
    known: dict[str, Release] = field(default_factory=dict)
    memory: Memory | None = None
    written: list[Memory] = field(default_factory=list)
    failure: Exception | None = None
    kept: list[str] = field(default_factory=list)

    def visible(self, target: Path) -> Release | None:
        directories = self.desk.directories
        name = directories.current.get(target)
        if name is None:
            return None
        about = {key: value or "" for key, value in directories.about[target].items()}
        keys = ("model", "version", "tag", "assignment", "assignment_id", "manifest_sha256")
        self.known[name] = Release(name, *(str(about[key]) for key in keys))
        return self.known[name]

    def restore(self, target: Path, release: Release) -> None:
        if (target, release.name) not in self.desk.directories.releases:
            raise Missing(f"the release {release.name} is not there any more")
        self.desk.directories.current[target] = release.name
        self.desk.directories.about[target] = {
            key: getattr(release, key) for key in Release.__dataclass_fields__
        }

    def keep(self, target: Path, release: Release) -> None:
        self.kept.append(release.name)

    @contextmanager
    def alone(self, target: Path) -> Iterator[None]:
        yield

    def recall(self, target: Path) -> Memory | None:
        return self.memory

    def remember(self, target: Path, memory: Memory) -> None:
        if self.failure is not None:
            raise self.failure
        self.memory = memory
        self.written.append(memory)


@dataclass
class FakeClock:
    """Time as a stage has it."""

    stage: Stage
    wait: Callable[[float], None]

    def now(self) -> float:
        return self.stage.now

    def chance(self) -> float:
        return self.stage.chance


@dataclass
class Stage:
    """One watch and all that it touches. `play` runs it; each entry of the script happens while it waits once."""

    desk: Desk
    source: FakeSource
    shelf: FakeShelf
    hook: Callable[[Mapping[str, Json]], str] | None = None
    now: float = 0.0
    chance: float = 0.5
    told: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    shown: list[Watched] = field(default_factory=list)
    hooks: list[Mapping[str, Json]] = field(default_factory=list)
    looks: int = 0
    reporter: Callable[[Release], bool] | None = None

    @classmethod
    def new(cls, desk: Desk) -> Stage:
        return cls(desk, FakeSource(desk), FakeShelf(desk))

    @property
    def state(self) -> Watched:
        return self.shown[-1]

    @property
    def live(self) -> bytes:
        """The weights that readers get."""
        directories = self.desk.directories
        name = directories.current.get(TARGET, "")
        return directories.releases.get((TARGET, name), {}).get("model.safetensors", b"")

    def play(self, *script: Callable[[], object] | None) -> Stage:
        scenes = iter(script)

        @contextmanager
        def opened() -> Iterator[FakeSource]:
            self.looks += 1
            if self.source.failure is None:
                self.desk.git.fetch_main("main")
            yield self.source

        def wait(seconds: float) -> None:
            self.waits.append(seconds)
            self.now += seconds
            try:
                scene = next(scenes)
            except StopIteration:
                raise Done from None
            if scene is not None:
                scene()

        def hook(message: Mapping[str, Json]) -> str:
            self.hooks.append(message)
            assert self.hook is not None
            return self.hook(message)

        around = Surroundings(
            self.source,
            opened,
            self.desk.directories,
            self.shelf,
            hook if self.hook else None,
            FakeClock(self, wait),
            lambda state, _: self.shown.append(state),
            self.told.append,
            self.reporter,
        )
        with pytest.raises(Done):
            watch(around, Order(ByAlias(M, PROD), TARGET, Pace(every=30.0)))
        return self
