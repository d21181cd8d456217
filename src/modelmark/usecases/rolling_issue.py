"""Keep one open issue a topic: opened when there is something to say, brought up to date, closed when there is nothing any more.

Trouble that comes back opens a new issue: the closed one is the record of what was mended, and a new one reaches people who
have muted the old. Closing is one request that also says why, above what the issue said last; so no kill leaves half of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.domain.threads import Kept, Outcome, Text, ours
from modelmark.usecases.sticky import keep_one

if TYPE_CHECKING:
    from modelmark.domain.threads import Topic
    from modelmark.usecases.forge_ports import Threads

_SETTLED = "**Settled:** the last run found nothing of this any more. What follows is what was wrong before."


def keep_issue(threads: Threads, topic: Topic, text: Text | None) -> Kept | None:
    """Make the one open issue of a topic say this; with None close it, where there is one.

    Returns:
        The issue and what was done; None where there was nothing to say, and nothing to close.
    """
    issues = threads.issues(topic.labels)
    login = threads.login()
    if text is not None:
        return keep_one(issues, login, topic.marker, Text(f"{topic.marker}\n{text.body}", text.title))
    kept = None
    for one in ours(issues.all(), login, topic.marker):
        said = one.body.removeprefix(topic.marker).lstrip()
        issues.retire(one.number, Text(f"{topic.marker}\n{_SETTLED}\n\n{said}", one.title))
        kept = Kept(one.number, Outcome.CLOSED)
    return kept
