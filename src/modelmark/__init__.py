"""Modelmark: a model registry that lives in a Git repository.

The public API, on one page: docs/python.md. Each name is imported at its first use, so `import modelmark` costs a program
next to nothing until it asks for something.
"""

from importlib import import_module

TYPE_CHECKING = False  # type checkers know the name; importing it would cost more than all the rest here
if TYPE_CHECKING:
    from modelmark import errors
    from modelmark.domain.manifest import Compression, Manifest
    from modelmark.domain.policy import Way
    from modelmark.domain.references import ByAlias, ByVersion, Latest, Reference, parse_reference
    from modelmark.domain.versions import Version, parse_version
    from modelmark.errors import ModelmarkError
    from modelmark.registry.local import Registry
    from modelmark.registry.release import Release, pull, resolve
    from modelmark.registry.training import Run, run
    from modelmark.usecases.bring import PullOptions
    from modelmark.usecases.register import Registration, Request
    from modelmark.usecases.resolve import Resolved

__all__ = [
    "ByAlias",
    "ByVersion",
    "Compression",
    "Latest",
    "Manifest",
    "ModelmarkError",
    "PullOptions",
    "Reference",
    "Registration",
    "Registry",
    "Release",
    "Request",
    "Resolved",
    "Run",
    "Version",
    "Way",
    "errors",
    "parse_reference",
    "parse_version",
    "pull",
    "resolve",
    "run",
]

# Where each name is. Together they are the gate, Git, YAML and their like: 0.1 s that a program pays only if it asks.
_HOMES = {
    "modelmark.domain.manifest": ("Compression", "Manifest"),
    "modelmark.domain.policy": ("Way",),
    "modelmark.domain.references": ("ByAlias", "ByVersion", "Latest", "Reference", "parse_reference"),
    "modelmark.domain.versions": ("Version", "parse_version"),
    "modelmark.errors": ("ModelmarkError",),
    "modelmark.registry.local": ("Registry",),
    "modelmark.registry.release": ("Release", "pull", "resolve"),
    "modelmark.registry.training": ("Run", "run"),
    "modelmark.usecases.bring": ("PullOptions",),
    "modelmark.usecases.register": ("Registration", "Request"),
    "modelmark.usecases.resolve": ("Resolved",),
}


if not TYPE_CHECKING:  # to a type checker a name that is not there is an error, and no object

    def __getattr__(name: str) -> object:
        """A public name, from the module that has it."""
        if name == "errors":
            return import_module("modelmark.errors")
        home = next((module for module, names in _HOMES.items() if name in names), None)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found: object = getattr(import_module(home), name)
        globals()[name] = found  # the next use asks nobody
        return found


def __dir__() -> list[str]:
    """The public names, for completion."""
    return sorted({*globals(), *__all__})
