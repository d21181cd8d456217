"""A clone of a registry as one object: wires adapters to use-cases; one short method a verb.

This is what a Python program imports. Nothing here prints, reads the command line or changes the process.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from modelmark.adapters.git import GitRunner
from modelmark.adapters.git_reader import GitReader
from modelmark.adapters.yaml_files import YamlFiles
from modelmark.domain.layout import DVC_CONFIG, POLICY
from modelmark.registry.wiring import (
    find_github,
    find_repository,
    open_workspace,
    seen_by,
    unsandboxed_inspector,
)
from modelmark.usecases.resolve import LocalTags, Resolved, resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from modelmark.domain.checks import Described
    from modelmark.domain.evidence import Evidence
    from modelmark.domain.names import AliasName, ModelName
    from modelmark.domain.policy import Way
    from modelmark.domain.recommendation import Comparison
    from modelmark.domain.references import ByVersion, Reference
    from modelmark.domain.versions import Version
    from modelmark.registry.hosted import Hosted
    from modelmark.usecases import listing
    from modelmark.usecases.apply import Applied
    from modelmark.usecases.check import Report
    from modelmark.usecases.codeowners import CodeownersReport
    from modelmark.usecases.evaluate import Evaluated, Measurement
    from modelmark.usecases.forge_ports import PullRequests
    from modelmark.usecases.history import Past
    from modelmark.usecases.ports import Workspace
    from modelmark.usecases.promote import Promoted
    from modelmark.usecases.propose import Proposed
    from modelmark.usecases.pull import Pulled, PullOptions
    from modelmark.usecases.pull_ports import Progress
    from modelmark.usecases.record import Recorded
    from modelmark.usecases.register import Registration, Request
    from modelmark.usecases.rollback import RolledBack
    from modelmark.usecases.show import Details
    from modelmark.usecases.submit import Submitted
    from modelmark.usecases.verify import Depth, Verified

# Each verb imports its own use-case: `resolve` in a script must not pay for the gate, the storage and the scaffold.
# ruff: noqa: PLC0415

_STORE = "store"


class Registry:
    """A clone of a registry. Make one with `open`."""

    def __init__(self, workspace: Workspace, root: Path) -> None:
        self._workspace = workspace
        self.root = root

    @classmethod
    def open(cls, directory: str | Path = ".") -> Registry:
        """Open the registry that a directory is in.

        Raises:
            NotFound: the directory is in no Git repository.
        """
        workspace, root = open_workspace(Path(directory))
        return cls(workspace, root)

    @staticmethod
    def init(directory: str | Path, storage: str | None, promotion: Way) -> tuple[Path, Mapping[str, bytes]]:
        """Write a new registry's files into a directory; a Git repository is made where there is none.

        Returns:
            The root, and the files by path; they are not committed.
        """
        from modelmark.adapters.dvc import declared_remotes
        from modelmark.adapters.dvc_files import init_workspace
        from modelmark.adapters.work_tree import new_registry_root, storage_address, write_new_files
        from modelmark.scaffold import Choices, scaffold_files

        root = new_registry_root(Path(directory))
        dvc = init_workspace(root, _STORE, storage_address(root, storage))
        (url,) = declared_remotes(dvc[DVC_CONFIG])[0].values()
        branch = GitReader(GitRunner(root), None).checked_out() or "main"
        files = {**dvc, **scaffold_files(Choices(root.resolve().name, branch, _STORE, url, promotion))}
        YamlFiles().policy(files[POLICY], POLICY)  # what cannot be read back is not written
        write_new_files(root, files)
        return root, files

    def register(self, request: Request) -> Registration:
        """Make a version of a directory."""
        from modelmark.adapters.releases import Directories
        from modelmark.usecases.register import register

        return register(self._workspace, Directories(), request)

    def promote(
        self, version: ByVersion, alias: AliasName, reason: str, token: str | None = None
    ) -> Promoted:
        """Ask that an alias means a version."""
        from modelmark.usecases.promote import promote

        return promote(seen_by(self._workspace, token), version, alias, reason)

    def check(self, base: str | None = None, head: str | None = None, *, unsandboxed: bool = False) -> Report:
        """Judge a change; `unsandboxed` runs its bundled code without a sandbox, which CI refuses."""
        from modelmark.usecases.check import check

        inspector = self._workspace.inspector
        if unsandboxed:
            inspector = unsandboxed_inspector(inspector)
        return check(replace(self._workspace, inspector=inspector), base, head)

    def evidence(self, report: Report) -> Evidence:
        """What a reviewer wants to see beside a verdict."""
        from modelmark.usecases.evidence import evidence

        return evidence(self._workspace, report)

    def apply(self, *, dry_run: bool = False, push: bool = True, token: str | None = None) -> Applied:
        """Make the tags say what main asks for; on GitHub with the approvals that the token can read."""
        from modelmark.usecases.apply import apply

        return apply(seen_by(self._workspace, token), dry_run=dry_run, push=push)

    def rollback(self, model: ModelName, alias: AliasName, to: Version | None, reason: str) -> RolledBack:
        """Put an alias back."""
        from modelmark.usecases.rollback import rollback

        return rollback(self._workspace, model, alias, to, reason)

    def record(self, model: ModelName | None = None, alias: AliasName | None = None) -> tuple[Recorded, ...]:
        """Bring the files up to what the tags say."""
        from modelmark.usecases.record import record

        return record(self._workspace, model, alias)

    def archive(self, version: ByVersion, reason: str, replaced_by: Version | None = None) -> Submitted:
        """Take a version out of use."""
        from modelmark.usecases.archive import archive

        return archive(self._workspace, version, reason, replaced_by)

    def evaluate(self, version: ByVersion, made: Measurement) -> Evaluated:
        """Append a later measurement to a version."""
        from modelmark.adapters.releases import Directories
        from modelmark.usecases.evaluate import evaluate

        return evaluate(self._workspace, Directories(), version, made)

    def propose(self, sent: Submitted, page: Callable[[], str], token: str | None = None) -> Proposed | None:
        """Open the pull request of a pushed branch, or bring it up to date; None where the remote is no forge.

        Args:
            sent: what one of the verbs handed in.
            page: writes the body; asked only where there is a pull request to be.
            token: else the environment's, or that of `gh`.
        """
        from modelmark.domain.forge import pull_request
        from modelmark.usecases.propose import propose

        repository = find_repository(self._workspace.remote)
        if repository is None or sent.branch is None:
            return None
        asked = sent.proposal
        pull = pull_request(sent.branch, sent.default_branch, asked.title, page(), asked.labels)

        def find_pulls() -> PullRequests | None:
            github = find_github(self._workspace.remote, token)
            return github.pulls if github else None

        return propose(repository, find_pulls, pull)

    def hosted(self, token: str | None = None) -> Hosted:
        """This registry on GitHub, for the verbs that are there alone.

        Raises:
            Refused: its remote is not on GitHub.
            Denied: there is no token.
        """
        from modelmark.registry.hosted import hosted

        remote = self._workspace.remote
        return hosted(seen_by(self._workspace, token), find_repository(remote), find_github(remote, token))

    def checks(self) -> tuple[Described, ...]:
        """What the gate can ask, and which gates of main ask it."""
        from modelmark.usecases.checks import checks
        from modelmark.usecases.state import find_main

        return checks(find_main(self._workspace).policy)

    def codeowners(self, head: str = "HEAD", *, check: bool = False) -> CodeownersReport:
        """Write the code owners file into the work tree, or `check` the one at a commit."""
        from modelmark.adapters.work_tree import WorkTree
        from modelmark.usecases.codeowners import check_codeowners, write_codeowners

        if check:
            return check_codeowners(self._workspace, head)
        return write_codeowners(self._workspace, WorkTree(self.root), head)

    def resolve(self, reference: Reference) -> Resolved:
        """What a reference means, by the tags of this clone."""
        return resolve(LocalTags(self._workspace), reference)

    def list(self) -> tuple[listing.Summary, ...]:
        """All models."""
        from modelmark.usecases import listing

        return listing.list_models(self._workspace)

    def versions(self, model: ModelName) -> tuple[listing.Summary, tuple[listing.VersionRow, ...]]:
        """One model and its versions."""
        from modelmark.usecases import listing

        return listing.list_versions(self._workspace, model)

    def show(self, reference: Reference) -> Details:
        """Everything about one version."""
        from modelmark.usecases.show import show

        return show(self._workspace, reference)

    def compare(self, references: Sequence[Reference], alias: AliasName | None = None) -> Comparison:
        """Versions side by side; with an alias, which of them to promote to it."""
        from modelmark.usecases.compare import compare

        return compare(self._workspace, references, alias)

    def history(
        self, model: ModelName, alias: AliasName | None = None, as_of: datetime | None = None
    ) -> Past:
        """What the aliases of a model meant."""
        from modelmark.usecases.history import history

        return history(self._workspace, model, alias, as_of)

    def pull(
        self,
        reference: Reference,
        target: str | Path,
        options: PullOptions | None = None,
        progress: Progress | None = None,
    ) -> Pulled:
        """Bring a version into a directory."""
        from modelmark.adapters.releases import Directories
        from modelmark.usecases.pull import LocalReleases, pull

        source = LocalReleases(self._workspace, self.root)
        return pull(source, Directories(), reference, Path(target), options, progress)

    def verify(self, reference: Reference | None = None, depth: Depth | None = None) -> Verified:
        """Is everything what its tags say?"""
        from modelmark.usecases.verify import Depth, verify

        return verify(self._workspace, reference, depth or Depth())
