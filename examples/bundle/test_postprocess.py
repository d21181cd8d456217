"""Tests of postprocess.py; run `pytest` in this directory."""

import pytest
from postprocess import answer, probabilities  # type: ignore[import-not-found]


def test_probabilities_sum_to_one_even_for_large_logits() -> None:
    assert probabilities([1000.0, 1000.0]) == [0.5, 0.5]
    assert sum(probabilities([-3.0, 0.5, 700.0])) == pytest.approx(1.0)


def test_the_answer_is_the_label_of_the_largest_logit() -> None:
    assert answer([0.0, 2.0], {0: "no", 1: "yes"}) == {"label": "yes", "score": 0.8808}


def test_a_label_map_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="2 outputs"):
        answer([0.0, 2.0], {0: "no"})
