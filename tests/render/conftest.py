"""Golden files of the renderers, and the option that writes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.goldens import Golden, golden_in


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-goldens", action="store_true", help="write the golden files anew, for review")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    return golden_in(Path(__file__).parent / "goldens", request)
