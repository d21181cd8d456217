"""Collects from the stored files of a version what `register` once took from them into its manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.adapters.strict_json import read_json, read_text
from modelmark.domain.collected import DOCUMENTS, TEXTS, Collected, collect

if TYPE_CHECKING:
    from modelmark.adapters.inspection.contents import Contents


def look(contents: Contents, *, sandboxed: bool) -> Collected:
    """Read the small files that the manifest of a version speaks of.

    Raises:
        InvalidInput: one of them cannot be read, so `register` would not have taken it.
    """
    del sandboxed  # nothing of the bundle runs
    there = {file.path for file in contents.manifest.files}
    return collect(
        {name: read_json(contents.file(name), name) for name in DOCUMENTS if name in there},
        {name: read_text(contents.file(name), name).strip() for name in TEXTS if name in there},
    )
