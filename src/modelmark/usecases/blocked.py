"""Which tags keep one of the registry's from being made: to Git a ref is a file or a folder, so `m#prod#2/x` bars `m#prod#2`.

Whoever may push can make such a tag. It is no tag of the registry and moves nothing, but the next assignment would wait
behind it for ever, so `apply` names it and `verify` finds it before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.domain.findings import Finding, Level
from modelmark.domain.names import shown
from modelmark.domain.tags import parse_tag_name
from modelmark.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modelmark.usecases.ports import GitReader

_BELOW = ("*@v*/**", "*#*/**")


def blocking(reader: GitReader, name: str) -> tuple[str, ...]:
    """The tags below a name."""
    return tuple(sorted(reader.tag_names(f"{name}/**")))


def blocked(reader: GitReader, rule: str) -> Iterator[Finding]:
    """A finding for every tag that stands below a name of the registry."""
    found = {name for pattern in _BELOW for name in reader.tag_names(pattern)}
    for name in sorted(found):
        barred = name.partition("/")[0]
        try:
            ours = parse_tag_name(barred)
        except InvalidInput:
            continue  # no tag of the registry will ever have that name
        if ours is not None:
            yield Finding(
                rule,
                Level.ERROR,
                f"the tag {shown(name, 200)} bars {barred}: while it exists, that tag cannot be made",
                hint="have it deleted on the remote, and here with `git tag -d`; then run `modelmark apply`",
            )
