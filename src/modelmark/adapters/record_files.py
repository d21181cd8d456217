"""A record of a deployment as the bytes of a file, and the newest of many by their paths; shared by all who keep such files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.adapters.strict_json import parse_json
from modelmark.domain.deployments import Kept, Place, parse_deployment, parse_path
from modelmark.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable

LARGEST = 64 << 10


def newest_paths(paths: Iterable[str]) -> dict[Place, tuple[int, str]]:
    """The highest number of each place, with its path; what is no record is passed over."""
    found: dict[Place, tuple[int, str]] = {}
    for path in paths:
        record = parse_path(path)
        if record is not None:
            place, number = record
            found[place] = max(found.get(place, (0, "")), (number, path))
    return found


def read_record(place: Place, number: int, data: bytes | None) -> Kept:
    """What a file says, or why it says nothing: one that somebody spoiled must not hide the others."""
    try:
        if data is None or len(data) > LARGEST:
            raise InvalidInput("it is missing, or too large to be a record")
        value = parse_json(data.decode("utf-8"), "it")
        return Kept(place, number, parse_deployment(value, place))
    except UnicodeDecodeError:
        return Kept(place, number, None, "it is not UTF-8")
    except InvalidInput as error:
        return Kept(place, number, None, error.message)
