"""Every pinned requirement, and the model itself where it says, has a licence that the policy allows.

Judged are the requirements that the bundle lists; what they need in turn is judged where it is listed, too.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from modelmark.domain.checks import Check
from modelmark.domain.findings import Finding, Level
from modelmark.domain.inspection import Reach
from modelmark.domain.licenses import Licensed, PackageLicenses, is_allowed, spdx_of
from modelmark.domain.names import shown
from modelmark.domain.requirements import Requirements, is_pinned_version, unknowable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modelmark.domain.change import Candidate, Subject

RULE = "licenses"
_MODEL = "model"


def check(candidate: Candidate) -> Iterator[Finding]:
    """Judge each version by the policy's list."""
    allowed = candidate.policy.licenses
    for subject in candidate.asked(RULE):
        if not allowed:
            yield subject.finding(
                RULE,
                Level.ERROR,
                "registry.yaml allows no licence, so there is nothing to judge by and nothing passes",
                "add licenses: {allow: [Apache-2.0, BSD-3-Clause, MIT]} to registry.yaml, in a change of its own",
            )
            continue
        requirements, packages = subject.inspection.of(Requirements), subject.inspection.of(PackageLicenses)
        found = [
            *_model(subject, allowed),
            *_unpinned(subject, requirements),
            *_packages(subject, requirements, packages, allowed),
        ]
        yield from found
        if not found:
            yield subject.finding(RULE, Level.NOTE, _figures(packages))


def _model(subject: Subject, allowed: tuple[str, ...]) -> Iterator[Finding]:
    said = subject.manifest.tags.get("license", "") if subject.manifest else ""
    if said and not is_allowed(spdx_of(Licensed("", "", text=said)) or said, allowed):
        words = f"the model's own licence is {shown(said)}, which registry.yaml does not allow"
        yield subject.finding(RULE, Level.ERROR, words, "ask the owners of registry.yaml", _MODEL)


def _unpinned(subject: Subject, requirements: Requirements) -> Iterator[Finding]:
    for place, words, about in unknowable(requirements):
        yield subject.finding(
            RULE,
            Level.ERROR,
            f"{place}: {shown(words)} is no pinned version, so its licence is not known",
            "pin it and register again",
            about=about,
        )


def _packages(
    subject: Subject, requirements: Requirements, packages: PackageLicenses, allowed: tuple[str, ...]
) -> Iterator[Finding]:
    known = {one.name: one for one in packages.packages}
    for name, version in requirements.pins:
        one = known.get(name)
        if one is not None and not is_pinned_version(version, one.version):
            one = None
        pin = f"{name}=={version}"
        spdx = spdx_of(one) if one else ""
        if spdx and is_allowed(spdx, allowed):
            continue
        if spdx:
            words = f"{pin} has the licence {shown(spdx)}, which registry.yaml does not allow"
            hint = "use another package, or ask the owners of registry.yaml"
        else:
            said = f"its metadata says {shown(one.said)}" if one and one.said else "its metadata says nothing"
            words = f"nobody here can tell the licence of {pin}: {said}"
            hint = "read its licence, then waive the finding in model.yaml with what you found"
        yield subject.finding(RULE, Level.ERROR, words, hint, about=pin)


def _figures(packages: PackageLicenses) -> str:
    if not packages.packages:
        return "it has no requirements, so there is no licence to judge"
    counts = Counter(spdx_of(one) for one in packages.packages)
    kinds = ", ".join(f"{shown(spdx)[1:-1]} ({count})" for spdx, count in counts.most_common())
    return f"{len(packages.packages)} requirements have allowed licences: {kinds}"


CHECK = Check(
    RULE,
    "Every pinned requirement, and the model itself where it says, has a licence that registry.yaml allows.",
    check,
    "somelib==2.1 has the licence 'GPL-3.0-only', which registry.yaml does not allow",
    named=True,
    needs=(Requirements, PackageLicenses),
    reach=Reach.RUN,
    waivable=True,
)
