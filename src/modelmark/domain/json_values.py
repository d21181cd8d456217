"""JSON as a type: free-form parts of documents, such as hyperparameters and signatures."""

from __future__ import annotations

from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
