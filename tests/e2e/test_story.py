"""The main job from the first version to the rollback, by the people who do it: author, reviewer, ci, consumer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from modelmark import Way, parse_reference
from modelmark.domain.plan import State
from modelmark.errors import Lost, NotFound, Refused
from modelmark.usecases.submit import NotPassed
from tests.e2e.conftest import NewWorld
from tests.support.world import (
    ROUTE,
    World,
    files_below,
    first_parents,
    git,
    hours_ago,
    new_world,
    refs,
    trained,
)


def test_a_version_goes_the_whole_way_and_back(world: World) -> None:
    made = world.register(world.train("one"))
    assert made.submitted is not None
    assert made.submitted.branch == "register/m-1"
    assert world.registry("author").check(head="origin/register/m-1").verdict.passed
    merge = world.merge("register/m-1")
    world.apply()
    assert list(world.tags()) == ["m@v1"]
    assert world.on_hub("rev-parse", "m@v1^{commit}") == merge

    for alias in ROUTE:
        asked = world.promote(1, alias)
        assert asked.submitted.branch == f"promote/m-{alias}-1"
        assert world.cli("author", "check", "--head", f"origin/promote/m-{alias}-1").code == 0
        merge = world.merge(f"promote/m-{alias}-1")
        world.apply()
        assert world.on_hub("rev-parse", f"m#{alias}#1^{{commit}}") == merge

    # The second version is better over all, and much worse on books.
    world.release("two", "staging", "canary", f1=0.95, worst=0.60)
    world.promote(2, "prod")
    world.git("reviewer", "fetch", "-q", "origin")
    gate = world.cli("reviewer", "check", "--head", "origin/promote/m-prod-2")
    assert (gate.code, "worst slice" in gate.out, "0.6" in gate.out) == (1, True, True)
    world.git("reviewer", "push", "-q", "origin", "--delete", "promote/m-prod-2")
    assert world.meaning("prod") == "1"

    world.release("three", *ROUTE, f1=0.94, worst=0.90)
    assert (world.meaning("prod"), world.meaning("prev_prod")) == ("3", "1")
    target = world.root / "srv"
    assert world.cli("consumer", "pull", "m@prod", "--to", str(target), "--registry", str(world.hub)).code == 0
    assert files_below(target / "current") == trained("three", f1=0.94, worst=0.90)

    # Somebody without Modelmark rolls back; everybody follows.
    assert world.roll_back_by_hand("prod", 1) == "m#prod#3"
    assert world.meaning("prod") == "1"
    assert world.cli("consumer", "pull", "m@prod", "--to", str(target), "--registry", str(world.hub)).code == 0
    assert files_below(target / "current") == trained("one")
    assert "m#prod#3" in (target / "current" / ".modelmark.json").read_text()

    assert "the file is behind the tags" in world.cli("ci", "apply").err
    assert "the file is behind the tags" in world.cli("ci", "list", "m").err
    assert world.cli("author", "record", "m").out.strip() == "record/m-prod-3"
    assert world.registry("author").check(head="origin/record/m-prod-3").verdict.passed
    world.merge("record/m-prod-3")
    assert "latency regression" in (world.clone("reviewer") / "models/m/incidents/prod-3.yaml").read_text()
    done = world.apply()
    assert (done.plan.decisions, done.plan.rejections, done.disagreements) == ((), (), ())

    past = world.cli("ci", "history", "m", "--alias", "prod", "--json")
    rows = [(row["tag"], row["version"], row["origin"]) for row in json.loads(past.out)["assignments"]]
    assert sorted(rows) == [
        ("m#prod#1", "1", "reviewed"),
        ("m#prod#2", "3", "reviewed"),
        ("m#prod#3", "1", "rollback"),
    ]
    assert world.cli("ci", "verify", "--all", "--content").code == 0


def test_prod_and_prev_prod_arrive_in_one_atomic_push(world: World) -> None:
    world.release("one", *ROUTE)
    world.release("two", "staging", "canary")
    world.promote(2, "prod")
    merge = world.merge("promote/m-prod-2")
    # A server that refuses the one must not have taken the other.
    hook = world.hub / "hooks" / "update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text('#!/bin/sh\ncase "$1" in *prev_prod*) echo "no tags today" >&2; exit 1;; esac\n')
    hook.chmod(0o755)
    before = world.tags()
    refused = world.cli("ci", "apply")
    assert refused.code == 3
    assert "no tags today" in refused.err
    assert world.tags() == before
    assert refs(world.clone("ci"), "refs/tags/").keys() <= before.keys()
    hook.unlink()
    world.apply()
    assert world.on_hub("rev-parse", "m#prod#2^{commit}", "m#prev_prod#1^{commit}").split() == [merge, merge]


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


def test_an_archived_version_is_never_assigned_again(live: World) -> None:
    held = live.cli("author", "archive", "m@2", "--reason", "old")
    assert (held.code, "held by canary, prod, staging" in held.err) == (1, True)
    live.release("three", *ROUTE)
    live.release("four", *ROUTE)
    assert live.cli("author", "archive", "m@1", "--reason", "withdrawn data", "--replaced-by", "4").code == 0
    assert live.registry("author").check(head="origin/archive/m-1").verdict.passed
    live.merge("archive/m-1")
    live.apply()
    with pytest.raises(Refused, match="archived"):
        live.promote(1, "staging")
    with pytest.raises(Refused, match="archived"):
        live.rollback(to=1)
    shown = live.cli("ci", "show", "m@1")
    assert "archived (withdrawn data)" in shown.out


def test_the_same_bytes_are_not_registered_twice(live: World) -> None:
    again = live.cli("author", "register", str(live.train("one")), "--model", "m")
    assert (again.code, again.out.strip()) == (0, "m@1")
    assert "already m@1" in again.err
    assert "register/m-3" not in live.branches()
    other = live.cli("author", "register", str(live.train("one")), "--model", "m", "--version", "9")
    assert (other.code, "already m@1" in other.err) == (1, True)


def test_one_person_does_it_all_in_one_step_where_the_registry_says_so(direct: World) -> None:
    made = direct.cli("author", "register", str(direct.train("one")), "--model", "m")
    assert (made.code, "m@v1" in made.err) == (0, True)
    for alias in ROUTE:
        assert direct.cli("author", "promote", "m@1", "--to", alias, "--reason", "why not").code == 0
    assert direct.meaning("prod") == "1"
    assert direct.branches() == {"main"}
    direct.cli("author", "register", str(direct.train("two", worst=0.1)), "--model", "m")
    for alias in ROUTE[:2]:
        direct.promote(2, alias)
    before = (direct.tags(), direct.on_hub("rev-parse", "main"))
    with pytest.raises(NotPassed) as refused:
        direct.promote(2, "prod")
    assert any("worst slice" in found.message for found in refused.value.findings)
    assert (direct.tags(), direct.on_hub("rev-parse", "main")) == before
    direct.cli("author", "register", str(direct.train("three")), "--model", "m")
    for alias in ROUTE:
        direct.promote(3, alias)
    assert (direct.meaning("prod"), direct.meaning("prev_prod")) == ("3", "1")
    assert direct.cli("author", "rollback", "m", "--reason", "slow").code == 0
    assert direct.meaning("prod") == "1"
    assert direct.cli("ci", "verify", "--content").code == 0
    assert direct.apply().disagreements == ()


@pytest.mark.parametrize("way", list(Way))
def test_a_registry_needs_no_remote(tmp_path: Path, way: Way) -> None:
    world = new_world(tmp_path / "alone", way, hub=False)

    def merge(branch: str) -> None:
        if way is Way.PULL_REQUEST:
            world.git("author", "merge", "-q", "--no-ff", branch)
            world.apply("author")

    for number, seed in enumerate(("one", "two"), 1):
        world.register(world.train(seed))
        merge(f"register/m-{number}")
        for alias in ROUTE:
            world.promote(number, alias)
            merge(f"promote/m-{alias}-{number}")
    assert world.registry("author").verify().verdict.passed
    assert world.cli("author", "resolve", "m@prod").out.startswith("m@2 m#prod#2 ")
    assert world.cli("author", "rollback", "m", "--reason", "slow").code == 0
    assert world.cli("author", "resolve", "m@prod").out.startswith("m@1 m#prod#3 ")
    merge("record/m-prod-3")
    assert world.apply("author").disagreements == ()
    target = world.root / "srv"
    assert world.cli("author", "pull", "m@prod", "--to", str(target)).code == 0
    assert files_below(target / "current") == trained("one")
    assert world.git("author", "status", "--porcelain") == ""


def test_a_fresh_clone_without_tags_comes_to_life_by_itself(live: World) -> None:
    clone = live.new_clone("guest", "--no-tags")
    assert refs(clone, "refs/tags/") == {}
    done = live.apply("guest", push=False)
    assert not done.pushed
    assert refs(clone, "refs/tags/") == live.tags(), "the bytes of a tag follow from the merge alone"


def test_doubled_applies_are_one(live: World) -> None:
    live.release("three", "staging")
    live.promote(3, "canary")
    live.merge("promote/m-canary-3")
    live.apply("ci")
    first = live.tags()
    assert live.apply("ci").plan.decisions == ()
    for who in ("author", "consumer"):
        assert live.apply(who).plan.decisions == ()
    # Somebody else, who has not fetched, makes the very same tags, so even their push is no conflict.
    live.new_clone("guest", "--no-tags")
    live.apply("guest", push=False)
    live.git("guest", "push", "-q", "origin", "--tags")
    assert live.tags() == first


def test_a_dry_run_only_says_what_would_be(live: World) -> None:
    live.release("three", "staging")
    live.promote(3, "canary")
    live.merge("promote/m-canary-3")
    before = (live.tags(), refs(live.clone("ci"), "refs/tags/"))
    plan = live.cli("ci", "apply", "--dry-run")
    assert (plan.code, "would create m#canary#3" in plan.out) == (0, True)
    assert live.tags() == before[0]


def test_two_promotions_merged_in_a_row_become_two_assignments(live: World) -> None:
    live.release("three", "staging", "canary")
    live.release("four", "staging", "canary")
    live.promote(3, "prod")
    first = live.merge("promote/m-prod-3")
    with pytest.raises(Refused, match="m#prod#3 is merged and has no tag yet"):
        live.promote(4, "prod")
    # A second one all the same, by hand on a forge: the next numbers, and prev_prod keeps what prod leaves.
    path = "models/m/aliases.yaml"
    text = (live.clone("reviewer") / path).read_text()
    entry = '{}:\n  version: "{}"\n  assignment: {}\n  reason: {}\n'
    for alias, (old, new) in {"prod": ((3, 3), (4, 4)), "prev_prod": ((2, 2), (3, 3))}.items():
        before = text.partition(f"{alias}:\n")[2].partition("reason: ")[2].partition("\n")[0]
        wanted = entry.format(alias, *old, before)
        assert wanted in text
        text = text.replace(wanted, entry.format(alias, *new, "next"))
    second = live.commit({path: text})
    done = live.apply()
    assert done.plan.rejections == ()
    made = {str(tag.name): decision.commit for decision in done.plan.decisions for tag in decision.tags}
    assert made == {"m#prod#3": first, "m#prev_prod#2": first, "m#prod#4": second, "m#prev_prod#3": second}
    assert (live.meaning("prod"), live.meaning("prev_prod")) == ("4", "3")


def test_merges_far_apart_are_applied_in_their_order(live: World) -> None:
    """Nobody ran `apply` for a while: several models, several kinds of change."""
    live.register(live.train("three"))
    live.merge("register/m-3")
    live.register(live.train("other"), "n")
    live.merge("register/n-1")
    live.commit({"README.md": "words"})
    done = live.apply()
    assert [[str(tag.name) for tag in one.tags] for one in done.plan.decisions] == [["m@v3"], ["n@v1"]]


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


def test_soak_time_is_counted_between_the_merges(world: World) -> None:
    rules = (world.clone("author") / "registry.yaml").read_text()
    world.commit({"registry.yaml": rules.replace("soak_hours: 0", "soak_hours: 24")}, at=hours_ago(300))
    world.register(world.train("one"))
    world.merge("register/m-1", at=hours_ago(200))
    world.apply()
    for alias, ago in (("staging", 100), ("canary", 20)):
        world.promote(1, alias)
        world.merge(f"promote/m-{alias}-1", at=hours_ago(ago))
        world.apply()
    world.promote(1, "prod")
    soon = world.cli("author", "check", "--head", "origin/promote/m-prod-1")
    assert (soon.code, "held canary for 20.0 hours, prod asks for 24" in soon.out) == (1, True)
    # Merged all the same: what counts is how old canary was at that merge, however late `apply` runs.
    world.merge("promote/m-prod-1", at=hours_ago(-3))
    refused = world.apply()
    assert [one.reasons[0] for one in refused.plan.rejections if "23.0 hours" in one.reasons[0]]
    assert world.numbers("prod") == []


def test_the_policy_of_the_merge_s_own_first_parent_judges_it(live: World) -> None:
    """A rule that comes later does not undo what was right; one that comes with the change does not excuse it."""
    live.release("three", "staging", "canary", worst=0.82)
    live.promote(3, "prod")
    live.merge("promote/m-prod-3")
    rules = (live.clone("reviewer") / "registry.yaml").read_text()
    live.commit({"registry.yaml": rules.replace("min: 0.80", "min: 0.90")})
    assert [str(tag.name) for one in live.apply().plan.decisions for tag in one.tags] == ["m#prod#3", "m#prev_prod#2"]


def test_the_loser_of_a_race_for_a_branch_is_told(live: World) -> None:
    live.release("three", "staging", "canary")
    live.promote(3, "prod", "mine")
    with pytest.raises(Lost, match="promote/m-prod-3 exists on origin with another change"):
        live.promote(1, "prod", "no, mine", who="consumer")
    assert live.promote(3, "prod", "mine").submitted.already


def test_references_of_all_forms_mean_the_same(live: World) -> None:
    for reference in ("m@2", "m@v2", "m@prod", "m@latest", "m#prod", "m#prod#2", "models:/m@prod", "models:/m/2"):
        assert live.cli("ci", "resolve", reference).out.startswith("m@2 "), reference
        remote = live.cli("ci", "resolve", reference, "--remote", str(live.hub))
        assert remote.out == live.cli("ci", "resolve", reference).out
    with pytest.raises(NotFound):
        live.registry("ci").resolve(parse_reference("m@9"))


def test_main_keeps_every_byte_of_what_is_registered(live: World) -> None:
    """Invariant 1, by Git alone: no commit of main changes a manifest or pointer that was there."""
    for seed in ("three", "four"):
        live.release(seed, *ROUTE)
    live.rollback()
    for commit in first_parents(live.hub, "main")[:-1]:
        changes = git(live.hub, "diff", "--name-status", f"{commit}^1", commit).splitlines()
        assert not [line for line in changes if line[0] != "A" and line.endswith(("manifest.yaml", "artifacts.dvc"))]
