"""Writes commits, tags and refs without touching what is the user's: no index, no work tree, no checked-out branch."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from modelmark.adapters.git import GitRunner, own_words
from modelmark.domain.tags import Person, parse_person, write_tag_object
from modelmark.errors import CouldNot, InvalidInput, Lost

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modelmark.domain.plan import NewTag

_FILE = "100644"
_EXECUTABLE = "100755"
_FOLDER = "040000"


class GitWriter:
    """The port `GitWriter` over a local repository."""

    def __init__(self, runner: GitRunner) -> None:
        self._runner = runner

    def identity(self) -> Person:
        """See the port."""
        done = self._runner.attempt(["var", "GIT_COMMITTER_IDENT"])
        if done.status != 0:
            raise InvalidInput(
                "Git does not know who you are, and every version and assignment names a person",
                "run: git config --global user.name 'Your Name' && git config --global user.email you@example.org",
            )
        return parse_person(done.out.decode("utf-8", "replace").strip())

    def commit_files(
        self, parent: str | None, files: Mapping[str, bytes], message: str, author: Person
    ) -> str:
        """See the port."""
        blobs = {path: self._hash(data) for path, data in files.items()}
        tree = self._tree(f"{parent}^{{tree}}" if parent else None, blobs)
        stamp = f"{int(author.at.timestamp())} {author.at.strftime('%z') or '+0000'}"
        who = f"{author.name} <{author.email}> {stamp}"
        header = [
            f"tree {tree}",
            *([f"parent {parent}"] if parent else []),
            f"author {who}",
            f"committer {who}",
        ]
        body = "\n".join(header) + f"\n\n{message.strip()}\n"
        return self._runner.text(["hash-object", "-t", "commit", "-w", "--stdin"], body.encode())

    def make_tag(self, tag: NewTag) -> str:
        """See the port."""
        data = write_tag_object(tag.commit, tag.name, tag.tagger, tag.message)
        return self._runner.text(["mktag"], data)

    def create_refs(self, refs: Mapping[str, str]) -> None:
        """See the port."""
        if not refs:
            return
        there = self._runner.run(["for-each-ref", "--format=%(refname) %(objectname)", *refs])
        known = dict(line.split(" ") for line in there.decode("utf-8", "replace").split("\n") if line)
        other = [ref for ref, oid in refs.items() if known.get(ref, oid) != oid]
        if other:
            raise Lost(
                f"{other[0].removeprefix('refs/tags/')} exists here with another object",
                "it was moved, or made here and never pushed: compare `git show-ref` with `git ls-remote`",
            )
        lines = [f"create {ref} {oid}\n" for ref, oid in refs.items() if ref not in known]
        done = self._runner.attempt(
            ["update-ref", "--stdin"], "".join(["start\n", *lines, "commit\n"]).encode()
        )
        if done.status != 0 and "already exists" in done.err:
            raise Lost(f"somebody made one of {', '.join(refs)} in this moment", "run the command again")
        if done.status != 0:
            raise CouldNot(f"Git could not write the refs: {own_words(done.err)}")

    def move_branch(self, branch: str, old: str | None, new: str) -> None:
        """See the port."""
        ref = f"refs/heads/{branch}"
        head = self._runner.attempt(["symbolic-ref", "--quiet", "HEAD"])
        bare = self._runner.text(["rev-parse", "--is-bare-repository"])
        if head.out.decode().strip() == ref and bare == "false" and old is not None:
            # The only branch that may be moved under somebody's feet is an up-to-date one, and Git itself must do it.
            done = self._runner.attempt(["merge", "--ff-only", "--quiet", new])
        elif bare == "false" and (
            where := self._runner.text(["for-each-ref", "--format=%(worktreepath)", ref])
        ):
            raise CouldNot(f"the branch {branch} is checked out in {where}", "run the command there")
        else:
            done = self._runner.attempt(["update-ref", "--create-reflog", ref, new, old or "0" * len(new)])
        if done.status == 0:
            return
        if self._runner.attempt(["show-ref", "--hash", ref]).out.decode().strip() == (old or ""):
            raise CouldNot(
                f"the branch {branch} cannot be moved: {own_words(done.err)}",
                "if your own changes are in the way, commit or stash them",
            )
        raise Lost(f"the branch {branch} has moved: {own_words(done.err)}")

    def _hash(self, data: bytes) -> str:
        return self._runner.text(["hash-object", "-w", "--stdin"], data)

    def _tree(self, treeish: str | None, blobs: Mapping[str, str]) -> str:
        """A tree like `treeish` with these blobs in it; folder by folder, so the registry's size does not matter."""
        entries = self._entries(treeish)
        folders: dict[str, dict[str, str]] = {}
        for path, oid in blobs.items():
            name, slash, rest = path.partition("/")
            if slash:
                folders.setdefault(name, {})[rest] = oid
            else:
                mode = entries[name][0] if name in entries else ""
                entries[name] = (mode if mode == _EXECUTABLE else _FILE, "blob", oid)
        for name, inner in folders.items():
            mode, _, oid = entries.get(name, ("", "", ""))
            entries[name] = (_FOLDER, "tree", self._tree(oid if mode == _FOLDER else None, inner))
        lines = "".join(f"{mode} {kind} {oid}\t{name}\0" for name, (mode, kind, oid) in entries.items())
        return self._runner.text(["mktree", "-z"], lines.encode("utf-8", "surrogateescape"))

    def _entries(self, treeish: str | None) -> dict[str, tuple[str, str, str]]:
        if treeish is None:
            return {}
        out = self._runner.run(["ls-tree", "-z", treeish]).decode("utf-8", "surrogateescape")
        found = {}
        for line in out.split("\0")[:-1]:
            meta, _, name = line.partition("\t")
            mode, kind, oid = meta.split(" ")
            found[name] = (mode, kind, oid)
        return found


def now() -> datetime:
    """The wall clock, in UTC and whole seconds, as Git keeps it."""
    return datetime.now(UTC).replace(microsecond=0)
