"""The gate: one check, one file; a candidate in, findings out.

A check is a module with `RULE`, the name its findings carry, and `check`. It sees nothing but the candidate, executes
nothing of it, and reports everything it finds. The list is the order in which a reviewer wants to read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from modelmark.checks import (
    archiving,
    assignment,
    contents,
    flow,
    frozen,
    metrics,
    places,
    policy_change,
    required_artifacts,
    version,
)
from modelmark.domain.change import Candidate
from modelmark.domain.findings import Finding

Check = Callable[[Candidate], Iterator[Finding]]

ALL: dict[str, Check] = {
    module.RULE: module.check
    for module in (
        places,
        policy_change,
        frozen,
        version,
        contents,
        required_artifacts,
        assignment,
        flow,
        metrics,
        archiving,
    )
}
