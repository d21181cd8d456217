"""Git in memory: the three ports of `usecases/ports.py` that speak of it, without a process.

`tests/adapters/test_git_contract.py` holds `FakeGit` to what the real adapters do.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from modelmark.domain.commits import Commit, FileChange, only_base
from modelmark.domain.history import RawTag
from modelmark.domain.layout import classify
from modelmark.domain.plan import NewTag
from modelmark.domain.tags import TAG_PREFIX, Person, object_id, write_tag_object
from modelmark.errors import CouldNot, Lost, NotFound, Refused


class Link(bytes):
    """The content of a symbolic link: its target."""


@dataclass(frozen=True)
class FakeCommit:
    files: Mapping[str, bytes]
    parents: tuple[str, ...]
    author: Person
    committer: Person
    message: str


@dataclass
class Objects:
    commits: dict[str, FakeCommit] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    tags: dict[str, bytes] = field(default_factory=dict)

    def add(self, commit: FakeCommit) -> str:
        for data in commit.files.values():
            self.blobs[blob_id(data)] = data
        oid = hashlib.sha1(repr(commit).encode()).hexdigest()
        self.commits[oid] = commit
        return oid

    def ancestors(self, oid: str) -> set[str]:
        found, todo = set(), [oid]
        while todo:
            one = todo.pop()
            if one not in found:
                found.add(one)
                todo += self.commits[one].parents
        return found


@dataclass
class Server:
    """The remote of several clones; `failure` is raised by all it is asked, `meanwhile` runs before the next push."""

    objects: Objects = field(default_factory=Objects)
    refs: dict[str, str] = field(default_factory=dict)
    failure: CouldNot | None = None
    meanwhile: list[Callable[[], object]] = field(default_factory=list)


class FakeGit:
    """One clone; with `server` None a repository without a remote."""

    def __init__(self, server: Server | None, who: Person, clock: Callable[[], datetime]) -> None:
        self.name = "origin" if server else None
        self.url = self.push_url = "memory:server" if server else ""
        self.server = server
        self.objects = server.objects if server else Objects()
        self.refs: dict[str, str] = {}
        self.head = "refs/heads/main"
        self.knows_head = False
        self.who = who
        self._clock = clock

    # --- GitReader ------------------------------------------------------------------------------------------------

    def default_branches(self, guesses: Sequence[str]) -> dict[str, str]:
        place = f"refs/remotes/{self.name}/" if self.name else "refs/heads/"
        names = (*([] if self.name else [self.head.removeprefix("refs/heads/")]), *guesses)
        return {name: self.refs[place + name] for name in names if place + name in self.refs}

    def find_commit(self, text: str) -> str | None:
        if text in self.objects.commits:
            return text
        names = (
            [self.head]
            if text == "HEAD"
            else [f"refs/{kind}/{text}" for kind in ("heads", "remotes", "tags")]
        )
        found = next((self.refs[name] for name in (*names, text) if name in self.refs), None)
        tag = self.objects.tags.get(found or "")
        return tag.decode().split("\n")[0].removeprefix("object ") if tag else found

    def commit(self, oid: str) -> Commit:
        one = self._commit(oid)
        return Commit(oid, one.parents, one.author, one.committer, one.message.split("\n")[0])

    def first_parents(self, tip: str, paths: Sequence[str]) -> list[Commit]:
        found = []
        for oid in self._main_line(tip):
            parents = self._commit(oid).parents
            if any(change.path in paths for change in self.diff(parents[0] if parents else None, oid)):
                found.append(self.commit(oid))
        return found[::-1]

    def on_main(self, tip: str) -> Callable[[str], bool]:
        line = {bytes.fromhex(oid) for oid in self._main_line(tip)}
        return lambda oid: bytes.fromhex(oid) in line

    def read(self, places: Sequence[tuple[str, str]]) -> list[bytes | None]:
        found = [(self.objects.commits.get(commit), path) for commit, path in places]
        return [one.files.get(path) if one else None for one, path in found]

    def blob(self, oid: str) -> bytes | None:
        return self.objects.blobs.get(oid)

    def blobs(self, oids: Sequence[str]) -> list[bytes | None]:
        return [self.blob(oid) for oid in oids]

    def entries(self, commit: str, folder: str) -> dict[str, str]:
        files = sorted(self._commit(commit).files.items())
        inside = f"{folder}/" if folder else ""
        return {
            path: blob_id(data)
            for path, data in files
            if path.startswith(inside) and not isinstance(data, Link)
        }

    def children(self, commit: str, folder: str) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for path, oid in self.entries(commit, folder).items():
            child, inner, rest = path.removeprefix(f"{folder}/").partition("/")
            name, below, _ = rest.partition("/")
            if inner:
                found.setdefault(child, {})[name] = blob_id(path.encode()) if below else oid
        return found

    def diff(self, base: str | None, head: str) -> tuple[FileChange, ...]:
        old = self._commit(base).files if base else {}
        new = self._commit(head).files
        changes = []
        for path in sorted({*old, *new}):
            before, after = old.get(path), new.get(path)
            ids = [blob_id(data) if data is not None else "" for data in (before, after)]
            same_kind = isinstance(before, Link) == isinstance(after, Link)
            if ids[0] == ids[1] and same_kind:
                continue
            status = "A" if before is None else "D" if after is None else "M" if same_kind else "T"
            mode = "000000" if after is None else "120000" if isinstance(after, Link) else "100644"
            changes.append(FileChange(path, status, mode, ids[0], ids[1], classify(path)))
        return tuple(changes)

    def merge_base(self, one: str, other: str) -> str | None:
        shared = self.objects.ancestors(one) & self.objects.ancestors(other)
        behind = {
            up
            for oid in shared
            for parent in self._commit(oid).parents
            for up in self.objects.ancestors(parent)
        }
        return only_base(sorted(shared - behind))

    def tag_names(self, pattern: str = "*") -> dict[str, str]:
        return self._named(TAG_PREFIX, [pattern])

    def tags(self, patterns: Sequence[str]) -> list[RawTag]:
        return self.tags_named(self._named(TAG_PREFIX, patterns))

    def tags_named(self, names: Mapping[str, str]) -> list[RawTag]:
        return [RawTag(name, oid, self.objects.tags.get(oid)) for name, oid in names.items()]

    def branches(self, prefix: str) -> dict[str, str]:
        return self._named(f"refs/remotes/{self.name}/" if self.name else "refs/heads/", [f"{prefix}*"])

    # --- GitWriter ------------------------------------------------------------------------------------------------

    def identity(self) -> Person:
        return replace(self.who, at=self._clock())

    def commit_files(
        self, parent: str | None, files: Mapping[str, bytes], message: str, author: Person
    ) -> str:
        before = self._commit(parent).files if parent else {}
        parents = (parent,) if parent else ()
        return self.objects.add(FakeCommit({**before, **files}, parents, author, author, message))

    def make_tag(self, tag: NewTag) -> str:
        data = write_tag_object(tag.commit, tag.name, tag.tagger, tag.message)
        oid = object_id(data, tag.commit)
        self.objects.tags[oid] = data
        return oid

    def create_refs(self, refs: Mapping[str, str]) -> None:
        for ref, oid in refs.items():
            if self.refs.get(ref, oid) != oid:
                raise Lost(f"{ref.removeprefix(TAG_PREFIX)} exists here with another object")
        self.refs.update(refs)

    def move_branch(self, branch: str, old: str | None, new: str) -> None:
        if self.refs.get(f"refs/heads/{branch}") != old:
            raise Lost(f"the branch {branch} has moved")
        self.refs[f"refs/heads/{branch}"] = new

    # --- GitRemote ------------------------------------------------------------------------------------------------

    def learn_head(self) -> str | None:
        learns = not self.knows_head and self._reached() and "refs/heads/main" in self._far()
        self.knows_head = self.knows_head or learns
        return "main" if learns else None

    def fetch_commit(self, oid: str) -> None:
        self._reached()

    def fetch_main(self, branch: str, tags: Sequence[str] = ()) -> None:
        if self._reached() and f"refs/heads/{branch}" not in self._far():
            raise NotFound(f"memory:server has no branch {branch}")
        if self.name:
            self.refs[f"refs/remotes/{self.name}/{branch}"] = self._far()[f"refs/heads/{branch}"]
        self.fetch_tags(tags)

    def fetch_tags(self, patterns: Sequence[str]) -> None:
        if not self._reached():
            return
        globs = [re.compile(re.escape(TAG_PREFIX + one).replace(r"\*", ".*")) for one in patterns]
        for ref, oid in self._far().items():
            if not any(glob.fullmatch(ref) for glob in globs):
                continue
            if self.refs.get(ref, oid) != oid:
                raise Refused(
                    f"the tag {ref.removeprefix(TAG_PREFIX)} means another object on origin than in this clone"
                )
            self.refs[ref] = oid

    def fetch_branches(self, prefix: str) -> None:
        if not self._reached():
            return
        here, there = f"refs/remotes/{self.name}/{prefix}", f"refs/heads/{prefix}"
        for ref in [ref for ref in self.refs if ref.startswith(here)]:
            del self.refs[ref]
        found = {ref: oid for ref, oid in self._far().items() if ref.startswith(there)}
        self.refs.update({f"{here}{ref.removeprefix(there)}": oid for ref, oid in found.items()})

    def push(self, refs: Mapping[str, str]) -> None:
        assert self.server is not None, "a registry without a remote creates refs itself"
        if self.server.meanwhile:
            self.server.meanwhile.pop(0)()
        self._reached()
        for ref, oid in refs.items():
            there = self._far().get(ref, oid)
            forward = not ref.startswith(TAG_PREFIX) and there in self.objects.ancestors(oid)
            if there != oid and not forward:
                raise Lost(f"origin did not take {', '.join(refs)}: somebody else was faster")
        self._far().update(refs)
        for ref, oid in refs.items():
            if ref.startswith("refs/heads/"):
                self.refs[f"refs/remotes/{self.name}/{ref.removeprefix('refs/heads/')}"] = oid

    def _reached(self) -> bool:
        """Whether there is a remote; raises where the network is down."""
        if self.server and self.server.failure:
            raise self.server.failure
        return self.server is not None

    def _far(self) -> dict[str, str]:
        return self.server.refs if self.server else {}

    def _commit(self, oid: str) -> FakeCommit:
        if oid not in self.objects.commits:
            raise CouldNot(f"git failed: there is no commit {oid}")
        return self.objects.commits[oid]

    def _main_line(self, tip: str) -> Iterator[str]:
        at: str | None = tip
        while at:
            yield at
            at = next(iter(self._commit(at).parents), None)

    def _named(self, place: str, patterns: Sequence[str]) -> dict[str, str]:
        """Refs as `for-each-ref` finds them: a star does not cross a slash, two do, a whole name stands for what is below."""
        stars = [re.escape(one).replace(r"\*\*", ".+").replace(r"\*", "[^/]*") for one in patterns]
        globs = [
            re.compile(star if "*" in one else f"{star}(/.*)?")
            for one, star in zip(patterns, stars, strict=True)
        ]
        names = {
            ref.removeprefix(place): oid for ref, oid in sorted(self.refs.items()) if ref.startswith(place)
        }
        return {name: oid for name, oid in names.items() if any(glob.fullmatch(name) for glob in globs)}


def blob_id(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
