"""Hand a change in: on a branch for review, or onto main at once where the registry says `promotion: direct`.

The one mechanism behind every verb that changes files. It builds on main as it is on the remote, touches neither index
nor work tree, and can be run again: a branch that already carries the same change is found and not made twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from modelmark.domain.change import Span
from modelmark.domain.findings import Finding, Level
from modelmark.domain.inspection import Reach
from modelmark.domain.policy import Way
from modelmark.errors import Lost, ModelmarkError, Refused
from modelmark.usecases import state
from modelmark.usecases.apply import Applied, apply
from modelmark.usecases.check import judge_change
from modelmark.usecases.newest import history_for

if TYPE_CHECKING:
    from modelmark.domain.findings import Verdict
    from modelmark.domain.forge import Label
    from modelmark.usecases.check import Report
    from modelmark.usecases.ports import Workspace

_TRIES = 5


@dataclass(frozen=True)
class Proposal:
    """A change to be handed in.

    Attributes:
        branch: where it goes for review.
        files: contents by path.
        message: of the commit.
        identity: paths that must be byte for byte the same for two proposals to be one.
        labels: what it is about, where a forge shows it.
    """

    branch: str
    files: Mapping[str, bytes]
    message: str
    identity: tuple[str, ...]
    labels: tuple[Label, ...] = ()

    @property
    def title(self) -> str:
        """The message's subject."""
        return self.message.partition("\n")[0]


@dataclass(frozen=True)
class Submitted:
    """Where a change went.

    Attributes:
        branch: the branch that carries it; None where it went onto main at once.
        remote: name of the remote it was pushed to, or None.
        already: it was there before.
        applied: what became true, where it went onto main at once.
        report: what the gate says of the branch now; None where it could not be asked.
    """

    proposal: Proposal
    commit: str
    default_branch: str
    branch: str | None
    remote: str | None
    already: bool = False
    applied: Applied | None = None
    report: Report | None = None

    @property
    def place(self) -> str:
        """What Git calls the change here."""
        return "/".join(part for part in (self.remote, self.branch) if part) if self.branch else self.commit

    @property
    def verdict(self) -> Verdict | None:
        """What the gate says, if it could be asked."""
        return self.report.verdict if self.report else None

    @property
    def left_out(self) -> tuple[str, ...]:
        """Checks that only `modelmark check` runs: they take longer than anybody waits for a push."""
        return self.report.left_out if self.report else ()


Build = Callable[[state.Main], Proposal]


class NotPassed(Refused):
    """The gate said no; the findings say why."""

    def __init__(self, message: str, hint: str, findings: tuple[Finding, ...]) -> None:
        super().__init__(message, hint)
        self.findings = findings


def submit(
    workspace: Workspace,
    build: Build,
    tags: Sequence[str] = (),
    known: state.Main | None = None,
) -> Submitted:
    """Hand a change in.

    Args:
        workspace: the registry.
        build: makes the proposal for a given state of main; called again where main moves meanwhile.
        tags: globs of the tags that `build` reads, fetched with main.
        known: main, where the caller has just fetched it.

    Raises:
        Lost: the branch exists with another change.
        NotPassed: `promotion: direct`, and the gate refuses.
    """
    for _ in range(_TRIES):
        main = known or state.fetched_main(workspace, tags)
        proposal = build(main)
        if main.policy.promotion is Way.PULL_REQUEST:
            return _on_branch(workspace, main, proposal, build)
        try:
            return _onto_main(workspace, main, proposal)
        except Lost as error:
            lost, known = error, None  # main has moved: build again on what it is now
    raise Lost(
        f"{main.policy.default_branch} could not be moved, tried {_TRIES} times: {lost.message}",
        lost.hint or "run the command again",
    )


def _on_branch(workspace: Workspace, main: state.Main, proposal: Proposal, build: Build) -> Submitted:
    remote, branch = workspace.remote.name, proposal.branch
    found = _already(workspace, main, proposal, build)
    if found is not None:
        return found
    commit = workspace.writer.commit_files(
        main.commit, proposal.files, proposal.message, workspace.writer.identity()
    )
    if remote is None:
        workspace.writer.move_branch(branch, workspace.reader.branches(branch).get(branch), commit)
    else:
        try:
            workspace.remote.push({f"refs/heads/{branch}": commit})
        except Lost as error:
            with suppress(Lost):
                if found := _already(workspace, main, proposal, build):
                    return found  # another run of the same command was faster
            hint = "look at that branch first; then run the command again"
            raise Lost(f"somebody pushed {branch} in this moment", hint) from error
    sent = Submitted(proposal, commit, main.policy.default_branch, branch, remote)
    return _with_verdict(workspace, main, sent)


def _already(workspace: Workspace, main: state.Main, proposal: Proposal, build: Build) -> Submitted | None:
    """The branch, where it is there with this change.

    Raises:
        Lost: it carries another one.
    """
    remote, branch = workspace.remote.name, proposal.branch
    workspace.remote.fetch_branches(branch)
    there = workspace.reader.branches(branch).get(branch)
    # A branch that main has already is the trace of an earlier change under the same name; ours goes on from it.
    if there is None or workspace.reader.merge_base(main.commit, there) == there:
        return None
    if not _carries(workspace, there, proposal) and not _carries_earlier(workspace, main, there, build):
        raise Lost(
            f"the branch {branch} exists{f' on {remote}' if remote else ''} with another change",
            f"review it, or give it up: git push {remote} --delete {branch}"
            if remote
            else f"git branch -D {branch}",
        )
    sent = Submitted(proposal, there, main.policy.default_branch, branch, remote, already=True)
    return _with_verdict(workspace, main, sent)


def _carries(workspace: Workspace, commit: str, proposal: Proposal) -> bool:
    found = workspace.reader.read([(commit, path) for path in proposal.identity])
    return found == [proposal.files[path] for path in proposal.identity]


def _carries_earlier(workspace: Workspace, main: state.Main, there: str, build: Build) -> bool:
    """Whether a branch carries the change as it was to be made on the older main that the branch began on."""
    parents = workspace.reader.commit(there).parents
    if (
        len(parents) != 1
        or parents[0] == main.commit
        or not workspace.reader.on_main(main.commit)(parents[0])
    ):
        return False
    try:
        return _carries(workspace, there, build(state.Main(parents[0], main.policy)))
    except ModelmarkError:
        return False  # there was nothing to ask for yet


def _with_verdict(workspace: Workspace, main: state.Main, sent: Submitted) -> Submitted:
    """What the gate says of a branch that is out: nobody should have to wait for CI to hear it."""
    try:
        fork = workspace.reader.merge_base(main.commit, sent.commit)
        span = Span(fork, sent.commit, main.commit, workspace.now())
        report = judge_change(workspace, span, partial(history_for, workspace, main), Reach.READ)
    except (
        ModelmarkError
    ):  # the change is handed in, and that is what was asked for; CI will say what is wrong
        return sent
    return replace(sent, report=report)


def _onto_main(workspace: Workspace, main: state.Main, proposal: Proposal) -> Submitted:
    identity, default = workspace.writer.identity(), main.policy.default_branch
    commit = workspace.writer.commit_files(main.commit, proposal.files, proposal.message, identity)
    span = Span(main.commit, commit, main.commit, workspace.now())
    report = judge_change(workspace, span, partial(history_for, workspace, main), Reach.RUN)
    if not report.verdict.passed:
        errors = tuple(found for found in report.verdict.findings if found.level is Level.ERROR)
        raise NotPassed(
            "the check refuses this change, and nothing was changed", "mend what it names", errors
        )
    if workspace.remote.name is None:
        workspace.writer.move_branch(default, main.commit, commit)
    else:
        workspace.remote.push({f"refs/heads/{default}": commit})
        workspace.remote.fetch_main(default)
    return Submitted(proposal, commit, default, None, workspace.remote.name, applied=apply(workspace))
