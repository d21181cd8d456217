"""The registry that every case starts from, made once a process."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.corpus.scene import Scene, lived


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return lived(tmp_path_factory.mktemp("lived"))


@pytest.fixture
def scene(history: Scene, tmp_path: Path) -> Scene:
    """A copy of it, with an empty folder for new bundles."""
    return history.fork(tmp_path)
