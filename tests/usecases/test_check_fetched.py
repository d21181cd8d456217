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


def test_in_a_queue_the_base_is_brought_too_and_what_is_before_it_is_not_judged(desk: Desk) -> None:
    desk.registered("1")
    first = desk.refs[f"refs/heads/{desk.promote('1', STAGING).submitted.branch}"]
    workspace, git = fresh(desk)
    report = check(workspace, first, first, fetch=True)
    assert (report.span.base, report.candidate.subjects) == (first, ())
    workspace, git = fresh(desk)
    assert check(workspace, first, desk.main, fetch=True).span.head == desk.main
    assert git.find_commit(first) == first


@pytest.mark.parametrize("base", [None, ""])
def test_a_base_that_is_not_given_is_main(desk: Desk, base: str | None) -> None:
    desk.registered("1")
    branch = desk.promote("1", STAGING).submitted.branch
    workspace, _ = fresh(desk)
    assert check(workspace, base, desk.refs[f"refs/heads/{branch}"], fetch=True).span.base == desk.main
