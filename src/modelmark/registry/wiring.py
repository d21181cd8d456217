"""Puts the adapters of one clone together, each opened no sooner than it is needed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from modelmark.adapters.git import GitRunner, find_root
from modelmark.adapters.git_reader import GitReader
from modelmark.adapters.git_remote import GitRemote, find_remote
from modelmark.adapters.git_writer import GitWriter, now
from modelmark.adapters.inspection.inspector import Inspector
from modelmark.adapters.yaml_files import YamlFiles
from modelmark.usecases.ports import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from modelmark.adapters.dvc import DvcStorage
    from modelmark.usecases.ports import Inspector as InspectorPort

# ruff: noqa: PLC0415


def open_workspace(directory: Path) -> tuple[Workspace, Path]:
    """The registry that a directory is in, and its root.

    Raises:
        NotFound: the directory is in no Git repository.
    """
    root = find_root(directory)
    runner = GitRunner(root)
    name = find_remote(runner)
    storage = _once(lambda: _open_storage(root))
    workspace = Workspace(
        reader=GitReader(runner, name),
        writer=GitWriter(runner),
        remote=GitRemote(runner, name),
        documents=YamlFiles(),
        storage=storage,
        now=now,
        inspector=Inspector(storage),
    )
    return workspace, root


def unsandboxed_inspector(inspector: InspectorPort) -> InspectorPort:
    """One that runs bundled code without a sandbox, which CI refuses."""
    from modelmark.adapters.sandbox import ready

    ready(sandboxed=False)
    return replace(inspector, sandboxed=False) if isinstance(inspector, Inspector) else inspector


def _open_storage(root: Path) -> DvcStorage:
    from modelmark.adapters.dvc import DvcStorage

    return DvcStorage.open(root, None)


def _once(make: Callable[[], DvcStorage]) -> Callable[[], DvcStorage]:
    """Call `make` at the first use, and remember what it made."""
    made: list[DvcStorage] = []

    def get() -> DvcStorage:
        if not made:
            made.append(make())
        return made[0]

    return get
