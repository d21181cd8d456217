"""Real servers of SSH and WebDAV on loopback."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from cheroot import wsgi
from wsgidav import wsgidav_app  # type: ignore[import-untyped]

from modelmark.adapters.dvc import DvcStorage
from modelmark.adapters.object_cache import ObjectCache
from modelmark.domain.artifacts import Content
from modelmark.errors import Denied, Missing, StorageError, Unreachable

DATA = os.urandom(5 << 20)
MD5 = hashlib.md5(DATA).hexdigest()
CONTENT = Content(hashlib.sha256(DATA).hexdigest(), len(DATA))


class Served:
    """A storage, and what its server does instead of answering."""

    url = ""

    def __init__(self, folder: Path) -> None:
        self.folder, self.fault, self.over = folder, "", threading.Event()
        self.headers: list[str] = []
        place = folder / "files/md5" / MD5[:2] / MD5[2:]
        place.parent.mkdir(parents=True)
        place.write_bytes(DATA)


@pytest.fixture
def ssh(tmp_path: Path) -> Iterator[Served]:
    served = Served(tmp_path / "served")

    class Server(asyncssh.SSHServer):
        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, password: str) -> bool:
            return password == "secret"

    class Files(asyncssh.SFTPServer):
        def open(self, *args: Any) -> Any:
            if served.fault == "denied":
                raise asyncssh.SFTPPermissionDenied("no")
            return super().open(*args)

        async def read(self, file: Any, offset: int, size: int) -> Any:
            while served.fault == "silent" and not served.over.is_set():
                await asyncio.sleep(0.05)
            return super().read(file, offset, size)

    loop, ready = asyncio.new_event_loop(), threading.Event()

    async def serve() -> None:
        listening = await asyncssh.create_server(
            Server,
            "127.0.0.1",
            0,
            server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")],
            sftp_factory=lambda channel: Files(channel, chroot=os.fsencode(served.folder)),
        )
        served.url = f"ssh://me@127.0.0.1:{listening.get_port()}/"
        ready.set()

    thread = threading.Thread(target=lambda: (loop.create_task(serve()), loop.run_forever()), daemon=True)
    thread.start()
    assert ready.wait(10)
    yield served
    served.over.set()
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)


@pytest.fixture
def webdav(tmp_path: Path) -> Iterator[Served]:
    served = Served(tmp_path / "served")
    inner = wsgidav_app.WsgiDAVApp(
        {
            "provider_mapping": {"/": str(served.folder)},
            "simple_dc": {"user_mapping": {"*": True}},
            "logging": {"enable": False},
        }
    )

    def answer(env: dict[str, Any], start: Any) -> Any:
        served.headers.append(f"{env['HTTP_HOST']} {env.get('HTTP_X_KEY')}")
        if served.fault == "denied":
            start("403 Forbidden", [("Content-Length", "0")])
            return [b""]
        if (
            served.fault == "elsewhere"
            and env["HTTP_HOST"].startswith("127")
            and env["REQUEST_METHOD"] == "GET"
        ):
            place = f"http://localhost:{env['SERVER_PORT']}{env['PATH_INFO']}"
            start("302 Found", [("Location", place), ("Content-Length", "0")])
            return [b""]
        if served.fault == "silent":
            served.over.wait(20)
        return inner(env, start)

    server = wsgi.Server(("127.0.0.1", 0), answer, numthreads=8)
    server.prepare()
    served.url = f"webdav://127.0.0.1:{server.bind_addr[1]}/"
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    yield served
    served.over.set()
    server.stop()
    thread.join(10)


@pytest.fixture(params=["ssh", "webdav"])
def served(request: pytest.FixtureRequest) -> Served:
    found: Served = request.getfixturevalue(request.param)
    return found


def storage(served: Served, monkeypatch: pytest.MonkeyPatch, **options: str) -> DvcStorage:
    home = served.folder.parent
    options = {"url": served.url, "user": "me", "password": "secret", **options}
    (home / "config").write_text(
        "['remote \"r\"']\n" + "".join(f"    {k} = {v}\n" for k, v in options.items())
    )
    monkeypatch.setenv("DVC_GLOBAL_CONFIG_DIR", str(home))
    return DvcStorage.at(served.url).within(1.0)


def bring(storage: DvcStorage, folder: Path, md5: str = MD5) -> Content:
    cache = ObjectCache.open(folder / "cache")
    return cache.put(CONTENT, folder / "target", lambda start: storage.reading(md5, len(DATA), start))


@pytest.mark.parametrize("there", [0, 2 << 20])
def test_a_large_object_comes_whole_or_from_where_it_ended(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: int
) -> None:
    part = tmp_path / "cache/partial" / CONTENT.sha256
    part.parent.mkdir(parents=True)
    part.write_bytes(DATA[:there])
    assert bring(storage(served, monkeypatch), tmp_path) == CONTENT
    assert (tmp_path / "target").read_bytes() == DATA


@pytest.mark.parametrize(("fault", "kind"), [("denied", Denied), ("silent", Unreachable)])
def test_each_fault_ends_in_time_and_in_its_own_class(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str, kind: type[StorageError]
) -> None:
    served.fault = fault
    with pytest.raises(kind):
        bring(storage(served, monkeypatch), tmp_path)
    served.fault = ""
    with pytest.raises(Missing):
        bring(storage(served, monkeypatch), tmp_path, "0" * 32)
    assert not (tmp_path / "target").exists()


def test_a_password_that_is_wrong_is_a_denial_and_nobody_is_asked_for_another(
    ssh: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> str:
        raise AssertionError("somebody was asked")

    monkeypatch.setattr("dvc_ssh.client.getpass", never)
    with pytest.raises(Denied, match="check the credentials"):
        bring(storage(ssh, monkeypatch, password="wrong"), tmp_path)


def test_a_header_with_a_password_stays_at_home(
    webdav: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    webdav.fault = "elsewhere"
    options = {"user": "", "custom_auth_header": "X-Key"}
    assert bring(storage(webdav, monkeypatch, **options), tmp_path) == CONTENT
    assert {tuple(re.split(r":\d+ ", said)) for said in webdav.headers} == {
        ("127.0.0.1", "secret"),
        ("localhost", "None"),
    }
