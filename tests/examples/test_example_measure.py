"""The numbers that the examples report, against values worked out by hand or known from books."""

from types import ModuleType

import numpy as np
import pytest


def test_macro_f1_is_the_mean_of_the_f1_of_each_label(measure: ModuleType) -> None:
    counts = np.array([[8, 2], [4, 6]])
    assert measure.macro_f1(counts) == pytest.approx((16 / 22 + 12 / 18) / 2)


def test_wilson_gives_the_textbook_interval(measure: ModuleType) -> None:
    assert measure.wilson(81, 263) == [0.2553, 0.3662]
    assert measure.wilson(10, 10)[1] == 1.0


def test_the_bootstrap_interval_narrows_with_more_examples(measure: ModuleType) -> None:
    counts = np.array([[90, 10], [10, 90]])
    low, high = measure.bootstrap_f1(counts)
    low_100, high_100 = measure.bootstrap_f1(counts * 100)
    assert low < low_100 < 0.9 < high_100 < high
    assert (high - low) / (high_100 - low_100) == pytest.approx(10, rel=0.1)


def test_the_95th_percentile_lies_between_its_order_statistics(measure: ModuleType) -> None:
    assert measure.percentile_95([float(value) for value in range(1, 1001)]) == (951.0, [937.0, 965.0])


def test_quality_reports_every_value_of_every_slice(measure: ModuleType) -> None:
    records = measure.quality(
        measure.Dataset("d", "holdout"), list("aabb"), list("abbb"), {"k": list("xyxy")}
    )
    assert [(r["name"], r.get("slice"), r["n"]) for r in records] == [
        ("f1", None, 4),
        ("accuracy", None, 4),
        ("f1", {"k": "x"}, 2),
        ("accuracy", {"k": "x"}, 2),
        ("f1", {"k": "y"}, 2),
        ("accuracy", {"k": "y"}, 2),
    ]
    assert measure.slice_name(measure.worst_slice(records)) == "k: y"
