"""Reads what a version says about its labels: label files of every common form, and config.json."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from modelmark.adapters.strict_json import read_json, read_text
from modelmark.adapters.strict_yaml import parse_yaml, to_json
from modelmark.domain.labels import Labels, LabelSource
from modelmark.domain.names import shown
from modelmark.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from modelmark.adapters.inspection.contents import Contents
    from modelmark.domain.json_values import Json

_ID = re.compile(r"0|[1-9][0-9]{0,8}")
_MAPS = ("id2label", "label2id")
_LISTS = ("labels", "classes", "names", "label_names", "class_names")
_FORMS = 'a list of labels, {"0": "label", …} or {"label": 0, …}'


def look(contents: Contents, *, sandboxed: bool) -> Labels:
    """Read every file that says something about labels."""
    del sandboxed  # nothing of the bundle runs
    sources: list[LabelSource] = []
    counts: list[tuple[str, int]] = []
    broken: list[tuple[str, str]] = []
    for file in contents.manifest.files:
        is_config = PurePosixPath(file.path).name.lower() == "config.json"
        if not is_config and file.type != "labels":
            continue
        try:
            if is_config:
                config = _object(read_json(contents.file(file.path), file.path), file.path)
                sources += _parts(file.path, config, _MAPS)
                counts += _counts(file.path, config)
            else:
                sources += _read(contents.file(file.path), file.path)
        except InvalidInput as error:
            broken.append((file.path, str(error)))
    return Labels(tuple(sources), tuple(counts), tuple(broken))


def _object(found: Json, path: str) -> dict[str, Json]:
    if not isinstance(found, dict):
        raise InvalidInput(f"{path} is no JSON object")
    return found


def _counts(path: str, config: dict[str, Json]) -> Iterator[tuple[str, int]]:
    count = config.get("num_labels")
    if count is None:
        return
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise InvalidInput(f"num_labels in {path} is not a number of labels")
    yield path, count


def _read(place: Path, path: str) -> list[LabelSource]:
    if path.lower().endswith(".txt"):
        return [LabelSource(path, "", tuple(enumerate(read_text(place, path).splitlines())))]
    if path.lower().endswith(".yaml"):
        found = to_json(parse_yaml(read_text(place, path).encode(), path))
    else:
        found = read_json(place, path)
    if isinstance(found, dict):
        parts = list(_parts(path, found, (*_MAPS, *_LISTS)))
        if parts:
            return parts
    return [LabelSource(path, "", _pairs(found, path))]


def _parts(path: str, found: dict[str, Json], keys: tuple[str, ...]) -> Iterator[LabelSource]:
    for key in keys:
        if isinstance(found.get(key), dict | list):
            yield LabelSource(path, key, _pairs(found[key], f"{key} in {path}", key))


def _pairs(found: Json, name: str, key: str = "") -> tuple[tuple[int, str], ...]:
    """Ids and labels of a list, of a mapping of ids to labels, or of one of labels to ids."""
    if isinstance(found, list):
        return tuple((number, _label(value, name)) for number, value in enumerate(found))
    if not isinstance(found, dict):
        raise InvalidInput(f"{name} is not understood: it is not {_FORMS}")
    from_ids = all(_ID.fullmatch(one) for one in found)
    to_ids = all(_number(value) is not None for value in found.values())
    if from_ids and to_ids:  # labels that are numbers, such as stars: ids are those that count from 0
        to_ids = key == "label2id" or (
            key != "id2label"
            and sorted(_number(value) or 0 for value in found.values()) == list(range(len(found)))
        )
    elif key in _MAPS:
        from_ids, to_ids = from_ids and key == "id2label", to_ids and key == "label2id"
    if to_ids:
        return tuple((_number(value) or 0, label) for label, value in found.items())
    if from_ids:
        return tuple((int(number), _label(value, name)) for number, value in found.items())
    raise InvalidInput(f"{name} is not understood: it is not {_FORMS}")


def _number(value: Json) -> int | None:
    if isinstance(value, str):
        return int(value) if _ID.fullmatch(value) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _label(value: Json, name: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise InvalidInput(f"{name} has {shown(str(value), 40)} where a label should be")
