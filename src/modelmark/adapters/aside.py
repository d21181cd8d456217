"""Does something slow aside, one thing at a time, so that nobody waits for it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_Job = TypeVar("_Job")


class Aside(Generic[_Job]):
    """Callable again and again with what is to be done; it says whether it is.

    What is under way when this process ends is given up, as a kill would do it.

    Args:
        work: does it; whatever it raises is an outcome.
    """

    def __init__(self, work: Callable[[_Job], object]) -> None:
        self._work = work
        self._thread: threading.Thread | None = None
        self._outcome: tuple[_Job, Exception | None] | None = None

    def __call__(self, job: _Job) -> bool:
        """Whether it was done; begins it where it was not, and never waits for it.

        Raises:
            Exception: it came to nothing; the next call begins it again.
        """
        if self._thread is not None and self._thread.is_alive():
            return False
        outcome, self._outcome = self._outcome, None
        if outcome is None or outcome[0] != job:
            self._thread = threading.Thread(target=self._do, args=(job,), daemon=True, name="aside")
            self._thread.start()
            return False
        if outcome[1] is not None:
            raise outcome[1]
        return True

    def _do(self, job: _Job) -> None:
        try:
            self._work(job)
        except Exception as error:  # noqa: BLE001 - raised again where somebody asks
            self._outcome = (job, error)
        else:
            self._outcome = (job, None)
