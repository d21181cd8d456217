from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmark.domain.findings import Finding, Level, Verdict, judge

findings = st.builds(
    Finding,
    st.sampled_from(["scan", "schema"]),
    st.sampled_from(Level),
    st.text(max_size=3),
    st.sampled_from(["", "a.yaml", "b.yaml"]),
    st.integers(0, 3),
)


@given(st.lists(findings))
def test_no_rule_ran_is_not_passed(found: list[Finding]) -> None:
    assert not judge([], found).passed
    assert not Verdict((), ()).passed


@given(st.lists(st.text(), min_size=1), st.lists(findings))
def test_rules_that_ran_pass_where_none_found_an_error(rules: list[str], found: list[Finding]) -> None:
    verdict = judge(rules, found)
    assert verdict.rules == tuple(rules)
    assert verdict.passed == all(one.level is not Level.ERROR for one in found)


@pytest.mark.parametrize(
    ("level", "passed"), [(Level.ERROR, False), (Level.WARNING, True), (Level.NOTE, True)]
)
def test_only_an_error_refuses(level: Level, passed: bool) -> None:
    assert judge(["scan"], [Finding("scan", level, "x")]).passed is passed


@given(st.lists(findings))
def test_a_verdict_keeps_every_finding(found: list[Finding]) -> None:
    ordered = judge(["scan"], found).findings
    assert sorted(ordered, key=repr) == sorted(found, key=repr)


def test_errors_come_first_and_then_the_order_of_files_and_lines() -> None:
    expected = [
        Finding("scan", Level.ERROR, "", "a.yaml", 2),
        Finding("scan", Level.ERROR, "", "a.yaml", 10),
        Finding("schema", Level.ERROR, "", "a.yaml", 10),
        Finding("scan", Level.ERROR, "", "b.yaml", 1),
        Finding("scan", Level.WARNING, "", "a.yaml", 1),
        Finding("scan", Level.NOTE, "", ""),
    ]
    assert list(judge(["scan"], expected[::-1]).findings) == expected


def test_what_is_equal_in_weight_and_place_stays_in_the_order_it_was_found() -> None:
    found = [Finding("scan", Level.ERROR, text, "a.yaml", 1) for text in ("second", "first")]
    assert list(judge(["scan"], found).findings) == found
