"""Clones of a repository, real and in memory, behind the same ports."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from modelmark.adapters.git import GitRunner
from modelmark.adapters.git_reader import GitReader
from modelmark.adapters.git_remote import GitRemote
from modelmark.adapters.git_writer import GitWriter
from modelmark.domain.tags import Person
from modelmark.usecases import ports
from tests.support.fakes import FakeCommit, FakeGit, Link, Server

ADA = Person("Ada", "ada@example.org", datetime(2026, 1, 2, 12, tzinfo=UTC))
Commit = Callable[[Mapping[str, bytes], Sequence[str]], str]


@dataclass(frozen=True)
class Clone:
    """One clone; `commit` makes a commit of exactly these files, and `ref` sets a local ref."""

    reader: ports.GitReader
    writer: ports.GitWriter
    remote: ports.GitRemote
    commit: Commit
    ref: Callable[[str, str], object]


def git(folder: Path, *args: str, stdin: bytes = b"", index: str = "") -> str:
    env = {**os.environ, **({"GIT_INDEX_FILE": index} if index else {})}
    for role in ("AUTHOR", "COMMITTER"):
        env |= {
            f"GIT_{role}_NAME": "Ada",
            f"GIT_{role}_EMAIL": "ada@example.org",
            f"GIT_{role}_DATE": "1767355200 +0000",
        }
    done = subprocess.run(["git", *args], cwd=folder, input=stdin, env=env, check=True, capture_output=True)
    return done.stdout.decode().strip()


def real_clone(folder: Path, server: Path | None) -> Clone:
    git(folder.parent, "init", "-q", "-b", "main", str(folder))
    git(folder, "config", "user.name", "Ada")
    git(folder, "config", "user.email", "ada@example.org")
    if server:
        git(folder, "remote", "add", "origin", str(server))
    runner = GitRunner(folder)
    name = "origin" if server else None

    def commit(files: Mapping[str, bytes], parents: Sequence[str]) -> str:
        index = str(folder / ".git" / "contract-index")
        rows = []
        for path, data in files.items():
            oid = git(folder, "hash-object", "-w", "--stdin", stdin=data)
            rows.append(f"{'120000' if isinstance(data, Link) else '100644'} {oid}\t{path}\n")
        git(folder, "read-tree", "--empty", index=index)
        git(folder, "update-index", "--index-info", stdin="".join(rows).encode(), index=index)
        tree = git(folder, "write-tree", index=index)
        above = [part for parent in parents for part in ("-p", parent)]
        return git(folder, "commit-tree", tree, *above, "-m", "A commit\n\nand why")

    def ref(name: str, oid: str) -> object:
        return git(folder, "update-ref", name, oid)

    return Clone(GitReader(runner, name), GitWriter(runner), GitRemote(runner, name), commit, ref)


def fake_clone(server: Server | None) -> Clone:
    one = FakeGit(server, ADA, lambda: ADA.at)

    def commit(files: Mapping[str, bytes], parents: Sequence[str]) -> str:
        return one.objects.add(FakeCommit(files, tuple(parents), ADA, ADA, "A commit\n\nand why"))

    return Clone(one, one, one, commit, one.refs.__setitem__)
