"""What a Python program asks with: the one rule by which text becomes a value.

Wherever a verb takes a reference, a version, a name or a date, it takes text as well, and reads it as the command line does;
a value goes through as it is.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from modelmark.domain.names import parse_model_name, shown
from modelmark.domain.references import ByVersion, Reference, parse_reference
from modelmark.domain.versions import Version, parse_version
from modelmark.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modelmark.domain.manifest import Compression
    from modelmark.usecases.register import Request

RECORDS = "branch:deployments"
"""Where records of deployments are, unless somebody says otherwise."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class About(TypedDict, total=False):
    """What may be said of a version that is registered; see `Request`."""

    version: Version | str | None
    profile: str | None
    tags: Mapping[str, str]
    note: str | None
    compression: Compression | None


def as_reference(asked: Reference | str) -> Reference:
    """`m@prod`, `m@7`, `m@latest`, `m#prod#12`, `models:/m@prod`.

    Raises:
        InvalidInput: it is none of these.
    """
    return parse_reference(asked) if isinstance(asked, str) else asked


def as_one_version(asked: Reference | str) -> ByVersion:
    """`m@7`.

    Raises:
        InvalidInput: it names an alias, or nothing.
    """
    reference = as_reference(asked)
    if not isinstance(reference, ByVersion):
        raise InvalidInput(f"{str(asked)!r} is not one version", "name it by its number: nlp-sentiment@3")
    return reference


def as_version(asked: Version | str) -> Version:
    """`7`, `2.1`, `1.0.2`, `3+gpu`.

    Raises:
        InvalidInput: it is none.
    """
    return parse_version(asked) if isinstance(asked, str) else asked


def as_moment(asked: date | str) -> datetime:
    """A day means its end, in UTC; a time without a zone is in UTC.

    Raises:
        InvalidInput: text that is neither.
    """
    at: date | None = asked if isinstance(asked, date) else None
    if isinstance(asked, str):
        try:
            if _DAY.fullmatch(asked):
                at = date.fromisoformat(asked)
            elif "T" in asked or " " in asked:
                at = datetime.fromisoformat(asked)
        except ValueError:
            at = None
    if at is None:
        raise InvalidInput(
            f"{shown(str(asked))} is not a date", "write 2026-03-31, or with a time 2026-03-31T12:00"
        )
    if not isinstance(at, datetime):
        return datetime.combine(at, time.max, UTC)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def as_request(source: str | Path, model: str, about: About) -> Request:
    """All of what is asked to be registered.

    Raises:
        TypeError: a keyword that there is not.
        InvalidInput: a name that is not well formed.
    """
    from modelmark.usecases.register import Request  # noqa: PLC0415 - the gate and all behind it

    unknown = sorted(set(about) - About.__optional_keys__)
    if unknown:
        raise TypeError(f"register() has no keyword {unknown[0]!r}")
    version = about.get("version")
    return Request(
        Path(source),
        parse_model_name(model),
        None if version is None else as_version(version),
        about.get("profile"),
        about.get("tags", {}),
        about.get("note"),
        about.get("compression"),
    )
