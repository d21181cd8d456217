"""Puts together what `doctor` looks at: as much of it as there is here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from modelmark.adapters.machine import ThisClone, ThisMachine
from modelmark.registry.wiring import find_github, find_repository, open_workspace
from modelmark.scaffold.github import github_files
from modelmark.usecases.doctor import Probe, doctor
from modelmark.usecases.doctor_clone import clone_probes, machine_probes
from modelmark.usecases.doctor_forge import forge_probes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from modelmark.domain.diagnosis import Diagnosis
    from modelmark.domain.findings import Finding
    from modelmark.domain.policy import Policy
    from modelmark.usecases.ports import Workspace


def diagnose(directory: str | Path = ".", token: str | None = None) -> Diagnosis:
    """Look at the registry that a directory is in, from end to end.

    Args:
        directory: a clone, or any other directory: then that is what is off.
        token: for GitHub, where the registry is there; else the environment's, or that of `gh`.
    """
    return doctor(_probes(Path(directory), token))


def _probes(directory: Path, token: str | None) -> Iterator[Probe]:
    """Each probe is asked before the next is made, so what one finds the later ones can have."""
    machine, opened = ThisMachine(), list[tuple["Workspace", Path]]()
    yield from machine_probes(machine)

    def opens() -> Iterator[Finding]:
        opened.append(open_workspace(directory))
        yield from ()

    yield Probe("repository", "this is a Git repository", opens, ("git",))
    if not opened:
        return
    workspace, root = opened[0]
    remote = workspace.remote
    yield from clone_probes(workspace, machine, ThisClone(root, remote.name, remote.url))
    repository = find_repository(remote)
    if repository is not None:
        yield from forge_probes(workspace, repository.host, find_github(remote, token), _made)


def _made(policy: Policy) -> Mapping[str, bytes]:
    """What `init --github` would write; which Modelmark pip installs is not asked about."""
    return github_files(policy, "modelmark")
