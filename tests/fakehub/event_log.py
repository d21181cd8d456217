"""What GitHub makes of a push: the events that start workflows, by its rules for tags and for GITHUB_TOKEN."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.fakehub.pushes import ZERO, Moved

if TYPE_CHECKING:
    from tests.fakehub.state import User

MOST_TAGS = 3
"""Of more tags in one push, GitHub makes no events at all, whoever pushes."""
_TAGS = "refs/tags/"


@dataclass(frozen=True)
class Event:
    """Something that starts the workflows which listen to it.

    Attributes:
        name: `push`, `create`, `delete`, `repository_dispatch`, `workflow_dispatch`.
        ref: what it is about: the ref of a push, the branch of a dispatch.
        sha: the commit or tag object that the ref has then; of a dispatch, the commit whose workflow files count.
        by: who caused it.
        kind: the `event_type` of a `repository_dispatch`, the file of a `workflow_dispatch`.
        payload: its client_payload, or its inputs.
    """

    name: str
    ref: str
    sha: str
    by: str
    kind: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)


def of_push(user: User, moved: Sequence[Moved]) -> list[Event]:
    """The events of refs that moved at once, by a push, or by a request (POST git/refs moves one, a merge one)."""
    if user.actions:
        return []
    tags = sum(one.ref.startswith(_TAGS) for one in moved)
    told = [one for one in moved if tags <= MOST_TAGS or not one.ref.startswith(_TAGS)]
    return [Event(name, one.ref, one.new, user.login) for one in told for name in _names(one)]


def _names(moved: Moved) -> Iterator[str]:
    if moved.new == ZERO:
        yield "delete"
        return
    if moved.old == ZERO:
        yield "create"
    yield "push"
