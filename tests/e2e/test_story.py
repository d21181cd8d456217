"""The main job from the first version to the rollback, by the people who do it: author, reviewer, ci, consumer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from modelmark import Way, parse_reference
from modelmark.errors import Lost, NotFound, Refused
from modelmark.usecases.submit import NotPassed
from tests.support.trained import trained
from tests.support.world import ROUTE, World, files_below, first_parents, git, new_world


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
    assert (
        world.cli("consumer", "pull", "m@prod", "--to", str(target), "--registry", str(world.hub)).code == 0
    )
    assert files_below(target / "current") == trained("three", f1=0.94, worst=0.90)

    # Somebody without Modelmark rolls back; everybody follows.
    assert world.roll_back_by_hand("prod", 1) == "m#prod#3"
    assert world.meaning("prod") == "1"
    assert (
        world.cli("consumer", "pull", "m@prod", "--to", str(target), "--registry", str(world.hub)).code == 0
    )
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


def test_the_loser_of_a_race_for_a_branch_is_told(live: World) -> None:
    live.release("three", "staging", "canary")
    live.promote(3, "prod", "mine")
    with pytest.raises(Lost, match="promote/m-prod-3 exists on origin with another change"):
        live.promote(1, "prod", "no, mine", who="consumer")
    assert live.promote(3, "prod", "mine").submitted.already


def test_references_of_all_forms_mean_the_same(live: World) -> None:
    for reference in (
        "m@2",
        "m@v2",
        "m@prod",
        "m@latest",
        "m#prod",
        "m#prod#2",
        "models:/m@prod",
        "models:/m/2",
    ):
        assert live.cli("ci", "resolve", reference).out.startswith("m@2 "), reference
        remote = live.cli("ci", "resolve", reference, "--registry", str(live.hub))
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
        assert not [
            line for line in changes if line[0] != "A" and line.endswith(("manifest.yaml", "artifacts.dvc"))
        ]
