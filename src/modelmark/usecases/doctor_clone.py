"""What must hold on a machine and in a clone for the verbs to work; nothing is fetched, and nothing is written."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

from modelmark.domain.findings import Finding, Level
from modelmark.domain.layout import ADVISORIES, DVC_CONFIG, MODELS, POLICY, Kind, classify
from modelmark.domain.names import shown
from modelmark.errors import InvalidInput, Unreachable
from modelmark.usecases.doctor import Probe
from modelmark.usecases.state import ALL_TAGS, cards_at, find_main

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from modelmark.usecases.ports import Workspace
    from modelmark.usecases.state import Main

OLDEST_GIT = (2, 34)
"""`for-each-ref` has no `%(raw)` in older ones, and every reading of tags needs it."""
_TAGS = "refs/tags/"
_NO_OBJECT = "0" * 32
_RUN_CODE = {"bundled-tests", "contract"}
_ASK_FOR_VULNERABILITIES = "dependencies"


class Machine(Protocol):
    """The programs of this machine."""

    def git_version(self) -> tuple[int, ...]:
        """Numbers of Git's version."""

    def sandbox(self) -> None:
        """Raises CouldNot where code of a bundle cannot be run."""

    def audit(self) -> None:
        """Raises CouldNot where nobody can be asked about vulnerabilities."""


class Clone(Protocol):
    """What the repository itself knows of its completeness."""

    def is_shallow(self) -> bool:
        """Whether a part of the history is cut off."""

    def remote_tips(self, *refs: str) -> Mapping[str, str]:
        """Object ids of refs (or globs of them) as the remote has them now; raises where it cannot be reached."""


def machine_probes(machine: Machine) -> Iterator[Probe]:
    """What no repository is needed for."""
    yield Probe("git", f"Git is {_version(OLDEST_GIT)} or newer", partial(_git, machine))


def clone_probes(workspace: Workspace, machine: Machine, clone: Clone) -> Iterator[Probe]:
    """What a clone needs, whatever its remote is."""
    here = ("main",)
    yield Probe("remote", "the remote answers", partial(_remote, workspace, clone))
    yield Probe("main", "main is known here, and its registry.yaml is one", partial(_main, workspace))
    newest = partial(_newest, workspace, clone)
    yield Probe("newest", "main is the remote's newest", newest, ("remote", "main"))
    yield Probe("tags", "the remote's tags are here", partial(_tags, workspace, clone), ("remote",))
    yield Probe("history", "the whole history is here", partial(_history, clone))
    yield Probe("identity", "Git knows who you are", partial(_identity, workspace))
    yield Probe("dvc", f"{DVC_CONFIG} says what {POLICY} allows", partial(_dvc, workspace), here)
    yield Probe("storage", "the storage answers", partial(_storage, workspace), here)
    sandbox = partial(_sandbox, workspace, machine)
    yield Probe("sandbox", "code of a bundle can be run, where a gate does", sandbox, here)
    audit = partial(_audit, workspace, machine)
    yield Probe("audit", "vulnerabilities can be asked for, where a gate does", audit, here)


def _version(numbers: tuple[int, ...]) -> str:
    return ".".join(map(str, numbers))


def _git(machine: Machine) -> Iterator[Finding]:
    found = machine.git_version()
    if found < OLDEST_GIT:
        yield Finding(
            "git",
            Level.ERROR,
            f"Git is {_version(found)}, and tags can be read with {_version(OLDEST_GIT)} or newer",
            hint=f"install Git {_version(OLDEST_GIT)} or newer",
        )


def _remote(workspace: Workspace, clone: Clone) -> Iterator[Finding]:
    if workspace.remote.name is None:
        yield Finding(
            "remote",
            Level.WARNING,
            "there is no remote, so this clone alone says what is true",
            hint="git remote add origin URL, then git push -u origin main",
        )
    else:
        clone.remote_tips("HEAD")


def _main(workspace: Workspace) -> Iterator[Finding]:
    find_main(workspace)
    yield from ()


def _newest(workspace: Workspace, clone: Clone) -> Iterator[Finding]:
    main, name = find_main(workspace), workspace.remote.name
    if name is None:
        return
    ref = f"refs/heads/{main.policy.default_branch}"
    there = clone.remote_tips(ref).get(ref)
    if there is None:
        yield Finding(
            "newest",
            Level.ERROR,
            f"{name} has no branch {main.policy.default_branch}, which {POLICY} names as main",
            hint=f"git push {name} {main.policy.default_branch}, or correct registry.default_branch",
        )
    elif there != main.commit:
        yield Finding(
            "newest",
            Level.WARNING,
            f"main is at {main.commit[:12]} here, and at {there[:12]} on {name}",
            hint=f"git fetch {name}",
        )


def _tags(workspace: Workspace, clone: Clone) -> Iterator[Finding]:
    """A clone answers by the tags that it has, and one that is old knows nothing of the newest assignment."""
    name = workspace.remote.name
    if name is None:
        return
    there = clone.remote_tips(*(f"{_TAGS}{pattern}" for pattern in ALL_TAGS))
    here = workspace.reader.tag_names()
    old = sorted(
        tag
        for ref, oid in there.items()
        if not ref.endswith("^{}") and here.get(tag := ref.removeprefix(_TAGS)) != oid
    )
    if old:
        some = ", ".join(map(shown, old[:3])) + (", …" if len(old) > 3 else "")
        yield Finding(
            "tags",
            Level.WARNING,
            f"{len(old)} of the tags on {name} {'is' if len(old) == 1 else 'are'} not here, or not the same: {some}",
            hint=f"git fetch {name} '{_TAGS}*:{_TAGS}*'",
        )


def _history(clone: Clone) -> Iterator[Finding]:
    if clone.is_shallow():
        yield Finding(
            "history",
            Level.WARNING,
            "this clone is shallow: who approved what, and where a branch left main, cannot always be told",
            hint="git fetch --unshallow (in CI: fetch-depth: 0)",
        )


def _identity(workspace: Workspace) -> Iterator[Finding]:
    try:
        workspace.writer.identity()
    except (
        InvalidInput
    ) as error:  # no error of the clone: one that only applies, verifies or pulls needs none
        yield Finding("identity", Level.WARNING, error.message, hint=error.hint)


def _dvc(workspace: Workspace) -> Iterator[Finding]:
    main = find_main(workspace)
    data = workspace.reader.read([(main.commit, DVC_CONFIG)])[0]
    if data is None:
        yield Finding(
            "dvc",
            Level.ERROR,
            "main has no such file, so stock `dvc pull` finds no storage",
            DVC_CONFIG,
            hint="git add -f .dvc/config, and have it reviewed",
        )
        return
    allowed = {one.name: one.url for one in main.policy.remotes}
    for name, url in workspace.documents.remotes(data)[0].items():
        if allowed.get(name) != url:
            yield Finding(
                "dvc",
                Level.ERROR,
                f"the remote {shown(name)} is not one that {POLICY} allows, by its name or by its address",
                DVC_CONFIG,
                hint=f"make both say the same: storage.remotes in {POLICY}, or dvc remote modify",
            )


def _storage(workspace: Workspace) -> Iterator[Finding]:
    try:
        workspace.storage().missing([_NO_OBJECT])
    except Unreachable as error:
        if _has_versions(workspace, find_main(workspace)):
            raise
        words = f"{error.message}; nothing is registered yet"
        yield Finding("storage", Level.WARNING, words, hint=error.hint)


def _has_versions(workspace: Workspace, main: Main) -> bool:
    return any(classify(path).kind is Kind.MANIFEST for path in workspace.reader.entries(main.commit, MODELS))


def _sandbox(workspace: Workspace, machine: Machine) -> Iterator[Finding]:
    if _checks(workspace, find_main(workspace)) & _RUN_CODE:
        machine.sandbox()
    yield from ()


def _audit(workspace: Workspace, machine: Machine) -> Iterator[Finding]:
    main = find_main(workspace)
    reviewed = workspace.reader.read([(main.commit, ADVISORIES)])[0] is not None
    if _ASK_FOR_VULNERABILITIES in _checks(workspace, main) and not reviewed:
        machine.audit()
    yield from ()


def _checks(workspace: Workspace, main: Main) -> frozenset[str]:
    """Every check that a gate or a model's card names."""
    gates = (main.policy.registration, *main.policy.gates.values())
    cards = cards_at(workspace, main.commit).values()
    more = (name for card in cards for names in card.checks.values() for name in names)
    return frozenset((*(name for gate in gates for name in gate.checks), *more))
