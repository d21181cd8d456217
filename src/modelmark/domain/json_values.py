"""JSON as a type: free-form parts of documents, such as hyperparameters and signatures; and what a program has, as JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import PurePath
from typing import SupportsFloat, TypeAlias

from modelmark.domain.names import shown
from modelmark.errors import InvalidInput

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


def plain(value: object, name: str, *, finite: bool = True) -> Json:
    """A value of a program as JSON has it: scalars and arrays of NumPy and its like become numbers, paths become text.

    Args:
        value: anything.
        name: what messages call it.
        finite: refuse a number that is not; False = the caller does, in its own words.

    Raises:
        InvalidInput: it is nothing that JSON can hold, or not finite.
    """
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str | PurePath):
        return _written(value if isinstance(value, str) else str(value), name)
    if isinstance(value, float) and (math.isfinite(value) or not finite):
        return float(value)
    if isinstance(value, Mapping):
        return {
            _written(str(key), name): plain(item, f"{name}.{key}", finite=finite)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [plain(item, name, finite=finite) for item in value]
    found = _taken_out(value)
    if found is None:
        raise InvalidInput(
            f"{shown(name)} is {shown(repr(value))}, which JSON cannot hold", "log it as text or as a number"
        )
    return plain(found, name, finite=finite)


def _written(text: str, name: str) -> str:
    """Text that a file can hold: a file's name in another encoding than UTF-8 has characters that none can."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidInput(
            f"{shown(name)} is {shown(text)}, which is no UTF-8", "rename it, or log something else"
        ) from error
    return text


def _taken_out(value: object) -> bool | int | float | str | list[object] | None:
    """What is in a scalar or an array of NumPy, PyTorch or JAX, or in a fraction; None where nothing is."""
    if isinstance(value, float) or not isinstance(value, SupportsFloat):
        return None
    for take in (getattr(value, "item", None), getattr(value, "tolist", None), value.__float__):
        try:
            found = take() if callable(take) else None
        except (TypeError, ValueError, RuntimeError, OverflowError):
            continue  # an array of many has an item(), too
        if isinstance(found, bool | int | float | str | list):
            return found
    return None
