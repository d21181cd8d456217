"""`modelmark resolve m@prod` in a clone, whatever the count of tags; `show` and `history` of one model beside it."""

from __future__ import annotations

from collections.abc import Iterator

from bench.measure import MODELMARK, Row, Setting, alternate, command
from bench.peers import program
from bench.registries import Shape, ensure

_SHAPES = (Shape(50, 20), Shape(200, 50), Shape(1000, 100))
_QUICK = (Shape(10, 10), Shape(50, 20))
_GTO_ENDS = 30_000  # tags; more is only more of the same waiting


def measure(setting: Setting) -> Iterator[Row]:
    """One row for each size."""
    for shape in _QUICK if setting.quick else _SHAPES:
        made = ensure(setting.work, shape)
        ours = command([MODELMARK, "resolve", "model-0001@prod"], made.clone)
        theirs = command([program("gto"), "show", "model-0001#prod"], made.gto)
        note = ""
        programs = {"ours": ours}
        if shape.tags <= _GTO_ENDS:
            programs["peer"], note = setting.remembered(f"gto show m#prod, {shape.tags} tags", theirs)
        ours()  # the first run after a fetch notes which commits are on main
        found = alternate(setting.runs, programs)
        peer = ("gto show m#prod", found["peer"]) if "peer" in found else None
        yield Row(f"resolve m@prod, {shape.tags:,} tags", found["ours"], peer, 0.25, note)
    for verb in (["show", "model-0001@prod"], ["history", "model-0001"], ["list", "model-0001"]):
        found = alternate(setting.runs, {"ours": command([MODELMARK, *verb], made.clone)})
        yield Row(f"{verb[0]} of one model, {shape.tags:,} tags", found["ours"])
