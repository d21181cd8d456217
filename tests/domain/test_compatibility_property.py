"""Whenever two signatures are called compatible, no old request is refused, and no new response surprises an old client."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from modelmark.domain import subsumption
from modelmark.domain.compatibility import describe_difference
from modelmark.domain.short_form import expand, is_short
from tests.support.signatures import fitting, roots, schemas, shorts, tweaks

QUIET = settings(
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """An old and a new side: in the short form, as any schema, or around one field that is tweaked."""
    way = draw(st.sampled_from(("short", "any", "field", "field", "field")))
    if way == "short":
        old, other = draw(shorts()), draw(shorts())
        merged = {name.rstrip("?"): (name, spec) for fields in (old, other) for name, spec in fields.items()}
        return old, dict(merged.values())
    if way == "any":
        old = draw(roots())
        new = draw(tweaks(old))
        return old, {**(new if isinstance(new, dict) else {}), "type": "object", "$defs": old["$defs"]}
    field = draw(schemas(depth=1))
    wrap = draw(st.sampled_from(WRAPS))
    return wrap(field), wrap(draw(tweaks(field)))


def _around(**said: Any) -> dict[str, Any]:
    return {"type": "object", "$defs": {"One": {"type": "string"}}, **said}


WRAPS: tuple[Callable[[Any], dict[str, Any]], ...] = (
    lambda field: _around(properties={"a": field}, required=["a"], additionalProperties=False),
    lambda field: _around(properties={"a": {"type": "array", "items": field}}),
    lambda field: _around(additionalProperties=field),
)


def breaks(section: str, old: dict[str, Any], new: dict[str, Any]) -> bool:
    """The verdict on one section, the other being as it was."""
    one, other = (
        dict[str, Any]({"version": "1", "inputs": {}, "outputs": {}, section: side}) for side in (old, new)
    )
    return any(change.breaks for change in describe_difference(one, other))


def in_full(section: str, fields: dict[str, Any]) -> dict[str, Any]:
    return expand(fields, section, closed=section == "inputs") if is_short(fields) else fields


def hold(section: str, runs: int) -> Counter[str]:
    """Ask the property of one section so often, and tell how it went."""
    count: Counter[str] = Counter()

    @settings(QUIET, max_examples=runs)
    @given(pairs(), st.data())
    def ask(pair: tuple[dict[str, Any], dict[str, Any]], data: st.DataObject) -> None:
        verdict = "breaks" if breaks(section, *pair) else "compatible"
        before, after = pair if section == "inputs" else reversed(pair)
        judge = Draft202012Validator(in_full(section, after))
        sent = fitting(data, in_full(section, before), 8)
        refused = [one for one in sent if not judge.is_valid(one)]
        count[verdict] += 1
        count["values"] += len(sent) if verdict == "compatible" and before != after else 0
        count["shown"] += bool(refused)
        event(verdict)
        assert verdict == "breaks" or not refused, (pair, refused)

    ask()
    return count


@pytest.mark.parametrize("section", ["inputs", "outputs"])
def test_what_is_called_compatible_breaks_no_client(section: str) -> None:
    count = hold(section, 300)
    assert count["compatible"] > 100, count
    assert count["breaks"] > 50, count
    assert count["values"] > 300, "values that were tried on a schema that differs"
    assert count["shown"] > 20, "verdicts of which a value shows that they are right"


def _nothing(*_: Any) -> Iterator[Any]:
    return iter(())


@pytest.mark.slow
@pytest.mark.parametrize(
    "rule",
    ["_of_values", "_of_union", "_of_numbers", "_of_counts", "_of_entries", "_of_fields", "_as_words"],
)
def test_the_property_notices_each_rule_that_is_missing(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subsumption, rule, _nothing)
    with pytest.raises(AssertionError):  # noqa: PT012 - one of both is enough
        hold("inputs", 1000)
        hold("outputs", 3000)
