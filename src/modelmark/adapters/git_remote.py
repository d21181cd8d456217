"""Talks to the remote that holds the truth: narrow fetches, and pushes that only ever create or fast-forward.

A fetch of main makes a shallow clone whole: who brought what, and what is on main, only the whole history tells. Tags come
by the names that are asked for, and no others: whoever may push can make a tag with gigabytes behind it, or with objects
that Git refuses.

A push has no `+` and no `--force`: creating a ref that must not exist yet is the lock of the whole protocol, and the
remote's Git itself refuses the second of two.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from modelmark.adapters.git import GitRunner, network_error, own_words
from modelmark.adapters.git_addresses import without_password
from modelmark.domain.tags import TAG_PREFIX
from modelmark.errors import CouldNot, Declined, Lost, NotFound, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# What the line of a ref says where somebody else was faster; anything else is the remote's own rule. A hook's words are
# its own, and count for nothing here.
_REASON = re.compile(r"^!\t.*\[(?:remote )?rejected\] \((.*)\)$", re.MULTILINE)
_LOST = re.compile(
    r"already exists|reference already exists|non-fast-forward|fetch first|needs force|stale info"
    r"|atomic (transaction|push) fail(ed|ure)|cannot lock ref.*|failed to update ref"
)
_NOT_A_RACE = re.compile(r"cannot lock ref .*(cannot create|Permission denied|No space left|Read-only file)")
# Two commands in one clone fetch the same refs: the second finds them locked, or moved since it looked.
_BUSY = re.compile(r"cannot lock ref|Unable to create '[^']*\.lock'|unable to update local ref")
# What --unshallow means; unlike that it is no error where another command was faster.
_WHOLE = "--depth=2147483647"
_PAUSES = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6)


class GitRemote:
    """The port `GitRemote` over a configured remote."""

    def __init__(self, runner: GitRunner, name: str | None) -> None:
        self._runner = runner
        self.name = name

    @property
    def url(self) -> str:
        """Address of the remote, for messages; without password."""
        return without_password(self._address())

    @property
    def push_url(self) -> str:
        """See the port."""
        return without_password(self._address("--push"))

    def learn_head(self) -> str | None:
        """See the port."""
        head = f"refs/remotes/{self.name}/HEAD"
        if self.name is None or self._runner.attempt(["symbolic-ref", "--quiet", head]).status == 0:
            return None
        address = self._address()
        done = self._runner.attempt(["ls-remote", "--symref", self.name, "HEAD"], url=address)
        if done.status != 0:
            raise network_error(done.err, self.url)
        named = re.search(r"^ref: refs/heads/(\S+)\tHEAD$", done.out.decode("utf-8", "replace"), re.MULTILINE)
        if named is None:
            return None
        # What `git remote set-head --auto` does, and Git itself with every fetch since 2.48.
        self._runner.run(["symbolic-ref", head, f"refs/remotes/{self.name}/{named[1]}"])
        return named[1]

    def fetch_main(self, branch: str, tags: Sequence[str] = ()) -> None:
        """See the port."""
        if self.name is None:
            return
        # In one request: after each, Git holds what came against every ref of the clone, which takes a while.
        place = f"refs/remotes/{self.name}/{branch}"
        shallow = self._runner.text(["rev-parse", "--is-shallow-repository"]) == "true"
        said = self._fetch(
            [f"+refs/heads/{branch}:{place}", *self._tag_specs(tags)], [_WHOLE] if shallow else []
        )
        if "couldn't find remote ref" in said:
            raise NotFound(
                f"{self.url} has no branch {branch}", f"push it first: git push {self.name} {branch}"
            )
        self._check_moved(said)

    def fetch_tags(self, patterns: Sequence[str]) -> None:
        """See the port."""
        if self.name is None:
            return
        specs = self._tag_specs(patterns)
        if specs:
            self._check_moved(self._fetch(specs))

    def _tag_specs(self, patterns: Sequence[str]) -> list[str]:
        """What to fetch for globs. A refspec has one star at most: of more, the first stands for each beginning that is there."""
        globs = [one for one in patterns if one.count("*") <= 1]
        wide = [one for one in patterns if one.count("*") > 1]
        if wide:
            args = ["ls-remote", "--refs", "--tags", self.name or "", *wide]
            done = self._runner.attempt(args, url=self._address())
            if done.status != 0:
                raise network_error(done.err, self.url)
            refs = [line.partition("\t")[2] for line in done.out.decode("utf-8", "replace").splitlines()]
            names = [ref.removeprefix(TAG_PREFIX) for ref in refs if ref.startswith(TAG_PREFIX)]
            globs += [glob for one in wide for glob in _narrowed(one, names)]
        return [f"{TAG_PREFIX}{one}:{TAG_PREFIX}{one}" for one in globs]

    def _check_moved(self, said: str) -> None:
        """Raise where Git refused to replace a tag of ours."""
        rejected = re.findall(r"\[rejected\]\s+(\S+)\s+->.*would clobber", said)
        clobbered = [
            name for name in rejected if "#" in name or "@v" in name
        ]  # other tags may do as they like
        if clobbered:
            raise Refused(
                f"the tag {clobbered[0]} means another object on {self.name} than in this clone; one of them was moved",
                f"compare `git ls-remote {self.name} 'refs/tags/{clobbered[0]}'` with `git show-ref --tags`; tags are "
                "never moved, so find out who did, and delete the wrong local one with `git tag -d`",
            )

    def fetch_commit(self, oid: str) -> None:
        """See the port."""
        try:
            if self.name is not None:
                self._fetch([oid])
        except CouldNot as error:
            if (
                "not our ref" not in error.message
            ):  # it has no such commit: whoever asks for it here will see that
                raise

    def fetch_branches(self, prefix: str) -> None:
        """See the port."""
        if self.name is not None:
            ref = f"+refs/heads/{prefix}*:refs/remotes/{self.name}/{prefix}*"
            self._fetch([ref], ["--prune"])

    def push(self, refs: Mapping[str, str]) -> None:
        """See the port."""
        assert self.name is not None, "a registry without a remote creates refs itself"
        specs = [f"{oid}:{ref}" for ref, oid in refs.items()]
        args = [
            "push",
            "--porcelain",
            "--atomic",
            "--no-verify",
            "--no-follow-tags",
            "--no-signed",
            self.name,
        ]
        address = self._address("--push")
        done = self._runner.attempt([*args, *specs], url=address)
        if done.status == 0:
            return
        report = done.out.decode("utf-8", "replace")
        reasons = _REASON.findall(report)
        if reasons and all(map(_LOST.fullmatch, reasons)) and not _NOT_A_RACE.search(done.err):
            names = ", ".join(ref.removeprefix("refs/heads/").removeprefix(TAG_PREFIX) for ref in refs)
            raise Lost(f"{self.name} did not take {names}: somebody else was faster")
        if reasons:
            raise Declined(
                f"{without_password(address)} refuses the push: {own_words(done.err)} ({', '.join(dict.fromkeys(reasons))})",
                "ask who owns the rules of that repository",
            )
        raise network_error(done.err, address)

    def _fetch(self, specs: Sequence[str], options: Sequence[str] = ()) -> str:
        """Fetch, and return Git's words where it rejected single refs; raise where it did not reach the remote."""
        assert self.name is not None
        args = [
            "fetch",
            "--no-tags",
            "--no-auto-maintenance",
            "--no-write-fetch-head",
            "--no-recurse-submodules",
            "--no-prune",
        ]
        how = [*args, *options, "--stdin", self.name]  # a registry may have more models than a line has room
        told = "".join(f"{spec}\n" for spec in specs).encode()
        address = self._address()
        for pause in _PAUSES:
            done = self._runner.attempt(how, told, url=address)
            if done.status == 0 or not _BUSY.search(done.err):
                break
            time.sleep(pause)
        else:
            raise CouldNot(
                f"another command keeps writing the refs of this clone: {own_words(done.err)}",
                "run the command again when it is done; a lock that a killed Git left behind must be deleted by hand",
            )
        if done.status != 0 and "[rejected]" not in done.err and "couldn't find remote ref" not in done.err:
            raise network_error(done.err, self.url)
        return done.err if done.status != 0 else ""

    def _address(self, *how: str) -> str:
        if self.name is None:
            return ""
        return self._runner.text(["remote", "get-url", *how, self.name])


def _narrowed(glob: str, names: Sequence[str]) -> list[str]:
    """Globs of one star for one such as `*@v*`: a glob for each beginning that some name has."""
    middle = glob.strip("*")
    assert glob == f"*{middle}*"
    assert "*" not in middle
    found = dict.fromkeys(name.partition(middle)[0] for name in names if middle in name)
    return [f"{beginning}{middle}*" for beginning in found]


def find_remote(runner: GitRunner) -> str | None:
    """The remote that holds the truth: `origin`, or the only one there is; None without any.

    Raises:
        CouldNot: there are several, and none is called origin.
    """
    names = runner.run(["remote"]).decode().split()
    if "origin" in names:
        return "origin"
    if len(names) > 1:
        raise CouldNot(
            f"there are several remotes ({', '.join(names)}) and none is called origin", "rename one"
        )
    return names[0] if names else None
