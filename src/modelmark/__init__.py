"""Modelmark: a model registry that lives in a Git repository.

The public API: open a registry with `Registry.open`, and use its verbs.
"""

from modelmark.domain.policy import Way
from modelmark.domain.references import ByAlias, ByVersion, Latest, Reference, parse_reference
from modelmark.domain.versions import Version, parse_version
from modelmark.errors import ModelmarkError
from modelmark.registry import Registry, pull_remote, resolve_remote
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
