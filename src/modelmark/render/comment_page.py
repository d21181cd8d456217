"""The comment below a pull request: the gate's page under the marker by which it is found again, and the commit it speaks of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.domain.threads import GATE
from modelmark.render.evidence_page import evidence_page
from modelmark.render.markdown import PAGE, advice, bullets, code, page, prose

if TYPE_CHECKING:
    from modelmark.domain.evidence import Evidence


def comment_page(evidence: Evidence) -> str:
    """What the gate says of a change, at most 60,000 characters."""
    head = _head(evidence.head)
    return head + evidence_page(evidence, PAGE - len(head))


def no_verdict_page(head: str, why: str, hint: str = "") -> str:
    """What stands there where the gate came to no verdict, so that an older page does not stand for one.

    Args:
        head: the commit.
        why: what became of the evidence.
        hint: what to do about that, if anything but what one always does.
    """
    steps = (
        "See what the run of the gate for this commit says, on the tab Checks, and run it again.",
        f"Or ask the gate in a clone: {_ask(head)}",
        *([advice(hint)] if hint else []),
    )
    return _no_verdict(head, "the gate did not come to one", why, steps)


def unproven_page(head: str) -> str:
    """What stands there where the change could have written the evidence itself.

    Args:
        head: the commit.
    """
    why = (
        "This pull request changes the workflows which wrote the evidence, or too many files to see whether it does. What the "
        "run of the gate says, here and on the tab Checks, proves nothing."
    )
    steps = (f"Ask the gate yourself, in a clone: {_ask(head)}", "Read what changes below `.github/`.")
    return _no_verdict(head, "the change brings workflows of its own", why, steps)


def _no_verdict(head: str, title: str, why: str, steps: tuple[str, ...]) -> str:
    words = f"## ❌ No verdict: {title}\n\n{prose(why)}"
    return _head(head) + page([("why", words), ("what to do", bullets(steps))])


def _ask(head: str) -> str:
    return code(f"modelmark check --fetch --head {head}")


def _head(commit: str) -> str:
    return f"{GATE}\nThis page is about the commit {code(commit[:12])}; of what was pushed after it, it says nothing.\n\n"
