"""bench/RESULTS.md: one section for each case, replaced when that case was measured again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from bench.measure import LIMIT

PLACE = Path(__file__).with_name("RESULTS.md")
_HEAD = f"""# Measurements

Wall seconds: median and minimum, ours and the peer's in turns in one run of `python -m bench`, on the same data in the page
cache; servers are on loopback. A peer that takes longer than {LIMIT:.0f} s is stopped, once. Where the load average is above the
count of cores, seconds are too long by about as much, for ours and for the peer's, and only the ratios say something.
"""


def keep(case: str, text: str, order: Iterable[str]) -> None:
    """Put a case's section in, in the order of the cases; the others stay as they are."""
    known = PLACE.read_text("utf-8") if PLACE.exists() else ""
    parts = re.split(r"^## (\w+)\n", known, flags=re.MULTILINE)[1:]
    sections = {**dict(zip(parts[::2], parts[1::2], strict=True)), case: f"\n{text.strip()}\n"}
    body = "\n".join(f"## {name}\n{sections[name].rstrip()}\n" for name in order if name in sections)
    PLACE.write_text(f"{_HEAD}\n{body}", "utf-8")
