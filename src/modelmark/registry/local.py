"""A clone of a registry as one object: wires adapters to use-cases; one short method a verb.

This is what a Python program imports. Nothing here prints, reads the command line or changes the process.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Unpack, overload

from modelmark.domain.names import parse_alias_name, parse_model_name
from modelmark.registry.asked import (
    RECORDS,
    About,
    as_one_version,
    as_reference,
    as_request,
    as_version,
)
from modelmark.registry.questions import Questions
from modelmark.registry.wiring import (
    find_github,
    find_repository,
    open_workspace,
    seen_by,
    unsandboxed_inspector,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modelmark.domain.announcements import Announced
    from modelmark.domain.policy import Way
    from modelmark.domain.references import ByVersion, Reference
    from modelmark.domain.versions import Version
    from modelmark.registry.hosted import Hosted
    from modelmark.usecases.announce import Asked
    from modelmark.usecases.apply import Applied
    from modelmark.usecases.audit import Audited
    from modelmark.usecases.check import Report
    from modelmark.usecases.codeowners import CodeownersReport
    from modelmark.usecases.deployed import Recorded as Deployed
    from modelmark.usecases.evaluate import Evaluated, Measurement
    from modelmark.usecases.promote import Promoted
    from modelmark.usecases.propose import Proposed
    from modelmark.usecases.protect import Written
    from modelmark.usecases.pull import Pulled, PullOptions
    from modelmark.usecases.pull_ports import Progress
    from modelmark.usecases.record import Recorded
    from modelmark.usecases.register import Registration, Request
    from modelmark.usecases.rollback import RolledBack
    from modelmark.usecases.submit import Submitted
    from modelmark.usecases.verify import Depth, Verified

# Each verb imports its own use-case: `resolve` in a script must not pay for the gate, the storage and the scaffold.
# ruff: noqa: PLC0415


class Registry(Questions):
    """A clone of a registry. Make one with `open`.

    Text is taken for every reference, version and name, as the command line reads it; a value goes through as it is.
    """

    @property
    def remote_url(self) -> str:
        """Address of the remote that holds the truth, without a password; empty where there is none."""
        url = self._workspace.remote.url
        beside = self.root / url  # Git counts a relative path from the clone
        return str(beside) if url and beside.exists() else url

    @classmethod
    def open(cls, directory: str | Path = ".") -> Registry:
        """Open the registry that a directory is in.

        Raises:
            InvalidInput: it is an address.
            NotFound: the directory is in no Git repository.
        """
        workspace, root = open_workspace(directory)
        return cls(workspace, root)

    @staticmethod
    def init(
        directory: str | Path, storage: str | None, promotion: Way, owners: tuple[str, ...] = ()
    ) -> tuple[Path, Mapping[str, bytes]]:
        """Write a new registry's files into a directory; gives its root, and the files by path, not committed."""
        from modelmark.registry.new import new_registry

        return new_registry(Path(directory), storage, promotion, owners)

    @staticmethod
    def add_github(root: str | Path) -> Mapping[str, bytes]:
        """Write what a registry has not yet of the files for GitHub; gives those that were written."""
        from modelmark.registry.new import add_github

        return add_github(Path(root))

    @overload
    def register(self, source: Request) -> Registration: ...
    @overload
    def register(self, source: str | Path, model: str, **about: Unpack[About]) -> Registration: ...
    def register(self, source: Request | str | Path, model: str = "", **about: Unpack[About]) -> Registration:
        """Make a version of a directory: either all of a request, or the directory, the model and what is to be said."""
        from modelmark.adapters.releases import Directories
        from modelmark.usecases.register import Request, register

        request = source if isinstance(source, Request) else as_request(source, model, about)
        return register(self._workspace, Directories(), request)

    def promote(
        self, version: ByVersion | str, alias: str, reason: str, token: str | None = None
    ) -> Promoted:
        """Ask that an alias means a version."""
        from modelmark.usecases.promote import promote

        asked = as_one_version(version)
        return promote(seen_by(self._workspace, token), asked, parse_alias_name(alias), reason)

    def check(
        self,
        base: str | None = None,
        head: str | None = None,
        *,
        fetch: bool = False,
        unsandboxed: bool = False,
    ) -> Report:
        """Judge a change.

        Args:
            base: what it is against; else main.
            head: the change; else HEAD.
            fetch: bring main, the head and the tags of the touched models from the remote first.
            unsandboxed: run its bundled code without a sandbox, which CI refuses.
        """
        from modelmark.usecases.check import check

        inspector = self._workspace.inspector
        if unsandboxed:
            inspector = unsandboxed_inspector(inspector)
        return check(replace(self._workspace, inspector=inspector), base, head, fetch=fetch)

    def apply(self, *, dry_run: bool = False, push: bool = True, token: str | None = None) -> Applied:
        """Make the tags say what main asks for; on GitHub with the approvals that the token can read."""
        from modelmark.usecases.apply import apply

        return apply(seen_by(self._workspace, token), dry_run=dry_run, push=push)

    def announce(self, asked: Asked, workflow: str | None = None, token: str | None = None) -> Announced:
        """Tell the world about assignments."""
        from modelmark.registry.hosted import find_receivers
        from modelmark.usecases.announce import announce

        return announce(self._workspace, find_receivers(self._workspace.remote, workflow, token), asked)

    def rollback(self, model: str, alias: str, to: Version | str | None, reason: str) -> RolledBack:
        """Put an alias back."""
        from modelmark.usecases.rollback import rollback

        asked = None if to is None else as_version(to)
        return rollback(self._workspace, parse_model_name(model), parse_alias_name(alias), asked, reason)

    def record(self, model: str | None = None, alias: str | None = None) -> tuple[Recorded, ...]:
        """Bring the files up to what the tags say."""
        from modelmark.usecases.record import record

        return record(
            self._workspace,
            parse_model_name(model) if model else None,
            parse_alias_name(alias) if alias else None,
        )

    def archive(
        self, version: ByVersion | str, reason: str, replaced_by: Version | str | None = None
    ) -> Submitted:
        """Take a version out of use."""
        from modelmark.usecases.archive import archive

        other = None if replaced_by is None else as_version(replaced_by)
        return archive(self._workspace, as_one_version(version), reason, other)

    def evaluate(self, version: ByVersion | str, made: Measurement) -> Evaluated:
        """Append a later measurement to a version."""
        from modelmark.adapters.releases import Directories
        from modelmark.usecases.evaluate import evaluate

        return evaluate(self._workspace, Directories(), as_one_version(version), made)

    def propose(self, sent: Submitted, token: str | None = None) -> Proposed | None:
        """Open the pull request of a pushed branch, or bring it up to date; None where the remote is no forge.

        Args:
            sent: what one of the verbs handed in.
            token: else the environment's, or that of `gh`; without any, the answer says where a person opens it.

        Raises:
            NotProposed: the forge did not do it; the branch stays pushed, and a rerun does no harm.
        """
        from modelmark.registry.proposing import propose_change

        return propose_change(self._workspace, sent, token)

    def hosted(self, token: str | None = None) -> Hosted:
        """This registry on GitHub, for the verbs that are there alone.

        Raises:
            Refused: its remote is not on GitHub.
            Denied: there is no token.
        """
        from modelmark.registry.hosted import hosted

        remote = self._workspace.remote
        return hosted(seen_by(self._workspace, token), find_repository(remote), find_github(remote, token))

    def codeowners(self, head: str = "HEAD", *, check: bool = False) -> CodeownersReport:
        """Write the code owners file into the work tree, or `check` the one at a commit."""
        from modelmark.adapters.work_tree import WorkTree
        from modelmark.usecases.codeowners import check_codeowners, write_codeowners

        if check:
            return check_codeowners(self._workspace, head)
        return write_codeowners(self._workspace, WorkTree(self.root), head)

    def write_protection(self, app: int | None = None, operators: int | None = None) -> Written:
        """Write the rulesets that GitHub should enforce into the work tree; with an App those of the hardened profile."""
        from modelmark.adapters.work_tree import WorkTree
        from modelmark.usecases.protect import write_protection

        return write_protection(self._workspace, WorkTree(self.root), app, operators)

    def pull(
        self,
        reference: Reference | str,
        target: str | Path,
        options: PullOptions | None = None,
        progress: Progress | None = None,
    ) -> Pulled:
        """Bring a version into a directory; `modelmark.pull` does the same, and returns a `Release`."""
        from modelmark.adapters.releases import Directories
        from modelmark.usecases.pull import LocalReleases, pull

        source = LocalReleases(self._workspace, self.root)
        return pull(source, Directories(), as_reference(reference), Path(target), options, progress)

    def deployed(
        self, reference: Reference | str, env: str, *, to: str | Path | None = None, records: str = RECORDS
    ) -> Deployed:
        """Record what runs in an environment: the release that was pulled to a directory, read byte by byte."""
        from modelmark.adapters.running import Disk
        from modelmark.registry.deployments import records_in, witness
        from modelmark.usecases import state
        from modelmark.usecases.deployed import deployed
        from modelmark.usecases.pull import LocalReleases

        asked, target = as_reference(reference), None if to is None else Path(to)
        state.fetched_main(self._workspace, state.tag_patterns(asked.model))
        source = LocalReleases(self._workspace, self.root)
        return deployed(source, Disk(), asked, env, target, witness(records_in(self.root, records)))

    def verify(
        self,
        reference: Reference | str | None = None,
        depth: Depth | None = None,
        token: str | None = None,
        *,
        fetch: bool = False,
    ) -> Verified:
        """Is everything what its tags say? `fetch` brings main and the tags from the remote first."""
        from modelmark.usecases.verify import Depth, verify

        if depth is not None and depth.approvals:
            self.hosted(token)  # elsewhere there are none, and nobody should take that for a yes
        asked = None if reference is None else as_reference(reference)
        return verify(seen_by(self._workspace, token), asked, depth or Depth(), fetch=fetch)

    def audit(self, token: str | None = None) -> Audited:
        """Hold everything against everything; brings main and the tags first."""
        from modelmark.registry.hosted import more_to_audit
        from modelmark.usecases.audit import audit

        workspace = seen_by(self._workspace, token)
        return audit(workspace, more_to_audit(workspace, token))
