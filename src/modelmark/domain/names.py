"""Which names may exist at all: models, aliases, artifact paths (DESIGN.md, section 2).

Every name is checked where it enters, so the rest of the code can put it into a ref, a path or a message
without a second thought.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NewType

from modelmark.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable

ModelName = NewType("ModelName", str)
AliasName = NewType("AliasName", str)

_MODEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_ALIAS = re.compile(r"[a-z]([a-z0-9_-]{0,30}[a-z0-9])?")
_RESERVED_ALIAS = re.compile(r"latest|none|v[0-9]+")
_SEGMENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+@=,-]{0,127}")
_WINDOWS_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
_MAX_DEPTH = 16
_MAX_PATH_BYTES = 512


def shown(text: str, limit: int = 80) -> str:
    """Quote foreign text for a message: one line, no control characters, at most `limit` characters."""
    return ascii(text if len(text) <= limit else text[:limit] + "…")


def parse_model_name(text: str) -> ModelName:
    """Lower-case letters, digits and hyphens, at most 63, no hyphen at either end."""
    if not _MODEL.fullmatch(text):
        raise InvalidInput(
            f"{shown(text)} is not a model name",
            "use 1 to 63 lower-case letters, digits and hyphens, with no hyphen at either end: nlp-sentiment",
        )
    _refuse_on_windows(text)
    return ModelName(text)


def parse_alias_name(text: str) -> AliasName:
    """A letter, then lower-case letters, digits, `_` and `-`; never `latest`, `none` or `v<digits>`."""
    if not _ALIAS.fullmatch(text):
        raise InvalidInput(
            f"{shown(text)} is not an alias name",
            "use up to 32 lower-case letters, digits, '_' and '-', starting with a letter: prod, prev_prod",
        )
    if _RESERVED_ALIAS.fullmatch(text):
        raise InvalidInput(
            f"{shown(text)} cannot be an alias, because it already has a meaning",
            "choose a name such as prod",
        )
    return AliasName(text)


def parse_artifact_path(text: str) -> str:
    """A relative POSIX path that means the same on every system it may be pulled to."""
    segments = text.split("/")
    wrong = next((part for part in segments if not _SEGMENT.fullmatch(part)), None)
    if wrong is not None:
        raise InvalidInput(
            f"{shown(text)} is not a path that an artifact may have",
            f"{shown(wrong)} must start with a letter, a digit or '_' and hold only letters, digits and . _ + @ = , -"
            if wrong
            else "use a relative path with '/' between non-empty names",
        )
    for part in segments:
        _refuse_on_windows(part)
    if len(segments) > _MAX_DEPTH or len(text) > _MAX_PATH_BYTES:
        raise InvalidInput(
            f"{shown(text)} is too long for an artifact path",
            f"use at most {_MAX_DEPTH} levels and {_MAX_PATH_BYTES} bytes",
        )
    return text


def _refuse_on_windows(name: str) -> None:
    """Names that Windows cannot have: those of devices, and those that end in a dot, which it drops."""
    if _WINDOWS_DEVICE.fullmatch(name):
        raise InvalidInput(f"{shown(name)} cannot be pulled on Windows, where it is a device", "rename it")
    if name.endswith("."):
        raise InvalidInput(
            f"{shown(name)} cannot be pulled on Windows, which drops the last dot", "rename it"
        )


def check_path_set(paths: Iterable[str]) -> None:
    """Refuse a path listed twice, two that collide where case is folded, and a file that is also a directory."""
    seen: dict[str, tuple[str, bool]] = {}
    for path in paths:
        segments = path.split("/")
        for depth in range(1, len(segments) + 1):
            prefix, is_file = "/".join(segments[:depth]), depth == len(segments)
            earlier = seen.get(prefix.casefold())
            if earlier is None:
                seen[prefix.casefold()] = (prefix, is_file)
            elif earlier[0] != prefix:
                raise InvalidInput(
                    f"{shown(earlier[0])} and {shown(prefix)} differ only in upper and lower case",
                    "rename one of them",
                )
            elif earlier[1] != is_file:
                raise InvalidInput(f"{shown(prefix)} is a file and also a directory", "rename one of them")
            elif is_file:
                raise InvalidInput(f"{shown(prefix)} is listed twice", "list every file once")
