"""What was seen of a registry is never unseen: an older, moved, deleted or gapped history has a sentence of its own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmark.domain.memory import Seen, objections, remember
from modelmark.domain.references import parse_reference

PROD = parse_reference("m@prod")


def seen(*numbers: int, registry: str = "6f0c", **more: str) -> Seen:
    """Assignments of m#prod with these numbers, each with an id of its own."""
    return Seen(registry, {**{f"m#prod#{n}": f"{n:040x}" for n in numbers}, **more})


def test_at_the_first_sight_there_is_nothing_to_compare_with() -> None:
    assert objections(Seen(), seen(1, 2, 3), PROD) == ()


def test_a_history_that_goes_on_is_fine_and_so_is_one_that_stands_still() -> None:
    assert objections(seen(1, 2), seen(1, 2, 3, 4), PROD) == ()
    assert objections(seen(1, 2), seen(1, 2), PROD) == ()


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (seen(1, 2), "m#prod ends at 2 and was at 3 before: an old copy, or tags were deleted"),
        (seen(), "m#prod ends at 0 and was at 3 before"),
        (seen(1, 3), "m#prod#2 was there before and is gone"),
        (seen(2, 3, 4), "m#prod#1 was there before and is gone"),
        (seen(1, 2, 3, 5), "m#prod#4 is missing below m#prod#5"),
        (seen(1, 2, 3, registry="beef"), "this is registry 'beef', and was '6f0c' before"),
        (seen(1, 3, **{"m#prod#2": "f" * 40}), "m#prod#2 is ffffffffffff now and was 000000000000 before"),
    ],
)
def test_each_way_to_turn_back_has_its_own_sentence(now: Seen, words: str) -> None:
    (why,) = objections(seen(1, 2, 3), now, PROD)
    assert words in why


def test_a_gap_is_seen_at_the_first_sight() -> None:
    assert objections(Seen(), seen(1, 2, 4), PROD) == ("m#prod#3 is missing below m#prod#4",)


def test_the_tag_of_a_version_that_was_moved_is_seen_whatever_led_to_it() -> None:
    before, now = seen(1, **{"m@v7": "a" * 40}), seen(1, **{"m@v7": "b" * 40})
    (why,) = objections(before, now, PROD)
    assert why.startswith("m@v7 is bbbbbbbbbbbb now and was aaaaaaaaaaaa before")
    assert objections(before, now, parse_reference("m@7")) == (why,)


def test_only_what_the_reference_speaks_of_must_be_shown_again() -> None:
    before = seen(1, 2, **{"m@v7": "a" * 40, "m#canary#1": "c" * 40})
    assert objections(before, seen(1, 2), PROD) == ()
    assert objections(before, Seen("6f0c", {"m@v8": "b" * 40}), parse_reference("m@8")) == ()
    assert objections(before, Seen("6f0c", {"m@v8": "b" * 40}), parse_reference("m@latest")) == (
        "m@v7 was there before and is gone",
    )
    assert objections(before, Seen("6f0c", {}), parse_reference("m@7")) == (
        "m@v7 was there before and is gone",
    )


def test_names_that_can_never_count_are_no_part_of_a_history() -> None:
    odd = {"m#prod#07": "1" * 40, "m#prod#x": "2" * 40, "m#prod#3#4": "3" * 40, "m#production#9": "4" * 40}
    assert objections(seen(1, **odd), seen(1), PROD) == ()
    assert objections(Seen(), seen(1, **odd), PROD) == ()


def test_what_is_remembered_only_grows_unless_another_history_was_accepted() -> None:
    before = seen(1, 2, 3, **{"m@v7": "a" * 40})
    assert remember(before, seen(1, 2, 3, 4), PROD) == seen(1, 2, 3, 4, **{"m@v7": "a" * 40})
    accepted = remember(before, seen(1, 2), PROD)
    assert accepted == seen(1, 2, **{"m@v7": "a" * 40})
    assert objections(accepted, seen(1, 2), PROD) == ()
    other = seen(1, registry="beef")
    assert remember(before, other, PROD) == other


@given(st.integers(0, 30), st.integers(0, 30))
def test_whoever_saw_a_number_never_takes_a_lower_one(high: int, low: int) -> None:
    before, now = seen(*range(1, high + 1)), seen(*range(1, low + 1))
    assert bool(objections(before, now, PROD)) == (low < high)
    assert objections(remember(before, now, PROD), now, PROD) == ()
