"""What is slow is done aside: whoever asks is never kept waiting, and hears in the end what came of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from modelmark.adapters.aside import Aside


class Work:
    """Goes on when it may."""

    def __init__(self) -> None:
        self.may = threading.Event()
        self.done: list[str] = []
        self.failure: Exception | None = None

    def __call__(self, job: str) -> None:
        assert self.may.wait(60)
        self.done.append(job)
        if self.failure is not None:
            raise self.failure


@pytest.fixture
def work() -> Iterator[Work]:
    one = Work()
    yield one
    one.may.set()


def settled(aside: Aside[str], job: str) -> bool:
    """Ask until it is no longer under way."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if aside(job):
            return True
        time.sleep(0.01)
    return False


def test_nobody_waits_and_it_is_done_once(work: Work) -> None:
    aside = Aside(work)
    assert [aside("one") for _ in range(3)] == [False] * 3
    work.may.set()
    assert settled(aside, "one")
    assert work.done == ["one"]


def test_what_goes_wrong_is_heard_once_and_then_it_is_begun_again(work: Work) -> None:
    work.failure = ValueError("no")
    work.may.set()
    aside = Aside(work)
    with pytest.raises(ValueError, match="no"):
        settled(aside, "one")
    work.failure = None
    assert settled(aside, "one")
    assert work.done == ["one", "one"]


def test_what_is_asked_for_meanwhile_is_done_after_it(work: Work) -> None:
    aside = Aside(work)
    assert not aside("one")
    assert not aside("two")
    work.may.set()
    assert settled(aside, "two")
    assert work.done == ["one", "two"]
