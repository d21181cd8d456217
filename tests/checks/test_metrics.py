"""The measured numbers meet every criterion, and one that was not measured fails."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from modelmark.checks.metrics import check
from modelmark.domain.change import Candidate
from modelmark.domain.evaluations import Evaluation, EvaluationKind
from modelmark.domain.manifest import Manifest
from modelmark.domain.metrics import Metric
from modelmark.domain.policy import AliasRule, AnyOf, Card, Criterion
from tests.support.candidates import ALIASES, candidate, found, hints, manifest, move, policy
from tests.support.domain import MODEL, NOON, PROD, Story

DROP = Criterion("f1", against="current", max_drop=0.01)


def judged(
    made: Manifest | None,
    *rules: Criterion | AnyOf,
    current: Manifest | None = None,
    card: Card | None = None,
) -> Candidate:
    one = replace(move("1", PROD, 1, current=current), candidate=made)
    return candidate(moves=[one], rules=policy(production=rules), card=card)


def test_what_passes_is_a_note_with_its_figures() -> None:
    assert found(check, judged(manifest(), Criterion("f1", min=0.9))) == [
        f"note {ALIASES}:7 f1 = 0.95, at least 0.9 (passes production)"
    ]


def test_every_criterion_is_judged_and_what_fails_is_an_error() -> None:
    rules = (Criterion("f1", min=0.99), Criterion("f1", max=1), Criterion("memory_mb", max=1024))
    assert found(check, judged(manifest(), *rules)) == [
        f"error {ALIASES}:7 f1 = 0.95, must be at least 0.99 (fails production)",
        f"note {ALIASES}:7 f1 = 0.95, at most 1 (passes production)",
        f"error {ALIASES}:7 memory_mb is not in the manifest (fails production)",
    ]


def test_what_is_not_measured_can_be_measured_still_and_what_is_measured_stays() -> None:
    either = AnyOf((Criterion("f1", min=0.99), Criterion("p95", max=1)))
    absent = (Criterion("memory_mb", max=1), Criterion("f1", min=0.9, bound="lower"), either)
    assert hints(check, judged(manifest(), *absent)) == [
        "append what is not measured yet: modelmark evaluate nlp-sentiment@1 --metrics FILE"
    ] * len(absent)
    assert hints(check, judged(manifest(), Criterion("f1", min=0.99), Criterion("f1", min=0.9))) == [
        "promote a better version, or change the limit in a review of its own (registry.yaml, model.yaml);"
        " to see more: modelmark compare nlp-sentiment@1 --for prod",
        "",
    ]


def test_one_of_several_is_enough() -> None:
    either = AnyOf((Criterion("f1", min=0.99), Criterion("f1", min=0.9)))
    assert found(check, judged(manifest(), either))[0].startswith("note")


def test_a_drop_against_what_is_live_is_refused() -> None:
    assert found(check, judged(manifest(f1=0.9), DROP, current=manifest(f1=0.95))) == [
        f"error {ALIASES}:7 f1 = 0.9, must be at least 0.95 - 0.01 = 0.94 (fails production)"
    ]
    assert found(check, judged(manifest(), DROP))[0].startswith("note")


def test_the_models_own_criteria_come_on_top() -> None:
    card = Card(
        MODEL, criteria={"production": (Criterion("f1", min=0.97),), "staging": (Criterion("f1", min=1),)}
    )
    assert [
        one.split(" ")[0] for one in found(check, judged(manifest(), Criterion("f1", min=0.9), card=card))
    ] == [
        "note",
        "error",
    ]


def test_a_gate_without_criteria_does_not_pass() -> None:
    assert found(check, judged(manifest())) == [
        f"error {ALIASES}:7 the gate production has no criterion, so nothing was judged and nothing passes"
    ]


def test_a_version_without_a_readable_manifest_does_not_pass() -> None:
    assert found(check, judged(None, Criterion("f1", min=0.9))) == [
        f"error {ALIASES}:7 nlp-sentiment@1 has no readable manifest to judge"
    ]


def test_an_alias_without_a_gate_asks_for_nothing() -> None:
    rules = policy({PROD: AliasRule()})
    assert found(check, candidate(moves=[move("1", PROD, 1)], rules=rules)) == []


def test_what_is_true_already_or_unassigned_is_not_judged() -> None:
    story = Story()
    story.register("1")
    story.assign("1")
    assert found(check, candidate(moves=[move("1", PROD, 1, candidate=manifest(f1=0))], story=story)) == []
    assert found(check, candidate(moves=[move(None, PROD, 1)])) == []


# --- later measurements -------------------------------------------------------------------------------------------


def evaluated(value: Candidate, *later: Evaluation, current: tuple[Evaluation, ...] = ()) -> Candidate:
    (one,) = value.subjects
    return replace(value, subjects=(replace(one, evaluations=later, current_evaluations=current),))


def measured(f1: float, kind: EvaluationKind = EvaluationKind.EVALUATION, **about: str) -> Evaluation:
    return Evaluation(NOON, "Ada", kind, (Metric("f1", f1, **about),))  # type: ignore[arg-type]


def test_the_newest_measurement_counts_and_the_note_says_which_it_was() -> None:
    worse, value = measured(0.7), judged(manifest(), Criterion("f1", min=0.9))
    assert found(check, evaluated(value, worse)) == [
        f"error {ALIASES}:7 f1 = 0.7, must be at least 0.9 (fails production, by the evaluation {worse.name})"
    ]
    better = replace(measured(0.97, EvaluationKind.REVALIDATION), at=NOON + timedelta(hours=1))
    for order in ((worse, better), (better, worse)):
        assert found(check, evaluated(value, *order)) == [
            f"note {ALIASES}:7 f1 = 0.97, at least 0.9 (passes production, by the revalidation {better.name})"
        ]


def test_a_better_figure_of_other_data_hides_no_bad_one() -> None:
    value = judged(manifest(f1=0.7), Criterion("f1", min=0.9))
    assert found(check, evaluated(value, measured(0.99, dataset="easy")))[0].startswith("error")


def test_a_figure_that_the_manifest_lacks_may_come_later() -> None:
    value = judged(manifest(f1=None), Criterion("f1", min=0.9))
    assert found(check, evaluated(value, measured(0.95)))[0].startswith("note")


def test_what_is_live_is_compared_by_its_newest_measurement_too() -> None:
    value = judged(manifest(f1=0.9), DROP, current=manifest(f1=0.8))
    assert found(check, value)[0].startswith("note")
    assert (
        "must be at least 0.95 - 0.01 = 0.94" in found(check, evaluated(value, current=(measured(0.95),)))[0]
    )


def test_a_bad_day_in_production_does_not_lower_the_bar() -> None:
    value = judged(manifest(f1=0.8), DROP, current=manifest(f1=0.95))
    drift = measured(0.5, EvaluationKind.DRIFT)
    assert found(check, evaluated(value, current=(drift,)))[0].startswith("error")
    elsewhere = measured(0.5, EvaluationKind.DRIFT, dataset="live")
    good = judged(manifest(f1=0.95), DROP, current=manifest(f1=0.95))
    assert found(check, evaluated(good, current=(elsewhere,)))[0].startswith("note")


def test_drift_of_the_candidate_itself_counts_against_it() -> None:
    value = judged(manifest(), Criterion("f1", min=0.9))
    assert (
        "fails production, by the drift"
        in found(check, evaluated(value, measured(0.5, EvaluationKind.DRIFT)))[0]
    )
