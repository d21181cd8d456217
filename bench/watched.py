"""A registry whose alias `load@prod` can be moved at will, and watches of it as processes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import urlopen

from bench.git_text import WHO, environment, run
from bench.measure import MODELMARK, command
from bench.registries import Shape, ensure
from modelmark.adapters.git import GitRunner
from modelmark.adapters.git_reader import GitReader
from modelmark.adapters.git_writer import GitWriter
from modelmark.adapters.yaml_files import YamlFiles
from modelmark.domain import layout
from modelmark.domain.aliases import Desired
from modelmark.domain.fold import fold
from modelmark.domain.history import Facts
from modelmark.domain.names import AliasName, ModelName
from modelmark.domain.plan import NewTag, assignment_message
from modelmark.domain.policy import Way
from modelmark.domain.tags import AssignmentTag, Person
from modelmark.domain.versions import parse_version

_MODEL, _PROD = ModelName("load"), AliasName("prod")
_TICKS = os.sysconf("SC_CLK_TCK")
_HOST = "127.0.0.1"
_START_AT_ONCE = 4


@dataclass(frozen=True)
class Watched:
    """The registry: `hub` is served, `clone` is where tags are made."""

    hub: Path
    clone: Path

    @classmethod
    def make(cls, work: Path, shape: Shape, size: int) -> Watched:
        """A copy of a generated registry, with two versions of a model of `size` bytes; prod means the first."""
        made = ensure(work, shape, Way.DIRECT)
        place = work / "watched"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(made.hub, place / "hub.git")
        run(place, "clone", "--quiet", "--no-tags", str(place / "hub.git"), "clone")
        found = cls(place / "hub.git", place / "clone")
        for version in (1, 2):
            found._register(version, size)
        run(found.clone, "fetch", "--quiet", "origin", "main", f"refs/tags/{_MODEL}*:refs/tags/{_MODEL}*")
        run(found.clone, "reset", "--quiet", "--hard", "origin/main")
        run(found.clone, "commit", "--quiet", "--allow-empty", "-m", "What prod should mean")
        run(found.clone, "push", "--quiet", "origin", "HEAD:main")
        found.assign(1)
        return found

    def _register(self, version: int, size: int) -> None:
        source = self.hub.parent / f"source-{version}"
        source.mkdir()
        header = json.dumps({"w": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}).encode()
        header += b" " * (-len(header) % 8)
        weights = len(header).to_bytes(8, "little") + header + os.urandom(size)
        (source / "model.safetensors").write_bytes(weights)
        (source / "metrics.json").write_text('{"f1": 0.93}\n')
        (source / "data_version.txt").write_text("v3\n")
        (source / "train_args.json").write_text('{"git_commit": "%s", "git_dirty": false}\n' % ("1" * 40))
        command([MODELMARK, "register", str(source), "--model", str(_MODEL)], self.clone)()

    def assign(self, version: int) -> None:
        """The next assignment of prod, as `apply` makes it, pushed."""
        runner = GitRunner(self.clone)
        reader, writer = GitReader(runner, "origin"), GitWriter(runner)
        policy = YamlFiles().policy((self.clone / layout.POLICY).read_bytes(), layout.POLICY)
        history = fold(
            reader.tags([f"{_MODEL}*"]), Facts(policy.registry_id, lambda _: True, lambda *_: True)
        )
        name = AssignmentTag(_MODEL, _PROD, history.observed(_PROD) + 1)
        desired = Desired(parse_version(str(version)), name.number, "load")
        message = assignment_message(policy.registry_id, name, desired, history, {})
        name_, email = WHO.rstrip(">").split(" <")
        who = Person(name_, email, datetime.now(UTC).replace(microsecond=0))
        tag = writer.make_tag(NewTag(name, run(self.clone, "rev-parse", "HEAD"), who, message))
        writer.create_refs({f"refs/tags/{name}": tag})
        run(self.clone, "push", "--quiet", "origin", f"refs/tags/{name}")


@dataclass
class Flock:
    """Watches as processes, each with a directory of its own.

    Attributes:
        processes: the watches.
        targets: where each one keeps its release.
        urls: where each one answers.
    """

    processes: list[subprocess.Popen[str]] = field(default_factory=list)
    targets: list[Path] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)

    def start(self, url: str, folder: Path, every: float, patience: float) -> None:
        """Start one more, and wait until it has its first release where too many are starting."""
        target = folder / f"watch-{len(self.targets)}"
        words = [
            "watch",
            f"{_MODEL}@{_PROD}",
            "--registry",
            url,
            "--to",
            str(target),
            "--every",
            f"{every:g}s",
        ]
        process = subprocess.Popen(
            [MODELMARK, *words, "--health", f"{_HOST}:0"],
            env=environment(),
            stderr=subprocess.PIPE,
            text=True,
        )
        self.processes.append(process)
        self.targets.append(target)
        deadline = time.monotonic() + patience
        while sum(not _link(one) for one in self.targets) >= _START_AT_ONCE and time.monotonic() < deadline:
            time.sleep(0.05)

    def settle(self, patience: float) -> None:
        """Wait until all have their first release, and learn where they answer."""
        arrived(dict.fromkeys(self.targets, ""), patience)
        for process in self.processes:
            assert process.stderr is not None
            self.urls.append(process.stderr.readline().split()[-1])

    def polls(self) -> float:
        """How often they have asked the registry."""
        return sum(_figure(url, "modelmark_polls_total") for url in self.urls)

    def cpu(self) -> float:
        """Processor seconds of all, and of the programs that they ran."""
        found = 0
        for process in self.processes:
            fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
            found += sum(int(one) for one in fields[11:15])
        return found / _TICKS

    def memory(self) -> list[float]:
        """MB of each: its own and its part of what they share."""
        texts = (Path(f"/proc/{process.pid}/smaps_rollup").read_text() for process in self.processes)
        return [int(text.partition("Pss:")[2].split()[0]) / 1000 for text in texts]

    def stop(self) -> list[int]:
        """SIGTERM to all; their exit codes."""
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        return [_end(process) for process in self.processes]


def arrived(before: dict[Path, str], patience: float) -> list[float]:
    """Seconds until each target shows another release than before; infinite where it does not in time."""
    begin = time.monotonic()
    left, taken = dict(before), []
    while left and time.monotonic() - begin < patience:
        for target in [target for target, link in left.items() if _link(target) not in ("", link)]:
            taken.append(time.monotonic() - begin)
            del left[target]
        time.sleep(0.02)
    return taken + [float("inf")] * len(left)


def links(targets: Sequence[Path]) -> dict[Path, str]:
    """What each target shows."""
    return {target: _link(target) for target in targets}


@contextmanager
def flock() -> Iterator[Flock]:
    """Watches, none of which outlives this."""
    found = Flock()
    try:
        yield found
    finally:
        for process in found.processes:
            process.kill()
        for process in found.processes:
            process.wait()


def _link(target: Path) -> str:
    try:
        return str((target / "current").readlink())
    except OSError:
        return ""


def _figure(url: str, name: str) -> float:
    with urlopen(f"{url}/metrics", timeout=60) as answer:
        lines = answer.read().decode().splitlines()
    return next(float(line.split()[-1]) for line in lines if line.startswith(f"{name} "))


def _end(process: subprocess.Popen[str]) -> int:
    try:
        return process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()
