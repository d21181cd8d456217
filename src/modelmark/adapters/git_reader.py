"""Reads commits, files, tags and history from one repository, in few processes and whatever its size.

User text never reaches `rev-parse` (`m@v7-g<id>` would resolve although there is no such tag): names are matched
against full refs, and contents are asked for by object id through `cat-file --batch`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from modelmark.adapters.first_parents import FirstParents
from modelmark.adapters.git import GitRunner, own_words
from modelmark.domain.commits import Commit, FileChange, only_base
from modelmark.domain.history import RawTag
from modelmark.domain.layout import classify
from modelmark.domain.names import shown
from modelmark.domain.tags import TAG_PREFIX, Person, parse_person
from modelmark.errors import CouldNot, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

_OID = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
# By the length of an object id: SHA-1 and SHA-256.
_EMPTY_TREE = {
    40: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    64: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}
_REGULAR = ("100644 blob ", "100755 blob ")


_HEADS = "refs/heads/"


class GitReader:
    """The port `GitReader` over a local repository.

    Args:
        runner: Git in that repository.
        remote: name of the remote that holds the truth, or None.
    """

    def __init__(self, runner: GitRunner, remote: str | None) -> None:
        self._runner = runner
        self._remote = remote
        self._first_parents = FirstParents(runner)

    def checked_out(self) -> str | None:
        """The branch that HEAD names, born or not; None where it names a commit."""
        done = self._runner.attempt(["symbolic-ref", "--quiet", "HEAD"])
        name = done.out.decode("utf-8", "replace").strip()
        return name.removeprefix(_HEADS) if name.startswith(_HEADS) else None

    def default_branches(self, guesses: Sequence[str]) -> dict[str, str]:
        """See the port."""
        place = f"refs/remotes/{self._remote}/" if self._remote else _HEADS
        head = f"{place}HEAD" if self._remote else f"{place}{self.checked_out() or 'HEAD'}"
        wanted = [head, *(f"{place}{name}" for name in guesses)]
        form = "--format=%(objectname) %(refname) %(symref)"
        out = self._runner.run(["for-each-ref", form, *wanted]).decode("utf-8", "replace")
        rows = {ref: (oid, symref) for oid, ref, symref in (line.split(" ") for line in out.splitlines())}
        found = {(rows[ref][1] or ref): rows[ref][0] for ref in wanted if ref in rows}
        found.pop(f"{place}HEAD", None)  # a commit and no branch
        return {name.removeprefix(place): oid for name, oid in found.items()}

    def find_commit(self, text: str) -> str | None:
        """See the port."""
        if _OID.fullmatch(text):
            return text if self._types([text]).get(text) == "commit" else None
        if text == "HEAD":
            done = self._runner.attempt(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])
            return done.out.decode().strip() or None
        if not text or text.startswith("-") or any(char in text for char in "*?[\\ ~^:") or ".." in text:
            return None
        places = [f"refs/{kind}{text}" for kind in ("heads/", "remotes/", "tags/")]
        found = self._refs([*places, text], peeled=True)
        oid = next((found[place] for place in (*places, text) if place in found), None)
        return oid if oid and self._types([oid]).get(oid) == "commit" else None

    def commit(self, oid: str) -> Commit:
        """See the port."""
        found = self._commits(["--no-walk", oid, "--"])
        if not found:
            raise CouldNot(f"{shown(oid)} is not a commit")
        return found[0]

    def first_parents(self, tip: str, paths: Sequence[str]) -> list[Commit]:
        """See the port."""
        if self._is_shallow():
            # The oldest commit there would look as if it had brought every file.
            raise _too_shallow("which commit of main brought what")
        where = ["--", *(f":(top,literal){path}" for path in paths)]
        # Plain history simplification follows only the parent that has the same content; --full-history with
        # --first-parent compares every commit of main with the one before it, merges included.
        return self._commits(["--first-parent", "--full-history", "--reverse", tip, *where])

    def on_main(self, tip: str) -> Callable[[str], bool]:
        """See the port."""
        return self._first_parents.of(tip)

    def read(self, places: Sequence[tuple[str, str]]) -> list[bytes | None]:
        """See the port."""
        return self._batch([f"{commit}:{path}" for commit, path in places])

    def blob(self, oid: str) -> bytes | None:
        """See the port."""
        return self._batch([oid])[0] if _OID.fullmatch(oid) else None

    def blobs(self, oids: Sequence[str]) -> list[bytes | None]:
        """See the port."""
        return self._batch(list(oids))

    def entries(self, commit: str, folder: str) -> dict[str, str]:
        """See the port."""
        out = self._runner.run(
            ["ls-tree", "-r", "-z", "--full-tree", commit, "--", f"{folder}/" if folder else "."]
        )
        found: dict[str, str] = {}
        for line in out.decode("utf-8", "surrogateescape").split("\0")[:-1]:
            meta, _, path = line.partition("\t")
            if meta.startswith(_REGULAR):  # `100644 blob <id>`; twice as fast as taking all of it apart
                found[path] = meta[12:]
        return found

    def children(self, commit: str, folder: str) -> dict[str, dict[str, str]]:
        """See the port."""
        out = self._runner.run(["ls-tree", "-z", "--full-tree", commit, "--", f"{folder}/"])
        rows = [line.partition("\t") for line in out.decode("utf-8", "surrogateescape").split("\0")[:-1]]
        trees = {path.rpartition("/")[2]: meta[12:] for meta, _, path in rows if meta.startswith("040000 ")}
        width = len(commit) // 2
        entry = re.compile(
            rb"(?:40000|100644|100755) ([^\0]+)\0(.{%d})|[0-9]+ [^\0]+\0.{%d}" % (width, width), re.DOTALL
        )
        return {
            name: {
                child.decode("utf-8", "surrogateescape"): oid.hex()
                for child, oid in entry.findall(data or b"")
                if child
            }
            for name, data in zip(trees, self._batch(list(trees.values()), "tree"), strict=True)
        }

    def diff(self, base: str | None, head: str) -> tuple[FileChange, ...]:
        """See the port."""
        args = [
            "diff-tree",
            "-r",
            "-z",
            "--raw",
            "--no-renames",
            "--no-ext-diff",
            "--ignore-submodules=none",
            base or _EMPTY_TREE[len(head)],
            head,
            "--",
        ]
        fields = self._runner.run(args).decode("utf-8", "replace").split("\0")[:-1]
        changes = []
        for meta, path in zip(fields[::2], fields[1::2], strict=True):
            _, mode, old, new, status = meta.lstrip(":").split(" ")
            old, new = (oid if oid.strip("0") else "" for oid in (old, new))
            changes.append(FileChange(path, status[0], mode, old, new, classify(path)))
        return tuple(changes)

    def merge_base(self, one: str, other: str) -> str | None:
        """See the port."""
        done = self._runner.attempt(["merge-base", "--all", one, other])
        found = done.out.decode().split()
        if found not in ([one], [other]) and self._is_shallow():
            # What a shallow clone has cut off below a commit that is not behind the ancestor may lead to a later one.
            cut = ["rev-list", "--max-parents=0", "--max-count=1", one, other, *(f"^{oid}" for oid in found)]
            if self._runner.run([*cut, "--"]):
                raise _too_shallow("where the branch left main")
        return only_base(found)

    def tag_names(self, pattern: str = "*") -> dict[str, str]:
        """See the port."""
        found = self._refs([f"{TAG_PREFIX}{pattern}"])
        return {name.removeprefix(TAG_PREFIX): oid for name, oid in found.items()}

    def tags(self, patterns: Sequence[str]) -> list[RawTag]:
        """See the port."""
        if not patterns:
            return []  # to Git, no pattern means every ref
        form = "--format=%(objectname) %(objecttype) %(raw:size) %(refname)%0a%(raw)"
        out = self._runner.run(["for-each-ref", form, *(f"{TAG_PREFIX}{pattern}" for pattern in patterns)])
        found, place = [], 0
        while place < len(out):
            end = out.index(b"\n", place)
            oid, kind, size, name = out[place:end].decode("utf-8", "replace").split(" ")
            data = out[end + 1 : end + 1 + int(size)] if kind == "tag" else None
            found.append(RawTag(name.removeprefix(TAG_PREFIX), oid, data))
            place = end + 1 + int(size) + 1
        return found

    def tags_named(self, names: Mapping[str, str]) -> list[RawTag]:
        """See the port."""
        contents = self._batch(list(names.values()), "tag")
        return [RawTag(name, oid, data) for (name, oid), data in zip(names.items(), contents, strict=True)]

    def branches(self, prefix: str) -> dict[str, str]:
        """See the port."""
        root = f"refs/remotes/{self._remote}/" if self._remote else "refs/heads/"
        found = self._refs([f"{root}{prefix}*"])
        return {name.removeprefix(root): oid for name, oid in found.items()}

    def _is_shallow(self) -> bool:
        return self._runner.text(["rev-parse", "--is-shallow-repository"]) == "true"

    def _refs(self, patterns: Sequence[str], *, peeled: bool = False) -> dict[str, str]:
        # for-each-ref searches packed-refs by the literal prefix of each glob, so this is flat in the count of tags;
        # `*objectname` reads every tag object, so it is asked for only where it is needed.
        inner = "%(if)%(*objectname)%(then)%(*objectname)%(else)%(objectname)%(end)"
        form = f"--format={inner if peeled else '%(objectname)'} %(refname)"
        out = self._runner.run(["for-each-ref", form, *patterns]).decode("utf-8", "replace")
        rows = (line.partition(" ") for line in out.split("\n") if line)
        return {name: oid for oid, _, name in rows}

    def _types(self, oids: Sequence[str]) -> dict[str, str]:
        out = self._runner.run(["cat-file", "--batch-check"], "\n".join(oids).encode() + b"\n").decode()
        rows = (line.split(" ") for line in out.splitlines())
        return {row[0]: row[1] for row in rows if len(row) == 3}

    def _batch(self, names: Sequence[str], kind: str = "blob") -> list[bytes | None]:
        """Contents of objects by name, in order; None for one that is absent or of another kind."""
        if not names:
            return []
        if any("\n" in name for name in names):
            raise CouldNot("a path with a line break cannot be read from Git")
        done = self._runner.attempt(["cat-file", "--batch", "--buffer"], "\n".join(names).encode() + b"\n")
        damaged = re.search(r"^error: ", done.err, re.MULTILINE)  # on stdout it is called missing
        if done.status != 0 or damaged:
            raise CouldNot(
                f"Git cannot read its objects: {own_words(done.err)}", "run `git fsck`, or clone again"
            )
        return list(_split_batch(done.out, kind, len(names)))

    def _commits(self, args: Sequence[str]) -> list[Commit]:
        form = "--format=%H%x00%P%x00%an <%ae> %ad%x00%cn <%ce> %cd%x00%s%x00"
        done = self._runner.attempt(["log", "-z", form, "--date=raw", "--no-show-signature", *args])
        if done.status != 0:
            raise CouldNot(
                f"the history cannot be read ({shown(done.err)})", "run `git fsck`, or clone again"
            )
        fields = done.out.decode("utf-8", "replace").split("\0")
        rows = [fields[start : start + 5] for start in range(0, len(fields) - 5, 6)]
        return [
            Commit(oid, tuple(parents.split()), _person(author), _person(committer), subject)
            for oid, parents, author, committer, subject in rows
        ]


def _too_shallow(what: str) -> CouldNot:
    return CouldNot(
        f"this clone is shallow, so it cannot tell {what}",
        "run `git fetch --unshallow` first (in CI: fetch-depth: 0)",
    )


def _person(text: str) -> Person:
    """An author or committer; one commit that somebody made with an impossible zone must not hide the history."""
    try:
        return parse_person(text)
    except InvalidInput:
        who, date = text.rsplit(">", 1) if ">" in text else (text, "")
        seconds = date.split()[0] if re.match(r" [0-9]{1,11}( |$)", date) else "0"
        return parse_person(f"{who}> {seconds} +0000")


def _split_batch(out: bytes, kind: str, count: int) -> Iterable[bytes | None]:
    place = 0
    for _ in range(count):
        end = out.index(b"\n", place)
        header = out[place:end].rsplit(b" ", 2)
        place = end + 1
        if len(header) != 3 or not header[2].isdigit():
            yield None
            continue
        size = int(header[2])
        yield out[place : place + size] if header[1].decode() == kind else None
        place += size + 1
