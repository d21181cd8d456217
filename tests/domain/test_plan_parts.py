"""A decision is pushed in parts that GitHub makes events of, and what belongs together stays in one push."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from modelmark.domain.names import AliasName, ModelName
from modelmark.domain.plan import TAGS_A_PUSH, Decision, NewTag, parts
from modelmark.domain.policy import AliasRule
from modelmark.domain.tags import AssignmentTag, Message, TagName, VersionTag
from tests.support.domain import ADA, NOON, version

PROD, PREV, OLDER, OLDEST, STAGING = map(AliasName, ("prod", "prev_prod", "older", "oldest", "staging"))
RULES = {PROD: AliasRule(previous_as=PREV), PREV: AliasRule(), STAGING: AliasRule()}
CHAIN = {
    PROD: AliasRule(previous_as=PREV),
    PREV: AliasRule(previous_as=OLDER),
    OLDER: AliasRule(previous_as=OLDEST),
}
CIRCLE = {PROD: AliasRule(previous_as=PREV), PREV: AliasRule(previous_as=PROD)}


def decision(*names: TagName) -> Decision:
    return Decision("c" * 40, NOON, tuple(NewTag(name, "c" * 40, ADA, Message("", "", {})) for name in names))


def moved(text: str) -> AssignmentTag:
    model, alias = text.split("#")
    return AssignmentTag(ModelName(model), AliasName(alias), 1)


def registered(text: str) -> VersionTag:
    model, number = text.split("@")
    return VersionTag(ModelName(model), version(number))


def cut(rules: dict[AliasName, AliasRule], *names: TagName) -> list[str]:
    found = parts(decision(*names), rules)
    return [" ".join(str(tag.name).removesuffix("#1") for tag in one.tags) for one in found]


def test_up_to_three_tags_are_one_push_as_they_are() -> None:
    asked = decision(moved("m#prod"), moved("n#prod"), moved("m#prev_prod"))
    assert parts(asked, RULES) == (asked,)


def test_versions_that_one_commit_registers_go_by_threes() -> None:
    names = [registered(f"m@{number}") for number in range(1, 8)]
    assert cut({}, *names) == ["m@v1 m@v2 m@v3", "m@v4 m@v5 m@v6", "m@v7"]


def test_an_alias_and_the_one_that_keeps_what_it_leaves_stay_together() -> None:
    names = [moved(f"{model}#{alias}") for model in "mno" for alias in ("prod", "prev_prod")]
    assert cut(RULES, *names) == ["m#prod m#prev_prod", "n#prod n#prev_prod", "o#prod o#prev_prod"]
    one = [moved("m#staging"), moved("m#prev_prod"), moved("n#staging"), moved("m#prod")]
    assert cut(RULES, *one) == ["m#staging m#prev_prod m#prod", "n#staging"]


def test_the_keeper_of_another_model_is_none_of_ours() -> None:
    names = [moved("m#prod"), moved("n#prev_prod"), moved("m#staging"), moved("n#staging")]
    assert cut(RULES, *names) == ["m#prod n#prev_prod m#staging", "n#staging"]


def test_a_chain_that_is_longer_stays_whole() -> None:
    names = [moved(f"m#{alias}") for alias in (PROD, PREV, OLDER, OLDEST)]
    assert cut(CHAIN, *names, moved("n#prod")) == ["m#prod m#prev_prod m#older m#oldest", "n#prod"]
    without = [moved("m#prod"), moved("n#prod"), moved("m#older"), moved("m#oldest")]
    assert cut(CHAIN, *without) == ["m#prod n#prod", "m#older m#oldest"], "prev_prod leaves nothing"


def test_aliases_that_leave_to_one_another_in_a_circle_come_to_an_end() -> None:
    names = [moved(f"{model}#{alias}") for model in "mn" for alias in (PROD, PREV)]
    assert len(cut(CIRCLE, *names)) == 2


@given(
    st.lists(
        st.builds(
            AssignmentTag,
            st.sampled_from([ModelName(one) for one in "mno"]),
            st.sampled_from([PROD, PREV, STAGING]),
            st.just(1),
        )
        | st.builds(
            VersionTag, st.just(ModelName("m")), st.integers(1, 9).map(lambda one: version(str(one)))
        ),
        unique=True,
        max_size=12,
    )
)
def test_every_tag_is_in_one_part_and_no_part_is_too_large_or_splits_a_pair(names: list[TagName]) -> None:
    asked = decision(*names)
    found = parts(asked, RULES)
    assert sorted(str(tag.name) for one in found for tag in one.tags) == sorted(map(str, names))
    assert all(len(one.tags) <= TAGS_A_PUSH for one in found)
    assert all((one.commit, one.at) == (asked.commit, asked.at) for one in found)
    for one in found:
        there = {str(tag.name) for tag in one.tags}
        for model in "mno":
            pair = {f"{model}#prod#1", f"{model}#prev_prod#1"}
            assert not pair <= set(map(str, names)) or pair <= there or not pair & there
