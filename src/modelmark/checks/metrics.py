"""The measured numbers of a version meet every criterion of the alias's gate, the policy's and the model's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.domain.checks import Check
from modelmark.domain.criteria import judge_criterion
from modelmark.domain.findings import Finding, Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modelmark.domain.change import Candidate

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
        current = None if subject.current is None else subject.current.metrics
        for rule in subject.rules.criteria:
            outcome = judge_criterion(rule, subject.manifest.metrics, current)
            level = Level.NOTE if outcome.passed else Level.ERROR
            words = f"{outcome.sentence} ({'passes' if outcome.passed else 'fails'} {subject.gate})"
            yield subject.finding(RULE, level, words)


CHECK = Check(
    RULE,
    "The measured numbers of a version meet every criterion of the alias's gate, the policy's and the model's own.",
    check,
    "worst slice: f1 [domain=travel] = 0.74, must be at least 0.8 (fails production)",
)
