"""`check --unsandboxed` is explicit, warns, and is refused in CI."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from modelmark.adapters.inspection.inspector import Inspector
from modelmark.registry import Registry
from modelmark.usecases import check as gate
from modelmark.usecases.ports import Workspace
from tests.cli.conftest import Run
from tests.support.desk import Desk


def test_it_warns_and_judges(desk: Desk, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    desk.live("1")
    ended = run("check", "--head", "origin/main", "--unsandboxed")
    assert ended.code == 0
    assert ended.err.startswith("warning: code of the change runs without a sandbox")


def test_in_ci_it_is_refused(desk: Desk, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    desk.live("1")
    ended = run("check", "--head", "origin/main", "--unsandboxed")
    assert (ended.code, ended.out) == (1, "")
    assert "error: code of a bundle never runs without a sandbox in CI" in ended.err
    assert run("check", "--head", "origin/main").code == 0


@pytest.mark.parametrize("unsandboxed", [False, True])
def test_only_who_asks_for_it_gets_it(desk: Desk, monkeypatch: pytest.MonkeyPatch, unsandboxed: bool) -> None:
    monkeypatch.delenv("CI", raising=False)
    seen: list[object] = []

    def judged(workspace: Workspace, *_: object, fetch: bool) -> None:
        assert not fetch
        seen.append(workspace.inspector)

    monkeypatch.setattr(gate, "check", judged)
    workspace = replace(desk.workspace, inspector=Inspector(lambda: desk.storage))
    Registry(workspace, Path()).check(unsandboxed=unsandboxed)
    (inspector,) = seen
    assert isinstance(inspector, Inspector)
    assert inspector.sandboxed is not unsandboxed
