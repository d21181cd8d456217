"""`modelmark list`: all models of a registry."""

from __future__ import annotations

from collections.abc import Iterator

from bench.measure import MODELMARK, Row, Setting, alternate, command
from bench.peers import program
from bench.registries import Shape, ensure

_SHAPES = (Shape(50, 20), Shape(200, 50), Shape(1000, 100))
_QUICK = (Shape(10, 10), Shape(50, 20))
_GTO_ENDS = 30_000


def measure(setting: Setting) -> Iterator[Row]:
    """One row for each size."""
    for shape in _QUICK if setting.quick else _SHAPES:
        made = ensure(setting.work, shape)
        ours, theirs = command([MODELMARK, "list"], made.clone), command([program("gto"), "show"], made.gto)
        programs, note = {"ours": ours}, ""
        if shape.tags <= _GTO_ENDS:
            programs["peer"], note = setting.remembered(f"gto show, {shape.tags} tags", theirs)
        ours()
        found = alternate(setting.runs, programs)
        peer = ("gto show", found["peer"]) if "peer" in found else None
        yield Row(f"list, {shape.models:,} models, {shape.tags:,} tags", found["ours"], peer, 2.0, note)
