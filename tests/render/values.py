"""Values to render: one of each kind, and the same with hostile text wherever a repository may bring text."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from modelmark.domain.findings import Finding, Level, Verdict, judge
from modelmark.domain.history import Assignment, Origin
from modelmark.domain.manifest import Compression, Lineage, Manifest, ManifestFile
from modelmark.domain.metrics import Metric
from modelmark.domain.names import AliasName, ModelName
from modelmark.domain.plan import Decision, NewTag, Plan, Rejection
from modelmark.domain.tags import AssignmentTag, Message, Person, VersionTag
from modelmark.domain.versions import Version

NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
M, PROD = ModelName("nlp-sentiment"), AliasName("prod")
V1, V2 = Version((1,)), Version((2,))
OID = "0123456789abcdef0123456789abcdef01234567"
HOSTILE = "\x1b[31mA\x9b2J\nB\r\u202eC\u200b\ufeff\x00\ud800" + "D" * 5000


def verdict(text: str = "") -> Verdict:
    path = f"models/{M}/aliases.yaml{text}"
    return judge(
        ("flow", "metrics"),
        [
            Finding("metrics", Level.NOTE, f"f1 = 0.95, at least 0.9 (passes production){text}", path, 2),
            Finding(
                "flow", Level.ERROR, f"{M}@2 has never held canary{text}", path, 2, f"modelmark promote{text}"
            ),
            Finding("frozen", Level.WARNING, f"something is odd{text}"),
        ],
    )


def plan(text: str = "") -> Plan:
    person = Person(f"Ada{text}", f"ada@example.org{text}", NOON)
    message = Message(f"{M} prod means 2{text}", f"short texts{text}", {"Version": f"2{text}"})
    made = (
        NewTag(AssignmentTag(M, PROD, 2), OID, person, message),
        NewTag(VersionTag(M, V2), OID, person, Message(f"{M} 2 is registered{text}", "", {})),
    )
    rejected = Rejection(
        OID, f"Merge promote/m-prod-3{text}", (f"aliases.yaml:2: too early{text}", f"second{text}")
    )
    return Plan((Decision(OID, NOON, made),), (rejected,))


def assignments(text: str = "") -> tuple[Assignment, ...]:
    who = {
        "Requested-By": f"Ada{text} <ada@example.org>",
        "Approved-By": f"Bob <b@example.org>, Cyd{text} <c@example.org>",
    }
    first = Assignment(
        AssignmentTag(M, PROD, 1),
        OID,
        OID,
        V1,
        None,
        Origin.REVIEWED,
        f"Bob{text} <b@x>",
        NOON,
        f"first{text}",
        who,
    )
    later = NOON + timedelta(days=1)
    back = replace(
        first, tag=AssignmentTag(M, PROD, 2), origin=Origin.ROLLBACK, previous=V1, at=later, trailers={}
    )
    gone = replace(
        back, tag=AssignmentTag(M, PROD, 3), version=None, previous=V2, at=later, reason=f"sunset{text}"
    )
    return (gone, back, first)


def manifest(text: str = "") -> Manifest:
    return Manifest(
        M,
        V2,
        NOON,
        (
            ManifestFile(f"model.safetensors{text}", "0" * 64, 1_234_567, "weights"),
            ManifestFile("tokenizer/vocab.txt", "1" * 64, 12, f"vocabulary{text}"),
        ),
        {"inputs": [f"text{text}"]},
        Lineage(OID, True, f"d41d8{text}", hyperparameters={f"lr{text}": 0.1}, duration_seconds=12.5),
        (
            Metric("f1", 0.81, slice={f"domain{text}": f"books{text}"}, n=200),
            Metric(f"f1{text}", 0.91234, f"reviews{text}", "test", n=1000, ci95=(0.9, 0.92)),
            Metric("latency_p95_ms", 41, where={"device": f"cpu{text}"}),
        ),
        {f"language{text}": f"en{text}"},
        {"general": f"short texts only{text}", "pii": f"none{text}"},
        Compression(f"quantised{text}", V1),
    )


def facts(text: str = "") -> dict[str, str]:
    return {"aliases": f"prod{text}", "held before": "", "registered": f"2026-01-02 12:00 by Ada{text}"}
