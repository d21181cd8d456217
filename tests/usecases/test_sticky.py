"""One text of ours in a place: written once, brought up to date, never doubled, and nobody else's touched."""

from __future__ import annotations

from modelmark.domain.threads import Kept, Outcome, Post, Text
from modelmark.usecases.sticky import keep_one
from tests.support.fake_threads import BOT, FakePosts

MARK = "<!-- registry:gate -->"
PAGE = Text(f"{MARK}\nPassed.\n")


def keep(posts: FakePosts, text: Text = PAGE) -> Kept:
    posts.does.clear()
    return keep_one(posts, BOT, MARK, text)


def test_it_is_written_once_and_then_brought_up_to_date() -> None:
    posts = FakePosts()
    assert keep(posts) == Kept(1, Outcome.OPENED)
    assert keep(posts) == Kept(1, Outcome.SAME)
    assert posts.does == ["list"], "the same body is no request"
    news = Text(f"{MARK}\nNot passed.\n")
    assert keep(posts, news) == Kept(1, Outcome.UPDATED)
    assert [one.body for one in posts.there] == [news.body]


def test_line_ends_and_blank_lines_that_a_forge_changes_are_no_news() -> None:
    posts = FakePosts(there=[Post(1, BOT, f"{MARK}\r\nPassed.")])
    assert keep(posts).outcome is Outcome.SAME


def test_what_somebody_else_wrote_stays_even_with_our_marker_in_it() -> None:
    eves, quoted = Post(1, "eve", PAGE.body), Post(2, BOT, f"> {PAGE.body}")
    posts = FakePosts(there=[eves, quoted])
    assert keep(posts) == Kept(3, Outcome.OPENED)
    assert posts.there[:2] == [eves, quoted]


def test_an_account_is_the_same_in_any_case() -> None:
    posts = FakePosts(there=[Post(1, "GitHub-Actions[bot]", PAGE.body)])
    assert keep(posts).outcome is Outcome.SAME


def test_of_two_runs_at_once_the_oldest_stays_and_says_the_last_word() -> None:
    posts = FakePosts()
    posts.meanwhile = lambda: posts.there.append(Post(1, BOT, f"{MARK}\nThe other run's.\n"))
    assert keep(posts) == Kept(1, Outcome.UPDATED)
    assert posts.there == [Post(1, BOT, PAGE.body)]
    assert posts.does == ["list", "add", "list", "retire 2", "edit 1"]


def test_one_that_the_other_run_has_taken_away_already_is_no_error() -> None:
    class Gone(FakePosts):
        def retire(self, number: int, last: Text) -> None:
            super().retire(number, last)
            super().retire(number, last)

    posts = Gone(there=[Post(1, BOT, PAGE.body), Post(2, BOT, PAGE.body)])
    assert keep(posts).outcome is Outcome.SAME
    assert [one.number for one in posts.there] == [1]


def test_one_that_the_list_does_not_show_yet_is_not_written_again() -> None:
    class Late(FakePosts):
        def all(self) -> tuple[Post, ...]:
            return ()

    posts = Late()
    assert keep(posts) == Kept(1, Outcome.OPENED)
    assert len(posts.there) == 1
