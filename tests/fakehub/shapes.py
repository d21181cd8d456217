"""What GitHub's API says of the things that are part of many answers: as much of it as somebody reads.

The rest of what GitHub requires is made up where its OpenAPI is here, see `openapi/filler.py`.
"""

from __future__ import annotations

import zlib
from typing import Any


def account(login: str) -> Any:
    """A person, a bot or an organisation; None for one that was deleted."""
    if not login:
        return None
    kind = "Bot" if login.endswith("[bot]") else "User"
    return {"login": login, "id": zlib.crc32(login.lower().encode()), "type": kind}


def repository(owner: str, name: str, number: int) -> Any:
    return {
        "id": number,
        "name": name,
        "full_name": f"{owner}/{name}",
        "description": None,
        "owner": account(owner),
        "private": False,
        "created_at": "2026-11-01T00:00:00Z",
        "default_branch": "main",
    }


def label(number: int, name: str, color: str = "ededed", about: str | None = None) -> Any:
    return {"id": number, "name": name, "color": color, "description": about, "default": False}
