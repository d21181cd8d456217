"""A small registry for tests of the storage, and stock DVC to compare with."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from modelmark.adapters.dvc import DvcStorage
from modelmark.adapters.dvc_files import init_workspace
from modelmark.domain.artifacts import Stored

FILES = {
    "a.txt": b"same\n",
    "deep/er/a.txt": b"same\n",
    "deep/crlf.txt": b"one\r\ntwo\r\n",
    "empty": b"",
    "model.bin": bytes(range(256)) * 9_000,
    "Z+1@b=c,d.bin": b"names",
}
ARTIFACTS = "models/m/7/artifacts"


def dvc(root: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "dvc", *arguments]
    done = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True, timeout=120)
    return done.stdout


def tree(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        path.relative_to(folder).as_posix(): (
            path.read_bytes() if path.is_file() else b"",
            path.lstat().st_mode,
        )
        for path in folder.rglob("*")
    }


def write_files(folder: Path) -> None:
    for path, data in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)


def new_registry(root: Path, url: str = "../storage") -> Path:
    for path, data in init_workspace(root, "store", url).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    write_files(root / ARTIFACTS)
    return root


def register(root: Path) -> tuple[DvcStorage, Stored]:
    storage = DvcStorage.open(root, None)
    stored = storage.add(root / ARTIFACTS, list(FILES))
    storage.push(stored)
    return storage, stored


def dvc_home(factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment without the user's DVC configuration."""
    base = factory.getbasetemp() / "dvc-home"
    names = ("DVC_GLOBAL_CONFIG_DIR", "DVC_SYSTEM_CONFIG_DIR", "DVC_SITE_CACHE_DIR")
    return {**{name: str(base / name.lower()) for name in names}, "DVC_NO_ANALYTICS": "1"}
