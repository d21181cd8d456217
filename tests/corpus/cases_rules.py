"""Bad changes of what belongs together: manifest and bytes, evaluations and versions, the rules and their storage."""

from __future__ import annotations

from datetime import UTC, datetime

from modelmark.domain.evaluations import Evaluation, EvaluationKind
from modelmark.domain.layout import evaluation_path
from modelmark.domain.metrics import Metric
from tests.corpus.cases import Bad, Make, change
from tests.corpus.cases_changes import rewritten, spoilt
from tests.corpus.scene import CONFIG, POLICY, REVIEWS, Scene
from tests.support.desk import v

_CARD = r"  - \{path: README.md,[^}]*\}\n"
_FAR = datetime(2999, 1, 1, tzinfo=UTC)
_BEFORE = datetime(2026, 1, 3, tzinfo=UTC)

CONTENTS = (
    Bad(
        "a file without a checksum",
        "readable",
        "sha256",
        rewritten("manifest.yaml", (", sha256: [0-9a-f]{64}", "")),
    ),
    Bad(
        "a checksum of another file",
        "scan",
        "in the storage is not the file that the manifest lists",
        rewritten("manifest.yaml", ("sha256: [0-9a-f]{8}", "sha256: 00000000")),
        also=("environment", "labels", "tokenizer"),
    ),
    Bad(
        "a file that the manifest leaves out",
        "contents",
        "README.md is in the DVC listing and not",
        rewritten("manifest.yaml", (_CARD, "")),
    ),
    Bad(
        "a file that only the manifest has",
        "contents",
        "classes.json is in the manifest and not in the DVC listing",
        rewritten("manifest.yaml", ("path: labels.json", "path: classes.json")),
    ),
    Bad(
        "a pointer of fewer files",
        "contents",
        "artifacts.dvc says 9",
        rewritten("artifacts.dvc", ("nfiles: 15", "nfiles: 9")),
    ),
    Bad(
        "a pointer of fewer bytes",
        "contents",
        "artifacts.dvc says 7",
        rewritten("artifacts.dvc", (r"size: \d+", "size: 7")),
    ),
    Bad(
        "a pointer that is no pointer",
        "readable",
        "deps",
        rewritten("artifacts.dvc", ("(?s)outs:.*", "deps: []\n")),
    ),
    Bad(
        "a pointer that imports",
        "readable",
        "cmd",
        rewritten("artifacts.dvc", ("outs:", "cmd: curl evil\nouts:")),
    ),
    Bad(
        "a manifest in which a number is none",
        "readable",
        "value",
        rewritten("manifest.yaml", ("value: 0.93", "value: .nan")),
    ),
    Bad(
        "a path that leaves the version",
        "readable",
        r"\.\./labels\.json",
        rewritten("manifest.yaml", ("path: labels.json", "path: ../labels.json")),
    ),
)

_NOT = "is not what {} says, .* is {} in the manifest, and {} in the file"
COLLECTED = tuple(
    Bad(name, "collected", _NOT.format(*says), rewritten("manifest.yaml", edit))
    for name, says, edit in (
        ("a metric that was edited", ("metrics.json", "0.99", "0.93"), ("value: 0.93", "value: 0.99")),
        (
            "a metric that was left out",
            ("metrics.json", "0.93", "0.86"),
            (r"  - \{[^\n]*travel\}\}\n", ""),
        ),
        (
            "a signature that was edited",
            ("signature.json", "'string>=1<=9000'", "'string>=1<=2000'"),
            ("<=2000", "<=9000"),
        ),
        (
            "a data version that was edited",
            ("data_version.txt", "'sha256:9f(9e){31}'", "'sha256:9e(9e){31}'"),
            ("sha256:9e", "sha256:9f"),
        ),
        (
            "a commit that was edited",
            ("train_args.json", "'4f.*'", "'3f.*'"),
            ("git_commit: 3f", "git_commit: 4f"),
        ),
        ("a training argument that was edited", ("train_args.json", "30", "3"), ("epochs: 3", "epochs: 30")),
    )
)


def _other_model(scene: Scene, branch: str) -> None:
    """The good version moves to a model of its own, which nobody has described."""
    tip = scene.refs[f"refs/heads/{branch}"]
    files: dict[str, bytes | None] = {}
    for name in ("manifest.yaml", "artifacts.dvc"):
        files[f"models/reviews/4/{name}"] = None
        text = scene.file(f"models/reviews/4/{name}", tip).replace("model: reviews", "model: other")
        files[f"models/other/4/{name}"] = text.encode()
    scene.commit(files, branch=branch)


VERSIONS = (
    Bad(
        "a model without a card",
        "version",
        "other has no card",
        spoilt(_other_model),
        "models/other/",
    ),
)


def _evaluation(version: str, at: datetime) -> Make:
    def make(scene: Scene) -> str:
        made = Evaluation(at, "Ada <ada@example.org>", EvaluationKind.EVALUATION, (Metric("f1", 0.99),))
        data = scene.workspace.documents.write_evaluation(made)
        return scene.change({evaluation_path(REVIEWS, v(version), made.name): data})

    return make


def _rewritten_evaluation(scene: Scene) -> str:
    made = Evaluation(_BEFORE, "Ada <ada@example.org>", EvaluationKind.EVALUATION, (Metric("f1", 0.5),))
    data, path = scene.workspace.documents.write_evaluation(made), evaluation_path(REVIEWS, v("2"), made.name)
    scene.commit({path: data})
    return scene.change({path: data.replace(b"by: Ada", b"by: Eve")})


EVALUATIONS = (
    Bad("an evaluation of nothing", "evaluations", "reviews@9 is not on main", _evaluation("9", _BEFORE)),
    Bad(
        "an evaluation of tomorrow", "evaluations", "still to come: it would outrank", _evaluation("2", _FAR)
    ),
    Bad(
        "an evaluation that is rewritten",
        "frozen",
        "is on main already and is changed",
        _rewritten_evaluation,
    ),
    Bad(
        "an evaluation under a name of its own",
        "places",
        "no file of that name",
        change({"models/reviews/2/evaluations/newest.yaml": b"x"}),
    ),
)
RULES = (
    Bad(
        "another id of the registry",
        "policy-change",
        "the registry's id never changes",
        change({"registry.yaml": POLICY.replace("6f0c", "ffff").encode()}),
        "registry.yaml",
    ),
    Bad(
        "another storage",
        "policy-change",
        "the DVC remote store is not one that registry.yaml on main allows",
        change({".dvc/config": CONFIG.replace("memory:storage", "s3://evil").encode()}),
        ".dvc/config",
    ),
    Bad(
        "a card for a gate that is mistyped",
        "card",
        "registry.yaml on main has no gate of that name",
        change({"models/reviews/model.yaml": b"criteria:\n  prodution: [{metric: f1, min: 0.99}]\n"}),
        "models/reviews/model.yaml",
    ),
    Bad(
        "another endpoint of the storage",
        "policy-change",
        "endpointurl may not be set for everybody",
        change({".dvc/config": f"{CONFIG}    endpointurl = http://evil.example.org\n".encode()}),
        ".dvc/config",
    ),
    Bad(
        "a gate that is none",
        "readable",
        "there is no gate 'produktion'",
        change({"registry.yaml": POLICY.replace("gate: production", "gate: produktion").encode()}),
        "registry.yaml",
    ),
    Bad(
        "a check that is none",
        "readable",
        "skan",
        change({"registry.yaml": POLICY.replace("scan, lineage", "skan, lineage").encode()}),
        "registry.yaml",
    ),
    Bad(
        "a waiver for ever",
        "readable",
        "expires",
        change({"models/reviews/model.yaml": b"waivers: [{check: scan, about: x, reason: y, owner: z}]\n"}),
    ),
)
CASES = (*CONTENTS, *COLLECTED, *VERSIONS, *EVALUATIONS, *RULES)
