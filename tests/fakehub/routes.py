"""Everything that fakehub answers: one module a concern, each with its own ROUTES."""

from __future__ import annotations

from tests.fakehub import events, git_objects, pulls, reviews, settings, threads
from tests.fakehub.requests import Route

ALL: tuple[Route, ...] = (
    *pulls.ROUTES,
    *reviews.ROUTES,
    *git_objects.ROUTES,
    *threads.ROUTES,
    *events.ROUTES,
    *settings.ROUTES,
)
