"""A new version is whole, is called what its folder is called, and counts like the versions before it.

Its files are of the kinds that their names say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.domain import layout
from modelmark.domain.checks import Check
from modelmark.domain.findings import Finding, Level
from modelmark.domain.manifest import file_type
from modelmark.domain.names import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modelmark.domain.change import Candidate, NewVersion

RULE = "version"
_MAKE = "make the version with `modelmark register`, not by hand"


def check(candidate: Candidate) -> Iterator[Finding]:
    """Judge each version that the change adds."""
    changed = {change.path for change in candidate.files if change.status != "D"}
    for new in candidate.versions:
        manifest = layout.manifest_path(new.model, new.version)
        for path in (manifest, layout.pointer_path(new.model, new.version)):
            if path not in changed:
                yield Finding(
                    RULE,
                    Level.ERROR,
                    "this file is missing: a version has a manifest and a pointer",
                    path,
                    hint=_MAKE,
                )
        yield from _names(new, manifest)
        yield from _types(new, manifest)
        yield from _registered(new, candidate, manifest)
        yield from _form(new, candidate, manifest)
        if new.model not in candidate.cards:
            yield Finding(
                RULE,
                Level.ERROR,
                f"{new.model} has no card",
                layout.card_path(new.model),
                hint="add model.yaml, for example with the line `profile: generic`",
            )


def _registered(new: NewVersion, candidate: Candidate, path: str) -> Iterator[Finding]:
    """A registered version may come back with its own manifest only."""
    registered = candidate.histories[new.model].versions.get(new.version)
    blob = next((change.new for change in candidate.files if change.path == path), "")
    if registered is not None and registered.manifest_blob != blob:
        yield Finding(
            RULE,
            Level.ERROR,
            f"{new.model}@{new.version} is registered with another manifest",
            path,
            hint=f"restore it (git cat-file blob {registered.manifest_blob}), or take the next version",
        )


def _names(new: NewVersion, path: str) -> Iterator[Finding]:
    if new.manifest and (new.manifest.model, new.manifest.version) != (new.model, new.version):
        yield Finding(
            RULE,
            Level.ERROR,
            f"this manifest is of {new.manifest.model}@{new.manifest.version}, not of its folder",
            path,
            hint=_MAKE,
        )


def _types(new: NewVersion, path: str) -> Iterator[Finding]:
    """What a file is decides which checks look into it, so it is not for the manifest to say otherwise."""
    for file in new.manifest.files if new.manifest else ():
        kind = file_type(file.path)
        if file.type != kind:
            yield Finding(
                RULE,
                Level.ERROR,
                f"{shown(file.path)} is listed as {file.type}, and by its name it is {kind}",
                path,
                hint="change nothing of a manifest by hand: modelmark register writes it",
            )


def _form(new: NewVersion, candidate: Candidate, path: str) -> Iterator[Finding]:
    others = [other for other in candidate.known_versions.get(new.model, ()) if other != new.version]
    if others and len(others[0].numbers) != len(new.version.numbers):
        yield Finding(
            RULE,
            Level.ERROR,
            f"{new.version} has another count of numbers than {others[-1]}, so the two have no order",
            path,
            hint=f"the next version is {others[-1].next()}",
        )
    if new.version in candidate.known_versions.get(new.model, ()):
        yield Finding(
            RULE,
            Level.ERROR,
            f"{new.model}@{new.version} is on main already",
            path,
            hint=f"take the next version: {max(candidate.known_versions[new.model]).next()}",
        )


CHECK = Check(
    RULE,
    "A new version is whole, is called what its folder is called, and counts like the versions before it.",
    check,
    "manifest.yaml says version 4, and its folder is 3",
)
