"""Runs the hook of a watch: the user's own program, a fixed argument list without a shell, JSON on its stdin."""

from __future__ import annotations

import json
import os
import shutil
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelmark.adapters.processes import Program, run_told
from modelmark.domain.names import shown
from modelmark.errors import CouldNot, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modelmark.domain.json_values import Json

_OUTPUT = 64 * 1024


@dataclass(frozen=True)
class Hook:
    """Callable with what happened; returns why it failed, or nothing.

    It has our environment, because it is the user's own program, and what it leaves running in its process group ends with it.

    Attributes:
        args: program and arguments.
        seconds: how long it may take.
    """

    args: tuple[str, ...]
    seconds: float

    def check(self) -> None:
        """Whether there is such a program: else each release would be taken back.

        Raises:
            InvalidInput: there is none.
        """
        if shutil.which(self.args[0]) is None:
            raise InvalidInput(
                f"there is no program {shown(self.args[0])} that could be run",
                "name one with its path: --on-change",
            )

    def __call__(self, message: Mapping[str, Json]) -> str:
        """Run it to its end."""
        text = json.dumps(message) + "\n"  # in ASCII: a path need not be UTF-8
        try:
            done = run_told(Program(self.args, text.encode(), dict(os.environ)), self.seconds, _OUTPUT)
        except CouldNot as error:
            return error.message
        except OSError as error:
            return f"{self.args[0]} cannot be started: {error.strerror or error}"
        if done.timed_out:
            return f"it did not end within {self.seconds:g} s"
        if done.status == 0:
            return ""
        how = f"exit {done.status}" if done.status > 0 else f"killed by {_signal_name(-done.status)}"
        lines = done.out.decode("utf-8", "replace").split("\n")
        said = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return f"{how}: {shown(said, 200)}" if said else how


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
