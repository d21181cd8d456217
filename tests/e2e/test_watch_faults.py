"""A watch whose surroundings fail: its log, the place of its records."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.conftest import NewWorld
from tests.support.watch_process import WatchProcess
from tests.support.world import World

HEALTH = ("--health", "127.0.0.1:0")


@pytest.fixture
def live(live_world: World, copies: NewWorld) -> World:
    return copies(live_world)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "srv"


def test_a_log_that_cannot_be_written_stops_nothing(live: World, target: Path) -> None:
    words = ["watch", "m@prod", "--registry", str(live.hub), "--to", str(target), "--every", "1s"]
    with Path("/dev/full").open("w") as full:
        watch = subprocess.Popen([sys.executable, "-m", "modelmark", *words], stderr=full)
    try:
        for version in ("2", "1"):
            deadline = time.monotonic() + 60
            while f"m-{version}-" not in str((target / "current").resolve()) and time.monotonic() < deadline:
                assert watch.poll() is None
                time.sleep(0.05)
            assert f"m-{version}-" in str((target / "current").resolve())
            live.roll_back_by_hand("prod", 1)
        watch.send_signal(signal.SIGTERM)
        assert watch.wait(30) == 0
    finally:
        watch.kill()
        watch.wait()


def test_a_place_of_records_that_stalls_delays_no_rollback(live: World, target: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        where = f"http://127.0.0.1:{silent.getsockname()[1]}/events"
        options = ("--report", "eu-1", "--records", where)
        env = {"MODELMARK_WEBHOOK_SECRET": "x"}
        with WatchProcess(str(live.hub), target, *HEALTH, *options, env=env) as watch:
            watch.until("m@2 (m#prod#2) is live")
            live.roll_back_by_hand("prod", 1)
            started = time.monotonic()
            watch.until("m@1 (m#prod#3) is live")
            assert time.monotonic() - started < 25, "one try of the report takes longer"
            assert watch.page("/healthz")[0] == 200
            assert watch.stop() == 0
