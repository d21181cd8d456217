"""Findings as SARIF 2.1.0, for code scanning and editors.

Messages are plain text: SARIF reads `[text](target)` and `{0}` in a message as a link and a placeholder, so brackets
and braces of foreign text are written as round ones.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from urllib.parse import quote

from modelmark.domain.findings import Level
from modelmark.render.text import clean

if TYPE_CHECKING:
    from modelmark.domain.evidence import Evidence
    from modelmark.domain.findings import Finding
    from modelmark.domain.json_values import Json

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "note"}
_INERT = str.maketrans("[]{}", "()()")
# Code scanning shows no result without a place; a finding about the whole change stands at the rules it breaks.
_WHOLE_CHANGE = "registry.yaml"


def evidence_sarif(evidence: Evidence) -> Json:
    """One run: a rule for each check that ran, a result for each finding."""
    rules = list(evidence.rules)
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "Modelmark",
                        "rules": [_rule(rule, about) for rule, about in evidence.rules.items()],
                    }
                },
                "invocations": [{"executionSuccessful": bool(rules)}],
                "columnKind": "unicodeCodePoints",
                "results": [_result(one, rules) for one in evidence.verdict.findings],
            }
        ],
    }


def _rule(rule: str, about: str) -> Json:
    return {"id": rule, "shortDescription": {"text": _message(about) or rule}}


def _result(found: Finding, rules: list[str]) -> Json:
    hint = f" What to do: {_message(found.hint)}" if found.hint else ""
    result: dict[str, Json] = {
        "ruleId": found.rule,
        "level": _LEVELS[found.level],
        "message": {"text": (_message(found.message) or found.rule) + hint},
        "locations": [{"physicalLocation": _place(found)}],
        "partialFingerprints": {"modelmark/v1": _fingerprint(found)},
    }
    if found.rule in rules:
        result["ruleIndex"] = rules.index(found.rule)
    return result


def _place(found: Finding) -> Json:
    place: dict[str, Json] = {"artifactLocation": {"uri": _uri(found.path or _WHOLE_CHANGE)}}
    if found.line:
        place["region"] = {"startLine": found.line}
    return place


def _uri(path: str) -> str:
    """A relative reference: no scheme, no host, no query, and nothing that climbs out of the repository."""
    parts = [part for part in clean(path).split("/") if part not in ("", ".", "..")]
    return quote("/".join(parts), safe="/") or _WHOLE_CHANGE


def _message(text: str) -> str:
    return clean(text, 1000).translate(_INERT)


def _fingerprint(found: Finding) -> str:
    """What makes two findings the same one: the rule, the file and what it is about, but not its line."""
    text = "\0".join((found.rule, found.path, found.about or found.message))
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]
