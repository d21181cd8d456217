"""An SSH server on loopback that gives out the files of this machine, and can be told to fall silent."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import asyncssh

PASSWORD = "secret"


class SshServer:
    """One server; once `silent` is set, it answers no question about a file's bytes any more."""

    def __init__(self) -> None:
        self.silent = threading.Event()
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()
        key = asyncssh.generate_private_key("ssh-ed25519")

        async def listen() -> asyncssh.SSHAcceptor:
            return await asyncssh.listen(
                "127.0.0.1",
                0,
                server_factory=_Login,
                server_host_keys=[key],
                sftp_factory=lambda channel: _Files(channel, self.silent),
            )

        self._server = asyncio.run_coroutine_threadsafe(listen(), self.loop).result(10)
        self.port: int = self._server.get_port()

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self._server.close)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(5)


class _Login(asyncssh.SSHServer):
    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return password == PASSWORD


class _Files(asyncssh.SFTPServer):
    def __init__(self, channel: asyncssh.SSHServerChannel[bytes], silent: threading.Event) -> None:
        super().__init__(channel)
        self._silent = silent

    async def read(self, file_obj: object, offset: int, size: int) -> bytes:
        if self._silent.is_set():
            await asyncio.sleep(60)
        found = super().read(file_obj, offset, size)
        assert isinstance(found, bytes)
        return found


@contextmanager
def ssh_server() -> Iterator[SshServer]:
    """A server for one user with a password."""
    server = SshServer()
    try:
        yield server
    finally:
        server.close()
