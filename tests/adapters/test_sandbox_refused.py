"""Where there is no sandbox, code of a bundle runs only where somebody asked for that, and never in CI."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelmark.adapters.processes import Limits
from modelmark.adapters.sandbox import ready
from modelmark.errors import CouldNot, Refused
from tests.support.bundles import run_code as run


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = tmp_path / "bundle"
    folder.mkdir()
    (folder / "model.txt").write_text("weights")
    return folder


def test_without_bubblewrap_nothing_is_run(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(bundle))
    with pytest.raises(
        CouldNot, match=r"runs only in a sandbox, and bubblewrap \(bwrap\) is not installed"
    ) as error:
        run(bundle, "")
    assert "apt-get install bubblewrap" in error.value.hint
    assert "--unsandboxed" in error.value.hint


def test_a_bubblewrap_that_does_not_work_runs_nothing(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = bundle / "bwrap"
    fake.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(bundle))
    with pytest.raises(CouldNot, match=r"does not work here: 'bwrap: setting up uid map: Permission denied'"):
        ready()


def test_without_a_sandbox_it_runs_where_somebody_asked_for_it(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("SECRET", "s3cret")
    done = run(bundle, "import os; report([os.getcwd(), 'SECRET' in os.environ])", sandboxed=False)
    assert (done.reports, done.status) == (([str(bundle), False], "the end"), 0)


def test_without_a_sandbox_time_ends_it_too(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    done = run(bundle, "import time; time.sleep(60)", limits=Limits(seconds=1), sandboxed=False)
    assert (done.why, done.reports) == ("it was still running after 1 s", ())


@pytest.mark.parametrize("value", ["true", "1", "woodpecker"])
def test_in_ci_nothing_runs_without_a_sandbox(
    bundle: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("CI", value)
    with pytest.raises(Refused, match="never runs without a sandbox in CI"):
        run(bundle, "", sandboxed=False)
