"""The serving example: promote, roll back, and its answers change without a dropped request."""

from __future__ import annotations

import json
import os
import shlex
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest

from tests.support.git_servers import free_port
from tests.support.trained import trained
from tests.support.watch_process import WatchProcess
from tests.support.world import ROUTE, World, new_world

EXAMPLE = Path(__file__).parents[2] / "examples" / "serving"
PATIENCE = 60.0


def bundle(answer: str) -> dict[str, bytes]:
    """A model whose answer comes from two modules, so that a mixture of two releases would show."""
    return {
        **trained(answer),
        "predict.py": f"from preprocess import clean\n\n\ndef predict(inputs):\n    return {{'label': clean(inputs['text']), 'by': {answer!r}}}\n".encode(),
        "preprocess.py": f"def clean(text):\n    return {answer!r}\n".encode(),
    }


def release(world: World, answer: str, *, broken: bool = False) -> None:
    files = bundle(answer) | ({"predict.py": b"raise RuntimeError('no such layer')\n"} if broken else {})
    made = world.register(world.write(answer, files))
    assert made.submitted is not None
    world.merge(made.submitted.branch or "")
    world.apply()
    for alias in ROUTE:
        world.live(int(str(made.version)), alias)


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = new_world(tmp_path / "world")
    release(world, "one")
    return world


def ask(url: str, path: str, body: object | None = None, method: str | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = Request(f"{url}{path}", data, {"Content-Type": "application/json"}, method=method)
    with urlopen(request, timeout=PATIENCE) as answer:
        return json.load(answer)


@contextmanager
def server(directory: Path) -> Iterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    env = {**os.environ, "MODEL_DIR": str(directory), "PORT": str(port)}
    with subprocess.Popen([sys.executable, str(EXAMPLE / "server.py")], env=env) as process:
        try:
            deadline = time.monotonic() + PATIENCE
            while True:
                try:
                    ask(url, "/healthz")
                    break
                except URLError:
                    assert process.poll() is None
                    assert time.monotonic() < deadline
                    time.sleep(0.05)
            yield url
        finally:
            process.terminate()


class Clients:
    """Some people who ask all the time; each answer is kept with its moment."""

    def __init__(self, url: str, count: int = 4) -> None:
        self.answers: list[tuple[float, dict[str, Any]]] = []
        self.errors: list[Exception] = []
        self._url = url
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(count)]

    def __enter__(self) -> Clients:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        while not self._over.wait(0.01):
            try:
                self.answers.append((time.monotonic(), ask(self._url, "/predict", {"text": "lovely"})))
            except Exception as error:  # noqa: BLE001 - any kind of drop counts
                self.errors.append(error)

    def until(self, label: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not self.answers or self.answers[-1][1]["outputs"]["label"] != label:
            assert time.monotonic() < deadline, f"nobody is answered {label}"
            time.sleep(0.02)


@pytest.mark.slow
def test_promote_and_roll_back_change_the_answers_without_a_dropped_request(
    world: World, tmp_path: Path
) -> None:
    target = tmp_path / "srv"
    assert (
        world.cli("consumer", "pull", "m@prod", "--registry", str(world.hub), "--to", str(target)).code == 0
    )
    with server(target) as url:
        hook = shlex.join([sys.executable, str(EXAMPLE / "reload.py"), url])
        with WatchProcess(str(world.hub), target, "--on-change", hook) as watch, Clients(url) as clients:
            clients.until("one")
            release(world, "two")
            clients.until("two")
            release(world, "three", broken=True)
            watch.until("no such layer")
            watch.until("back to m@2 (m#prod#2)")
            assert ask(url, "/version")["version"] == "2"
            world.roll_back_by_hand("prod", 1)
            clients.until("one")
            watch.until("m@1 (m#prod#4) is live")
    assert clients.errors == []
    for _, answer in clients.answers:
        outputs, version = answer["outputs"], answer["model"]["version"]
        assert outputs["label"] == outputs["by"] == {"1": "one", "2": "two"}[version], (
            "one release, not a mixture"
        )
    labels = [answer["outputs"]["label"] for _, answer in sorted(clients.answers, key=lambda one: one[0])]
    changes = [(label, len(list(group))) for label, group in groupby(labels)]
    settled = [
        label for label, count in changes if count > 4
    ]  # at a change, four clients may overtake each other
    assert settled == ["one", "two", "one"], changes
    assert len(labels) > 100


def test_a_client_that_sends_what_does_not_fit_is_told_so_and_a_bad_release_leaves_the_old(
    world: World, tmp_path: Path
) -> None:
    target = tmp_path / "srv"
    world.cli("consumer", "pull", "m@prod", "--registry", str(world.hub), "--to", str(target))
    with server(target) as url:
        with pytest.raises(HTTPError) as caught:
            ask(url, "/predict", {"txt": "lovely"})
        assert caught.value.code == 422
        (target / "current" / "predict.py").write_text("raise RuntimeError('no such layer')\n")
        with pytest.raises(HTTPError) as caught:
            ask(url, "/reload", method="POST")
        assert caught.value.code == 500
        assert "RuntimeError: no such layer" in caught.value.read().decode()
        assert ask(url, "/predict", {"text": "lovely"})["outputs"]["label"] == "one"


def test_the_hook_fails_unless_the_server_serves_what_it_was_told_of(world: World, tmp_path: Path) -> None:
    target = tmp_path / "srv"
    world.cli("consumer", "pull", "m@prod", "--registry", str(world.hub), "--to", str(target))
    about = json.loads((target / "current" / ".modelmark.json").read_text())

    def hook(url: str, message: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(EXAMPLE / "reload.py"), url]
        return subprocess.run(command, input=json.dumps(message), capture_output=True, text=True, check=False)

    with server(target) as url:
        assert hook(url, about).returncode == 0
        done = hook(url, {**about, "version": "2", "manifest_sha256": "0" * 64})
        assert (done.returncode, done.stderr) == (1, "told of version 2, and the server serves 1\n")


def test_a_server_that_is_stopped_in_the_middle_of_an_answer_is_asked_again(tmp_path: Path) -> None:
    served = {"version": "1", "manifest_sha256": "0" * 64}
    answer = b"HTTP/1.0 200 OK\r\n\r\n" + json.dumps(served).encode()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(PATIENCE / 2)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        command = [sys.executable, str(EXAMPLE / "reload.py"), url]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as hook:
            assert hook.stdin is not None
            hook.stdin.write(json.dumps(served))
            hook.stdin.close()
            for said in (b"", answer[:5], answer):
                connection, _ = listening.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(said)
            assert hook.wait(PATIENCE) == 0, hook.stderr and hook.stderr.read()
