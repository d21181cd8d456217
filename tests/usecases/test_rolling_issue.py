"""One open issue a topic: opened for trouble, kept up to date, closed with a sentence, opened anew when it comes back."""

from __future__ import annotations

from modelmark.domain.threads import Kept, Kind, Outcome, Post, Text, Topic
from modelmark.usecases.rolling_issue import keep_issue
from tests.support.fake_threads import BOT, FakeThreads

ALARM = Topic(Kind.ALARM, "m#prod#13")
OTHER = Topic(Kind.ALARM, "m#prod#1")
TROUBLE = Text("It does not count.\n", "m#prod#13 is not what it claims")


def test_trouble_opens_one_issue_that_can_be_found_again() -> None:
    threads = FakeThreads()
    assert keep_issue(threads, ALARM, TROUBLE) == Kept(1, Outcome.OPENED)
    assert threads.asked == ["registry:report", "registry:alarm"]
    (made,) = threads.board.there
    assert (made.title, made.body) == (TROUBLE.title, f"{ALARM.marker}\n{TROUBLE.body}")
    assert keep_issue(threads, ALARM, TROUBLE) == Kept(1, Outcome.SAME)
    assert keep_issue(threads, ALARM, Text("More.\n", TROUBLE.title)) == Kept(1, Outcome.UPDATED)


def test_two_topics_have_two_issues_also_where_one_name_begins_the_other() -> None:
    threads = FakeThreads()
    assert [keep_issue(threads, topic, TROUBLE) for topic in (ALARM, OTHER, Topic(Kind.AUDIT))] == [
        Kept(number, Outcome.OPENED) for number in (1, 2, 3)
    ]


def test_nothing_to_say_closes_it_and_keeps_what_it_said() -> None:
    threads = FakeThreads()
    keep_issue(threads, ALARM, TROUBLE)
    keep_issue(threads, OTHER, TROUBLE)
    assert keep_issue(threads, ALARM, None) == Kept(1, Outcome.CLOSED)
    (closed,) = threads.board.closed
    assert closed.body.startswith(f"{ALARM.marker}\n**Settled:** ")
    assert closed.body.endswith("\n\nIt does not count.\n")
    assert [one.number for one in threads.board.there] == [2]
    assert keep_issue(threads, ALARM, None) is None


def test_trouble_that_comes_back_opens_a_new_issue() -> None:
    threads = FakeThreads()
    keep_issue(threads, ALARM, TROUBLE)
    keep_issue(threads, ALARM, None)
    assert keep_issue(threads, ALARM, TROUBLE) == Kept(2, Outcome.OPENED)


def test_an_issue_of_somebody_else_with_our_marker_is_neither_written_nor_closed() -> None:
    threads = FakeThreads()
    eves = Post(1, "eve", f"{ALARM.marker}\nfree coffee", "Coffee")
    threads.board.there.append(eves)
    assert keep_issue(threads, ALARM, None) is None
    assert keep_issue(threads, ALARM, TROUBLE) == Kept(2, Outcome.OPENED)
    assert threads.board.there[0] == eves


def test_of_two_runs_at_once_the_younger_issue_is_closed_and_names_the_other() -> None:
    threads = FakeThreads()
    board = threads.board
    board.meanwhile = lambda: board.there.append(
        Post(1, BOT, f"{ALARM.marker}\nIt does not count.\n", TROUBLE.title)
    )
    assert keep_issue(threads, ALARM, TROUBLE) == Kept(1, Outcome.OPENED)
    assert [one.number for one in board.there] == [1]
    assert "see #1" in board.closed[0].body
