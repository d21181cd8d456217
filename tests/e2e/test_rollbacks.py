"""Going back: by command and by hand, twice, by review, and while a promotion is on its way."""

from __future__ import annotations

import pytest

from modelmark.domain.plan import State
from modelmark.errors import Refused
from tests.support.world import (
    ROUTE,
    World,
)


def test_rolling_back_twice_goes_two_releases_back(live: World) -> None:
    live.release("three", *ROUTE)
    first = live.rollback("p95 doubled")
    assert (str(first.assignment.tag), str(first.assignment.version)) == ("m#prod#4", "2")
    second = live.rollback("worse still")
    assert (str(second.assignment.tag), str(second.assignment.version)) == ("m#prod#5", "1")
    assert live.meaning("prod") == "1"
    assert live.meaning("prev_prod") == "2", "a rollback leaves prev_prod alone"
    with pytest.raises(Refused, match="no reviewed assignment replaced"):
        live.rollback("and again")


def test_both_of_two_rollbacks_are_recorded(live: World) -> None:
    live.release("three", *ROUTE)
    live.rollback("first")
    live.rollback("second")
    live.merge("record/m-prod-5")
    incidents = live.clone("reviewer") / "models/m/incidents"
    assert sorted(path.name for path in incidents.iterdir()) == ["prod-4.yaml", "prod-5.yaml"]
    done = live.apply()
    assert done.disagreements == ()
    assert live.registry("author").record() == ()


def test_a_rollback_may_name_its_version_only_if_it_was_live(live: World) -> None:
    live.release("three", "staging")
    with pytest.raises(Refused, match="3 never held prod"):
        live.rollback(to=3)
    with pytest.raises(Refused, match="already 2"):
        live.rollback(to=2)
    assert str(live.rollback(to=1).assignment.version) == "1"


def test_an_alias_without_direct_rollback_is_rolled_back_by_review(live: World) -> None:
    with pytest.raises(Refused, match="does not allow staging"):
        live.rollback(alias="staging")
    live.git("consumer", "fetch", "-q", "origin")
    assert live.roll_back_by_hand("staging", 1) == "m#staging#3"
    assert live.meaning("staging") == "2", "the hand-made tag does not count"
    assert "m#staging#3" in live.cli("ci", "verify").out


def test_a_conflict_is_said_loudly_and_changes_nothing(live: World) -> None:
    live.release("three", "staging", "canary")
    live.promote(3, "prod")
    live.rollback("while a promotion was on its way")
    before = live.tags()
    live.git("reviewer", "fetch", "-q", "origin")
    gate = live.cli("reviewer", "check", "--head", "origin/promote/m-prod-3")
    assert (gate.code, "assignment 3 of prod exists and means 1, not 3" in gate.out) == (1, True)
    live.merge("promote/m-prod-3")
    done = live.cli("ci", "apply")
    assert done.code == 1
    assert "does not become true" in done.out
    assert "m@prod means 1, aliases.yaml says 3" in done.err
    assert live.tags() == before
    assert live.meaning("prod") == "1"


def test_a_rollback_may_overtake_a_promotion_that_is_merged_and_not_applied(live: World) -> None:
    live.release("three", "staging", "canary")
    live.promote(3, "prod")
    live.merge("promote/m-prod-3")
    done = live.cli("author", "rollback", "m", "--reason", "two is bad, and three is not live yet")
    assert (done.code, done.out.strip()) == (0, "record/m-prod-3")
    assert live.meaning("prod") == "1"
    assert live.cli("ci", "apply").code == 1, "the promotion did not become true, and apply says so"
    with pytest.raises(Refused, match="does not know yet what prod means since it was rolled back"):
        live.promote(3, "prod")
    live.merge("record/m-prod-3")
    after = live.apply()
    assert (after.plan.decisions, after.plan.rejections, after.disagreements) == ((), (), ())
    live.live(3, "prod")
    assert (live.meaning("prod"), live.meaning("prev_prod")) == ("3", "1")
    assert live.cli("ci", "verify").code == 0


def test_the_file_behind_a_rollback_is_named_until_it_is_recorded(live: World) -> None:
    live.roll_back_by_hand("prod", 1)
    done = live.apply()
    assert [one.state for one in done.disagreements] == [State.BEHIND]
    assert live.cli("ci", "apply").code == 0, "waiting for a record is no failure"
    with pytest.raises(Refused, match="does not know yet what prod means since it was rolled back"):
        live.promote(2, "prod")
    live.release("three", "staging", "canary")
    (recorded,) = live.registry("author").record()
    live.merge(recorded.submitted.branch or "")
    assert live.apply().disagreements == ()
    live.live(3, "prod")
    assert live.numbers("prod") == [1, 2, 3, 4]


def test_a_command_run_again_finds_its_branch_though_main_has_moved_on(live: World) -> None:
    live.release("three", "staging", "canary")
    assert live.cli("author", "rollback", "m", "--reason", "slow").out.strip() == "record/m-prod-3"
    assert live.cli("author", "promote", "m@2", "--to", "canary", "--reason", "back").code == 0
    live.live(1, "staging")  # another entry of the same file
    again = live.cli("author", "rollback", "m", "--reason", "slow")
    assert (again.code, again.out.strip()) == (0, "record/m-prod-3"), again.err
    assert live.numbers("prod") == [1, 2, 3]
    again = live.cli("author", "promote", "m@2", "--to", "canary", "--reason", "back")
    assert (again.code, "was there already" in again.err) == (0, True), again.err
    other = live.cli("author", "promote", "m@1", "--to", "canary", "--reason", "back")
    assert (other.code, "with another change" in other.err) == (1, True), other.err
