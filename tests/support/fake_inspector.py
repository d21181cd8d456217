"""An inspector that finds what a test says: facts by their type."""

from __future__ import annotations

from dataclasses import dataclass, field

from modelmark.domain.artifacts import Pointer
from modelmark.domain.collected import Collected
from modelmark.domain.inspection import Inspection
from modelmark.domain.manifest import Manifest


@dataclass
class FakeInspector:
    """Returns the facts of `facts` that are asked for; the others could not be looked at.

    Every registration asks what its manifest was collected from: by default nothing, so that nothing contradicts it.
    """

    facts: dict[type, object] = field(default_factory=lambda: {Collected: Collected()})
    asked: list[tuple[str, frozenset[type]]] = field(default_factory=list)

    def inspect(self, manifest: Manifest, pointer: Pointer, kinds: frozenset[type]) -> Inspection:
        self.asked.append((f"{manifest.model}@{manifest.version}", kinds))
        there = {kind: value for kind, value in self.facts.items() if kind in kinds}
        missing = dict.fromkeys(kinds - self.facts.keys(), ("nobody could look", "look"))
        return Inspection(there, missing)
