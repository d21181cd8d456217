"""Bad promotions: measured too badly, too early, or not what clients rely on; and assignments that are no next step."""

from __future__ import annotations

from typing import Any

from modelmark.adapters.releases import Directories
from modelmark.domain.references import ByVersion
from modelmark.usecases.archive import archive
from modelmark.usecases.evaluate import Measurement, evaluate
from tests.corpus.bundles import text_classifier
from tests.corpus.cases import Bad, Make, change, promotion
from tests.corpus.edits import putting, saying, without
from tests.corpus.parts import SIGNATURE, as_json, metrics
from tests.corpus.scene import CANARY, REVIEWS, Scene
from tests.support.desk import PROD, STAGING, v

_MODEL = "models/reviews"
_ALIASES = f"{_MODEL}/aliases.yaml"
_INPUTS, _OUTPUTS = SIGNATURE["inputs"], SIGNATURE["outputs"]


def _measured(records: Any) -> Make:
    return promotion(putting({"metrics.json": as_json(records)}))


def _but(name: str, **other: Any) -> list[dict[str, Any]]:
    """The good figures, one of them otherwise; without a value it is left out."""
    return [{**one, **other} for one in metrics() if one["name"] != name or other]


METRICS = (
    Bad("too low overall", "metrics", "f1 = 0.85, must be at least 0.9", _measured(metrics(f1=0.85))),
    Bad(
        "too low on a slice",
        "metrics",
        r"worst slice: f1 \[domain=travel\] = 0.7",
        _measured(metrics(worst=0.7)),
    ),
    Bad("too slow", "metrics", r"latency_p95_ms \[device=cpu\] = 75", _measured(metrics(p95=75))),
    Bad(
        "no slices",
        "metrics",
        "worst slice",
        _measured([one for one in metrics() if "slice" not in one]),
    ),
    Bad(
        "worse than what is live",
        "metrics",
        "must be at least 0.93 - 0.01 = 0.92",
        _measured(metrics(f1=0.921)),
    ),
    Bad(
        "no interval to tell by",
        "metrics",
        "f1",
        _measured([{key: value for key, value in one.items() if key != "ci95"} for one in metrics()]),
    ),
    Bad(
        "measured on other data than what is live",
        "metrics",
        "measured on .reviews test., and this one was measured on .easy-reviews test.",
        _measured([{**one, "dataset": "easy-reviews"} if "dataset" in one else one for one in metrics()]),
    ),
    Bad(
        "measured on a kind of machine that nobody asked for",
        "metrics",
        "latency_p95_ms",
        _measured([{**one, "where": {"device": "tpu"}} if "where" in one else one for one in metrics()]),
    ),
)


def _signed(**values: Any) -> Make:
    return promotion(saying("signature.json", examples=None, **values), to=STAGING)


def _unprofiled(scene: Scene) -> str:
    """A model whose profile asks for no signature."""
    scene.commit({f"{_MODEL}/model.yaml": b"profile: generic\n"})
    return promotion(without("signature.json"), to=STAGING)(scene)


CLIENTS = (
    Bad(
        "an input that became required",
        "signature-compatible",
        "inputs.lang: a client that sends no lang",
        _signed(inputs={**_INPUTS, "lang": "string"}),
    ),
    Bad(
        "an input that is gone",
        "signature-compatible",
        "inputs.top",
        _signed(inputs={"text": "string>=1<=2000"}),
    ),
    Bad(
        "an input that became narrower",
        "signature-compatible",
        "inputs.text",
        _signed(inputs={**_INPUTS, "text": "string>=1<=256"}),
    ),
    Bad(
        "an input of another type",
        "signature-compatible",
        "inputs.text",
        _signed(inputs={**_INPUTS, "text": "string[]"}),
    ),
    Bad(
        "an output that is gone",
        "signature-compatible",
        "outputs.score",
        _signed(outputs={"label": _OUTPUTS["label"]}),
    ),
    Bad(
        "an output of another type",
        "signature-compatible",
        "outputs.score",
        _signed(outputs={**_OUTPUTS, "score": "string"}),
    ),
    Bad(
        "a label that no client knows",
        "signature-compatible",
        "outputs.label",
        _signed(outputs={**_OUTPUTS, "label": "negative|neutral|positive|mixed"}),
    ),
    Bad(
        "no signature any more",
        "signature-compatible",
        "reviews@4 has no signature, and reviews@2 has one",
        _unprofiled,
    ),
)


def _stale(scene: Scene) -> str:
    scene.wait(24 * 91)
    return scene.ask("2", PROD)


def evaluated(value: float, days: float = 0) -> Make:
    """Version 2 is measured again, and then asked for."""

    def make(scene: Scene) -> str:
        place = scene.folder / "metrics.json"
        place.write_bytes(as_json(metrics(f1=value)))
        made = Measurement(place)
        done = evaluate(scene.workspace, Directories(), ByVersion(REVIEWS, v("2")), made)
        assert done.submitted is not None
        scene.accept(done.submitted.branch)
        scene.wait(24 * days)
        return scene.ask("2", PROD)

    return make


FLOW = (
    Bad("an evaluation of long ago", "freshness", "92.0 days ago; production allows 90", _stale),
    Bad("a later evaluation of long ago", "freshness", "was last evaluated on", evaluated(0.93, days=91)),
    Bad("a later evaluation that is bad", "metrics", "f1 = 0.8, .*by the evaluation", evaluated(0.8)),
    Bad(
        "an hour too early",
        "flow",
        "has held canary for 23.0 hours, prod asks for 24",
        promotion(to=PROD, hours=23),
    ),
    Bad(
        "never in canary",
        "flow",
        "reviews@3 has never held canary, which comes before prod",
        lambda scene: scene.ask("3", PROD),
    ),
    Bad(
        "canary before staging",
        "flow",
        "reviews@3 has never held staging, which comes before canary",
        lambda scene: scene.ask("3", CANARY),
    ),
)


def _entry(alias: str, version: str, number: int) -> Make:
    """One entry more, or one otherwise, in aliases.yaml."""

    def make(scene: Scene) -> str:
        entry = f'{alias}:\n  version: "{version}"\n  assignment: {number}\n  reason: because\n'
        kept = [part for part in _entries(scene) if not part.startswith(f"{alias}:")]
        return scene.change({_ALIASES: "".join([*kept, entry]).encode()})

    return make


def _entries(scene: Scene) -> list[str]:
    parts: list[str] = []
    for line in scene.file(_ALIASES).splitlines(keepends=True):
        if line[0] in " }" and parts:
            parts[-1] += line
        else:
            parts.append(line)
    return parts


def _removed(scene: Scene) -> str:
    kept = [part for part in _entries(scene) if not part.startswith("prod:")]
    return scene.change({_ALIASES: "".join(kept).encode()})


def _archived(scene: Scene) -> str:
    scene.accept(archive(scene.workspace, ByVersion(REVIEWS, v("3")), "it was never good", None).branch)
    return _entry("staging", "3", 3)(scene)


def _untagged(scene: Scene) -> str:
    """A version that is merged, and that `apply` has not seen yet."""
    branch = scene.bring(text_classifier(4))
    scene.merge(branch)
    return _entry("staging", "4", 3)(scene)


def _at_once(scene: Scene) -> str:
    branch = scene.bring(text_classifier(4), "4")
    wanted = _entry("staging", "4", 3)(scene)
    return scene.beside(branch, {_ALIASES: scene.file(_ALIASES, scene.refs[f"refs/heads/{wanted}"]).encode()})


STEPS = (
    Bad("a version that is made and promoted in one go", "assignment", "reviews@4 is not on main", _at_once),
    Bad("a number too high", "assignment", "the next assignment of staging is 3", _entry("staging", "3", 5)),
    Bad("a number that is taken", "assignment", "assignment 2 of staging exists", _entry("staging", "3", 2)),
    Bad("an alias that is none", "assignment", "no alias produktion", _entry("produktion", "3", 1)),
    Bad(
        "a version that is nowhere",
        "assignment",
        "reviews@9 is not on main",
        _entry("staging", "9", 3),
        also=("metrics",),
    ),
    Bad("a version without a tag", "assignment", "has no tag yet", _untagged),
    Bad("an archived version", "assignment", "is archived and may not be assigned", _archived),
    Bad("an entry that is removed", "assignment", "the entry of prod is removed", _removed),
    Bad(
        "a predecessor that nobody keeps", "assignment", "prev_prod must take over 1", _entry("prod", "2", 2)
    ),
    Bad("a predecessor that moves alone", "assignment", "never moved alone", _entry("prev_prod", "3", 1)),
)
_RECORD = b"reason: old\nby: Ada <ada@example.org>\nat: 2026-01-04T09:00:00Z\n"
KEPT = (
    Bad(
        "an archived version that is live",
        "archiving",
        "reviews@1 is held by prod",
        change(
            {
                f"{_MODEL}/1/archived.yaml": b"reason: old\nby: Ada <ada@example.org>\nat: 2026-01-04T09:00:00Z\n"
            }
        ),
    ),
    Bad(
        "an archived version that is nowhere",
        "archiving",
        "reviews@9 is not on main",
        change(
            {
                f"{_MODEL}/9/archived.yaml": b"reason: old\nby: Ada <ada@example.org>\nat: 2026-01-04T09:00:00Z\n"
            }
        ),
    ),
)
CASES = (*METRICS, *CLIENTS, *FLOW, *STEPS, *KEPT)
