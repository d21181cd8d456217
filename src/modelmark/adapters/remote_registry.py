"""Reads a registry straight from its remote, without a clone: tags by prefix, and single blobs by id.

Two small requests answer what an alias means, whatever the registry's size: Git's protocol v2 filters refs by prefix on
the server, and sends single objects by id. There is no history here, so whether a tag is on main cannot be seen; the
chain of object ids, and the rules of the server that protect tags, are what is trusted (docs/adr/0003).
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from modelmark.adapters.git import (
    Completed,
    GitRunner,
    check_url,
    find_root,
    network_error,
    without_password,
)
from modelmark.adapters.git_reader import GitReader
from modelmark.adapters.yaml_files import YamlFiles
from modelmark.domain import layout
from modelmark.domain.history import Assignment, Facts, RawTag
from modelmark.domain.names import AliasName, shown
from modelmark.domain.policy import Policy, Way
from modelmark.domain.tags import TAG_PREFIX
from modelmark.errors import CouldNot, InvalidInput, NotFound, Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modelmark.adapters.dvc import DvcStorage

_POLL_SECONDS = 60.0


class RemoteRegistry:
    """Tags, manifests and policy of a registry by its address; a context manager over a small scratch repository.

    Args:
        url: what `git fetch` takes.
        seconds: how long one request may take; None = as long as Git may take for any.
    """

    def __init__(self, url: str, seconds: float | None = None) -> None:
        self._seconds = seconds
        here = os.path.exists(check_url(url))  # noqa: PTH110 - no error for what cannot be a path
        self.address = without_password(url)
        # Git runs in another directory, and takes only a URL for the name of a remote that sends parts of its objects.
        self._url = Path(url).absolute().as_uri() if here else url
        self._scratch = tempfile.TemporaryDirectory(prefix="modelmark-")
        self._start("sha1")
        self.documents = YamlFiles()

    def _start(self, object_format: str) -> None:
        """Begin with an empty repository; which kind of object ids the remote has, only a fetch can tell."""
        folder = Path(self._scratch.name) / object_format
        folder.mkdir()
        how = ["--bare", "--template=", "--initial-branch=main", f"--object-format={object_format}"]
        GitRunner(folder).run(["init", "--quiet", *how, str(folder)])
        self._runner = GitRunner(folder, bare=True)
        self._reader = GitReader(self._runner, None)

    def __enter__(self) -> RemoteRegistry:
        """Use it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the scratch repository."""
        self._scratch.cleanup()

    def tags(self, patterns: Sequence[str]) -> list[RawTag]:
        """Tags whose names match one of the globs, with their bytes."""
        if not patterns:
            return []
        # A name without a glob that does not exist would fail the whole request; a glob that matches it does not.
        globs = [pattern if "*" in pattern else f"{pattern}*" for pattern in patterns]
        self._fetch(
            ["--depth=1", "--filter=tree:0"], [f"+{TAG_PREFIX}{one}:{TAG_PREFIX}{one}" for one in globs]
        )
        return self._reader.tags(patterns)

    def first_missing(self, names: Sequence[str]) -> str | None:
        """The first of these tags that the remote does not have, None where it has all.

        One request for names alone: Git gives up at the first that is missing, and only where none is it fetches them.
        That makes a poll cheap: ask for the newest assignment and for the next, and stop at the next.
        """
        specs = [f"{TAG_PREFIX}{name}" for name in names]
        done = self._attempt(["--depth=1", "--filter=tree:0"], specs, _POLL_SECONDS)
        missing = re.search(rf"couldn't find remote ref {TAG_PREFIX}(\S+)", done.err)
        if missing is not None:
            return missing[1]
        self._judge(done)
        return None

    def facts(self) -> Facts:
        """What the fold must know; without history every commit counts as on main."""
        return Facts(None, lambda _: True, self._direct)

    def confirm(self, assignment: Assignment) -> None:
        """Nothing to hold it against: the reviewed files are not here."""

    def manifest(self, oid: str) -> bytes | None:
        """A manifest by its blob id; from a shallow fetch of main where the server does not send single blobs."""
        try:
            self._fetch(["--depth=1"], [oid])
        except CouldNot:
            self._fetch(["--depth=1", "--filter=blob:limit=1m"], ["HEAD"])
        try:
            return self._reader.blob(oid)
        except CouldNot:  # after a filtered fetch Git asks the remote once more for what is not there
            return None

    def storage(self) -> DvcStorage:
        """The storage that registry.yaml on the default branch names."""
        from modelmark.adapters.dvc import DvcStorage  # noqa: PLC0415 - only `pull` needs it

        policy = self._policy("HEAD")
        if policy is None:
            raise NotFound(f"{self.address} has no registry.yaml on its default branch", "is it a registry?")
        return DvcStorage.at(policy.remotes[0].url, base=self._local_base())

    def _local_base(self) -> Path | None:
        """Where a storage with a relative path is, if the registry itself is a folder on this machine."""
        place = Path(unquote(self._url.removeprefix("file://")))
        if not place.is_dir():
            return None
        try:
            return find_root(place) / ".dvc"
        except (CouldNot, NotFound):
            return None

    def _direct(self, commit: str, alias: AliasName) -> bool:
        try:
            policy = self._policy(commit)
        except InvalidInput:
            return False
        rule = policy.aliases.get(alias) if policy else None
        return rule is not None and rule.rollback is Way.DIRECT

    def _policy(self, commit: str) -> Policy | None:
        """registry.yaml at a commit: its root tree alone, then one blob."""
        ref = "refs/modelmark/asked"
        self._fetch(["--depth=1", "--filter=tree:0"], [f"+{commit}:{ref}"])
        tree = self._runner.text(["log", "-1", "--format=%T", ref, "--"])
        if self._runner.attempt(["cat-file", "-e", tree]).status != 0:
            self._fetch(["--depth=1", "--filter=tree:0"], [tree])
        listed = self._runner.text(["ls-tree", tree, "--", layout.POLICY])
        if not listed:
            return None
        oid = listed.split()[2]
        if self._runner.attempt(["cat-file", "-e", oid]).status != 0:
            self._fetch(["--depth=1"], [oid])
        data = self._reader.blob(oid)
        return None if data is None else self.documents.policy(data, layout.POLICY)

    def _fetch(self, options: Sequence[str], specs: Sequence[str]) -> None:
        done = self._attempt(options, specs)
        if "couldn't find remote ref" in done.err:
            raise NotFound(f"{shown(self.address, 400)} has no commits yet", "is it a registry?")
        self._judge(done)

    def _attempt(
        self, options: Sequence[str], specs: Sequence[str], seconds: float | None = None
    ) -> Completed:
        args = [
            "-c",
            "fetch.negotiationAlgorithm=noop",
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-write-fetch-head",
        ]
        line = [*args, *options, self._url, *specs]
        done = self._runner.attempt(line, url=self._url, seconds=seconds or self._seconds)
        if done.status != 0 and "mismatched algorithms: client sha1" in done.err:
            self._start("sha256")
            return self._attempt(options, specs, seconds)
        return done

    def _judge(self, done: Completed) -> None:
        # A shallow fetch of a pattern that nothing matches ends with 1, in silence.
        if done.status == 0 or (done.status == 1 and not re.search(r"^\w+: ", done.err, re.MULTILINE)):
            return
        if "does not appear to be a git repository" in done.err or "not found" in done.err.lower():
            raise Refused(
                f"{shown(self.address, 400)} is not a Git repository that can be read", "check the address"
            )
        raise network_error(done.err, self.address)
