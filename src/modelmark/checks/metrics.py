"""The measured numbers of a version meet every criterion of the alias's gate, the policy's and the model's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.domain.checks import Check
from modelmark.domain.criteria import Outcome, judge_criterion
from modelmark.domain.evaluations import Figure, newest, yardstick
from modelmark.domain.findings import Finding, Level

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from modelmark.domain.change import Candidate, Subject
    from modelmark.domain.metrics import Metric

RULE = "metrics"


def check(candidate: Candidate) -> Iterator[Finding]:
    """Judge each version by its gate; what passed is a note with its figures."""
    for subject in candidate.subjects:
        name = f"{subject.model}@{subject.version}"
        if subject.manifest is None:
            if subject.alias is not None:
                yield subject.finding(RULE, Level.ERROR, f"{name} has no readable manifest to judge")
            continue
        if subject.alias is not None and not subject.rules.criteria:
            yield subject.finding(
                RULE,
                Level.ERROR,
                f"the gate {subject.gate} has no criterion, so nothing was judged and nothing passes",
            )
        figures = newest(subject.manifest.metrics, subject.evaluations)
        metrics = [one.metric for one in figures]
        current = _current(subject)
        for rule in subject.rules.criteria:
            outcome = judge_criterion(rule, metrics, current)
            level = Level.NOTE if outcome.passed else Level.ERROR
            said = f"{'passes' if outcome.passed else 'fails'} {subject.gate}{_source(outcome, figures)}"
            hint = "" if outcome.passed else _hint(subject, outcome)
            yield subject.finding(RULE, level, f"{outcome.sentence} ({said})", hint)


def _current(subject: Subject) -> list[Metric] | None:
    """The figures of what the alias means now."""
    if subject.current is None:
        return None
    return [one.metric for one in yardstick(subject.current.metrics, subject.current_evaluations)]


def _hint(subject: Subject, outcome: Outcome) -> str:
    """What was not measured can be measured still; what was measured stays, and so does the limit until people change it."""
    name = f"{subject.model}@{subject.version}"
    if outcome.absent:
        return f"append what is not measured yet: modelmark evaluate {name} --metrics FILE"
    look = f"; to see more: modelmark compare {name} --for {subject.alias}" if subject.alias else ""
    return f"promote a better version, or change the limit in a review of its own (registry.yaml, model.yaml){look}"


def _source(outcome: Outcome, figures: Sequence[Figure]) -> str:
    """Which evaluation a figure comes from; nothing where it stands in the manifest."""
    found = next((one.source for one in figures if one.metric is outcome.record), None)
    return f", by the {found.kind} {found.name}" if found else ""


CHECK = Check(
    RULE,
    "The measured numbers of a version meet every criterion of the alias's gate, the policy's and the model's own.",
    check,
    "worst slice: f1 [domain=travel] = 0.74, must be at least 0.8 (fails production)",
)
