"""Values as JSON-ready data: the stable shape behind `--json`.

One general rule instead of a writer for each value: dataclasses become objects, versions, tags and dates their text,
mappings keep their keys. A field that is renamed here is a change that users see, and goes into the changelog.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from modelmark.domain.references import ByAlias, ByVersion, Latest
from modelmark.domain.tags import AssignmentTag, VersionTag
from modelmark.domain.versions import Version

if TYPE_CHECKING:
    from modelmark.domain.json_values import Json

_TEXT = (Version, VersionTag, AssignmentTag, ByAlias, ByVersion, Latest, Path)


def to_json(value: object) -> Json:  # noqa: PLR0911 - one line for each kind of value
    """Any value of ours as JSON-ready data."""
    if isinstance(value, Enum):
        return to_json(value.value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, _TEXT):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, Sequence | frozenset):
        return [to_json(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no JSON form")


def json_text(value: object) -> str:
    """Any value of ours as the text of a JSON document; what a terminal or the log of a workflow would obey is escaped.

    Half a character, as a file name that is not UTF-8 has it, is a question mark: strict readers refuse the whole document.
    """
    text = json.dumps(to_json(value), indent=2, ensure_ascii=False).replace("##[", "#\\u0023[")
    text = text.encode("utf-8", "replace").decode()
    return "".join(char if char.isprintable() or char == "\n" else json.dumps(char)[1:-1] for char in text)
