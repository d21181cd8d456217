"""Does one thing at a time beside everything else, for whoever must not wait for it: a watch does not stop to report."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


@dataclass
class _Run(Generic[T]):
    """One call: of what, and what came of it."""

    what: T
    call: Callable[[T], object]
    error: Exception | None = None
    thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        # A daemon: what hangs ends with the process, and does not keep it.
        self.thread = threading.Thread(target=self._do, daemon=True, name="background")

    def _do(self) -> None:
        try:
            self.call(self.what)
        except Exception as error:  # noqa: BLE001 - raised again where somebody asks
            self.error = error


class Background(Generic[T]):
    """Calls in a thread what may take as long as it likes.

    Args:
        call: what is to be done.
    """

    def __init__(self, call: Callable[[T], object]) -> None:
        self._call = call
        self._run: _Run[T] | None = None

    def __call__(self, what: T) -> bool:
        """Whether it is done; if not, it is under way when this returns, or will be once the one before has ended.

        What the call raised is raised here, once; the next time it is tried again.
        """
        run = self._run
        if run is not None and run.thread.is_alive():
            return False
        if run is not None and run.what == what:
            self._run = None
            if run.error is not None:
                raise run.error
            return True
        self._run = _Run(what, self._call)
        self._run.thread.start()
        return False
