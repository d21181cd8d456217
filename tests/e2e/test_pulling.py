"""A consumer without a clone: storages that fail, disks that are full, kills at any moment, many at once."""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.crash import COULD_NOT, NO, Finished, run_program, says, start_program
from tests.support.fault_server import FaultServer, fault_server
from tests.support.trained import trained
from tests.support.world import World, files_below, git

LARGE = 3 << 20


def files_of(seed: str) -> dict[str, bytes]:
    """Weights that come in several pieces, and the small files that the gate asks for."""
    weights = {f"weights-{n}.bin": f"{seed}{n}".encode().ljust(16, b"-") * (LARGE // 16) for n in (1, 2)}
    return {**trained(seed), **weights}


@pytest.fixture(scope="module")
def large_world(empty_world: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """m@1 is live; m@2 was live before it; their weights are large enough to be caught half-way."""
    world = World(
        shutil.copytree(empty_world.root, tmp_path_factory.mktemp("large") / "world", symlinks=True)
    )
    for seed in ("one", "two"):
        world.write(seed, files_of(seed))
        made = world.register(world.root / "out" / seed)
        world.merge((made.submitted and made.submitted.branch) or "")
        world.apply()
        world.live(int(str(made.version)), "staging")
    return world


@pytest.fixture
def large(large_world: World, tmp_path: Path) -> World:
    return World(shutil.copytree(large_world.root, tmp_path / "world", symlinks=True))


@pytest.fixture
def server(large: World) -> Iterator[FaultServer]:
    """The storage over HTTP, and a registry that says so."""
    with fault_server(large.root) as made:
        text = git(large.hub, "cat-file", "blob", "main:registry.yaml", strip=False)
        large.commit({"registry.yaml": text.replace("../../storage", f"{made.url}/storage")})
        yield made


def pull(world: World, reference: str, *options: str, to: str = "srv") -> Finished:
    args = ["pull", reference, "--registry", str(world.hub), "--to", to, *options]
    return run_program(args, world.root)


def current(world: World, to: str = "srv") -> dict[str, bytes]:
    place = world.root / to / "current"
    return files_below(place.resolve()) if place.is_symlink() else {}


FAULTS = {
    "503": "gave no answer",
    "403": "refused access",
    "404": "is not in the storage",
    "stalled": "gave no answer",
    "stalled in the middle": "gave no answer",
    "dripping": "gave no answer",
    "truncated": "gave no answer",
    "truncated without length": "instead of",
    "endless": "more than",
    "login page": "instead of",
    "other bytes": "other bytes",
    "no http": "gave no answer",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_storage_that_fails_ends_in_time_with_its_own_words_and_nothing_becomes_visible(
    fault: str, large: World, server: FaultServer
) -> None:
    assert pull(large, "m@1").code == 0
    weights = [path for path in large.objects() if len(large.objects()[path]) == LARGE]
    server.faults = {path[3:]: fault for path in weights}
    begun = time.monotonic()
    says(pull(large, "m@2", "--timeout", "1"), COULD_NOT, FAULTS[fault])
    assert time.monotonic() - begun < 60
    assert current(large) == files_of("one")
    assert not list((large.root / "srv/.modelmark").glob("staged-*"))
    assert not (large.root / "fresh/current").exists()
    server.faults = {}
    assert pull(large, "m@2").code == 0
    assert current(large) == files_of("two")


def test_a_second_pull_asks_the_storage_nothing_and_a_version_that_differs_little_little(
    large: World, server: FaultServer
) -> None:
    assert pull(large, "m@1").code == 0
    server.requests.clear()
    done = pull(large, "m@1", "--json")
    assert (json.loads(done.out)["unchanged"], server.requests) == (True, [])
    changed = {**files_of("two"), "weights-1.bin": b"3" * LARGE}
    made = large.register(large.write("three", changed))
    large.merge((made.submitted and made.submitted.branch) or "")
    large.apply()
    # Where the author stores and where consumers read are the same place.
    assert pull(large, "m@2").code == 0
    server.requests.clear()
    done = pull(large, "m@3", "--json")
    assert json.loads(done.out)["fetched"] == LARGE
    assert len(server.requests) == 2, "the listing, and one file"
    assert current(large) == changed


def test_offline_serves_what_was_verified_and_fetches_nothing(large: World) -> None:
    says(pull(large, "m@1", "--offline"), COULD_NOT, "nothing on this disk says what m@1 means")
    assert pull(large, "m@1").code == pull(large, "m@staging").code == 0
    large.storage.rename(large.root / "away")
    large.hub.rename(large.root / "hub-away")
    assert pull(large, "m@staging", "--offline").code == 0
    says(pull(large, "m@1", "--offline"), 0, "verified and back")
    assert current(large) == files_of("one")
    (large.root / "srv/releases").rename(large.root / "srv/lost")
    assert pull(large, "m@1", "--offline").code == COULD_NOT, "what is not here cannot be served"


def test_a_registry_that_went_back_is_refused_until_somebody_says_so(large: World) -> None:
    shutil.copytree(large.hub, large.root / "mirror.git")
    large.live(1, "staging", "it was better")
    mirror = ("--registry", str(large.root / "mirror.git"))
    assert pull(large, "m@staging").code == 0
    says(pull(large, "m@staging", *mirror), NO, "m#staging ends at 2 and was at 3 before", "--allow-stale")
    assert current(large) == files_of("one")
    done = pull(large, "m@staging", "--allow-stale", *mirror)
    says(done, 0, "warning: accepted with --allow-stale: m#staging ends at 2")
    assert current(large) == files_of("two")
    assert "ends at 2" in json.loads((large.root / "srv/modelmark.json").read_text())["accepted"][0]


# --- many at once, and kills --------------------------------------------------------------------------------------


def test_twenty_pulls_at_once_into_one_target_fetch_each_object_once(
    large: World, server: FaultServer
) -> None:
    args = ["pull", "m@staging", "--registry", str(large.hub), "--to", "srv"]
    running = [start_program(args, large.root) for _ in range(20)]
    assert [one.wait().code for one in running] == [0] * 20
    assert current(large) == files_of("two")
    paths = [path for path, _ in server.requests]
    assert len(paths) == len(set(paths))


def test_pulls_at_once_into_their_own_targets_share_what_is_large(large: World, server: FaultServer) -> None:
    running = [
        start_program(
            ["pull", "m@2", "--registry", str(large.hub), "--to", f"srv-{n}", "--cache", "cache"], large.root
        )
        for n in range(6)
    ]
    assert [one.wait().code for one in running] == [0] * 6
    for n in range(6):
        assert current(large, f"srv-{n}") == files_of("two")
    asked = [path for path, _ in server.requests]
    weights = [path for path, data in large.objects().items() if len(data) == LARGE]
    assert {asked.count(f"/storage/files/md5/{path}") for path in weights} <= {0, 1}


class Reader:
    """Opens what is visible in a loop, and notes whatever is not one whole release."""

    def __init__(self, target: Path, known: list[dict[str, bytes]]) -> None:
        self._target, self._known = target, known
        self._stop = threading.Event()
        self.looks, self.wrong = 0, list[object]()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Reader:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._stop.is_set():
            try:
                place = (self._target / "current").resolve(strict=True)
                found = files_below(place)
            except FileNotFoundError:
                continue  # before the first; or a release that went while it was read, which `keep` makes room for
            self.looks += 1
            if found not in self._known:
                self.wrong.append(sorted(found))


def test_an_interrupted_pull_ends_at_once_whatever_it_waits_for(large: World, server: FaultServer) -> None:
    """For a silent storage, and for another process that holds what it needs, and was frozen."""
    held, silent = (files_of("one")[f"weights-{n}.bin"] for n in (1, 2))
    server.faults = {hashlib.md5(silent).hexdigest()[2:]: "stalled in the middle"}
    program = [sys.executable, "-m", "modelmark", "pull", "m@1", "--registry", str(large.hub), "--to", "srv"]
    part = large.root / "srv/.modelmark/partial" / hashlib.sha256(held).hexdigest()
    part.parent.mkdir(parents=True)
    part.touch(0o600)
    with part.open("rb") as frozen:
        fcntl.flock(frozen, fcntl.LOCK_EX)
        with subprocess.Popen(program, cwd=large.root, stderr=subprocess.PIPE, text=True) as process:
            deadline = time.monotonic() + 30
            while len(server.requests) < len(trained("one")) and time.monotonic() < deadline:
                time.sleep(0.02)
            process.send_signal(signal.SIGINT)
            end = threading.Timer(15, process.kill)
            end.start()
            _, err = process.communicate()
            end.cancel()
    assert (process.returncode, "interrupted; run the command again" in err) == (130, True), err
    server.faults = {}
    assert pull(large, "m@1").code == 0
    assert current(large) == files_of("one")


@pytest.mark.slow
def test_a_pull_killed_every_fifty_milliseconds_never_shows_anything_but_whole_releases(large: World) -> None:
    target = large.root / "srv"
    assert pull(large, "m@1").code == 0
    program = [sys.executable, "-m", "modelmark", "pull", "--registry", str(large.hub), "--to", "srv"]
    ends, kills = 0, 0
    with Reader(target, [files_of("one"), files_of("two")]) as reader:
        for turn in range(48):
            reference = f"m@{2 - ends % 2}"
            if turn % 3 == 0:  # so that there is something to fetch
                shutil.rmtree(target / ".modelmark" / "objects", ignore_errors=True)
            with subprocess.Popen(
                [*program, reference], cwd=large.root, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
            ) as process:
                try:
                    _, err = process.communicate(timeout=0.05 * (1 + turn % 24))
                except subprocess.TimeoutExpired:
                    process.send_signal(signal.SIGKILL)
                    kills += 1
                else:
                    assert process.returncode == 0, err
                    ends += 1
    assert reader.wrong == []
    assert reader.looks > 10
    assert kills > 10
    assert pull(large, "m@1").code == pull(large, "m@2").code == 0
    assert current(large) == files_of("two")
    assert not list((target / ".modelmark").glob("staged-*"))
    assert not list((target / ".modelmark/partial").iterdir())


@pytest.mark.slow
def test_memory_stays_small_whatever_the_size(large: World) -> None:
    weights = large.write("huge", {**trained("huge"), "weights.bin": b""}) / "weights.bin"
    with weights.open("wb") as stream:
        stream.truncate(400 << 20)
    made = large.register(weights.parent, "huge")
    large.merge((made.submitted and made.submitted.branch) or "")
    large.apply()
    program = [
        sys.executable,
        "-m",
        "modelmark",
        "pull",
        "huge@1",
        "--registry",
        str(large.hub),
        "--to",
        "srv",
    ]
    # By a small process in between: what is started counts the memory of whoever started it.
    measured = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, capture_output=True); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    done = subprocess.run(
        [sys.executable, "-c", measured, *program], cwd=large.root, capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 150_000, "kilobytes"
