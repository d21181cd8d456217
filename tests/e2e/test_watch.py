"""A watch over a real `git http-backend`: what people do to the registry is live in seconds, what is bad never is."""

from __future__ import annotations

import json
import shlex
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.conftest import NewWorld
from tests.support.crash import COULD_NOT, run_program, says
from tests.support.git_servers import free_port, http_backend
from tests.support.trained import trained
from tests.support.watch_process import WatchProcess
from tests.support.world import World, files_below, git

HEALTH = ("--health", "127.0.0.1:0")


def visible(target: Path) -> dict[str, bytes]:
    """What a reader gets that follows the link once."""
    return files_below((target / "current").resolve())


def with_full_storage_path(world: World) -> World:
    """A relative path means nothing over http."""
    policy = world.git("reviewer", "show", "origin/main:registry.yaml")
    world.commit({"registry.yaml": policy.replace("../../storage", str(world.storage)) + "\n"})
    return world


@pytest.fixture
def live(live_world: World, copies: NewWorld) -> World:
    return with_full_storage_path(copies(live_world))


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "srv"


@contextmanager
def watching(world: World, target: Path, *options: str) -> Iterator[WatchProcess]:
    with http_backend(world.root) as url, WatchProcess(f"{url}/hub.git", target, *HEALTH, *options) as one:
        yield one


def hook(code: str) -> tuple[str, str]:
    """A hook in Python; `told` is what it was told."""
    start = "import json, sys, time, os; told = json.load(sys.stdin); "
    return "--on-change", shlex.join([sys.executable, "-c", start + code])


def test_a_promotion_and_a_rollback_are_live_in_seconds_and_told_to_the_hook(
    live: World, target: Path
) -> None:
    log = target.parent / "log"
    code = f"open({str(log)!r}, 'a').write(json.dumps([told['version'], os.listdir(told['path']) != []]) + '\\n')"
    with watching(live, target, *hook(code)) as watch:
        watch.until("m@2 (m#prod#2) is live")
        assert visible(target) == trained("two")
        assert watch.page("/readyz") == (200, "ok\n")
        live.release("three", "staging", "canary", "prod")
        watch.until("m@3 (m#prod#3) is live")
        assert visible(target) == trained("three")
        live.roll_back_by_hand("prod", 2)
        watch.until("m@2 (m#prod#4) is live")
        assert visible(target) == trained("two")
        found = watch.version()
        assert (found["version"], found["assignment"], found["accepted"]) == ("2", "m#prod#4", True)
        assert watch.figure("modelmark_assignment_number") == 4
        assert watch.page("/healthz") == (200, "ok\n")
        assert watch.stop() == 0
    assert [json.loads(line) for line in log.read_text().splitlines()] == [
        ["2", True],
        ["3", True],
        ["2", True],
    ]
    assert watch.lines[-1] == "stopped"
    assert len(watch.lines) == 6, "a line for each change, and nothing for a poll"


def test_what_a_watch_saw_is_enough_for_a_pull_when_the_registry_is_gone(live: World, target: Path) -> None:
    """The first container of a pod pulls, the second watches; then the pod starts again in an outage."""
    with http_backend(live.root) as url:
        registry = ("--registry", f"{url}/hub.git")
        pulled = run_program(["pull", "m@prod", *registry, "--to", str(target)], live.root)
        assert pulled.code == 0, pulled.err
        with WatchProcess(registry[1], target, *HEALTH) as watch:
            watch.until("watching m@prod")
            live.release("three", "staging", "canary", "prod")
            watch.until("m@3 (m#prod#3) is live")
            assert watch.stop() == 0
    says(
        run_program(["pull", "m@prod", *registry, "--to", str(target)], live.root),
        COULD_NOT,
        "cannot be reached",
    )
    says(
        run_program(["pull", "m@prod", *registry, "--to", str(target), "--offline"], live.root),
        0,
        "m@3 was there already",
    )
    assert visible(target) == trained("three")


def test_a_hook_that_fails_gives_the_release_before_back_and_a_fixed_version_goes_live(
    live: World, target: Path
) -> None:
    with watching(live, target, *hook("sys.exit('no such layer' if told['version'] == '3' else 0)")) as watch:
        watch.until("m@2 (m#prod#2) is live")
        live.release("three", "staging", "canary", "prod")
        watch.until("the hook failed for m@3 (m#prod#3): exit 1: 'no such layer'; back to m@2 (m#prod#2)")
        deadline = time.monotonic() + 30
        while watch.figure("modelmark_restored_total") < 1 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert visible(target) == trained("two")
        found = watch.version()
        assert (found["version"], found["rejected"]["assignment"]) == ("2", "m#prod#3")
        assert watch.figure("modelmark_rejected") == 1
        live.release("four", "staging", "canary", "prod")
        watch.until("m@4 (m#prod#4) is live")
        assert watch.version()["rejected"] is None


def test_a_registry_that_goes_down_and_comes_back_is_told_twice(live: World, target: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/hub.git"
    with WatchProcess(url, target, *HEALTH) as watch:
        watch.until("cannot be reached")
        assert watch.page("/readyz")[0] == 503
        with http_backend(live.root, port=port):
            watch.until("m@2 (m#prod#2) is live")
        watch.until("; m@2 (m#prod#2) stays")
        assert (watch.page("/readyz")[0], watch.page("/healthz")[0]) == (200, 200)
        live.roll_back_by_hand("prod", 1)
        with http_backend(live.root, port=port):
            watch.until("m@1 (m#prod#3) is live")
        assert watch.text.count("well again") == 2
        assert watch.text.count("stays") == 1


def test_a_forged_assignment_and_changed_bytes_are_never_visible(live: World, target: Path) -> None:
    with watching(live, target) as watch:
        watch.until("m@2 (m#prod#2) is live")
        live.release("three", "staging", "canary")
        objects = {path: data for path, data in live.objects().items() if b"weights of three" in data}
        for path, data in objects.items():
            place = live.storage / "files" / "md5" / path
            place.chmod(0o644)
            place.write_bytes(b"x" * len(data))
        text = live.tag_text("m#prod#2").replace("m#prod#2", "m#prod#3")
        live.push_tag("m#prod#3", text)
        watch.until("m#prod#3 does not count")
        live.git("consumer", "push", "-q", "origin", ":refs/tags/m#prod#3")
        live.live(3, "prod")
        watch.until("has other bytes than the manifest lists")
        assert visible(target) == trained("two")
        for path, data in objects.items():
            (live.storage / "files" / "md5" / path).write_bytes(data)
        watch.until("m@3 (m#prod#3) is live")
        assert visible(target) == trained("three")


def test_what_is_live_is_recorded_and_status_says_so(live: World, target: Path) -> None:
    records = target.parent / "records"
    with watching(live, target, "--report", "eu-1", "--records", f"folder:{records}") as watch:
        watch.until("m@2 (m#prod#2) is live")
        live.roll_back_by_hand("prod", 1)
        watch.until("m@1 (m#prod#3) is live")
        deadline = time.monotonic() + 60
        while len(list(records.glob("*/*/*/[0-9]*.json"))) < 2 and time.monotonic() < deadline:  # no drafts
            time.sleep(0.05)
        assert watch.version()["unreported"] is None
    live.git("consumer", "fetch", "-q", "origin", "refs/tags/m*:refs/tags/m*")
    done = live.cli("consumer", "status", "--records", f"folder:{records}", "--json")
    assert done.code == 0, done.err
    (row,) = json.loads(done.out)["running"]
    assert (row["env"], row["runs"], row["declared"], row["verified"]) == ("eu-1", "1", "1", True)


def test_with_records_in_a_registry_that_is_down_at_the_start_it_waits_and_records_later(
    live: World, target: Path
) -> None:
    port = free_port()
    with WatchProcess(f"http://127.0.0.1:{port}/hub.git", target, *HEALTH, "--report", "eu-1") as watch:
        watch.until("cannot be reached")
        with http_backend(live.root, port=port):
            watch.until("m@2 (m#prod#2) is live")
            watch.until("what is live here could not be reported")  # nobody may push there
        assert watch.page("/readyz")[0] == 200


def test_a_second_watch_of_the_same_directory_ends_at_once(live: World, target: Path) -> None:
    with watching(live, target) as watch:
        watch.until("m@2 (m#prod#2) is live")
        done = live.cli("consumer", "watch", "m@prod", "--to", str(target), "--registry", str(live.hub))
        assert (done.code, f"another watch keeps {target} up to date" in done.err) == (3, True)


@contextmanager
def nobody_answers() -> Iterator[str]:
    """A registry that takes connections, and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        yield f"http://127.0.0.1:{silent.getsockname()[1]}/hub.git"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGHUP, 0), (signal.SIGINT, 130)])
def test_a_signal_ends_it_while_the_registry_stalls(number: int, code: int, target: Path) -> None:
    with nobody_answers() as url, WatchProcess(url, target) as watch:
        watch.until("watching m@prod")
        time.sleep(0.3)
        started = time.monotonic()
        assert watch.stop(number) == code
        assert time.monotonic() - started < 15
    assert "Traceback" not in watch.text


def test_sigterm_while_the_hook_runs_ends_the_hook_and_the_next_watch_tells_it_again(
    live: World, target: Path
) -> None:
    pid = target.parent / "pid"
    with watching(
        live, target, *hook(f"open({str(pid)!r}, 'w').write(str(os.getpid())); time.sleep(60)")
    ) as watch:
        deadline = time.monotonic() + 60
        while not (pid.exists() and pid.read_text()) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert watch.stop() == 0
    assert not Path(f"/proc/{pid.read_text()}").exists()
    assert visible(target) == trained("two"), "verified, and nobody has refused it"
    with watching(live, target, *hook(f"open({str(pid)!r}, 'w').write('told')")) as watch:
        watch.until("m@2 (m#prod#2) is live")
    assert pid.read_text() == "told"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("watch", "m@7", "--to", "x", "--registry", "/x"), 2, "a watch follows an alias"),
        (("watch", "m#prod#3", "--to", "x", "--registry", "/x"), 2, "a watch follows an alias"),
        (("watch", "m@prod", "--to", "x", "--registry", "/x", "--every", "5"), 2, "is not a time between"),
        (
            ("watch", "m@prod", "--to", "x", "--registry", "/x", "--on-change", "'"),
            2,
            "a quote that does not end",
        ),
        (("watch", "m@prod", "--to", "x", "--registry", "/x", "--on-change", " "), 2, "--on-change is empty"),
        (("watch", "m@prod", "--to", "x", "--registry", "/x", "--on-change", "no-such"), 2, "no program"),
        (("watch", "m@prod", "--to", "x", "--registry", "/x", "--health", "80"), 2, "is not an address"),
        (("watch", "m@prod", "--to", "x", "--registry", "http://example.org/x"), 2, "unencrypted"),
        (("watch", "m@prod", "--to", "x", "--registry", "/x", "--report", "E U"), 2, "E U"),
        (
            ("watch", "m@prod", "--to", "x", "--registry", "/x", "--report", "eu", "--records", "?"),
            2,
            "no place",
        ),
        (("watch", "m@prod", "--to", "/dev/null/x", "--registry", "/x"), 3, "cannot be written"),
    ],
)
def test_a_mistake_in_the_command_ends_it_at_once(
    words: tuple[str, ...], code: int, said: str, empty_world: World
) -> None:
    done = empty_world.cli("consumer", *words)
    assert (done.code, "Traceback" in done.err) == (code, False)
    assert said in done.err


def test_without_a_url_it_watches_the_remote_of_this_clone(live: World, target: Path) -> None:
    assert live.registry("consumer").remote_url == str(live.clone("consumer") / "../hub.git")
    git(live.clone("consumer"), "remote", "remove", "origin")
    done = live.cli("consumer", "watch", "m@prod", "--to", str(target))
    assert (done.code, "has no remote to watch" in done.err) == (3, True)
