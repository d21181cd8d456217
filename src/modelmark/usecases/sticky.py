"""Keep exactly one text of ours in a place: written once, brought up to date after, never doubled, nobody else's touched.

Two runs at once may both find none and both write one. So whoever wrote one looks again: the oldest stays, and every younger one
of ours is taken away, by both runs alike. Killed anywhere, the next run does the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.domain.threads import Kept, Outcome, Text, ours
from modelmark.errors import NotFound

if TYPE_CHECKING:
    from modelmark.domain.threads import Post
    from modelmark.usecases.forge_ports import Posts


def keep_one(posts: Posts, login: str, marker: str, text: Text) -> Kept:
    """Make one text of ours say this.

    Args:
        posts: the place.
        login: who we write as.
        marker: first line of the text, by which it is known again.
        text: what it should say.
    """
    found = ours(posts.all(), login, marker)
    new = not found
    if new:
        made = posts.add(text)
        found = ours([made, *posts.all()], login, marker) or [made]
    first, *younger = found
    for one in younger:
        _take_away(
            posts, one, Text(f"{marker}\nWritten twice at the same moment: see #{first.number}.", one.title)
        )
    if first.says(text):
        return Kept(first.number, Outcome.OPENED if new else Outcome.SAME)
    posts.edit(first.number, text)
    return Kept(first.number, Outcome.UPDATED)


def _take_away(posts: Posts, one: Post, last: Text) -> None:
    try:
        posts.retire(one.number, last)
    except NotFound:
        return  # the other run was faster
