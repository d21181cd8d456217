"""A look at a whole registry, for a terminal: a line for what is well, two for what is off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.domain.findings import Level
from modelmark.render.terminal import finding
from modelmark.render.text import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modelmark.domain.diagnosis import Diagnosis, Probed


def diagnosis(found: Diagnosis) -> str:
    """All probes, in their order."""
    return "\n".join(line for probe in found.probes for line in _lines(probe))


def _lines(probe: Probed) -> Iterator[str]:
    if probe.waits_for:
        yield f"- {probe.name}: not asked, because of {probe.waits_for}"
    elif not probe.findings:
        yield f"✓ {probe.name}: {probe.about}"
    for one in sorted(probe.findings, key=lambda one: list(Level).index(one.level)):
        yield finding(one)


def headline(found: Diagnosis) -> str:
    """What it came to, in a sentence."""
    errors, warnings = (plural(found.count(level), str(level)) for level in (Level.ERROR, Level.WARNING))
    return f"{plural(len(found.probes), 'probe')}: {errors}, {warnings}"
