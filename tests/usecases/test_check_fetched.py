"""The gate in a clone that has nothing yet: it brings main, the head, and the tags of what the change touches."""

from __future__ import annotations

from dataclasses import replace

import pytest

from modelmark.domain.names import ModelName
from modelmark.errors import NotFound
from modelmark.usecases import state
from modelmark.usecases.check import check
from modelmark.usecases.ports import Workspace
from modelmark.usecases.verify import Depth, verify
from tests.support.desk import BOB, NOON, STAGING, Desk
from tests.support.fakes import FakeGit

N = ModelName("n")


def fresh(desk: Desk) -> tuple[Workspace, FakeGit]:
    git = FakeGit(desk.git.server, BOB, lambda: NOON)
    return replace(desk.workspace, reader=git, writer=git, remote=git), git


def test_it_brings_the_tags_of_touched_models_and_no_others(desk: Desk) -> None:
    desk.registered("1")
    desk.registered("1", model=N)
    branch = desk.promote("1", STAGING).submitted.branch
    workspace, git = fresh(desk)
    report = check(workspace, None, desk.refs[f"refs/heads/{branch}"], fetch=True)
    assert report.verdict.passed
    assert list(git.tag_names()) == ["m@v1"]


def test_without_it_nothing_is_fetched(desk: Desk) -> None:
    desk.registered("1")
    workspace, git = fresh(desk)
    with pytest.raises(NotFound, match=r"there is no registry.yaml"):
        check(workspace, None, desk.main)
    assert git.refs == {}


def test_main_is_fetched_by_whoever_reads_it_from_the_remote(desk: Desk) -> None:
    workspace, _ = fresh(desk)
    assert state.fetched_main(workspace).commit == desk.main


def test_verify_may_bring_what_it_looks_at(desk: Desk) -> None:
    desk.registered("1")
    workspace, _ = fresh(desk)
    assert verify(workspace, None, Depth(), fetch=True).versions == 1
