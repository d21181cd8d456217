"""Times as people write them."""

from __future__ import annotations

import pytest

from modelmark.domain.durations import parse_duration
from modelmark.errors import InvalidInput


@pytest.mark.parametrize(
    ("text", "seconds"), [("1s", 1), ("30s", 30), ("1.5s", 1.5), ("5m", 300), ("0.5h", 1800), ("24h", 86400)]
)
def test_a_number_and_a_unit(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "30", "s", "0s", "0.9s", "-1s", "25h", "1d", "1 s", "1e3s", "٣s", "nan", "1s\n"]
)
def test_anything_else_is_refused_and_shown_harmlessly(text: str) -> None:
    with pytest.raises(InvalidInput, match="is not a time between 1s and 24h") as caught:
        parse_duration(text)
    assert "\n" not in caught.value.message
