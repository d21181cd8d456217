"""Gathers the facts that checks ask for, each by its look; a look that fails is told, never skipped."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from modelmark.adapters.inspection.contents import Contents, ReadableStorage
from modelmark.domain.inspection import Inspection
from modelmark.errors import ModelmarkError

if TYPE_CHECKING:
    from collections.abc import Callable

    from modelmark.domain.artifacts import Pointer
    from modelmark.domain.manifest import Manifest

# Which module's `look` makes which kind of facts, by its name. A module is imported when its facts are asked for.
LOOKS: dict[str, str] = {
    "Formats": "modelmark.adapters.inspection.formats",
    "Labels": "modelmark.adapters.inspection.labels",
    "Tokenizers": "modelmark.adapters.inspection.tokenizers",
    "Audit": "modelmark.adapters.inspection.audit",
    "Code": "modelmark.adapters.inspection.code",
    "Collected": "modelmark.adapters.inspection.collected",
    "PackageLicenses": "modelmark.adapters.inspection.package_licenses",
    "Requirements": "modelmark.adapters.inspection.requirements",
    "BundledTestRun": "modelmark.adapters.inspection.bundled_tests",
    "ContractRun": "modelmark.adapters.inspection.contract",
}


@dataclass(frozen=True)
class Inspector:
    """The port `Inspector` over a storage.

    Attributes:
        sandboxed: whether code of a bundle may run in a sandbox only.
    """

    storage: Callable[[], ReadableStorage]
    sandboxed: bool = True

    def inspect(self, manifest: Manifest, pointer: Pointer, kinds: frozenset[type]) -> Inspection:
        """See the port."""
        facts: dict[type, object] = {}
        failed: dict[type, tuple[str, str]] = {}
        with Contents(self.storage(), manifest, pointer) as contents:
            for kind in sorted(kinds, key=lambda one: one.__name__):
                try:
                    facts[kind] = self._look(kind, contents)
                except ModelmarkError as error:
                    failed[kind] = (error.message, error.hint)
                except Exception as error:  # noqa: BLE001 - hostile bytes broke a reader: refuse, and say so
                    words = (
                        f"the files could not be read as {kind.__name__} ({type(error).__name__}: {error})"
                    )
                    failed[kind] = (words[:400], "report it as a bug if the files are good")
        return Inspection(facts, failed)

    def _look(self, kind: type, contents: Contents) -> object:
        look = import_module(LOOKS[kind.__name__]).look
        return look(contents, sandboxed=self.sandboxed)
