"""One request to fakehub's API as its routes see it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.fakehub.state import Hosted, Refusal, Reply, User, invalid

if TYPE_CHECKING:
    from tests.fakehub.server import Hub


@dataclass(frozen=True)
class Request:
    """What was asked: `parts` are the groups of the route's pattern, decoded."""

    hub: Hub
    user: User
    parts: tuple[str, ...]
    query: Mapping[str, str]
    data: bytes

    @property
    def here(self) -> Hosted:
        """The repository that the first two parts name."""
        found = self.hub.repositories.get(f"{self.parts[0]}/{self.parts[1]}".lower())
        if found is None:
            raise Refusal(404, "Not Found")
        return found

    @property
    def number(self) -> int:
        """The third part, where it is a number."""
        return int(self.parts[2])

    def json(self) -> Mapping[str, Any]:
        try:
            found = json.loads(self.data)
        except ValueError:
            raise Refusal(400, "Problems parsing JSON") from None
        if not isinstance(found, dict):
            raise invalid("Request", "invalid")
        return found

    def page(self, items: list[Any]) -> Reply:
        """The part of a list that was asked for; at most 100 a page, 30 where nobody says."""
        size = min(int(self.query.get("per_page", "30")), 100)
        start = (int(self.query.get("page", "1")) - 1) * size
        return Reply(200, items[start : start + size])


@dataclass(frozen=True)
class Route:
    """A method, and a pattern of the path below the API's address."""

    method: str
    pattern: str
    answer: Callable[[Request], Reply]


REPO = "/repos/([^/]+)/([^/]+)"
