"""What main asks of GitHub and what GitHub has: the plan, its steps, and what is found when nobody changes anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from modelmark.domain.findings import Level
from modelmark.domain.protection import (
    BELOW,
    CREATION,
    IMMUTABLE,
    MAIN,
    Profile,
    RepositoryFacts,
    ruleset_files,
    rulesets_of,
)
from modelmark.domain.rulesets import ruleset_path
from modelmark.errors import Denied, NotFound
from modelmark.usecases.protect import (
    apply_protection,
    audit_protection,
    plan_protection,
    protection_findings,
    write_protection,
)
from modelmark.usecases.state import find_main
from tests.support.desk import Desk
from tests.support.fake_settings import FakeSettings
from tests.usecases.test_codeowners import FakeTree

FILES = ruleset_files(Profile(1))
BOTH = [f"create {name}" for name in (MAIN, BELOW, IMMUTABLE)]


@pytest.fixture
def hub(desk: Desk) -> FakeSettings:
    """A repository whose main has the default files, and that nobody has protected yet."""
    desk.commit(dict(FILES))
    return FakeSettings()


def said(desk: Desk, hub: FakeSettings, level: Level = Level.ERROR) -> str:
    return "\n".join(one.message for one in protection_findings(desk.workspace, hub) if one.level is level)


def test_the_plan_changes_nothing_and_apply_does_it_once(desk: Desk, hub: FakeSettings) -> None:
    plan = plan_protection(desk.workspace, hub)
    assert (hub.asked, [step.stays for step in plan.steps], plan.holds) == ([], [False] * 3, False)
    done = apply_protection(desk.workspace, hub)
    assert (hub.asked, done.holds, len(done.done)) == (BOTH, True, 3)
    again = apply_protection(desk.workspace, hub)
    assert (hub.asked, again.holds, again.done) == (BOTH, True, ())
    assert protection_findings(desk.workspace, hub) == ()


def test_apply_reads_the_newest_main_and_findings_the_one_that_is_here(desk: Desk, hub: FakeSettings) -> None:
    apply_protection(desk.workspace, hub)
    desk.sync()
    before = desk.main
    bob = desk.other_clone()
    desk.commit(dict(ruleset_files(Profile(2))))
    assert protection_findings(bob, hub) == ()
    assert apply_protection(bob, hub).commit != before
    assert hub.asked == [*BOTH, f"replace {MAIN}"]


def test_what_another_made_in_this_moment_is_replaced_in_the_second_round(
    desk: Desk, hub: FakeSettings
) -> None:
    weak = replace(rulesets_of(Profile(1))[0], enforcement="disabled")
    hub.meanwhile = [lambda: hub.rulesets.update({7: weak})]
    assert apply_protection(desk.workspace, hub).holds
    assert hub.asked == [f"create {BELOW}", f"create {IMMUTABLE}", f"replace {MAIN}"]


def test_a_github_that_keeps_nothing_ends_the_rounds_and_is_said(desk: Desk, hub: FakeSettings) -> None:
    hub.rulesets = {7: replace(rulesets_of(Profile(1))[0], enforcement="disabled")}
    hub.replace = lambda number, ruleset: hub.asked.append("replace")  # type: ignore[method-assign]
    assert not apply_protection(desk.workspace, hub).holds
    assert hub.asked.count("replace") == 2


def test_a_token_without_administration_stops_at_the_first_change(desk: Desk, hub: FakeSettings) -> None:
    hub.admin = False
    with pytest.raises(Denied):
        apply_protection(desk.workspace, hub)
    assert hub.asked == []


def test_what_a_token_cannot_see_is_a_warning_and_not_well(desk: Desk, hub: FakeSettings) -> None:
    apply_protection(desk.workspace, hub)
    hub.admin = False
    assert plan_protection(desk.workspace, hub).unseen
    assert said(desk, hub) == ""
    assert f"GitHub lets through {MAIN}, {BELOW}, {IMMUTABLE}" in said(desk, hub, Level.WARNING)


def test_without_rulesets_on_the_plan_nothing_is_asked_for_and_all_is_open(
    desk: Desk, hub: FakeSettings
) -> None:
    hub.plan = False
    done = apply_protection(desk.workspace, hub)
    assert (done.steps, done.done, done.holds) == ((), (), False)
    assert "GitHub enforces nothing here" in said(desk, hub)
    assert "Team" in done.problems[-1].hint
    hub.facts = RepositoryFacts(True, "main", organization=False)
    assert "Pro" in plan_protection(desk.workspace, hub).problems[-1].hint


def test_stricter_than_asked_for_is_a_warning_that_apply_takes_back(desk: Desk, hub: FakeSettings) -> None:
    apply_protection(desk.workspace, hub)
    hub.rulesets[101] = replace(rulesets_of(Profile(3))[0])
    assert said(desk, hub) == ""
    assert "= 3, not 1, and no file at main says so" in said(desk, hub, Level.WARNING)
    apply_protection(desk.workspace, hub)
    assert hub.asked[-1] == f"replace {MAIN}"


def test_rules_that_are_not_in_force_on_main_are_an_error(desk: Desk, hub: FakeSettings) -> None:
    apply_protection(desk.workspace, hub)
    hub.idle = True
    assert "on main GitHub does not enforce deletion, non_fast_forward" in said(desk, hub)


def test_another_default_branch_is_an_error(desk: Desk, hub: FakeSettings) -> None:
    apply_protection(desk.workspace, hub)
    hub.facts = replace(hub.facts, default_branch="trunk")
    assert "GitHub's default branch is 'trunk'" in said(desk, hub)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({ruleset_path(IMMUTABLE): None}, f"the ruleset {IMMUTABLE} is not there"),
        (
            {ruleset_path(MAIN): FILES[ruleset_path(MAIN)].replace(b"active", b"disabled")},
            "is disabled, not active",
        ),
        ({ruleset_path(MAIN): b"{"}, "no JSON"),
    ],
)
def test_files_that_ask_for_too_little_are_errors(
    desk: Desk, hub: FakeSettings, files: Mapping[str, bytes | None], words: str
) -> None:
    apply_protection(desk.workspace, hub)
    desk.commit(files)
    apply_protection(desk.workspace, hub)
    assert words in said(desk, hub)


def test_a_registry_that_asks_for_nothing_is_warned_and_nothing_holds(desk: Desk) -> None:
    hub = FakeSettings()
    assert said(desk, hub) == ""
    assert said(desk, hub, Level.WARNING).startswith("main has no .github/rulesets")
    assert not plan_protection(desk.workspace, hub).holds
    hub.plan = False
    assert said(desk, hub) == ""
    assert said(desk, hub, Level.WARNING).startswith("GitHub enforces nothing here")


def test_an_audit_without_a_token_says_that_it_saw_nothing(desk: Desk, hub: FakeSettings) -> None:
    main = find_main(desk.workspace)
    (found,) = audit_protection(desk.workspace, None, main)
    assert (found.level, "no token" in found.message) == (Level.NOTE, True)
    assert audit_protection(desk.workspace, hub, main) == protection_findings(desk.workspace, hub)


def test_a_broken_file_is_said_once_and_its_ruleset_is_no_leftover(desk: Desk, hub: FakeSettings) -> None:
    apply_protection(desk.workspace, hub)
    desk.commit({ruleset_path(MAIN): b"{"})
    found = plan_protection(desk.workspace, hub).findings
    assert [one.path for one in found] == [ruleset_path(MAIN)]
    assert found[0].hint


def test_a_ruleset_of_ours_without_a_file_is_named_and_left(desk: Desk, hub: FakeSettings) -> None:
    apply_protection(desk.workspace, hub)
    hub.rulesets[9] = rulesets_of(Profile(1, 77))[-1]
    assert f"the ruleset {CREATION} is on GitHub, and no file" in said(desk, hub, Level.WARNING)
    apply_protection(desk.workspace, hub)
    assert hub.rulesets[9].name == CREATION


def test_files_beside_the_rulesets_and_rulesets_of_ones_own_are_welcome(
    desk: Desk, hub: FakeSettings
) -> None:
    own = FILES[ruleset_path(IMMUTABLE)].replace(IMMUTABLE.encode(), b"releases")
    desk.commit({".github/rulesets/README.md": b"x", ruleset_path("releases"): own})
    assert apply_protection(desk.workspace, hub).holds
    assert [one.name for one in hub.rulesets.values()] == [MAIN, BELOW, IMMUTABLE, "releases"]


def test_written_files_are_those_of_the_profile_and_written_once(desk: Desk) -> None:
    desk.sync()
    desk.git.refs["refs/heads/main"] = desk.main or ""
    tree = FakeTree()
    assert write_protection(desk.workspace, tree).written == tuple(FILES)
    assert tree.files == FILES
    assert write_protection(desk.workspace, tree).kept == tuple(FILES)
    assert tree.writes == 3
    assert write_protection(desk.workspace, tree, 77, 5).written == (ruleset_path(CREATION),)
    assert write_protection(desk.workspace, tree).written == ()


def test_nothing_is_written_where_there_is_no_registry(desk: Desk) -> None:
    tree = FakeTree()
    with pytest.raises(NotFound):
        write_protection(desk.workspace, tree)
    assert tree.writes == 0
