"""Real Git repositories for tests: a template that is built once and copied, plain Git beside ours, and servers on loopback."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

from modelmark.adapters.git import GitRunner
from modelmark.adapters.git_reader import GitReader
from modelmark.adapters.git_remote import GitRemote
from modelmark.adapters.git_writer import GitWriter

POLICY = b"""\
registry: {id: 6f0c1d8e-4a52-4c1b-9b8e-0d6a3f6f2a11, name: acme, default_branch: main}
promotion: pull-request
storage: {remotes: [{name: store, url: ../storage}]}
aliases:
  prod: {stage: production, gate: none, rollback: direct}
  staging: {stage: staging, gate: none, rollback: pull-request}
gates:
  none: {criteria: [{metric: f1, min: 0.1}]}
profiles:
  generic: {requires: [weights]}
"""
_WHO = {
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
}


class GitSaidNo(Exception):
    """Plain Git failed; its words."""


def git(root: Path, *args: str | bytes, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> str:
    """Plain Git, as a person runs it; its output without the last line break."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    kept = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", **_WHO, **(env or {})}
    done = subprocess.run(
        ["git", *args],
        check=False,
        cwd=root,
        input=stdin,
        capture_output=True,
        env={**clean, **kept},
        timeout=60,
    )
    if done.returncode != 0:
        raise GitSaidNo(done.stderr.decode(errors="replace"))
    return done.stdout.decode("utf-8", "surrogateescape").removesuffix("\n")


def commit(root: Path, files: Mapping[str, bytes], message: str = "Change", at: int = 1_760_000_000) -> str:
    """Write files, commit them by plain Git, and return the commit's id."""
    for path, data in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    stamp = f"{at} +0200"
    git(root, "add", "-A", "-f", ".")
    dates = {"GIT_AUTHOR_DATE": stamp, "GIT_COMMITTER_DATE": stamp}
    git(root, "commit", "-q", "--allow-empty", "-m", message, env=dates)
    return git(root, "rev-parse", "HEAD")


def raw_commit(root: Path, parent: str, *, author: str, committer: str | None = None) -> str:
    """A commit object whose author line says anything."""
    tree = git(root, "rev-parse", f"{parent}^{{tree}}")
    text = f"tree {tree}\nparent {parent}\nauthor {author}\ncommitter {committer or author}\n\nodd\n"
    return git(root, "hash-object", "-t", "commit", "-w", "--literally", "--stdin", stdin=text.encode())


def new_repository(root: Path, *options: str) -> Path:
    """An empty repository with main checked out."""
    root.mkdir(parents=True, exist_ok=True)
    git(root, "init", "-q", "--initial-branch=main", *options)
    return root


@dataclass(frozen=True)
class Repos:
    """A bare remote and two clones; the clone's view of the remote is up to date."""

    base: Path

    @property
    def remote(self) -> Path:
        return self.base / "remote.git"

    @property
    def clone(self) -> Path:
        return self.base / "clone"

    @property
    def other(self) -> Path:
        return self.base / "other"

    @property
    def reader(self) -> GitReader:
        return GitReader(GitRunner(self.clone), "origin")

    @property
    def writer(self) -> GitWriter:
        return GitWriter(GitRunner(self.clone))

    def origin(self, root: Path | None = None) -> GitRemote:
        return GitRemote(GitRunner(root or self.clone), "origin")

    @property
    def main(self) -> str:
        return git(self.remote, "rev-parse", "main")


def tag(root: Path, name: str, commit: str = "HEAD", message: str = "said so") -> str:
    """An annotated tag by plain Git; returns the id of its object."""
    git(root, "tag", "-a", name, commit, "-m", message, env={"GIT_COMMITTER_DATE": "1760000000 +0200"})
    return git(root, "rev-parse", f"refs/tags/{name}")


def new_repos(base: Path) -> Repos:
    """A copy of the template: main has three commits, one of them the merge of a side branch, and the tag m@v1."""
    shutil.copytree(_template(), base, symlinks=True)
    return Repos(base)


@functools.cache
def _template() -> Path:
    base = Path(tempfile.mkdtemp(prefix="modelmark-tests-"))
    atexit.register(shutil.rmtree, base, ignore_errors=True)
    repos = Repos(base / "template")
    new_repository(repos.remote, "--bare", "--template=")
    clone = new_repository(repos.clone, "--template=")
    commit(clone, {"registry.yaml": POLICY, "README.md": b"hello\n"}, "Start", at=1_760_000_000)
    (clone / "tool.sh").write_bytes(b"#!/bin/sh\n")
    (clone / "tool.sh").chmod(0o755)
    (clone / "link").symlink_to("README.md")
    files = {"models/m/1/manifest.yaml": b"one\n", "models/m/1/artifacts.dvc": b"outs\n"}
    commit(clone, files, "Register m 1", at=1_760_000_100)
    git(clone, "checkout", "-q", "-b", "register/m-2")
    commit(clone, {"models/m/2/manifest.yaml": b"two\n"}, "Register m 2", at=1_760_000_200)
    git(clone, "checkout", "-q", "main")
    stamp = "1760000300 +0200"
    merged = {"GIT_AUTHOR_DATE": stamp, "GIT_COMMITTER_DATE": stamp}
    git(clone, "merge", "-q", "--no-ff", "-m", "Merge register/m-2", "register/m-2", env=merged)
    git(clone, "branch", "-q", "-D", "register/m-2")
    tag(clone, "m@v1", "HEAD~1")
    # Relative, so that the three can be copied together.
    git(clone, "remote", "add", "origin", "../remote.git")
    git(clone, "push", "-q", "origin", "main", "m@v1")
    git(clone, "fetch", "-q", "origin")
    git(clone, "remote", "set-head", "origin", "main")
    (clone / ".git/FETCH_HEAD").unlink()
    for key, value in (("user.name", "Ada"), ("user.email", "ada@example.org")):
        git(clone, "config", key, value)
    shutil.copytree(repos.clone, repos.other, symlinks=True)
    return repos.base


def hook(repository: Path, name: str, script: str) -> None:
    """Let a repository run a shell script."""
    place = repository / ("hooks" if (repository / "HEAD").exists() else ".git/hooks") / name
    place.parent.mkdir(exist_ok=True)
    place.write_text(f"#!/bin/sh\n{script}\n")
    place.chmod(0o755)


def snapshot(root: Path) -> dict[str, object]:
    """What is the user's: HEAD, index, work tree, refs and configuration."""
    files = {
        path.relative_to(root).as_posix(): (
            path.lstat().st_mode,
            path.readlink() if path.is_symlink() else path.read_bytes() if path.is_file() else b"",
        )
        for path in root.rglob("*")
        if ".git" not in path.relative_to(root).parts
    }
    own = {name: (root / ".git" / name).read_bytes() for name in ("HEAD", "index", "config")}
    return {"files": files, "own": own, "refs": git(root, "for-each-ref")}


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def git_daemon(base: Path, *options: str) -> Iterator[str]:
    """`git daemon` over all repositories below a folder; gives their address."""
    port = free_port()
    command = ["git", "daemon", "--reuseaddr", "--listen=127.0.0.1", f"--port={port}", "--export-all"]
    with subprocess.Popen(
        [*command, f"--base-path={base}", *options, str(base)],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as server:
        try:
            _wait_for(port)
            yield f"git://127.0.0.1:{port}"
        finally:
            os.killpg(server.pid, 15)


def _wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError("the server does not answer")


class Backend(BaseHTTPRequestHandler):
    """`git http-backend` as a web server runs it."""

    base: ClassVar[Path]
    newest: ClassVar[bool]
    password: ClassVar[str | None]

    def do_GET(self) -> None:
        self.serve_git()

    def do_POST(self) -> None:
        self.serve_git()

    def log_message(self, format: str, *args: object) -> None:
        pass

    def serve_git(self) -> None:
        if self.password is not None and self.headers.get("Authorization") != self.password:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="here"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        path, _, query = self.path.partition("?")
        env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
            "GIT_PROJECT_ROOT": str(self.base),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "REQUEST_METHOD": self.command,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
        }
        if self.newest:  # without it the server speaks the protocol of old, and refuses objects by id
            env["GIT_PROTOCOL"] = self.headers.get("Git-Protocol", "")
        done = subprocess.run(
            ["git", "http-backend"], check=False, input=self.body(), capture_output=True, env=env, timeout=60
        )
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if line)
        self.send_response(int(fields.pop("Status", "200").split()[0]))
        for key, value in fields.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", "0")))
        found = b""
        while size := int(self.rfile.readline(), 16):
            found += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return found


@contextmanager
def http_backend(base: Path, *, newest: bool = True, password: str | None = None) -> Iterator[str]:
    """`git http-backend` over all repositories below a folder; gives their address."""
    handler = type("Backend", (Backend,), {"base": base, "newest": newest, "password": password})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
