"""What a manifest says of signature, metrics and lineage is what the files of its version say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.domain.checks import Check
from modelmark.domain.collected import Collected, claims
from modelmark.domain.findings import Level
from modelmark.domain.inspection import Reach
from modelmark.domain.names import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modelmark.domain.change import Candidate
    from modelmark.domain.findings import Finding

RULE = "collected"
_AGAIN = "register the directory again and leave its manifest as it is; figures that are wrong are mended in the file"


def check(candidate: Candidate) -> Iterator[Finding]:
    """Judge each version that the change adds; a part that no file speaks of comes from elsewhere, and may."""
    for subject in candidate.asked(RULE):
        assert subject.manifest is not None
        facts = subject.inspection.of(Collected)
        wrong = tuple(claims(subject.manifest, facts))
        for claim in wrong:
            yield subject.finding(
                RULE,
                Level.ERROR,
                f"{claim.part} is not what {claim.file} says, so the gate would judge what no training wrote: "
                f"{shown(claim.at, 120)} is {claim.said} in the manifest, and {claim.found} in the file",
                _AGAIN,
            )
        if facts.sources and not wrong:
            files = ", ".join(dict.fromkeys(facts.sources.values()))
            yield subject.finding(RULE, Level.NOTE, f"the manifest says what its files say: {files}")


CHECK = Check(
    RULE,
    "What a manifest says of signature, metrics and lineage is what its files say.",
    check,
    "metrics is not what metrics.json says, so the gate would judge what no training wrote: "
    "'metrics[0].value' is 0.99 in the manifest, and 0.74 in the file",
    needs=(Collected,),
    reach=Reach.READ,
)
