"""A registry in memory and the people at it: Ada asks, Bob reviews and merges. A use-case test is a few lines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from modelmark.adapters.yaml_files import YamlFiles
from modelmark.domain.aliases import Desired
from modelmark.domain.history import ModelHistory
from modelmark.domain.names import AliasName, ModelName
from modelmark.domain.plan import assignment_message
from modelmark.domain.references import ByVersion
from modelmark.domain.tags import AssignmentTag, Message, Person, write_tag_object
from modelmark.domain.versions import Version, parse_version
from modelmark.usecases import state
from modelmark.usecases.apply import Applied, apply
from modelmark.usecases.ports import Workspace
from modelmark.usecases.promote import Promoted, promote
from modelmark.usecases.provenance import GitProvenance
from modelmark.usecases.register import Registration, Request, register
from tests.support.fake_directories import FakeDirectories
from tests.support.fake_inspector import FakeInspector
from tests.support.fake_storage import FakeStorage
from tests.support.fakes import FakeCommit, FakeGit, Server

M = ModelName("m")
PROD, STAGING, PREV = AliasName("prod"), AliasName("staging"), AliasName("prev_prod")
NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
ADA = Person("Ada", "ada@example.org", NOON)
BOB = Person("Bob", "bob@example.org", NOON)

POLICY = """\
registry: {id: 6f0c, name: acme, default_branch: main}
promotion: pull-request
storage: {remotes: [{name: store, url: "memory:storage"}]}
aliases:
  staging: {stage: staging, gate: staging}
  prod: {stage: production, gate: production, after: [staging], soak_hours: 0, previous_as: prev_prod, rollback: direct}
gates:
  staging: {criteria: [{metric: f1, min: 0.5}]}
  production: {criteria: [{metric: f1, min: 0.9}]}
profiles:
  generic: {requires: [weights, metrics]}
  text-classifier: {requires: [weights, metrics, tokenizer]}
"""
DIRECT = POLICY.replace("promotion: pull-request", "promotion: direct")
SOAK = POLICY.replace("soak_hours: 0", "soak_hours: 24")
REVIEWED_ROLLBACK = POLICY.replace("rollback: direct", "rollback: pull-request")

Files = Mapping[str, bytes | None]


def v(text: str) -> Version:
    return parse_version(text)


@dataclass
class Desk:
    """One registry; `workspace` is Ada's clone (or the repository itself where there is no remote)."""

    git: FakeGit
    storage: FakeStorage
    directories: FakeDirectories
    workspace: Workspace
    folder: Path
    at: list[datetime]

    @classmethod
    def new(cls, folder: Path, policy: str = POLICY, *, remote: bool = True) -> Desk:
        at = [NOON]
        git = FakeGit(Server() if remote else None, ADA, lambda: at[0])
        storage = FakeStorage()
        workspace = Workspace(
            git,
            git,
            git,
            YamlFiles(),
            lambda: storage,
            lambda: at[0],
            FakeInspector(),
            lambda: GitProvenance(git),
            lambda: None,
        )
        desk = cls(git, storage, FakeDirectories(), workspace, folder, at)
        desk.commit({"registry.yaml": policy.encode()})
        return desk

    def other_clone(self) -> Workspace:
        """Bob's clone of the same registry."""
        git = FakeGit(self.git.server, BOB, lambda: self.at[0])
        git.refs = {ref: oid for ref, oid in self.git.refs.items() if ref.startswith("refs/remotes/")}
        return replace(self.workspace, reader=git, writer=git, remote=git)

    @property
    def inspector(self) -> FakeInspector:
        """Who looks into files here, or says so."""
        assert isinstance(self.workspace.inspector, FakeInspector)
        return self.workspace.inspector

    @property
    def refs(self) -> dict[str, str]:
        """What is true: the refs of the remote, or of the repository that has none."""
        return self.git.server.refs if self.git.server else self.git.refs

    @property
    def main(self) -> str | None:
        return self.refs.get("refs/heads/main")

    def tags(self) -> list[str]:
        return sorted(ref.removeprefix("refs/tags/") for ref in self.refs if ref.startswith("refs/tags/"))

    def branches(self) -> list[str]:
        return sorted(ref.removeprefix("refs/heads/") for ref in self.refs if ref.startswith("refs/heads/"))

    def file(self, path: str, commit: str | None = None) -> str:
        data = self.git.read([(commit or self.main or "", path)])[0]
        return "" if data is None else data.decode()

    def wait(self, hours: float) -> None:
        self.at[0] += timedelta(hours=hours)

    def sync(self) -> None:
        """What `git fetch --tags` does."""
        self.git.fetch_main("main")
        self.git.fetch_tags(["*"])

    def commit(
        self, files: Files, *, parent: str | None = None, branch: str = "main", by: Person = BOB
    ) -> str:
        """Commit straight to a branch of the remote; None deletes a file."""
        start = parent or self.refs.get(f"refs/heads/{branch}") or self.main
        before = self.git.objects.commits[start].files if start else {}
        after = {path: data for path, data in {**before, **files}.items() if data is not None}
        who = replace(by, at=self.at[0])
        oid = self.git.objects.add(FakeCommit(after, (start,) if start else (), who, who, "By hand"))
        self.refs[f"refs/heads/{branch}"] = oid
        if branch == "main":
            self.git.fetch_main("main")
        return oid

    def merge(self, branch: str | None) -> str:
        """Bob merges a branch into main, as `git merge --no-ff` does."""
        assert branch is not None
        assert self.main is not None
        tip, objects = self.refs[f"refs/heads/{branch}"], self.git.objects
        fork = self.git.merge_base(self.main, tip)
        files = dict(objects.commits[self.main].files)
        for change in self.git.diff(fork, tip):
            files.pop(change.path, None)
            if change.new:
                files[change.path] = objects.commits[tip].files[change.path]
        who = replace(BOB, at=self.at[0])
        oid = objects.add(FakeCommit(files, (self.main, tip), who, who, f"Merge {branch}"))
        self.refs["refs/heads/main"] = oid
        self.git.fetch_main("main")
        return oid

    def source(self, text: str = "weights", metrics: object = None, **files: str) -> Path:
        """A directory as a training writes it: weights with this text, metrics.json, and others by stem."""
        folder = self.folder / f"source-{len(list(self.folder.iterdir()))}"
        folder.mkdir()
        (folder / "model.safetensors").write_text(text)
        (folder / "metrics.json").write_text(json.dumps({"f1": 0.95} if metrics is None else metrics))
        for name, content in files.items():
            (folder / name.replace("__", ".")).write_text(content)
        return folder

    def register(self, source: Path, version: str | None = None, model: ModelName = M) -> Registration:
        request = Request(source, model, v(version) if version else None)
        return register(self.workspace, self.directories, request)

    def registered(self, version: str, metrics: object = None, model: ModelName = M) -> str:
        """Register, merge and apply; returns the merge."""
        done = self.register(self.source(f"{model} {version}", metrics), version, model)
        assert done.submitted is not None
        return self.accept(done.submitted.branch)

    def promote(
        self, version: str, alias: AliasName = PROD, reason: str = "better", model: ModelName = M
    ) -> Promoted:
        return promote(self.workspace, ByVersion(model, v(version)), alias, reason)

    def promoted(self, version: str, alias: AliasName = PROD, model: ModelName = M) -> str:
        return self.accept(self.promote(version, alias, model=model).submitted.branch)

    def live(self, *versions: str, model: ModelName = M) -> None:
        """Register each and bring it to staging and prod, one after the other."""
        for version in versions:
            self.registered(version, model=model)
            self.promoted(version, STAGING, model)
            self.promoted(version, PROD, model)

    def emptied(self) -> None:
        """A reviewed change says that prod means nothing any more; 1 was the last."""
        head, _, _ = self.file("models/m/aliases.yaml").partition("prod:")
        entries = (
            "prod: {version: none, assignment: 2, reason: sunset}\n"
            'prev_prod: {version: "1", assignment: 1, reason: sunset}\n'
        )
        self.commit({"models/m/aliases.yaml": (head + entries).encode()})
        assert self.apply().plan.rejections == ()

    def accept(self, branch: str | None) -> str:
        """Merge and apply; in a direct registry both have happened."""
        if branch is None:
            return self.main or ""
        merged = self.merge(branch)
        done = self.apply()
        assert not done.plan.rejections, done.plan.rejections
        return merged

    def apply(self) -> Applied:
        return apply(self.workspace)

    def history(self, model: ModelName = M) -> ModelHistory:
        self.sync()
        return state.history_of(self.workspace, state.find_main(self.workspace), model)

    def by_hand(self, version: str, alias: AliasName = PROD, message: str = "latency regression\n") -> str:
        """Bob rolls back with plain `git tag -a` and pushes."""
        found = self.history()
        name = AssignmentTag(M, alias, found.observed(alias) + 1)
        head = write_tag_object(
            found.versions[v(version)].commit, name, replace(BOB, at=self.at[0]), Message("", "", {})
        )
        data = head.rstrip(b"\n") + b"\n\n" + message.encode()
        self.plant(str(name), data)
        return str(name)

    def forge(self, version: str, alias: AliasName = PROD) -> str:
        """Bob pushes a whole assignment with all trailers, on a commit of main that nobody reviewed for it."""
        history = self.history()
        name = AssignmentTag(M, alias, history.observed(alias) + 1)
        message = assignment_message("6f0c", name, Desired(v(version), name.number, "trust me"), history, {})
        self.plant(
            str(name), write_tag_object(self.commit({"README.md": b"nothing of it"}), name, BOB, message)
        )
        return str(name)

    def plant(self, name: str, data: bytes) -> None:
        """Put a tag on the remote, made of any bytes."""
        oid = f"{len(self.git.objects.tags):040x}"
        self.git.objects.tags[oid] = data
        self.refs[f"refs/tags/{name}"] = oid
