"""Reads a registry straight from its remote, without a clone: tags by prefix, and single blobs by id.

Two small requests answer what an alias means, whatever the registry's size: Git's protocol v2 filters refs by prefix on
the server, and sends single objects by id. There is no history here, so whether a tag is on main cannot be seen; the
chain of object ids, and the rules of the server that protect tags, are what is trusted (docs/adr/0003).
"""

from __future__ import annotations

import functools
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from modelmark.adapters.git import Completed, find_root, network_error, own_words
from modelmark.adapters.git_addresses import check_url, without_password
from modelmark.adapters.kept_repository import KeptRepository
from modelmark.adapters.yaml_files import YamlFiles
from modelmark.domain import layout
from modelmark.domain.history import Assignment, Facts, RawTag
from modelmark.domain.names import AliasName, shown
from modelmark.domain.policy import Policy, Way
from modelmark.domain.tags import TAG_PREFIX
from modelmark.errors import CouldNot, InvalidInput, ModelmarkError, NotFound, Unreachable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modelmark.adapters.dvc import DvcStorage


_ASKED, _MAIN = "refs/modelmark/asked", "refs/modelmark/main"
_REMOTE = "modelmark-registry"
# A few kB each: what takes longer stalls. Git itself waits for ever, but for HTTP, where no byte in 60 s is the end.
_REQUEST_SECONDS = 120.0
# Git's words for this machine's disk; what follows `remote:` is about another's.
_OWN_DISK = re.compile(
    r"^(?!remote:).*(No space left on device|Out of diskspace|Disk quota exceeded|Read-only file system"
    r"|failed to write new configuration file|couldn't write ')",
    re.MULTILINE,
)
_NEWEST = f"+HEAD:{_MAIN}"


class _NoSuchRef(NotFound):
    """A ref that was named in full is not there: nothing but main, where nobody polls."""

    def __init__(self, message: str, ref: str) -> None:
        super().__init__(message, "is it a registry?")
        self.ref = ref


class RemoteRegistry:
    """Tags, manifests and policy of a registry by its address; a context manager over a small repository.

    Args:
        url: what `git fetch` takes.
        kept: a folder to keep that repository in; what it has is not asked for again, and one question ("which tags
            are there?") finds out that nothing is new. Who keeps it sees to it that only one uses it at a time. None =
            a new one each time.
        offline: ask nothing; what is kept must do.
        seconds: how long one request may take.
    """

    def __init__(
        self, url: str, kept: Path | None = None, *, offline: bool = False, seconds: float = _REQUEST_SECONDS
    ) -> None:
        self._seconds = seconds
        here = os.path.exists(check_url(url))  # noqa: PTH110 - no error for what cannot be a path
        self.address = without_password(url)
        # Git runs in another directory.
        self._url = Path(url).absolute().as_uri() if here else url
        self._offline = offline
        self._kept = kept
        self._asked: set[str] = set()
        self._newest = False
        self.documents = YamlFiles()

    def __enter__(self) -> RemoteRegistry:
        """Use it."""
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        """Remove the repository, unless it is kept."""
        if "_repository" in vars(self):
            self._repository.close(good=kind is None)

    @functools.cached_property
    def _repository(self) -> KeptRepository:
        """Opened when it is first asked: by then whoever keeps it holds the lock."""
        return KeptRepository(self._kept)

    def tags(self, patterns: Sequence[str]) -> list[RawTag]:
        """Tags whose names match one of the globs, with their bytes."""
        new = [pattern for pattern in patterns if pattern not in self._asked]
        if new:
            # What the answer led to last time is asked for along with it.
            along = [] if self._asked else [name for name in self._repository.before if "@v" in name]
            self._fetch_tags([*new, *along])
            self._asked.update(new, along)
        return self._repository.reader.tags(patterns)

    def first_missing(self, names: Sequence[str]) -> str | None:
        """The first of these tags that the remote does not have, None where it has all.

        One request for names alone: Git gives up at the first that is missing, and only where none is it fetches them.
        That makes a poll cheap: ask for the newest assignment and for the next, and stop at the next.
        """
        specs = [f"{TAG_PREFIX}{name}" for name in names]
        try:
            self._fetch(["--depth=1", "--filter=tree:0"], specs)
        except _NoSuchRef as error:
            return error.ref.removeprefix(TAG_PREFIX)
        return None

    def facts(self) -> Facts:
        """What the fold must know; without history every commit counts as on main."""
        return Facts(None, lambda _: True, self._direct)

    def confirm(self, assignment: Assignment) -> None:
        """Nothing to hold it against: the reviewed files are not here."""

    def manifest(self, oid: str) -> bytes | None:
        """A manifest by its blob id; from a shallow fetch of main where the server does not send single blobs."""
        found = self._repository.blob(oid)
        if found is None and not self._offline:
            try:
                self._fetch(
                    ["--depth=1", "--filter=tree:0"], [oid, _NEWEST]
                )  # main is what `storage` asks for next
                self._newest = True
            except (CouldNot, NotFound):
                self._fetch_alone(oid)
            found = self._repository.blob(oid)
        return found

    def _fetch_alone(self, oid: str) -> None:
        try:
            self._fetch(["--depth=1"], [oid])
        except CouldNot:
            self._fetch(["--depth=1", "--filter=blob:limit=1m"], ["HEAD"])

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
        ref = _ASKED
        if commit == "HEAD" and self._newest:
            ref = _MAIN
        elif commit != "HEAD" and self._repository.has(commit):
            ref = commit
        else:
            self._fetch(["--depth=1", "--filter=tree:0"], [f"+{commit}:{ref}"])
        tree = self._repository.text(["log", "-1", "--format=%T", ref, "--"])
        if not self._repository.has(tree):
            try:
                self._fetch(["--depth=1", "--filter=tree:0"], [tree])
            except CouldNot:  # a server that sends no single objects
                self._fetch(["--depth=1", "--filter=blob:limit=1m"], [f"+{commit}:{_ASKED}"])
        listed = self._repository.text(["ls-tree", tree, "--", layout.POLICY])
        if not listed:
            return None
        oid = listed.split()[2]
        if not self._repository.has(oid):
            self._fetch(["--depth=1"], [oid])
        data = self._repository.blob(oid)
        return None if data is None else self.documents.policy(data, layout.POLICY)

    def _fetch_tags(self, patterns: Sequence[str]) -> None:
        # A name without a glob that does not exist would fail the whole request; a glob that matches it does not.
        globs = [pattern if "*" in pattern else f"{pattern}*" for pattern in patterns]
        specs = [f"+{TAG_PREFIX}{one}:{TAG_PREFIX}{one}" for one in globs]
        if self._offline:
            return
        if self._repository.crowded():
            self._repository.start_again()
        elif self._repository.before and self._nothing_new(specs):
            return
        self._fetch(["--depth=1", "--filter=tree:0", "--prune"], specs)

    def _nothing_new(self, specs: Sequence[str]) -> bool:
        """Whether the tags there are the ones here, by one question; tags that are gone there go here, too.

        Git asks for the list first, and for objects only where it names new ones. That it must not do here: without
        a depth it would get all of main. So it is stopped before, by a setting that it reads then and cannot use.
        """
        stop = ["-c", "fetch.unpackLimit=stop"]
        done = self._run(["--filter=tree:0", "--prune", "--quiet"], specs, stop)
        if done.status == 0:
            return True
        if "fetch.unpacklimit" not in done.err.lower():
            raise self._error(done)
        return False

    def _fetch(self, options: Sequence[str], specs: Sequence[str]) -> None:
        if self._offline:
            raise Unreachable(
                f"what {shown(self.address, 400)} says about this was never fetched, and offline nothing is",
                "run it once without --offline",
            )
        done = self._run(options, specs)
        # A shallow fetch of a pattern that nothing matches ends with 1, in silence.
        if done.status == 0 or (done.status == 1 and not re.search(r"^\w+: ", done.err, re.MULTILINE)):
            return
        if "mismatched algorithms: client sha1" in done.err:
            self._repository.start("sha256")
            self._fetch(options, specs)
            return
        error = self._error(done)
        if isinstance(error, Unreachable) and self._repository.start_again():
            self._fetch(
                options, specs
            )  # it may be what was kept that is broken, and Git has no word for that
            return
        raise error

    def _run(self, options: Sequence[str], specs: Sequence[str], settings: Sequence[str] = ()) -> Completed:
        slow = ["-c", "http.lowSpeedLimit=100", "-c", "http.lowSpeedTime=60"]
        # Git writes down what a remote that sends parts of its objects is called: a name, because the address may have
        # a password in it.
        where = ["-c", f"remote.{_REMOTE}.url={self._url}"]
        args = ["-c", "fetch.negotiationAlgorithm=noop", *slow, *where, *settings, "fetch", "--quiet"]
        more = ["--no-tags", "--no-write-fetch-head", *options, _REMOTE, *specs]
        return self._repository.runner.attempt([*args, *more], url=self._url, seconds=self._seconds)

    def _error(self, done: Completed) -> ModelmarkError:
        missing = re.search(r"couldn't find remote ref (\S+)", done.err)
        if missing is not None:
            return _NoSuchRef(f"{shown(self.address, 400)} has no commits yet", missing[1])
        if "does not appear to be a git repository" in done.err or "not found" in done.err.lower():
            return Unreachable(  # a folder that is not mounted, or what is hidden from this login, looks the same
                f"{shown(self.address, 400)} is not a Git repository that can be read",
                "check the address, and who may read it",
            )
        if _OWN_DISK.search(done.err):
            return CouldNot(
                f"what {shown(self.address, 400)} sends cannot be kept here: {own_words(done.err)}",
                "make room on the disk, or use another directory, and run it again",
            )
        return network_error(done.err, self.address)
