"""DVC without the user's own configuration, and what it makes of the files by itself."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.dvc_registry import ARTIFACTS, dvc, dvc_home, new_registry, write_files


@pytest.fixture(autouse=True)
def _no_dvc_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    for name, value in dvc_home(tmp_path_factory).items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="session")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What DVC itself makes of the files: registry/ and storage/."""
    base = tmp_path_factory.mktemp("stock")
    root = base / "registry"
    write_files(root / ARTIFACTS)
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in dvc_home(tmp_path_factory).items():
            patch.setenv(name, value)
        dvc(root, "init", "-q")
        dvc(root, "remote", "add", "-q", "-d", "store", "../storage")
        dvc(root, "add", "-q", ARTIFACTS)
        dvc(root, "push", "-q", f"{ARTIFACTS}.dvc")
    return base


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return new_registry(tmp_path / "registry")
