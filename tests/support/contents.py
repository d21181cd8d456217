"""A version's files in memory, as a look sees them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from modelmark.adapters.inspection.contents import Contents
from modelmark.domain.artifacts import Pointer
from modelmark.domain.manifest import Manifest, ManifestFile, file_type
from tests.support.domain import MODEL, NOON, version
from tests.support.fake_storage import FakeStorage


def contents_of(files: Mapping[str, bytes | str], folder: Path) -> Contents:
    """Store files given by their paths; `folder` is an empty place to do so."""
    data = {path: text.encode() if isinstance(text, str) else text for path, text in sorted(files.items())}
    for path, content in data.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    storage = FakeStorage()
    stored = storage.add(folder, list(data))
    storage.push(stored)
    listed = tuple(
        ManifestFile(path, hashlib.sha256(content).hexdigest(), len(content), file_type(path))
        for path, content in data.items()
    )
    return Contents(storage, Manifest(MODEL, version("1"), NOON, listed), Pointer(stored.pointer.md5, 1, 1))
