"""How long something lasts, as people write it: `30s`, `5m`, `1.5h`."""

from __future__ import annotations

import re

from modelmark.domain.names import shown
from modelmark.errors import InvalidInput

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_DAY = 86400.0


def parse_duration(text: str) -> float:
    """Seconds, from a second to a day.

    Raises:
        InvalidInput: it has no unit, or is shorter or longer.
    """
    found = re.fullmatch(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)([smh])", text)
    seconds = float(found[1]) * _UNITS[found[2]] if found else 0.0
    if not 1 <= seconds <= _DAY:
        raise InvalidInput(
            f"{shown(text)} is not a time between 1s and 24h", "write a number and s, m or h: 30s"
        )
    return seconds
