"""A new registry, and what GitHub needs of one that is there: the files that `init` writes, none of them over another."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from modelmark.adapters.dvc import declared_remotes
from modelmark.adapters.dvc_files import init_workspace
from modelmark.adapters.git import GitRunner
from modelmark.adapters.git_reader import GitReader
from modelmark.adapters.work_tree import WorkTree, new_registry_root, storage_address, write_new_files
from modelmark.adapters.yaml_files import YamlFiles
from modelmark.domain.codeowners import PLACE
from modelmark.domain.layout import DVC_CONFIG, MODELS, POLICY
from modelmark.errors import InvalidInput
from modelmark.scaffold import Choices, scaffold_files
from modelmark.scaffold.github import github_files

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from modelmark.domain.policy import Way

_STORE = "store"


def new_registry(
    directory: Path, storage: str | None, promotion: Way, owners: tuple[str, ...] = ()
) -> tuple[Path, Mapping[str, bytes]]:
    """Write a new registry's files into a directory; a Git repository is made where there is none.

    Returns:
        The root, and the files by path; they are not committed.

    Raises:
        Refused: it is a registry already.
    """
    root = new_registry_root(directory)
    dvc = init_workspace(root, _STORE, storage_address(root, storage))
    (url,) = declared_remotes(dvc[DVC_CONFIG])[0].values()
    branch = GitReader(GitRunner(root), None).checked_out() or "main"
    choices = Choices(root.resolve().name, branch, _STORE, url, promotion, owners)
    files = {**dvc, **scaffold_files(choices)}
    YamlFiles().policy(files[POLICY], POLICY)  # what cannot be read back is not written
    write_new_files(root, files)
    return root, files


def add_github(root: Path) -> Mapping[str, bytes]:
    """Write into a registry what it has not yet of the files for GitHub; what is there stays.

    Code owners of models stand in their cards, so where there are models `modelmark codeowners` writes that file.

    Returns:
        The files that were written, by path.

    Raises:
        InvalidInput: it has no registry.yaml, or one that cannot be read.
    """
    tree = WorkTree(root)
    rules = tree.read(POLICY)
    if rules is None:
        raise InvalidInput(f"{root} has no {POLICY}", "make a registry with `modelmark init`")
    files = github_files(YamlFiles().policy(rules, POLICY), f"modelmark=={version('modelmark')}")
    if any((root / MODELS).glob("*/model.yaml")):
        del files[PLACE]
    fresh = {path: data for path, data in files.items() if tree.read(path) is None}
    for path, data in fresh.items():
        tree.write(path, data)
    return fresh
