"""Everything that fakehub answers: one module a concern, each with its own ROUTES."""

from __future__ import annotations

from tests.fakehub import events, pulls
from tests.fakehub.requests import Route

ALL: tuple[Route, ...] = (*pulls.ROUTES, *events.ROUTES)
