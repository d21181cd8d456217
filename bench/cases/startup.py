"""What every command pays before it does anything."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from bench.measure import MODELMARK, Row, Setting, alternate, command
from bench.peers import program


def measure(setting: Setting) -> Iterator[Row]:
    """Start-up, beside the interpreter's and the peers'."""
    commands = {
        "modelmark --help": [MODELMARK, "--help"],
        "python -c pass": [sys.executable, "-c", "pass"],
        "gto --help": [program("gto"), "--help"],
        "dvc --version": [program("dvc"), "--version"],
    }
    found = alternate(
        setting.runs + 4, {name: command(line, setting.work) for name, line in commands.items()}
    )
    ours = found.pop("modelmark --help")
    for name, series in found.items():
        yield Row("start-up: modelmark --help", ours, (name, series), budget=0.3)
