"""Versions side by side, and which one to promote: a rule that a person could follow with the same table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from modelmark.domain.names import AliasName
from modelmark.domain.recommendation import Comparison
from modelmark.domain.references import ByVersion, parse_reference
from modelmark.errors import InvalidInput, NotFound
from modelmark.usecases.archive import archive
from modelmark.usecases.compare import compare
from tests.support.desk import POLICY, PREV, PROD, STAGING, Desk, M, v


def f1(
    value: float, half: float | None = None, data: str = "reviews", **slices: float
) -> list[dict[str, object]]:
    ends = {} if half is None else {"ci95": [value - half, value + half]}
    parts = [
        {"name": "f1", "value": part, "dataset": data, "slice": {"domain": name}}
        for name, part in slices.items()
    ]
    return [{"name": "f1", "value": value, "dataset": data, **ends}, *parts]


def side(desk: Desk, *names: str, alias: AliasName | None = STAGING) -> Comparison:
    desk.sync()
    references = [parse_reference(f"m@{name}" if name.isdigit() else name) for name in names]
    return compare(desk.workspace, references, alias)


def registered(desk: Desk, metrics: Sequence[object]) -> Desk:
    for number, figures in enumerate(metrics, 1):
        desk.registered(str(number), figures)
    return desk


def test_the_best_lower_end_wins_and_not_the_best_value(tmp_path: Path) -> None:
    desk = registered(Desk.new(tmp_path), [f1(0.95, 0.05), f1(0.94, 0.01), f1(0.4)])
    found = side(desk, "1", "2", "3")
    assert found.recommended == v("2")
    assert found.why == "of the 2 that pass it has the best f1, 0.93 at the bad end of its interval"
    assert [(one.version, one.passed) for one in found.contenders] == [
        (v("1"), True),
        (v("2"), True),
        (v("3"), False),
    ]
    assert found.contenders[2].failed == ("f1 = 0.4, must be at least 0.5",)


def test_of_equal_ones_the_newer_is_taken(tmp_path: Path) -> None:
    found = side(registered(Desk.new(tmp_path), [f1(0.9), f1(0.9), f1(0.8)]), "3", "2", "1")
    assert found.recommended == v("2")
    assert found.why.endswith("; others have the same, and it is the newest of them")


def test_none_passes_and_each_says_why(tmp_path: Path) -> None:
    found = side(registered(Desk.new(tmp_path), [f1(0.1), f1(0.2)]), "1", "2")
    assert (found.recommended, found.why) == (None, "none of them passes")
    assert all(one.failed for one in found.contenders)


def test_where_less_is_better_the_upper_end_counts(tmp_path: Path) -> None:
    policy = POLICY.replace(
        "staging: {criteria: [{metric: f1, min: 0.5}]}", "staging: {criteria: [{metric: ms, max: 60}]}"
    )
    metrics = [
        [{"name": "ms", "value": ms, "ci95": [low, high]}] for ms, low, high in ((30, 20, 50), (35, 34, 36))
    ]
    assert side(registered(Desk.new(tmp_path, policy), metrics), "1", "2").recommended == v("2")


def test_the_worst_slice_counts_where_the_first_criterion_is_about_it(tmp_path: Path) -> None:
    policy = POLICY.replace("{metric: f1, min: 0.5}", "{metric: f1, over: worst-slice, min: 0.5}")
    metrics = [f1(0.99, books=0.99, travel=0.6), f1(0.8, books=0.7, travel=0.7)]
    found = side(registered(Desk.new(tmp_path, policy), metrics), "1", "2")
    assert (found.recommended, "f1 of the worst slice, 0.7" in found.why) == (v("2"), True)


def test_figures_on_different_data_choose_nothing(tmp_path: Path) -> None:
    desk = registered(Desk.new(tmp_path), [f1(0.9), f1(0.95, data="other")])
    found = side(desk, "1", "2")
    assert found.recommended is None
    assert (
        found.why
        == "1, 2 pass, and their f1 was not measured on the same data, so nobody can say which is better"
    )
    assert found.not_compared == ("f1 was measured on different data: reviews, other",)


def test_what_is_live_and_better_stays(tmp_path: Path) -> None:
    desk = registered(Desk.new(tmp_path), [f1(0.95), f1(0.9)])
    desk.promoted("1", STAGING)
    found = side(desk, "2")
    assert (found.versions, found.current) == ((v("1"), v("2")), v("1"))
    assert (found.recommended, found.why) == (None, "2 passes, and what is there now, 1, has the better f1")
    assert [one.version for one in found.contenders] == [v("2")], "what is live is not judged against itself"


def test_a_better_one_replaces_what_is_live(tmp_path: Path) -> None:
    desk = registered(Desk.new(tmp_path), [f1(0.9), f1(0.95)])
    desk.promoted("1", STAGING)
    found = side(desk, "1", "2")
    assert (found.recommended, found.why) == (v("2"), "it is the only one that passes")


def test_an_archived_version_may_not_be_chosen(tmp_path: Path) -> None:
    desk = registered(Desk.new(tmp_path), [f1(0.9), f1(0.95)])
    desk.accept(archive(desk.workspace, ByVersion(M, v("2")), "withdrawn data", None).branch)
    found = side(desk, "1", "2")
    assert found.recommended == v("1")
    assert found.contenders[1].failed == ("it is archived and may not be assigned",)


def test_a_gate_without_criteria_chooses_nothing(tmp_path: Path) -> None:
    desk = registered(
        Desk.new(
            tmp_path,
            POLICY.replace("staging: {criteria: [{metric: f1, min: 0.5}]}", "staging: {criteria: []}"),
        ),
        [f1(1)],
    )
    found = side(desk, "1")
    assert found.recommended is None
    assert "no criterion" in found.contenders[0].failed[0]


def test_the_criteria_of_the_card_count_too(tmp_path: Path) -> None:
    desk = registered(Desk.new(tmp_path), [f1(0.6)])
    card = b"profile: generic\ncriteria:\n  staging:\n    - {metric: f1, min: 0.7}\n"
    desk.commit({"models/m/model.yaml": card})
    assert side(desk, "1").contenders[0].failed == ("f1 = 0.6, must be at least 0.7",)


def test_without_an_alias_nobody_judges_and_clear_differences_are_marked(tmp_path: Path) -> None:
    desk = registered(Desk.new(tmp_path), [f1(0.8, 0.01), f1(0.9, 0.01), f1(0.81, 0.02)])
    found = side(desk, "1", "2", "3", "2", alias=None)
    assert (found.versions, found.contenders, found.recommended, found.gate) == (
        (v("1"), v("2"), v("3")),
        (),
        None,
        None,
    )
    (line,) = found.lines
    first, clear, unclear = line.cells
    assert first is not None
    assert clear is not None
    assert unclear is not None
    assert (first.difference, clear.clear, unclear.clear) == (None, True, False)
    assert [one.version for one in found.dossiers] == [v("2"), v("3")]
    assert {one.current for one in found.dossiers} == {v("1")}


def test_references_of_every_form_are_taken(tmp_path: Path) -> None:
    desk = Desk.new(tmp_path)
    desk.live("1", "2")
    assert side(desk, "m@prev_prod", "m@prod", "m#prod#1", "m@latest", alias=None).versions == (
        v("1"),
        v("2"),
    )


@pytest.mark.parametrize(
    ("names", "alias", "said"),
    [
        (["m@1", "n@1"], None, "only versions of one model"),
        (["m@1"], None, "there is only m@1 to compare"),
        (["m@1", "m@v1"], None, "there is only m@1 to compare"),
        (["m@1"], PREV, "no gate in registry.yaml judges prev_prod"),
        (["m@1"], AliasName("qa"), "no gate in registry.yaml judges qa"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    names: list[str], alias: AliasName | None, said: str, tmp_path: Path
) -> None:
    desk = registered(Desk.new(tmp_path), [f1(0.9)])
    with pytest.raises(InvalidInput, match=said):
        side(desk, *names, alias=alias)


def test_a_version_that_is_not_registered_is_not_found(tmp_path: Path) -> None:
    desk = registered(Desk.new(tmp_path), [f1(0.9)])
    with pytest.raises(NotFound, match="m@7 is not registered"):
        side(desk, "1", "7", alias=PROD)
