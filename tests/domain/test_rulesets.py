"""Rulesets as values: what a file may be, and how one differs from another."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmark.domain.protection import Profile, rulesets_of
from modelmark.domain.rulesets import (
    Actor,
    Difference,
    Rule,
    Ruleset,
    differences,
    parse_ruleset,
    read_ruleset,
    ruleset_body,
    ruleset_bytes,
    ruleset_path,
)
from modelmark.errors import InvalidInput

MAIN, TAGS, BELOW, CREATION = rulesets_of(Profile(2, 77, 5))
PATH = ".github/rulesets/registry-main.json"
names = st.sampled_from(["creation", "update", "deletion"])
rulesets = st.builds(
    Ruleset,
    name=st.text("abc-", min_size=1, max_size=5),
    target=st.sampled_from(["branch", "tag"]),
    enforcement=st.sampled_from(["active", "disabled"]),
    include=st.lists(st.text(max_size=4), max_size=2, unique=True).map(tuple),
    exclude=st.lists(st.text(max_size=4), max_size=2, unique=True).map(tuple),
    rules=st.lists(
        st.builds(Rule, names, st.dictionaries(st.text(max_size=3), st.booleans(), max_size=2)), max_size=3
    ).map(tuple),
    bypass=st.lists(
        st.builds(Actor, st.sampled_from(["Team", "DeployKey"]), st.none() | st.integers(1, 9)),
        max_size=2,
        unique=True,
    ).map(tuple),
)


@given(rulesets)
def test_what_is_written_is_read_again_byte_for_byte(one: Ruleset) -> None:
    data = ruleset_bytes(one)
    assert parse_ruleset(data, ruleset_path(one.name)) == one
    assert ruleset_bytes(parse_ruleset(data, ruleset_path(one.name))) == data


@given(rulesets)
def test_nothing_differs_from_itself(one: Ruleset) -> None:
    assert differences(one, one) == ()


def parameters(rule: str, **changed: Any) -> Ruleset:
    """The ruleset of main with parameters of one rule changed; None removes one."""
    rules = []
    for one in MAIN.rules:
        said = {**one.parameters, **changed} if one.type == rule else one.parameters
        rules.append(Rule(one.type, {key: value for key, value in said.items() if value is not None}))
    return replace(MAIN, rules=tuple(rules))


GATE = {"context": "registry/gate", "integration_id": 15368}


@pytest.mark.parametrize(
    ("there", "words", "weaker"),
    [
        (replace(MAIN, enforcement="disabled"), "is disabled, not active", True),
        (replace(MAIN, enforcement="evaluate"), "is evaluate, not active", True),
        (replace(MAIN, target="tag"), "is for a tag, not for a branch", True),
        (replace(MAIN, include=()), "does not reach '~DEFAULT_BRANCH'", True),
        (replace(MAIN, include=(*MAIN.include, "refs/heads/x")), "reaches 'refs/heads/x' too", False),
        (replace(MAIN, exclude=("refs/heads/main",)), "leaves out 'refs/heads/main'", True),
        (replace(MAIN, rules=MAIN.rules[1:]), "has no rule 'deletion'", True),
        (replace(MAIN, rules=(*MAIN.rules, Rule("merge_queue"))), "has the rule 'merge_queue' too", False),
        (
            replace(MAIN, bypass=(Actor("RepositoryRole", 5),)),
            "lets 'RepositoryRole 5 (always)' through",
            True,
        ),
        (
            parameters("pull_request", required_approving_review_count=1),
            "has pull_request: required_approving_review_count = 1, not 2",
            True,
        ),
        (
            parameters("pull_request", required_approving_review_count=3),
            "has pull_request: required_approving_review_count = 3, not 2",
            False,
        ),
        (
            parameters("pull_request", require_last_push_approval=False),
            "has pull_request: require_last_push_approval = false, not true",
            True,
        ),
        (
            parameters("pull_request", require_code_owner_review=None),
            "has pull_request: require_code_owner_review = not said, not true",
            True,
        ),
        (
            parameters("required_status_checks", do_not_enforce_on_create=True),
            "has required_status_checks: do_not_enforce_on_create = true, not false",
            True,
        ),
        (
            parameters("required_status_checks", required_status_checks=[{"context": "registry/gate"}]),
            "has required_status_checks: required_status_checks",
            True,
        ),
        (
            parameters("required_status_checks", required_status_checks=[{"context": "x"}, GATE]),
            "has required_status_checks: required_status_checks",
            False,
        ),
    ],
)
def test_each_way_to_differ_is_named_and_weighed(there: Ruleset, words: str, weaker: bool) -> None:
    (found,) = differences(MAIN, there)
    assert found.words.startswith(words)
    assert found.weaker is weaker


def test_who_is_let_through_no_longer_is_a_difference_and_no_weakness() -> None:
    found = differences(CREATION, replace(CREATION, bypass=CREATION.bypass[:1] if CREATION.bypass else ()))
    assert found == (Difference("does not let 'Team 5 (always)' through", weaker=False),)


def test_what_is_hidden_is_no_difference() -> None:
    assert differences(CREATION, replace(CREATION, bypass=None)) == ()


def test_what_github_adds_and_reorders_is_no_difference() -> None:
    body: Any = ruleset_body(MAIN)
    body |= {"id": 7, "source_type": "Repository", "created_at": "2026-11-28T12:00:00Z"}
    body["rules"].reverse()
    body["rules"][1]["parameters"] |= {"allowed_merge_methods": ["squash", "merge"], "required_reviewers": []}
    body["rules"][0]["parameters"].pop("do_not_enforce_on_create")
    assert differences(MAIN, read_ruleset(body)) == ()


@pytest.mark.parametrize(
    ("methods", "weaker"),
    [(["merge"], [False]), (["merge", "squash", "rebase"], [True]), (["rebase"], [True])],
)
def test_a_way_to_merge_more_is_weaker(methods: list[str], weaker: list[bool]) -> None:
    """Commits that are put onto main one by one could loosen a rule, use it and put it back."""
    body: Any = ruleset_body(MAIN)
    review = next(one for one in body["rules"] if one["type"] == "pull_request")
    review["parameters"] |= {"allowed_merge_methods": methods}
    assert [one.weaker for one in differences(MAIN, read_ruleset(body))] == weaker


def test_a_parameter_that_loosens_is_seen_also_where_nobody_asked_about_it() -> None:
    there = replace(TAGS, rules=(Rule("update", {"update_allows_fetch_and_merge": True}), *TAGS.rules[1:]))
    (found,) = differences(TAGS, there)
    assert found.weaker


def test_all_refs_are_more_than_some() -> None:
    assert [one.weaker for one in differences(TAGS, replace(TAGS, include=("~ALL",)))] == [False]


def test_a_ruleset_without_conditions_is_for_nothing() -> None:
    body = {**ruleset_body(MAIN), "conditions": None}
    assert [one.words for one in differences(MAIN, read_ruleset(body))] == [
        "does not reach '~DEFAULT_BRANCH'"
    ]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no JSON"),
        (b"\xff", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[]", "no ruleset: it needs name"),
        (b'{"name": "x", "name": "y"}', "it says 'name' twice"),
        (ruleset_bytes(TAGS), "it holds the ruleset 'registry-tags-immutable'"),
        (json.dumps({**ruleset_body(MAIN), "rules": ["x"]}).encode(), "'x' is no rule of a ruleset"),
        (json.dumps({**ruleset_body(MAIN), "bypass_actors": [5]}).encode(), "'5' is nobody whom"),
    ],
)
def test_what_is_no_ruleset_is_refused_with_its_path(data: bytes, said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as caught:
        parse_ruleset(data, PATH)
    assert caught.value.path == PATH
    assert caught.value.hint


def test_a_file_that_names_nobody_lets_nobody_through() -> None:
    body = ruleset_body(MAIN)
    del body["bypass_actors"]
    assert parse_ruleset(json.dumps(body).encode(), PATH).bypass == ()
    assert read_ruleset(body).bypass is None, "GitHub leaves it out where it does not say"
