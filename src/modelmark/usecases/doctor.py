"""Look at a clone or a registry from end to end: many small probes of one shape, of which none keeps the next from being asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelmark.domain.diagnosis import Diagnosis, Probed
from modelmark.domain.findings import Finding, Level
from modelmark.errors import InvalidInput, ModelmarkError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


@dataclass(frozen=True)
class Probe:
    """One question.

    Attributes:
        about: what holds where nothing is off, in a sentence.
        look: yields what is off; an error that it raises is one more.
        after: the probes that must hold before this one means anything.
    """

    name: str
    about: str
    look: Callable[[], Iterable[Finding]]
    after: tuple[str, ...] = ()


def doctor(probes: Iterable[Probe]) -> Diagnosis:
    """Ask all probes in their order; the next is taken only when the one before has been asked."""
    done: list[Probed] = []
    for probe in probes:
        failed = {one.name for one in done if one.failed}
        waits_for = next((name for name in probe.after if name in failed), "")
        findings = () if waits_for else tuple(_asked(probe))
        done.append(Probed(probe.name, probe.about, findings, waits_for))
    return Diagnosis(tuple(done))


def _asked(probe: Probe) -> Iterable[Finding]:
    try:
        yield from probe.look()
    except ModelmarkError as error:
        yield _of_error(probe.name, error)


def _of_error(name: str, error: ModelmarkError) -> Finding:
    path, line = (error.path, error.line) if isinstance(error, InvalidInput) else ("", 0)
    return Finding(name, Level.ERROR, error.message, path, line, error.hint)
