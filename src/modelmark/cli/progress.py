"""How long work is watched: bars on a terminal, a line for each large file in a log."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from modelmark.cli.session import say
from modelmark.render.text import clean, plural
from modelmark.render.text import size as amount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import Progress, TaskID

    from modelmark.usecases.pull_ports import Progress as Watching

_LARGE = 1_000_000


@contextmanager
def told() -> Iterator[Watching]:
    """Watches one piece of work."""
    if not sys.stderr.isatty():
        yield Lines()
        return
    bars = Bars()
    try:
        yield bars
    finally:
        bars.end()


class Lines:
    """One line for each file that takes a while, and nothing for thousands of small ones."""

    def __init__(self) -> None:
        self._lock, self._begun = threading.Lock(), time.monotonic()
        self._files = self._done = 0

    def begin(self, files: int, size: int) -> None:
        """See `usecases.pull_ports.Progress`."""
        self._files, self._begun = files, time.monotonic()

    def moved(self, path: str, count: int, size: int) -> None:
        """See `usecases.pull_ports.Progress`."""

    def done(self, path: str, size: int) -> None:
        """See `usecases.pull_ports.Progress`."""
        with self._lock:
            self._done += 1
            if size >= _LARGE:
                taken = time.monotonic() - self._begun
                say(f"{clean(path)}: {amount(size)}, file {self._done:,} of {self._files:,}, {taken:.1f} s")


class Bars:
    """A bar for all of it, and one for each large file that is on its way."""

    def __init__(self) -> None:
        self._bars: Progress | None = None
        self._lock = threading.Lock()
        self._all: TaskID | None = None
        self._large: dict[str, TaskID] = {}
        self._moved: dict[str, int] = {}

    def begin(self, files: int, size: int) -> None:
        """See `usecases.pull_ports.Progress`."""
        from rich import progress  # noqa: PLC0415 - 0.1 s that only a terminal needs
        from rich.console import Console  # noqa: PLC0415

        columns = (
            progress.TextColumn("{task.description}", markup=False),
            progress.BarColumn(),
            progress.DownloadColumn(),
            progress.TransferSpeedColumn(),
        )
        self._bars = progress.Progress(*columns, console=Console(stderr=True), transient=True)
        self._all = self._bars.add_task(plural(files, "file"), total=size)
        self._bars.start()

    def moved(self, path: str, count: int, size: int) -> None:
        """See `usecases.pull_ports.Progress`."""
        if self._bars is None or self._all is None:
            return
        with self._lock:
            self._moved[path] = self._moved.get(path, 0) + count
            self._bars.update(self._all, advance=count)
            if size >= _LARGE and path not in self._large:
                self._large[path] = self._bars.add_task(clean(path, 40), total=size)
            if path in self._large:
                self._bars.update(self._large[path], completed=self._moved[path])

    def done(self, path: str, size: int) -> None:
        """See `usecases.pull_ports.Progress`."""
        if self._bars is None or self._all is None:
            return
        with self._lock:  # what was here already did not move
            self._bars.update(self._all, advance=size - self._moved.pop(path, 0))
            if path in self._large:
                self._bars.remove_task(self._large.pop(path))

    def end(self) -> None:
        """Take the bars away."""
        if self._bars is not None:
            self._bars.stop()
