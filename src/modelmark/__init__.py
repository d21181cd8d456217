"""Modelmark: a model registry that lives in a Git repository.

The public API: open a registry with `Registry.open`, and use its verbs.
"""

from typing import TYPE_CHECKING

from modelmark.domain.policy import Way
from modelmark.domain.references import ByAlias, ByVersion, Latest, Reference, parse_reference
from modelmark.domain.versions import Version, parse_version
from modelmark.errors import ModelmarkError
from modelmark.registry import Registry, pull_remote, resolve_remote

if TYPE_CHECKING:
    from modelmark.usecases.register import Request

__all__ = [
    "ByAlias",
    "ByVersion",
    "Latest",
    "ModelmarkError",
    "Reference",
    "Registry",
    "Request",
    "Version",
    "Way",
    "parse_reference",
    "parse_version",
    "pull_remote",
    "resolve_remote",
]


def __getattr__(name: str) -> object:
    """`Request` comes with the whole of register, promote and check, so it is imported when it is asked for."""
    if name == "Request":
        from modelmark.usecases.register import Request  # noqa: PLC0415

        return Request
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
