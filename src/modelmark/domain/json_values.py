"""JSON as a type: free-form parts of documents, such as hyperparameters and signatures; and what a program has, as JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import PurePath
from typing import SupportsFloat, TypeAlias

from modelmark.domain.names import shown
from modelmark.errors import InvalidInput

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


def plain(value: object, name: str) -> Json:
    """A value of a program as JSON has it: the scalars of NumPy and its like become numbers, paths become text.

    Args:
        value: anything.
        name: what messages call it.

    Raises:
        InvalidInput: it is nothing that JSON can hold, or not finite.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return float(value)
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item, f"{name}.{key}") for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item, name) for item in value]
    scalar = _scalar(value)
    if scalar is None:
        raise InvalidInput(
            f"{shown(name)} is {shown(repr(value))}, which JSON cannot hold", "log it as text or as a number"
        )
    return plain(scalar, name)


def _scalar(value: object) -> bool | int | float | str | None:
    """The one value in a NumPy, PyTorch or JAX scalar, or in a fraction; None where there is none, or many."""
    if isinstance(value, float) or not isinstance(value, SupportsFloat):
        return None
    item = getattr(value, "item", None)
    try:
        found = item() if callable(item) else float(value)
    except (TypeError, ValueError, RuntimeError, OverflowError):
        return None
    return found if isinstance(found, bool | int | float | str) else None
