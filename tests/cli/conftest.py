"""The command line in this process over a registry in memory, and its golden files."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from modelmark.cli.main import build_app
from modelmark.cli.session import guarded
from modelmark.registry import Registry
from tests.support.desk import Desk
from tests.support.goldens import Golden, golden_in


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


Run = Callable[..., Ended]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    (tmp_path / "desk").mkdir()
    return Desk.new(tmp_path / "desk")


@pytest.fixture(autouse=True)
def _keep_the_signal() -> Iterator[None]:
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def run(desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run one command line, guarded as the real one is."""

    def opened(directory: str | Path = ".") -> Registry:
        return Registry(desk.workspace, Path(directory))

    def one(*words: str) -> Ended:
        if desk.git.server is not None and desk.git.server.failure is None:
            desk.sync()
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            guarded(lambda: build_app()(args=list(words), prog_name="modelmark"))
        shown = capsys.readouterr()
        return Ended(int(ended.value.code or 0), shown.out, shown.err)

    monkeypatch.setattr(Registry, "open", opened)
    monkeypatch.setenv("COLUMNS", "80")
    return one


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    return golden_in(Path(__file__).parent / "goldens", request)
