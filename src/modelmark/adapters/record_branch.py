"""Keeps records of deployments on a branch of the registry, by plain Git: one commit a record, only ever fast-forward.

The branch has nothing but records and shares no commit with main. Nobody's work tree, index or branch is touched: in a
clone the commits are made beside them, and without one in a scratch repository that knows the newest commit alone.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from modelmark.adapters.git import GitRunner, network_error
from modelmark.adapters.git_addresses import check_url
from modelmark.adapters.git_reader import GitReader
from modelmark.adapters.git_remote import GitRemote
from modelmark.adapters.git_writer import GitWriter
from modelmark.adapters.record_files import newest_paths, read_record
from modelmark.domain import layout
from modelmark.domain.deployments import write_deployment
from modelmark.domain.names import shown
from modelmark.domain.tags import Person
from modelmark.errors import InvalidInput, Refused

if TYPE_CHECKING:
    from modelmark.domain.deployments import Deployment, Kept, Place
    from modelmark.domain.names import ModelName

_BRANCH = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*([./][A-Za-z0-9][A-Za-z0-9_-]*)*")


def parse_branch(name: str) -> str:
    """A branch's name that is safe wherever Git may take it.

    Raises:
        InvalidInput: it is none.
    """
    if not _BRANCH.fullmatch(name) or len(name) > 100 or name.endswith(".lock"):
        raise InvalidInput(f"{shown(name)} is not a branch for records", "for example branch:deployments")
    return name


class BranchRecords:
    """The port `Records` over a branch.

    Args:
        runner: Git in a clone, or in a scratch repository.
        remote: where the branch is; without a name, in the repository itself.
        branch: its name.
    """

    def __init__(self, runner: GitRunner, remote: GitRemote, branch: str) -> None:
        self._reader = GitReader(runner, remote.name)
        self._writer = GitWriter(runner)
        self._remote = remote
        self._branch = parse_branch(branch)
        self._tip: str | None = None

    @property
    def where(self) -> str:
        """See the port."""
        return f"branch:{self._branch}"

    def last(self, place: Place) -> Kept | None:
        """See the port."""
        return next(iter(self._newest(place.folder)), None)

    def newest(self, model: ModelName | None) -> tuple[Kept, ...]:
        """See the port."""
        return self._newest(model or "")

    def append(self, made: Deployment, number: int) -> str:
        """See the port."""
        path = made.place.path(number)
        message = f"{made.place} runs {made.version}"
        commit = self._writer.commit_files(
            self._tip, {path: write_deployment(made)}, message, self._author(made)
        )
        if self._remote.name is None:
            self._writer.move_branch(self._branch, self._tip, commit)
        else:
            self._remote.push({f"refs/heads/{self._branch}": commit})
        return path

    def _author(self, made: Deployment) -> Person:
        """The person of this clone; a machine that nobody introduced to Git signs for itself."""
        try:
            return self._writer.identity()
        except InvalidInput:
            return Person("modelmark", f"deployed@{made.host}", made.at)

    def _newest(self, below: str) -> tuple[Kept, ...]:
        self._remote.fetch_branches(self._branch)
        self._tip = self._reader.branches(self._branch).get(self._branch)
        if self._tip is None:
            return ()
        if self._reader.read([(self._tip, layout.POLICY)])[0] is not None:
            raise Refused(
                f"the branch {self._branch} is the registry itself, and records have one of their own",
                "use --records branch:deployments",
            )
        entries = self._reader.entries(self._tip, below)
        found = newest_paths(entries)
        contents = self._reader.blobs([entries[path] for _, path in found.values()])
        rows = zip(found.items(), contents, strict=True)
        return tuple(read_record(place, number, data) for (place, (number, _)), data in rows)


class _NewestCommit(GitRemote):
    """A remote of which a scratch repository needs one commit: how many records there were before costs nothing."""

    def fetch_branches(self, prefix: str) -> None:
        """Bring the branch of this very name, without what came before."""
        spec = f"+refs/heads/{prefix}:refs/remotes/{self.name}/{prefix}"
        how = ["fetch", "--quiet", "--depth=1", "--no-tags", "--no-write-fetch-head", "origin", spec]
        done = self._runner.attempt(how, url=self._address())
        if done.status != 0 and "couldn't find remote ref" not in done.err:
            raise network_error(done.err, self.url)


class Scratch:
    """A small repository that knows where a registry is, and nothing else; a context manager.

    Args:
        url: what `git fetch` takes.
    """

    def __init__(self, url: str) -> None:
        here = os.path.exists(check_url(url))  # noqa: PTH110 - no error for what cannot be a path
        self._url = str(Path(url).absolute()) if here else url
        self._folder = tempfile.TemporaryDirectory(prefix="modelmark-")

    def __enter__(self) -> Scratch:
        """Use it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Remove it."""
        self._folder.cleanup()

    def records(self, branch: str) -> BranchRecords:
        """The records on a branch."""
        folder = Path(self._folder.name)
        runner = GitRunner(folder, bare=True)
        heads = GitRunner(folder).attempt(["ls-remote", "--quiet", self._url, "HEAD"], url=self._url)
        if heads.status != 0:
            raise network_error(heads.err, self._url)
        ids = "sha256" if len(heads.out.split(b"\t")[0]) == 64 else "sha1"
        how = ["--bare", "--template=", "--initial-branch=main", f"--object-format={ids}"]
        GitRunner(folder).run(["init", "--quiet", *how, str(folder)])
        runner.run(["remote", "add", "origin", self._url])
        return BranchRecords(runner, _NewestCommit(runner, "origin"), branch)
