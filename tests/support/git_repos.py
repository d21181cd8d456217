"""Real Git repositories for tests: a template that is built once and copied, plain Git beside ours, and servers on loopback."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

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
