"""The gate's page goes below the pull request whose head it is about, and below no other."""

from __future__ import annotations

import pytest

from modelmark.domain.threads import GATE, Outcome
from modelmark.usecases.comment import Commented, comment
from tests.support.fake_threads import FakePosts, FakeThreads

NEW, OLD = "a" * 40, "b" * 40
PAGE = f"{GATE}\nPassed.\n"
UNPROVEN = f"{GATE}\nIt may have written that itself.\n"


def test_every_open_pull_request_with_this_head_gets_its_comment() -> None:
    threads = FakeThreads(pulls={1: NEW, 2: OLD, 3: NEW})
    done = comment(threads, NEW, PAGE, UNPROVEN)
    assert [(one.pull, one.comment.outcome) for one in done] == [(1, Outcome.OPENED), (3, Outcome.OPENED)]
    assert 2 not in threads.below
    again = comment(threads, NEW, PAGE, UNPROVEN)
    assert [one.comment.outcome for one in again] == [Outcome.SAME, Outcome.SAME]


def test_a_late_run_for_an_older_head_writes_nothing_over_the_page_of_the_newer() -> None:
    threads = FakeThreads(pulls={1: NEW})
    comment(threads, NEW, PAGE, UNPROVEN)
    assert comment(threads, OLD, f"{GATE}\nOld.\n", UNPROVEN) == ()
    assert [one.body for one in threads.below[1].there] == [PAGE]


def test_who_we_are_is_only_asked_where_there_is_something_to_write() -> None:
    class Nobody(FakeThreads):
        def login(self) -> str:
            raise AssertionError

    assert comment(Nobody(), NEW, PAGE, UNPROVEN) == ()


def test_the_result_says_which_comment_it_is() -> None:
    threads = FakeThreads(pulls={7: NEW}, below={7: FakePosts()})
    (one,) = comment(threads, NEW, PAGE, UNPROVEN)
    assert isinstance(one, Commented)
    assert (one.pull, one.comment.number) == (7, 1)


@pytest.mark.parametrize(
    ("paths", "page"),
    [
        ((".github/workflows/registry-check.yml",), UNPROVEN),
        (("models/m/aliases.yaml", ".github/actions/own/action.yml"), UNPROVEN),
        ((".github",), UNPROVEN),
        (None, UNPROVEN),
        (("registry.yaml", "docs/.github/x", ".github.md"), PAGE),
    ],
)
def test_where_the_workflows_change_too_no_page_says_a_verdict(
    paths: tuple[str, ...] | None, page: str
) -> None:
    threads = FakeThreads(pulls={1: NEW}, changes={1: paths})
    comment(threads, NEW, PAGE, UNPROVEN)
    assert [one.body for one in threads.below[1].there] == [page]


def test_a_second_pull_request_at_the_same_head_lends_no_evidence_to_the_first() -> None:
    threads = FakeThreads(pulls={1: NEW, 2: NEW}, changes={2: (".github/workflows/x.yml",)})
    comment(threads, NEW, PAGE, UNPROVEN)
    assert [one.body for below in threads.below.values() for one in below.there] == [UNPROVEN, UNPROVEN]
