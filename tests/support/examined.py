"""Examines bytes as if they were a file of a version, without the process around it."""

from __future__ import annotations

import io

from modelmark.adapters.inspection.formats_examine import Examiner
from modelmark.adapters.inspection.formats_sources import Source
from modelmark.domain.formats import FileFormat

_EXAMINER = Examiner()


def examined(name: str, data: bytes | str) -> FileFormat:
    """What a file of that name and those bytes is."""
    raw = data.encode() if isinstance(data, str) else data
    return _EXAMINER.examine(Source(name, lambda: io.BytesIO(raw), len(raw)))[0]
