"""The clock and the dice of this machine, for what waits."""

from __future__ import annotations

import random
import time


class Clock:
    """The port `Clock`."""

    def now(self) -> float:
        """See the port."""
        return time.monotonic()

    def chance(self) -> float:
        """See the port."""
        return random.random()  # noqa: S311 - spreads load, hides nothing

    def wait(self, seconds: float) -> None:
        """See the port."""
        time.sleep(seconds)
