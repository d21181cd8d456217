"""Puts the adapters of one clone together, each opened no sooner than it is needed."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from modelmark.adapters.git import GitRunner, find_root
from modelmark.adapters.git_addresses import without_password
from modelmark.adapters.git_reader import GitReader
from modelmark.adapters.git_remote import GitRemote, find_remote
from modelmark.adapters.git_writer import GitWriter, now
from modelmark.adapters.inspection.inspector import Inspector
from modelmark.adapters.yaml_files import YamlFiles
from modelmark.domain.names import shown
from modelmark.errors import InvalidInput
from modelmark.usecases.ports import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

    from modelmark.adapters.dvc import DvcStorage
    from modelmark.adapters.github import GitHub
    from modelmark.domain.forge import Repository
    from modelmark.usecases.forge_ports import TagRefs
    from modelmark.usecases.ports import GitReader as GitReaderPort
    from modelmark.usecases.ports import GitRemote as GitRemotePort
    from modelmark.usecases.ports import Inspector as InspectorPort
    from modelmark.usecases.ports import Provenances

T = TypeVar("T")

# ruff: noqa: PLC0415


def open_workspace(directory: str | Path) -> tuple[Workspace, Path]:
    """The registry that a directory is in, and its root.

    Raises:
        InvalidInput: it is an address.
        NotFound: the directory is in no Git repository.
    """
    if "://" in str(directory):
        raise InvalidInput(
            f"{shown(without_password(str(directory)), 400)} is an address, and here it takes a clone",
            "git clone it; only `pull`, `resolve`, `watch` and `deployed` do without",
        )
    root = find_root(Path(directory))
    runner = GitRunner(root)
    name = find_remote(runner)
    storage = _once(lambda: _open_storage(root))
    reader, remote = GitReader(runner, name), GitRemote(runner, name)
    workspace = Workspace(
        reader=reader,
        writer=GitWriter(runner),
        remote=remote,
        documents=YamlFiles(),
        storage=storage,
        now=now,
        inspector=Inspector(storage),
        provenances=lambda: _by_git(reader),
        tag_refs=lambda: None,
    )
    return seen_by(workspace, None), root


def find_repository(remote: GitRemotePort) -> Repository | None:
    """Where a registry is on GitHub; None where it is not."""
    from modelmark.domain.forge import find_repository

    return find_repository(remote.push_url, os.environ)


def find_github(remote: GitRemotePort, token: str | None) -> GitHub | None:
    """GitHub, where a registry is there and a token is found."""
    from modelmark.adapters.github import find_forge

    repository = find_repository(remote)
    return None if repository is None else find_forge(repository, token)


def seen_by(workspace: Workspace, token: str | None) -> Workspace:
    """The workspace of who has this token, or the environment's; nothing of it is looked for before it is needed."""
    github = _once(lambda: find_github(workspace.remote, token))

    def provenances() -> Provenances:
        from modelmark.usecases.provenance import ForgeProvenance

        if find_repository(workspace.remote) is None:
            return _by_git(workspace.reader)
        find = lambda: found.reviews if (found := github()) else None  # noqa: E731
        return ForgeProvenance(workspace.reader, workspace.documents, find)

    def tag_refs() -> TagRefs | None:
        found = github()
        return found.tags if found else None

    return replace(workspace, provenances=_once(provenances), tag_refs=tag_refs)


def _by_git(reader: GitReaderPort) -> Provenances:
    from modelmark.usecases.provenance import GitProvenance

    return GitProvenance(reader)


def unsandboxed_inspector(inspector: InspectorPort) -> InspectorPort:
    """One that runs bundled code without a sandbox, which CI refuses."""
    from modelmark.adapters.sandbox import ready

    ready(sandboxed=False)
    return replace(inspector, sandboxed=False) if isinstance(inspector, Inspector) else inspector


def _open_storage(root: Path) -> DvcStorage:
    from modelmark.adapters.dvc import DvcStorage

    return DvcStorage.open(root, None)


def _once(make: Callable[[], T]) -> Callable[[], T]:
    """Call `make` at the first use, and remember what it made."""
    made: list[T] = []

    def get() -> T:
        if not made:
            made.append(make())
        return made[0]

    return get
