"""A registry in memory with real files in it: registered as users do it, looked into by the real inspector."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from modelmark.adapters.inspection.contents import Contents
from modelmark.adapters.inspection.inspector import Inspector
from modelmark.adapters.releases import Directories
from modelmark.domain.artifacts import Pointer
from modelmark.domain.commits import FileChange
from modelmark.domain.findings import Finding, Level
from modelmark.domain.inspection import Inspection
from modelmark.domain.manifest import Compression, Manifest
from modelmark.domain.names import AliasName, ModelName
from modelmark.usecases.check import Report, check
from modelmark.usecases.provenance import GitProvenance
from modelmark.usecases.register import Request, register
from tests.corpus import bundles
from tests.corpus.parts import Bundle
from tests.support.desk import ADA, NOON, PROD, STAGING, Desk, Files, v
from tests.support.fake_storage import FakeStorage
from tests.support.fakes import FakeGit, Link, Objects, Server

REVIEWS = ModelName("reviews")
CANARY = AliasName("canary")

POLICY = """\
registry: {id: 6f0c, name: acme, default_branch: main}
promotion: pull-request
storage: {remotes: [{name: store, url: "memory:storage"}]}
aliases:
  staging: {stage: staging, gate: staging}
  canary: {stage: staging, gate: staging, after: [staging]}
  prod:
    {stage: production, gate: production, after: [canary], soak_hours: 24, approvals: 2, previous_as: prev_prod,
     rollback: direct}
registration:
  checks: [signature, tokenizer, labels, environment, scan, lineage]
gates:
  staging:
    criteria: [{metric: latency_p95_ms, max: 200}]
    checks: [signature, signature-compatible, tokenizer, labels, environment, scan, lineage]
  production:
    criteria:
      - {metric: f1, min: 0.9}
      - {metric: f1, over: worst-slice, min: 0.8}
      - {metric: f1, against: current, max_drop: 0.01, bound: lower}
      - any:
          - {metric: latency_p95_ms, where: {device: cpu}, max: 60}
          - {metric: latency_p95_ms, where: {device: gpu}, max: 20}
    checks: [signature-compatible, scan, freshness]
    max_age_days: 90
licenses: {allow: [Apache-2.0, BSD-3-Clause, MIT]}
profiles:
  text-classifier:
    requires: [weights, config, tokenizer, labels, preprocessing, signature, environment, metrics, lineage]
  token-classifier:
    requires:
      [weights, config, tokenizer, labels, preprocessing, postprocessing, signature, environment, metrics, lineage]
  embedding: {requires: [weights, config, tokenizer, signature, environment, metrics, lineage]}
  tabular: {requires: [weights, preprocessing, signature, environment, metrics, lineage]}
  llm-config: {requires: [prompt, parameters, signature, metrics]}
  generic: {requires: [weights, metrics]}
"""
CONFIG = "[core]\n    remote = store\n['remote \"store\"']\n    url = memory:storage\n"
AROUND: Files = {
    ".dvc/config": CONFIG.encode(),
    ".github/CODEOWNERS": b"models/ @acme/owners\n",
    ".github/workflows/registry-check.yml": b"on: pull_request\n",
    "src/train.py": b"print('training')\n",
}


class Submodule(Link):
    """A commit of another repository in the place of a file."""


class Git(FakeGit):
    """Counts what is read, and knows submodules."""

    reads = 0

    def diff(self, base: str | None, head: str) -> tuple[FileChange, ...]:
        files = self.objects.commits[head].files
        return tuple(
            replace(change, mode="160000") if isinstance(files.get(change.path), Submodule) else change
            for change in super().diff(base, head)
        )

    def read(self, places: object) -> list[bytes | None]:
        found = super().read(places)  # type: ignore[arg-type]
        self.reads += len(found)
        return found

    def blobs(self, oids: object) -> list[bytes | None]:
        found = super().blobs(oids)  # type: ignore[arg-type]
        self.reads += len(found)
        return found


# What looks found, with the digests of the files that each has read; a look sees nothing but those and the manifest.
_FOUND: dict[tuple[type, str], list[tuple[dict[str, str], object]]] = {}


class Remembering(Inspector):
    """The real inspector; a look at files that it has read before, in the same manifest, is not repeated."""

    def _look(self, kind: type, contents: Contents) -> object:
        manifest = contents.manifest
        digests = {file.path: file.sha256 for file in manifest.files}
        names = tuple(replace(file, sha256="", size=0) for file in manifest.files)
        key = kind, repr(replace(manifest, created_at=NOON, version=v("1"), files=names))
        for read, facts in _FOUND.setdefault(key, []):
            if all(digests.get(path) == digest for path, digest in read.items()):
                for path in read:  # which fetches and verifies it, and that may fail
                    contents.file(path)
                return facts
        seen: dict[str, str] = {}
        contents.file = _noting(partial(Contents.file, contents), seen, digests)  # type: ignore[assignment, method-assign]
        facts = super()._look(kind, contents)
        _FOUND[key].append((seen, facts))
        return facts


def _noting(
    fetch: Callable[[str], Path], seen: dict[str, str], digests: Mapping[str, str]
) -> Callable[[str], Path]:
    def noted(path: str) -> Path:
        place = fetch(path)
        seen[path] = digests[path]
        return place

    return noted


@dataclass
class Looking:
    """The inspector of a scene; of what is given it looks at nothing, as there is no network here."""

    storage: FakeStorage
    given: dict[type, object] = field(default_factory=dict)

    def inspect(self, manifest: Manifest, pointer: Pointer, kinds: frozenset[type]) -> Inspection:
        found = Remembering(lambda: self.storage).inspect(manifest, pointer, kinds - self.given.keys())
        given = {kind: self.given[kind] for kind in kinds & self.given.keys()}
        return Inspection({**found.facts, **given}, found.failed)


class Scene(Desk):
    """A desk whose sources are real bundles."""

    look: Looking

    @classmethod
    def made(cls, folder: Path, policy: str = POLICY) -> Scene:
        """A registry with its rules and no model."""
        desk = Desk.new(folder, policy)
        scene = cls(desk.git, desk.storage, desk.directories, desk.workspace, folder, desk.at)
        scene._take(scene.git.server or Server(), {}, {})
        scene.commit(AROUND)
        return scene

    def fork(self, folder: Path) -> Scene:
        """The same registry again, for somebody who spoils it."""
        assert self.git.server is not None
        objects = self.git.objects
        copied = Objects(dict(objects.commits), dict(objects.blobs), dict(objects.tags))
        scene = Scene(self.git, self.storage, self.directories, self.workspace, folder, list(self.at))
        scene._take(
            Server(copied, dict(self.git.server.refs)), dict(self.git.refs), dict(self.storage.remote)
        )
        return scene

    def _take(self, server: Server, refs: dict[str, str], remote: dict[str, bytes]) -> None:
        self.git = Git(server, ADA, lambda: self.at[0])
        self.git.refs = refs or {"refs/remotes/origin/main": server.refs["refs/heads/main"]}
        self.storage = FakeStorage(remote)
        self.look = Looking(self.storage)
        self.workspace = replace(
            self.workspace,
            reader=self.git,
            provenances=lambda: GitProvenance(self.git),
            writer=self.git,
            remote=self.git,
            storage=lambda: self.storage,
            now=lambda: self.at[0],
            inspector=self.look,
        )

    @property
    def reads(self) -> int:
        """How many blobs were read so far."""
        assert isinstance(self.git, Git)
        return self.git.reads

    def written(self, files: Bundle) -> Path:
        """A directory with these files, as a training leaves it."""
        folder = self.folder / f"bundle-{len(list(self.folder.iterdir()))}"
        for path, data in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        return folder

    def register_folder(
        self,
        folder: Path,
        version: str | None = None,
        model: ModelName = REVIEWS,
        profile: str | None = None,
        compression: Compression | None = None,
    ) -> str:
        """Register a directory as a user does; returns the branch."""
        number = v(version) if version else None
        request = Request(folder, model, number, profile, compression=compression)
        done = register(self.workspace, Directories(), request).submitted
        assert done is not None
        assert done.branch is not None
        return done.branch

    def bring(
        self,
        files: Bundle,
        version: str | None = None,
        model: ModelName = REVIEWS,
        profile: str | None = None,
    ) -> str:
        """Register a bundle; returns the branch."""
        return self.register_folder(self.written(files), version, model, profile)

    def ask(self, version: str, alias: AliasName, model: ModelName = REVIEWS) -> str:
        """Ask for a promotion; returns the branch."""
        branch = self.promote(version, alias, model=model).submitted.branch
        assert branch is not None
        return branch

    def beside(self, branch: str, files: Files) -> str:
        """Put more files onto a branch that is asked for; None deletes one."""
        self.commit(files, branch=branch)
        return branch

    def change(self, files: Files) -> str:
        """A branch off main with these files."""
        self.commit(files, branch="change", parent=self.main)
        return "change"

    def judge(self, branch: str) -> Report:
        """The gate."""
        self.sync()
        self.git.fetch_branches(branch)
        return check(self.workspace, None, f"origin/{branch}")


def lived(folder: Path) -> Scene:
    """Version 1 of `reviews` is in prod; 2 has been in canary for a day, and may follow it; 3 is registered."""
    scene = Scene.made(folder)
    for number in (1, 2, 3):
        scene.accept(
            scene.bring(bundles.text_classifier(number), profile="text-classifier" if number == 1 else None)
        )
        if number == 3:
            break
        for alias in (STAGING, CANARY, PROD)[: 3 if number == 1 else 2]:
            scene.accept(scene.ask(str(number), alias))
            if alias == CANARY:
                scene.wait(24)
    return scene


def errors(report: Report) -> list[Finding]:
    return [one for one in report.verdict.findings if one.level is Level.ERROR]


def said(findings: list[Finding]) -> str:
    return "\n".join(f"[{one.rule}] {one.path}:{one.line} {one.message} | {one.about}" for one in findings)
