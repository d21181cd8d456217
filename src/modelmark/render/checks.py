"""A check as a person on a terminal reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.render.text import clean

if TYPE_CHECKING:
    from modelmark.domain.checks import Described


def described(one: Described) -> str:
    """What it asks for, and a line each for the rest."""
    rows = {
        "runs": _when(one),
        "needs": one.needs + (f" ({', '.join(one.facts)})" if one.facts else ""),
        "waiver": "possible, in model.yaml" if one.waivable else "",
        "finds": one.example,
    }
    lines = [f"  {name + ':':<8}{clean(text)}" for name, text in rows.items() if text]
    return "\n".join([f"{one.name}: {clean(one.about)}", *lines])


def _when(one: Described) -> str:
    if one.always:
        return "always"
    if one.gates is None:
        return "where a gate names it"
    return (
        f"in {', '.join(one.gates)}"
        if one.gates
        else "nowhere here: to have it run, name it under `checks` of a gate in registry.yaml"
    )
