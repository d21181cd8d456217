"""Values to render: one of each kind, and the same with hostile text wherever a repository may bring text."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from modelmark.domain.change import Subject
from modelmark.domain.compatibility import Change
from modelmark.domain.evaluations import Evaluation, EvaluationKind
from modelmark.domain.evidence import Evidence, Moved, dossier
from modelmark.domain.findings import Finding, Level, Verdict, judge
from modelmark.domain.history import Assignment, Origin
from modelmark.domain.inspection import Inspection
from modelmark.domain.manifest import Compression, Lineage, Manifest, ManifestFile
from modelmark.domain.metrics import Metric
from modelmark.domain.names import AliasName, ModelName
from modelmark.domain.plan import Decision, NewTag, Plan, Rejection
from modelmark.domain.policy import AnyOf, Criterion, Gate
from modelmark.domain.recommendation import Comparison, contend, recommend
from modelmark.domain.side_by_side import not_compared, side_by_side
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


# Everything that Markdown, GitHub, Mermaid or the log of a workflow would obey.
MARKUP = (
    " [a](https://e.example) ![b](https://e.example/i.png) https://e.example www.e.example ada@e.example @octocat acme/x#12 #12"
    " GH-12 0123456789abcdef0123456789abcdef01234567 deadbee <img src=x onerror=alert(1)> <!-- </details> </summary> & &#64;octocat"
    ' | x | `c` ``` ~~~ :tada: $x$ ~~s~~ ***b*** _i_ \\ [^1] [x] 1. - # %%{init: {}}%% "]; end --> {0} %0A::error::x'
    " ##[add-mask]x ::stop-commands::x"
    " \n## heading\n- item\n| --- |\n```\n::add-mask::x\n    code\n> quote\n"
)
RULES = Gate(
    (
        Criterion("f1", min=0.92),
        Criterion("f1", over="worst-slice", min=0.75),
        Criterion("f1", against="current", max_drop=0.005, bound="lower"),
        AnyOf(
            (
                Criterion("latency_p95_ms", where={"device": "cpu"}, max=60),
                Criterion("latency_p95_ms", where={"device": "gpu"}, max=20),
            )
        ),
    )
)


def measured(text: str = "", shift: float = 0.0) -> tuple[Metric, ...]:
    """What the hostile version measured, so that every column of every table has foreign text."""
    on = (f"reviews{text}", f"test{text}")
    return (
        Metric("f1", 0.91 + shift, *on, n=1000, ci95=(0.9 + shift, 0.92 + shift)),
        *(
            Metric("f1", value + shift, *on, slice={f"domain{text}": f"{name}{text}"}, ci95=(value, value))
            for name, value in (("books", 0.9), ("travel", 0.7))
        ),
        Metric("latency_p95_ms", 41, *on, where={"device": "cpu", f"batch{text}": f"1{text}"}),
        Metric(f"recall{text}", 0.8 + shift, *on, slice={f"domain{text}": f"books{text}"}),
        Metric(f"loss{text}", 0.3 - shift, *on),
    )


def two(text: str = "") -> tuple[Manifest, Manifest]:
    """A candidate, and what is live now."""
    new = replace(manifest(text), metrics=measured(text))
    old = replace(
        manifest(),
        version=V1,
        metrics=measured(text, 0.03),
        files=(ManifestFile(f"gone.txt{text}", "2" * 64, 5, f"other{text}"), *manifest().files),
        signature={"inputs": ["other"]},
        lineage=Lineage(hyperparameters={f"depth{text}": 3}, environment={f"os{text}": f"linux{text}"}),
    )
    return new, old


def evidence(text: str = "") -> Evidence:
    """A page with a promotion, a registration and one of everything else."""
    new, old = two(text)
    past = tuple(
        replace(old, version=Version((number,)), metrics=measured(text, number / 100)) for number in (3, 4)
    )
    again = Evaluation(NOON, f"Ada{text}", EvaluationKind.DRIFT, (Metric("f1", 0.905),), f"spring{text}")
    path = f"models/{M}/aliases.yaml{text}"
    asked = Subject(M, V2, "production", RULES, new, old, Inspection(), path, 2, PROD, (again,))
    made = Subject(
        M,
        Version((5,)),
        "registration",
        Gate(),
        replace(new, version=Version((5,))),
        None,
        Inspection(),
        path,
    )
    unreadable = replace(made, version=Version((6,)), manifest=None)
    promoted = dossier(asked, past)
    words = (
        Change(f"outputs.score{text}", f"a client that reads score finds none now{text}", True, "removed"),
        Change(f"inputs.lang{text}", f"lang is new and optional{text}", False, "added"),
    )
    return Evidence(
        OID,
        OID[::-1],
        3,
        Verdict((*verdict(text).rules, "scan"), (*verdict(text).findings, *_noted(text))),
        {
            "flow": f"The order of the policy{text}.",
            "metrics": "Every criterion.",
            "scan": "No bytes that run.",
        },
        ("bundled-tests",),
        (
            Moved(M, PROD, V1, V2, 2, f"short texts{text}", f"Ada{text} <ada@example.org>", False, True),
            Moved(M, AliasName("prev_prod"), None, V1, 1, f"moved on{text}", f"Ada{text}", True, False),
        ),
        (dossier(made, ()), replace(promoted, signature=words), dossier(unreadable, ())),
    )


def _noted(text: str) -> tuple[Finding, ...]:
    message = f"12 files, none of which can run code; modelmark show tells more{text}"
    return (
        Finding("scan", Level.NOTE, message, f"models/{M}/2/manifest.yaml{text}", hint=f"git fetch{text}"),
    )


def comparison(text: str = "") -> Comparison:
    """Three versions, judged for an alias."""
    new, old = two(text)
    other = replace(old, version=Version((3,)), metrics=(*measured(text, 0.04), Metric("f1", 0.9, "other")))
    lines = side_by_side(RULES.criteria, [old.metrics, new.metrics, other.metrics])
    judged = [contend(RULES, "production", one, old, archived=one is other) for one in (new, other)]
    chosen = recommend(RULES, judged, [new, other], old)
    subject = Subject(M, V2, "production", RULES, new, old, Inspection(), "")
    return Comparison(
        M,
        PROD,
        "production",
        V1,
        (V1, V2, Version((3,))),
        lines,
        not_compared(lines),
        tuple(judged),
        (dossier(subject, ()),),
        chosen.version,
        f"{chosen.why}{text}",
    )
