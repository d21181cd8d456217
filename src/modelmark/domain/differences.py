"""How two versions differ beside their metrics: signature, files, and where they came from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelmark.domain.compatibility import Change, describe_difference
from modelmark.errors import InvalidInput

if TYPE_CHECKING:
    from modelmark.domain.json_values import Json
    from modelmark.domain.manifest import Manifest


@dataclass(frozen=True)
class Difference:
    """One fact of two versions, as text; empty = not recorded."""

    about: str
    key: str
    current: str
    candidate: str


@dataclass(frozen=True)
class FileDifference:
    """One file of two versions; sizes in bytes, None = it is not there."""

    path: str
    type: str
    current: int | None
    candidate: int | None


@dataclass(frozen=True)
class Files:
    """What differs between the files of two versions, by SHA-256; sizes in bytes."""

    count: int
    size: int
    current_size: int | None
    unchanged: int
    changed: tuple[FileDifference, ...]


def signature_difference(old: Manifest | None, new: Manifest) -> tuple[Change, ...] | None:
    """How the signature differs; None where one of both promises nothing."""
    if old is None or old.signature is None or new.signature is None:
        return None
    if old.signature == new.signature:
        return ()
    try:
        return describe_difference(old.signature, new.signature)
    except InvalidInput as error:
        return (Change("signature", f"cannot be compared: {error.message}", breaks=True, kind="unreadable"),)


def file_difference(old: Manifest | None, new: Manifest) -> Files:
    """Files that were added, removed or changed, the largest first."""
    before = {file.path: file for file in old.files} if old else {}
    after = {file.path: file for file in new.files}
    changed = [
        FileDifference(
            path,
            (after.get(path) or before[path]).type,
            before[path].size if path in before else None,
            after[path].size if path in after else None,
        )
        for path in sorted({*before, *after})
        if path not in before or path not in after or before[path].sha256 != after[path].sha256
    ]
    changed.sort(key=lambda one: -max(one.current or 0, one.candidate or 0))
    same = len({*before, *after}) - len(changed)
    return Files(len(after), new.size, old.size if old else None, same, tuple(changed))


def origin_differences(old: Manifest | None, new: Manifest) -> tuple[Difference, ...]:
    """Where a version came from; of what both have in common, only what a reviewer always asks for."""
    before, after = _origins(old) if old else {}, _origins(new)
    keys = sorted({*before, *after}, key=lambda one: (_ABOUT.index(one[0]), one))
    return tuple(
        Difference(*key, before.get(key, ""), after.get(key, ""))
        for key in keys
        if key[0] == "lineage" or before.get(key) != after.get(key)
    )


_ABOUT = ("lineage", "environment", "hardware", "hyperparameters", "compression")


def _origins(manifest: Manifest) -> dict[tuple[str, str], str]:
    lineage = manifest.lineage
    facts: dict[str, object] = {
        "commit": lineage.git_commit,
        "uncommitted changes": lineage.git_dirty,
        "data version": lineage.data_version,
        "feature pipeline": lineage.feature_pipeline_commit,
        "duration in seconds": lineage.duration_seconds,
    }
    found = {("lineage", key): _text(value) for key, value in facts.items()}
    for about in ("environment", "hardware", "hyperparameters"):
        found |= {(about, key): text for key, text in _flat("", getattr(lineage, about))}
    if manifest.compression:
        found["compression", "method"] = manifest.compression.method
        found["compression", "made of version"] = _text(manifest.compression.parent)
    return found


def _flat(prefix: str, value: Json) -> list[tuple[str, str]]:
    """Nested JSON as `counts.books` and its text."""
    if isinstance(value, Mapping) and value:
        return [
            pair for key, item in value.items() for pair in _flat(f"{prefix}.{key}" if prefix else key, item)
        ]
    return [(prefix, _text(value))] if prefix else []


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else str(value)
