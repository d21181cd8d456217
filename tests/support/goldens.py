"""Golden files: what a renderer wrote, reviewed as a file. `pytest tests/render tests/cli --update-goldens` writes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Golden = Callable[[str, str], None]


def golden_in(folder: Path, request: pytest.FixtureRequest) -> Golden:
    """A function that compares a text with the file of a name, or writes it where that was asked for."""
    update = request.config.getoption("--update-goldens", default=False)

    def compare(name: str, text: str) -> None:
        place = folder / name
        if update:
            place.parent.mkdir(exist_ok=True)
            place.write_text(text, encoding="utf-8")
        assert place.exists(), f"there is no golden file {name}: run with --update-goldens, then review it"
        assert text == place.read_text(encoding="utf-8")

    return compare
