"""How one signature differs from the one before it, and which client each difference breaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modelmark.domain.json_values import Json


@dataclass(frozen=True)
class Change:
    """One difference between two signatures.

    Attributes:
        path: the field it is about: `inputs.lang`, `outputs.spans[].start`.
        sentence: what changes for whom. Names and values of the bundle are quoted in it: one line, no control characters.
        breaks: a client of the old signature may break; also where the contrary cannot be shown.
        kind: what changed, in a word: `type`, `required`, `removed`, `default`, …
    """

    path: str
    sentence: str
    breaks: bool
    kind: str = ""


def describe_difference(old: Mapping[str, Json], new: Mapping[str, Json]) -> tuple[Change, ...]:
    """What changes from one signature to the next, as signature.json holds them; those that break clients first.

    Raises:
        InvalidInput: one of them is not a signature.
    """
    raise NotImplementedError
