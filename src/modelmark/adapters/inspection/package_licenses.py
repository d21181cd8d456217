"""Looks up the licences of a bundle's pinned requirements in the metadata of the package index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modelmark.adapters.inspection import requirements
from modelmark.adapters.inspection.package_index import pip_report
from modelmark.domain.licenses import Licensed, PackageLicenses
from modelmark.domain.requirements import normalised

if TYPE_CHECKING:
    from modelmark.adapters.inspection.contents import Contents

_MAX_TEXT = 500
_TROVE = "License :: "
_NAMES_NONE = "License :: OSI Approved"


def look(contents: Contents, *, sandboxed: bool) -> PackageLicenses:
    """What the index says of each pinned requirement; nobody is asked where there is none.

    Raises:
        CouldNot: the index could not be asked, or does not have one of them.
    """
    found = requirements.look(contents, sandboxed=sandboxed)
    if not found.pins:
        return PackageLicenses()
    return PackageLicenses(tuple(map(_licensed, pip_report(found.pins, found.python))))


def _licensed(metadata: dict[str, Any]) -> Licensed:
    classifiers = [str(one) for one in metadata.get("classifier") or () if str(one).startswith(_TROVE)]
    return Licensed(
        normalised(str(metadata["name"])),
        str(metadata["version"]),
        str(metadata.get("license_expression") or ""),
        tuple(one for one in classifiers if one != _NAMES_NONE),
        str(metadata.get("license") or "")[:_MAX_TEXT],
    )
