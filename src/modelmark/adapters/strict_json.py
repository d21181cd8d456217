"""JSON that others wrote: read whole or refused, with one meaning for every reader."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import TYPE_CHECKING

from modelmark.domain.names import shown
from modelmark.errors import InvalidInput

if TYPE_CHECKING:
    from pathlib import Path

    from modelmark.domain.json_values import Json

_LARGEST = 4 << 20


def read_text(place: Path, name: str, limit: int = _LARGEST) -> str:
    """A text file of a bundle, called by its name there.

    Raises:
        InvalidInput: it is larger than `limit` bytes, or not UTF-8.
    """
    if place.stat().st_size > limit:
        raise InvalidInput(f"{name} is larger than {limit >> 20} MiB, too large to be what its name says")
    try:
        return place.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{name} is not UTF-8 (byte {error.start})", "save it as UTF-8") from error


def read_json(place: Path, name: str, limit: int = _LARGEST) -> Json:
    """A JSON file of a bundle, called by its name there.

    Raises:
        InvalidInput: it is larger than `limit` bytes, is no JSON, or can be read in two ways.
    """
    return parse_json(read_text(place, name, limit), name)


def parse_json(text: str, name: str, path: str = "") -> Json:
    """JSON text: no key twice, no number that is not finite, no half characters.

    Args:
        text: the whole file.
        name: what messages call it.
        path: where it is, if a person can find it there.

    Raises:
        InvalidInput: with the name, and what is wrong.
    """
    try:
        found: Json = json.loads(
            text, parse_constant=_no_constant, parse_float=_finite, object_pairs_hook=_unique
        )
        if "\\u" in text:
            json.dumps(found, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        where = "" if path else f" (line {error.lineno})"
        raise InvalidInput(
            f"{name} is not JSON: {error.msg}{where}",
            "correct it",
            path=path,
            line=error.lineno if path else 0,
        ) from error
    except UnicodeEncodeError as error:
        raise InvalidInput(
            f"{name} holds half a character, an unpaired surrogate", "correct it", path=path
        ) from error
    except RecursionError as error:
        raise InvalidInput(f"{name} is nested too deep to be read", "make it flatter", path=path) from error
    except ValueError as error:
        raise InvalidInput(f"{name} cannot be used: {error}", "correct it", path=path) from error
    return found


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{shown(text)} is too large for a number")
    return number


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number that JSON knows")


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice, _ = Counter(key for key, _ in pairs).most_common(1)[0]
        raise ValueError(f"the key {shown(twice)} stands there twice")
    return found
