"""`apply`: late, doubled, by anybody, in one push or none, and always by the rules of the merge itself."""

from __future__ import annotations

import pytest

from modelmark.errors import Refused
from tests.support.world import (
    ROUTE,
    World,
    hours_ago,
    refs,
)


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
    assert refused.code == 1
    assert "no tags today" in refused.out
    assert world.tags() == before
    assert refs(world.clone("ci"), "refs/tags/").keys() <= before.keys()
    hook.unlink()
    world.apply()
    assert world.on_hub("rev-parse", "m#prod#2^{commit}", "m#prev_prod#1^{commit}").split() == [merge, merge]


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
    assert [str(tag.name) for one in live.apply().plan.decisions for tag in one.tags] == [
        "m#prod#3",
        "m#prev_prod#2",
    ]
