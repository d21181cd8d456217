"""What is done beside everything else: one at a time, what came of it told once, and nobody kept waiting."""

from __future__ import annotations

import threading

import pytest

from modelmark.adapters.background import Background
from modelmark.errors import CouldNot


class Slow:
    """Does nothing until it may; fails as it is told to."""

    def __init__(self) -> None:
        self.may = threading.Event()
        self.done: list[str] = []
        self.failure: Exception | None = None
        self.in_background = Background(self.do)

    def do(self, what: str) -> None:
        assert self.may.wait(30)
        if self.failure is not None:
            raise self.failure
        self.done.append(what)

    def asked_until_over(self, what: str) -> None:
        """Ask as a watch does, after each pause."""
        for _ in range(3000):
            if self.in_background(what):
                return
            threading.Event().wait(0.01)
        raise AssertionError("it never ended")


def test_who_asks_is_not_kept_and_hears_of_the_end_later() -> None:
    slow = Slow()
    assert [slow.in_background("a"), slow.in_background("a"), slow.done] == [False, False, []]
    slow.may.set()
    slow.asked_until_over("a")
    assert slow.done == ["a"]


def test_another_one_waits_for_the_one_before_and_is_not_taken_for_it() -> None:
    slow = Slow()
    assert not slow.in_background("a")
    assert not slow.in_background("b")
    slow.may.set()
    slow.asked_until_over("b")
    assert slow.done == ["a", "b"]


def test_what_went_wrong_is_raised_once_and_then_it_is_tried_again() -> None:
    slow = Slow()
    slow.may.set()
    slow.failure = CouldNot("no")
    with pytest.raises(CouldNot, match="no"):
        slow.asked_until_over("a")
    slow.failure = None
    slow.asked_until_over("a")
    assert slow.done == ["a"]
