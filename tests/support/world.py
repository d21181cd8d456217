"""A whole small world in one folder: a bare remote, a storage, and the clones of an author, a reviewer, ci and a consumer.

Every address in it is relative, so a world is copied like any folder: build one once a session, copy it for each test.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from modelmark import Registry, Request, Way, parse_version
from modelmark.domain.names import AliasName, ModelName
from modelmark.domain.references import ByVersion
from modelmark.usecases.apply import Applied
from modelmark.usecases.promote import Promoted
from modelmark.usecases.register import Registration
from modelmark.usecases.rollback import RolledBack
from tests.support.crash import Finished, run_program
from tests.support.trained import trained

PEOPLE = {
    "author": "Ada Author",
    "reviewer": "Rita Reviewer",
    "ci": "Registry CI",
    "consumer": "Cora Consumer",
}
ROUTE = ("staging", "canary", "prod")
MODEL = ModelName("m")


@dataclass(frozen=True)
class World:
    """One world. The methods named like commands call the library in this process; `cli` is the command line."""

    root: Path

    @property
    def hub(self) -> Path:
        return self.root / "hub.git"

    @property
    def storage(self) -> Path:
        return self.root / "storage"

    def clone(self, who: str) -> Path:
        return self.root / who

    def registry(self, who: str) -> Registry:
        return Registry.open(self.clone(who))

    def new_clone(self, who: str, *options: str) -> Path:
        """One more clone, made by plain Git; its remote is written as a relative path, too."""
        git(self.root, "clone", "-q", *options, f"file://{self.hub}", who)
        git(self.clone(who), "remote", "set-url", "origin", "../hub.git")
        be(self.clone(who), who.capitalize())
        return self.clone(who)

    def git(self, who: str, *args: str, at: datetime | None = None) -> str:
        return git(self.clone(who), *args, at=at)

    def on_hub(self, *args: str) -> str:
        return git(self.hub, *args)

    def write(self, name: str, files: Mapping[str, bytes]) -> Path:
        """A directory as a training leaves it."""
        folder = self.root / "out" / name
        for path, data in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        return folder

    def train(self, seed: str, **scores: float) -> Path:
        """A directory with everything that the shipped gates ask for; another seed means other bytes."""
        return self.write(seed, trained(seed, **scores))

    def register(
        self, source: Path, model: str = "m", *, who: str = "author", version: str | None = None
    ) -> Registration:
        wanted = parse_version(version) if version else None
        return self.registry(who).register(Request(source, ModelName(model), wanted))

    def promote(
        self, version: int, alias: str, reason: str = "because", *, who: str = "author", model: str = "m"
    ) -> Promoted:
        asked = ByVersion(ModelName(model), parse_version(str(version)))
        return self.registry(who).promote(asked, AliasName(alias), reason)

    def rollback(
        self, reason: str = "it broke", *, alias: str = "prod", to: int | None = None, who: str = "author"
    ) -> RolledBack:
        target = parse_version(str(to)) if to else None
        return self.registry(who).rollback(MODEL, AliasName(alias), target, reason)

    def apply(self, who: str = "ci", *, dry_run: bool = False, push: bool = True) -> Applied:
        return self.registry(who).apply(dry_run=dry_run, push=push)

    def merge(self, branch: str, *, at: datetime | None = None) -> str:
        """What a reviewer does on a forge: a merge commit on main, pushed; returns its id."""
        self.git("reviewer", "fetch", "-q", "origin")
        self.git("reviewer", "checkout", "-q", "-B", "main", "origin/main")
        try:
            self.git("reviewer", "merge", "-q", "--no-ff", "-m", f"Merge {branch}", f"origin/{branch}", at=at)
        except GitFailed:
            self.git("reviewer", "merge", "--abort")
            raise
        self.git("reviewer", "push", "-q", "origin", "main")
        return self.git("reviewer", "rev-parse", "HEAD")

    def commit(
        self, files: Mapping[str, str | bytes | None], message: str = "Edit", *, at: datetime | None = None
    ) -> str:
        """A commit on main by the reviewer's own hands, pushed; None deletes a file."""
        clone = self.clone("reviewer")
        self.git("reviewer", "fetch", "-q", "origin")
        self.git("reviewer", "checkout", "-q", "-B", "main", "origin/main")
        for path, data in files.items():
            if data is None:
                (clone / path).unlink()
                continue
            (clone / path).parent.mkdir(parents=True, exist_ok=True)
            (clone / path).write_bytes(data if isinstance(data, bytes) else data.encode())
        self.git("reviewer", "add", "-A", "-f", "--", *files)
        self.git("reviewer", "commit", "-q", "-m", message, at=at)
        self.git("reviewer", "push", "-q", "origin", "main")
        return self.git("reviewer", "rev-parse", "HEAD")

    def release(self, seed: str, *aliases: str, **scores: float) -> int:
        """Register, merge and apply a version, then promote it, alias by alias."""
        made = self.register(self.train(seed, **scores))
        assert made.submitted is not None
        self.merge(made.submitted.branch or "")
        self.apply()
        version = int(str(made.version))
        for alias in aliases:
            self.live(version, alias)
        return version

    def live(self, version: int, alias: str, reason: str = "because") -> str:
        """Promote, merge, apply; returns the merge's id."""
        asked = self.promote(version, alias, reason)
        merge = self.merge(asked.submitted.branch or "")
        self.apply()
        return merge

    def roll_back_by_hand(self, alias: str, version: int, *, who: str = "consumer", model: str = "m") -> str:
        """DESIGN.md, section 3: an annotated tag on the commit of the version's tag, by plain Git."""
        self.git(who, "fetch", "-q", "origin", f"refs/tags/{model}*:refs/tags/{model}*")
        name = f"{model}#{alias}#{len(self.numbers(alias, model)) + 1}"
        self.git(who, "tag", "-a", name, f"{model}@v{version}^{{}}", "-m", "latency regression")
        self.git(who, "push", "-q", "origin", f"refs/tags/{name}")
        return name

    def tags(self) -> dict[str, str]:
        """Names and object ids of all tags on the remote."""
        return refs(self.hub, "refs/tags/")

    def tag_text(self, name: str) -> str:
        return git(self.hub, "cat-file", "tag", name, strip=False)

    def push_tag(self, name: str, text: str) -> None:
        """A tag with any text, as `git mktag` lets anybody make it."""
        made = git(self.clone("consumer"), "mktag", stdin=text)
        self.git("consumer", "push", "-q", "origin", f"{made}:refs/tags/{name}")

    def numbers(self, alias: str, model: str = "m") -> list[int]:
        prefix = f"{model}#{alias}#"
        return sorted(int(name.removeprefix(prefix)) for name in self.tags() if name.startswith(prefix))

    def branches(self) -> set[str]:
        return set(refs(self.hub, "refs/heads/"))

    def meaning(self, alias: str, *, who: str = "ci", model: str = "m") -> str:
        """What an alias means for somebody who has just fetched; empty = nothing."""
        self.git(
            who, "fetch", "-q", "origin", "refs/tags/*:refs/tags/*", "refs/heads/*:refs/remotes/origin/*"
        )
        done = self.cli(who, "resolve", f"{model}@{alias}")
        return done.out.partition("@")[2].partition(" ")[0] if done.code == 0 else ""

    def pack(self) -> World:
        """Few large files instead of many small ones: a template is copied often."""
        for clone in (self.hub, *map(self.clone, PEOPLE)):
            git(clone, "gc", "-q", "--prune=now")
        return self

    def objects(self) -> dict[str, bytes]:
        """What the storage holds, by path; temporary files of killed runs are no objects."""
        folder = self.storage / "files" / "md5"
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file() and not path.name.startswith(".modelmark-")
        }

    def cli(self, who: str, *args: str) -> Finished:
        return run_program(args, self.clone(who))


class GitFailed(Exception):
    """Plain Git said no."""


def git(where: Path, *args: str, at: datetime | None = None, strip: bool = True, stdin: str = "") -> str:
    """Plain Git, as a person would type it."""
    dates = {}
    if at is not None:
        stamp = f"{int(at.timestamp())} +0000"
        dates = {"GIT_COMMITTER_DATE": stamp, "GIT_AUTHOR_DATE": stamp}
    done = subprocess.run(
        ["git", "-c", "gc.auto=0", *args],
        cwd=where,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **dates},
        timeout=120,
    )
    if done.returncode:
        raise GitFailed(f"git {' '.join(args)} in {where.name}: {done.stderr.strip()}")
    return done.stdout.strip() if strip else done.stdout


def be(clone: Path, name: str) -> None:
    """Set who commits in a clone, in that clone only."""
    git(clone, "config", "user.name", name)
    git(clone, "config", "user.email", f"{name.partition(' ')[0].lower()}@example.org")


def refs(repository: Path, prefix: str) -> dict[str, str]:
    lines = git(repository, "for-each-ref", "--format=%(refname) %(objectname)", prefix).splitlines()
    rows = (line.split(" ") for line in lines)
    return {name.removeprefix(prefix): oid for name, oid in rows}


# Worlds are about the protocol: their gates leave out the checks that read bytes, whose processes would take most of
# the time of a sweep. The corpus and `make demo` run them.
_BYTES = re.compile(r"(?:tokenizer|labels|environment|scan), |, scan(?=\])")


def new_world(root: Path, promotion: Way = Way.PULL_REQUEST, *, hub: bool = True) -> World:
    """A world whose registry is initialised, committed and, with a remote, pushed; nothing is registered."""
    world = World(root)
    root.mkdir(parents=True, exist_ok=True)
    author = world.clone("author")
    Registry.init(author, str(world.storage), promotion)
    relative = f"../../{world.storage.name}"
    for path in (".dvc/config", "registry.yaml"):
        text = (author / path).read_text().replace(str(world.storage), relative)
        (author / path).write_text(_BYTES.sub("", text))
    be(author, PEOPLE["author"])
    shutil.rmtree(author / ".git" / "hooks", ignore_errors=True)
    git(author, "add", "registry.yaml", "models", ".dvc", ".gitignore", ".gitattributes")
    git(author, "commit", "-q", "-m", "Start a model registry")
    if not hub:
        return world
    git(root, "init", "-q", "--bare", "-b", "main", "--template=", "hub.git")
    git(author, "remote", "add", "origin", "../hub.git")
    git(author, "push", "-q", "-u", "origin", "main")
    for who, name in PEOPLE.items():
        if who != "author":
            git(root, "clone", "-q", "--template=", "hub.git", who)
            git(world.clone(who), "remote", "set-url", "origin", "../hub.git")
            be(world.clone(who), name)
    return world


def copy_world(template: World, root: Path) -> World:
    shutil.copytree(template.root, root, symlinks=True)
    return World(root)


def files_below(folder: Path) -> dict[str, bytes]:
    """Contents by path, without what Modelmark writes beside a release."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".modelmark.json"
    }


def first_parents(repository: Path, tip: str) -> list[str]:
    return git(repository, "rev-list", "--first-parent", tip).split()


def hours_ago(hours: float) -> datetime:
    return datetime.fromtimestamp(int(datetime.now(UTC).timestamp() - hours * 3600), UTC)
