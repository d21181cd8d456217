"""A card asks for what somebody will judge, and excuses what somebody finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from modelmark import checks
from modelmark.checks.card import CHECK, NEVER_WAIVED, check
from modelmark.domain.change import Candidate
from modelmark.domain.names import ModelName
from modelmark.domain.policy import GATE_CHECKS, Card, Criterion, Gate, Policy, Waiver
from tests.support.candidates import CARD, RULES, candidate, found, hints, policy
from tests.support.domain import MODEL, PROD

LIMIT = (Criterion("f1", min=0.9),)
WAIVER = Waiver("scan", "0782", "it was read by two of us", "ada", date(2030, 1, 1))
SCANNED = replace(policy(), registration=Gate(checks=("scan", "contract")))


def changed(card: Card, rules: Policy | None = None) -> Candidate:
    return replace(candidate(rules=rules), new_cards={MODEL: card})


def test_a_mistyped_gate_is_refused_at_its_line_with_the_name_it_is_near_to() -> None:
    card = Card(MODEL, criteria={"prodution": LIMIT}, lines={"criteria.prodution": 4})
    assert found(check, changed(card)) == [
        f"error {CARD}:4 criteria for prodution judge nothing: registry.yaml on main has no gate of that name"
    ]
    assert hints(check, changed(card)) == ["did you mean production?"]
    assert CHECK.example in found(check, changed(card))[0]


def test_checks_for_a_gate_that_is_not_there_are_refused_too_and_the_gates_are_named() -> None:
    value = changed(Card(MODEL, checks={"zzz": ("scan",)}, lines={"checks.zzz": 9}))
    assert [one.split(" judge")[0] for one in found(check, value)] == [f"error {CARD}:9 checks for zzz"]
    assert hints(check, value) == ["its gates are registration, staging, production"]


def test_gates_that_are_there_and_the_registration_may_be_added_to() -> None:
    names = ("registration", "staging", "production")
    card = Card(MODEL, criteria=dict.fromkeys(names, LIMIT), checks=dict.fromkeys(names, ("scan",)))
    assert found(check, changed(card)) == []


def test_a_card_that_the_change_leaves_alone_is_not_judged() -> None:
    assert found(check, candidate(card=Card(MODEL, criteria={"prodution": LIMIT}))) == []


def test_a_waiver_that_excuses_something_is_fine() -> None:
    assert found(check, changed(Card(MODEL, waivers=(WAIVER,)), SCANNED)) == []


@pytest.mark.parametrize(
    ("waivers", "message"),
    [
        ((replace(WAIVER, check="contract"),), "what contract finds is never excused"),
        ((replace(WAIVER, check="labels"),), "no gate asks for labels, so its waiver excuses nothing"),
        (
            (replace(WAIVER, expires=date(2020, 1, 1)),),
            "the waiver of scan for '0782' expired on 2020-01-01, so it excuses nothing",
        ),
        (
            (WAIVER, replace(WAIVER, expires=date(2031, 1, 1))),
            "scan has another waiver for '0782', and the one that expires last counts",
        ),
    ],
)
def test_a_waiver_that_excuses_nothing_is_warned_about(waivers: tuple[Waiver, ...], message: str) -> None:
    last = len(waivers) - 1
    value = changed(Card(MODEL, waivers=waivers, lines={f"waivers.{last}": 7}), SCANNED)
    assert found(check, value) == [f"warning {CARD}:7 {message}"]


def test_a_check_that_the_card_itself_asks_for_may_be_waived() -> None:
    card = Card(MODEL, checks={"production": ("scan",)}, waivers=(WAIVER,))
    assert found(check, changed(card)) == []


def test_a_waiver_counts_on_the_day_that_it_expires() -> None:
    value = changed(Card(MODEL, waivers=(WAIVER,)), SCANNED)
    on = value.at.replace(year=2030, month=1, day=1)
    assert found(check, replace(value, at=on)) == []
    assert len(found(check, replace(value, at=on.replace(day=2)))) == 1


def test_what_can_never_be_waived_is_what_the_checks_say() -> None:
    assert {rule for rule in GATE_CHECKS if not checks.ALL[rule].waivable} == NEVER_WAIVED


# --- a gate that goes ---------------------------------------------------------------------------------------------


def without_production(new: Policy, cards: Mapping[ModelName, Card]) -> list[str]:
    return found(check, replace(candidate(new_policy=new), all_cards=cards))


CARDS = {
    ModelName(name): Card(ModelName(name), criteria={gate: LIMIT})
    for name, gate in (("b", "production"), ("a", "production"), ("c", "staging"))
}
GONE = "warning registry.yaml:0 the gate production judges nothing any more, and with it goes what these cards add to it: "


def test_a_gate_that_is_renamed_is_warned_about_with_the_cards_that_add_to_it() -> None:
    old = policy()
    gates = {"live" if name == "production" else name: gate for name, gate in old.gates.items()}
    rules = {**RULES, PROD: replace(RULES[PROD], gate="live")}
    new = replace(old, gates=gates, aliases=rules)
    assert without_production(new, CARDS) == [f"{GONE}a, b"]
    by_checks = {MODEL: Card(MODEL, checks={"production": ("scan",)})}
    assert without_production(new, by_checks) == [f"{GONE}{MODEL}"]
    assert without_production(new, {}) == []


def test_a_gate_that_stays_and_judges_no_alias_any_more_is_as_good_as_gone() -> None:
    new = replace(policy(), aliases={**RULES, PROD: replace(RULES[PROD], gate="staging")})
    assert without_production(new, CARDS) == [f"{GONE}a, b"]


def test_of_many_cards_ten_are_named() -> None:
    names = [ModelName(f"m{index:02}") for index in range(12)]
    cards = {name: Card(name, checks={"production": ("scan",)}) for name in names}
    (said,) = without_production(
        replace(policy(), aliases={**RULES, PROD: replace(RULES[PROD], gate=None)}), cards
    )
    assert said.endswith("m08, m09 and 2 more")


def test_other_changes_of_the_rules_leave_no_card_behind() -> None:
    assert without_production(replace(policy(), name="other"), CARDS) == []
