"""The gate: one check, one file; a candidate in, findings out.

A check is a module with a `CHECK`. It sees nothing but the candidate, executes nothing of it, and reports everything
it finds. The list is the order in which a reviewer wants to read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.checks import (
    archiving,
    assignment,
    bundled_tests,
    card,
    collected,
    contents,
    contract,
    dependencies,
    environment,
    evaluations,
    flow,
    freshness,
    frozen,
    labels,
    licenses,
    lineage,
    metrics,
    places,
    policy_change,
    required_artifacts,
    scan,
    signature,
    signature_compatible,
    tokenizer,
    version,
)

if TYPE_CHECKING:
    from modelmark.domain.checks import Check

ALL: dict[str, Check] = {
    module.CHECK.rule: module.CHECK
    for module in (
        places,
        policy_change,
        card,
        frozen,
        version,
        contents,
        collected,
        required_artifacts,
        signature,
        signature_compatible,
        assignment,
        flow,
        metrics,
        evaluations,
        freshness,
        scan,
        tokenizer,
        labels,
        environment,
        dependencies,
        licenses,
        lineage,
        bundled_tests,
        contract,
        archiving,
    )
}
