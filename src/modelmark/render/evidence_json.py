"""The JSON of `check` and `compare`: a stable shape, published in src/modelmark/schemas and held by a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.render.data import to_json

if TYPE_CHECKING:
    from modelmark.domain.evidence import Evidence
    from modelmark.domain.json_values import Json


def evidence_json(evidence: Evidence) -> Json:
    """Everything that is known of a change: the verdict, each finding, what ran, what moves, and all evidence."""
    return to_json(
        {
            "passed": evidence.verdict.passed,
            "base": evidence.base,
            "head": evidence.head,
            "files": evidence.files,
            "rules": evidence.verdict.rules,
            "asks": evidence.rules,
            "left_out": evidence.left_out,
            "findings": evidence.verdict.findings,
            "moves": evidence.moves,
            "subjects": evidence.subjects,
        }
    )
