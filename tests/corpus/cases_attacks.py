"""Changes that loosen a rule and promote in one go: every file that judges, by every route to it.

Each is the good promotion of version 2 to prod, and something more. It must not pass, whatever else is said of it.
"""

from __future__ import annotations

from modelmark.domain.evaluations import Evaluation, EvaluationKind
from modelmark.domain.layout import evaluation_path
from modelmark.domain.metrics import normalise_metrics
from tests.corpus.cases import Bad, Make, beside
from tests.corpus.parts import metrics
from tests.corpus.scene import CONFIG, POLICY, REVIEWS, Scene, Submodule
from tests.support.desk import PROD, Files, v
from tests.support.fakes import Link

LOOSE = POLICY.replace("{metric: f1, min: 0.9}", "{metric: f1, min: 0.1}").replace(
    "approvals: 2", "approvals: 0"
)
_CARD = "models/reviews/model.yaml"
_WAIVED = b"profile: text-classifier\nwaivers: [{check: scan, about: x, reason: y, owner: z, expires: 2030-01-01}]\n"
_ANY = ""  # nobody says where the finding of an attack must stand


def _attack(name: str, rule: str, says: str, files: Files) -> Bad:
    return Bad(name, rule, says, beside(files), _ANY)


def _moved(old: str, new: str) -> Make:
    """A file of the registry under another name."""

    def make(scene: Scene) -> str:
        return scene.beside(scene.ask("2", PROD), {old: None, new: scene.file(old).encode()})

    return make


def _measured(number: str, f1: float) -> Make:
    """Later figures of a version, which the promotion would be judged by."""

    def make(scene: Scene) -> str:
        figures = normalise_metrics(metrics(f1=f1))
        made = Evaluation(scene.at[0], "Eve <eve@example.org>", EvaluationKind.EVALUATION, figures)
        data = scene.workspace.documents.write_evaluation(made)
        return scene.beside(scene.ask("2", PROD), {evaluation_path(REVIEWS, v(number), made.name): data})

    return make


_GO = "in one go"
_POLICY = (
    _attack("a looser policy", "policy-change", _GO, {"registry.yaml": LOOSE.encode()}),
    _attack("no policy", "frozen", "forgets nothing", {"registry.yaml": None}),
    Bad("a policy that is renamed", "policy-change", _GO, _moved("registry.yaml", "registry.yml"), _ANY),
    _attack(
        "a twin of the policy in capitals",
        "places",
        "take it for registry.yaml",
        {"Registry.yaml": LOOSE.encode()},
    ),
    _attack(
        "a twin of the policy in wide letters", "places", "take it for", {"ｒegistry.yaml": LOOSE.encode()}
    ),
    _attack("a policy that is a link", "policy-change", _GO, {"registry.yaml": Link(b"../elsewhere.yaml")}),
    _attack("a policy that is a submodule", "policy-change", _GO, {"registry.yaml": Submodule(b"")}),
    _attack(
        "a policy with a merge key",
        "readable",
        r"merge key|\*loose repeats",
        {
            "registry.yaml": POLICY.replace(
                "  production:\n", "  production:\n    <<: {criteria: []}\n"
            ).encode()
        },
    ),
    _attack(
        "a policy that says a gate twice",
        "readable",
        "there twice",
        {"registry.yaml": (POLICY + "gates: {staging: {}, production: {}}\n").encode()},
    ),
    _attack(
        "another storage",
        "policy-change",
        "not one that registry.yaml on main allows",
        {".dvc/config": CONFIG.replace("memory:storage", "s3://elsewhere").encode()},
    ),
    _attack(
        "a storage of one's own",
        "places",
        "would replace the storage",
        {".dvc/config.local": CONFIG.encode()},
    ),
)
_OWNERS = (
    _attack("other owners", "policy-change", _GO, {".github/CODEOWNERS": b"* @eve\n"}),
    _attack("no owners", "policy-change", _GO, {".github/CODEOWNERS": None}),
    _attack("owners in the root", "policy-change", _GO, {"CODEOWNERS": b"* @eve\n"}),
    _attack("owners among the docs", "policy-change", _GO, {"docs/CODEOWNERS": b"* @eve\n"}),
    _attack("owners in lower case", "places", "take it for", {"codeowners": b"* @eve\n"}),
    _attack("owners that are a link", "policy-change", _GO, {".github/CODEOWNERS": Link(b"../mine")}),
    Bad("owners that are renamed", "policy-change", _GO, _moved(".github/CODEOWNERS", "OWNERS"), _ANY),
    _attack("owners in another forge's folder", "policy-change", _GO, {".gitlab/CODEOWNERS": b"* @eve\n"}),
)
_WORKFLOWS = (
    _attack(
        "another workflow", "policy-change", _GO, {".github/workflows/registry-check.yml": b"on: push\n"}
    ),
    _attack("no workflow", "policy-change", _GO, {".github/workflows/registry-check.yml": None}),
    _attack("one workflow more", "policy-change", _GO, {".github/workflows/other.yml": b"on: push\n"}),
    _attack(
        "an action of one's own", "policy-change", _GO, {".github/actions/check/action.yml": b"runs: {}\n"}
    ),
    _attack(
        "workflows in a twin folder",
        "places",
        "take it for .github",
        {".GitHub/workflows/x.yml": b"on: push\n"},
    ),
    _attack("workflows that are a link", "policy-change", _GO, {".github": Link(b"mine")}),
    Bad(
        "a workflow that is renamed",
        "policy-change",
        _GO,
        _moved(".github/workflows/registry-check.yml", ".github/workflows/registry-check.yml.off"),
        _ANY,
    ),
    _attack("other code that judges", "policy-change", _GO, {".github/requirements.txt": b"modelmark==0\n"}),
    _attack("how Git treats files", "policy-change", _GO, {".gitattributes": b"*.yaml filter=mine\n"}),
    _attack("repositories in the repository", "policy-change", _GO, {".gitmodules": b'[submodule "x"]\n'}),
    _attack(
        "advisories without the bad one",
        "policy-change",
        _GO,
        {"advisories.yaml": b"checked_at: 2026-01-04\nadvisories: []\n"},
    ),
)
_CARDS = (
    _attack(
        "a waiver for it", "policy-change", "touches the card of reviews and its aliases", {_CARD: _WAIVED}
    ),
    _attack("other owners of the model", "policy-change", _GO, {_CARD: b"profile: generic\nowners: [eve]\n"}),
    _attack(
        "a card with a merge key",
        "policy-change",
        _GO,
        {_CARD: b"profile: text-classifier\nchecks: {<<: {production: []}}\n"},
    ),
    _attack("no card", "frozen", "forgets nothing", {_CARD: None}),
    _attack("a card that is a link", "policy-change", _GO, {_CARD: Link(b"../../mine.yaml")}),
    _attack(
        "a twin of the card",
        "places",
        "models/reviews/Model.yaml|no file of that name|'Model.yaml'",
        {"models/reviews/Model.yaml": _WAIVED},
    ),
    _attack("a twin of the folder", "places", "take it for models", {"Models/reviews/model.yaml": _WAIVED}),
    _attack(
        "aliases that are a link",
        "places",
        "symbolic link",
        {"models/reviews/aliases.yaml": Link(b"../../mine")},
    ),
)
_FIGURES = tuple(
    Bad(
        name,
        "policy-change",
        "an evaluation of reviews and its aliases in one go",
        _measured(number, value),
        _ANY,
    )
    for name, number, value in (
        ("better figures for it", "2", 0.99),
        ("worse figures for what is live", "1", 0.2),
    )
)
CASES = (*_POLICY, *_OWNERS, *_WORKFLOWS, *_CARDS, *_FIGURES)
