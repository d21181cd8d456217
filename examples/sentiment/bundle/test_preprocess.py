"""Tests of preprocess.py; run `pytest` in this directory."""

import pytest
from preprocess import clean, feature_ids  # type: ignore[import-not-found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("  GREAT,\tgreat pan!! ", "great great pan"),
        ("It isn't good", "it is not good"),
        ("I can’t complain", "i can not complain"),
        ("dishwasher-safe (9/10)", "dishwasher-safe"),
    ],
)
def test_clean_leaves_lower_case_words_with_single_spaces(text: str, expected: str) -> None:
    assert clean(text) == expected


def test_clean_is_idempotent() -> None:
    once = clean("We DIDN'T like it; the room was cold.")
    assert clean(once) == once


def test_negation_reaches_as_far_as_its_scope() -> None:
    assert clean("not a really good book", negation_scope=2) == "not not_a not_really good book"


def test_negation_stops_at_the_end_of_a_clause() -> None:
    assert clean("not cheap, good", negation_scope=4) == "not not_cheap good"
    assert clean("not cheap but good", negation_scope=4) == "not not_cheap good"


def test_features_are_known_tokens_and_known_pairs() -> None:
    pairs = {(1, 2): 0, (2, 3): 1}
    assert feature_ids([1, 2, 0, 3], pairs, vocab_size=10, unknown_id=0) == [1, 2, 3, 10]
    assert feature_ids([], pairs, vocab_size=10, unknown_id=0) == []
