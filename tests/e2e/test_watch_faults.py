"""A watch whose surroundings fail: its log, the place of its records, another watch, the terminal."""

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


def test_a_directory_has_one_watch(live: World, target: Path) -> None:
    with WatchProcess(str(live.hub), target) as watch:
        watch.until("m@2 (m#prod#2) is live")
        done = live.cli("consumer", "watch", "m@prod", "--registry", str(live.hub), "--to", str(target))
        assert (done.code, "Traceback" in done.err) == (3, False)
        assert f"another watch keeps {target} current already" in done.err
        watch.kill()
    with WatchProcess(str(live.hub), target) as watch:
        watch.until("watching m@prod")


def test_a_watch_that_reports_starts_while_the_registry_is_down(live: World, target: Path) -> None:
    hub = live.hub.rename(live.hub.with_name("away.git"))
    with WatchProcess(str(live.hub), target, *HEALTH, "--report", "eu-1") as watch:
        watch.until("check the address")
        assert watch.page("/healthz")[0] == 200
        hub.rename(live.hub)
        watch.until("m@2 (m#prod#2) is live")
        deadline = time.monotonic() + 30
        while "deployments" not in live.branches() and time.monotonic() < deadline:
            time.sleep(0.05)
    assert "deployments" in live.branches()


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


def test_a_terminal_that_goes_away_ends_it_and_its_hook(live: World, target: Path) -> None:
    pid = target.parent / "pid"
    code = f"import os, time; open({str(pid)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    with WatchProcess(str(live.hub), target, "--on-change", f"{sys.executable} -c {code!r}") as watch:
        deadline = time.monotonic() + 60
        while not (pid.exists() and pid.read_text()) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert watch.stop(signal.SIGHUP) == 130
    assert not Path(f"/proc/{pid.read_text()}").exists()
