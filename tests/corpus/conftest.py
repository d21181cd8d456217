"""The registry that every case starts from, made once a process."""

from __future__ import annotations

import contextlib
import importlib
import io
import logging
import sys
import traceback
from pathlib import Path

import pytest

from modelmark.adapters.inspection import code, formats, tokenizers
from modelmark.adapters.processes import Finished, Limits, Program
from tests.corpus.scene import Scene, lived


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """Made with processes of its own for every look, as for users."""
    return lived(tmp_path_factory.mktemp("lived"))


@pytest.fixture
def scene(history: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A copy of it, with an empty folder for new bundles; looks run here, because half a second a case is a minute."""
    for module in (code, formats, tokenizers):
        monkeypatch.setattr(module, "run_limited", _run_here)
    return history.fork(tmp_path)


def _run_here(program: Program, limits: Limits) -> Finished:
    """The same code on the same input as in a process; it loads nothing of a bundle."""
    del limits
    given, out = io.TextIOWrapper(io.BytesIO(program.stdin), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    child = importlib.import_module(program.args[program.args.index("-m") + 1])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", given)
        patch.setattr(sys, "stdout", out)
        patch.chdir(program.folder or Path.cwd())
        try:
            child.main()
        except Exception:  # noqa: BLE001 - a process would end with its words
            return Finished(1, b"", traceback.format_exc().encode())
        finally:
            logging.disable(logging.NOTSET)
    out.flush()
    with contextlib.suppress(ValueError):
        given.detach()
    return Finished(0, out.detach().getvalue(), b"")
