"""Settings by the real client on a strict server: what each token sees, what GitHub takes, and what it answers instead."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from modelmark.adapters.github import GitHub
from modelmark.adapters.github_settings import SettingsOnGitHub
from modelmark.domain.forge import find_repository
from modelmark.domain.protection import ACTIONS_APP, OURS, ActionsFacts, Profile, rulesets_of
from modelmark.domain.rulesets import Actor, Rule, Ruleset, differences
from modelmark.errors import CouldNot, Denied, Lost
from tests.fakehub.server import Hub
from tests.fakehub.state import Hosted, Reply, User

MAIN, TAGS, BELOW, CREATION = rulesets_of(Profile(2, 77, 5))
ALL = (MAIN, TAGS, BELOW, CREATION)


@pytest.fixture
def ours(hub: Hub, served: Hosted) -> SettingsOnGitHub:
    """The repository as its administrator sees it."""
    served.settings.admins = {"root", "twin"}
    served.settings.apps = {77: "registry[bot]"}
    return seen_by(hub, User("root"))


def seen_by(hub: Hub, user: User) -> SettingsOnGitHub:
    hub.tokens[f"t0ken-{user.login}"] = user
    repository = find_repository(f"{hub.address}/acme/models.git", hub.environ)
    assert repository is not None
    return GitHub(repository, f"t0ken-{user.login}").settings


def test_both_profiles_are_taken_and_come_back_as_they_were_sent(ours: SettingsOnGitHub) -> None:
    for one in ALL:
        ours.create(one)
    found = ours.find_rulesets(OURS)
    assert found is not None
    by_name = {one.name: one for one in found.values()}
    assert [differences(one, by_name[one.name]) for one in ALL] == [()] * 4


def test_a_ruleset_is_replaced_whole(ours: SettingsOnGitHub) -> None:
    ours.create(replace(TAGS, enforcement="disabled", rules=(Rule("update"),)))
    (number,) = ours.find_rulesets(OURS) or {}
    ours.replace(number, TAGS)
    assert differences(TAGS, (ours.find_rulesets(OURS) or {})[number]) == ()


def test_rulesets_of_other_names_and_of_the_organisation_are_not_ours(
    ours: SettingsOnGitHub, hub: Hub
) -> None:
    ours.create(replace(MAIN, name="somebody-elses"))
    assert ours.find_rulesets(OURS) == {}
    parent = {"id": 1, "name": MAIN.name, "source_type": "Organization"}
    hub.trouble = [Reply(200, [parent, {"name": MAIN.name}, "x"])]
    assert ours.find_rulesets(OURS) == {}, "also where the filter filters nothing"


def test_a_name_that_is_taken_is_lost(ours: SettingsOnGitHub) -> None:
    ours.create(MAIN)
    with pytest.raises(Lost, match="Name must be unique"):
        ours.create(MAIN)


def test_an_answer_that_got_lost_leaves_one_ruleset(ours: SettingsOnGitHub, hub: Hub, served: Hosted) -> None:
    def does_it_and_breaks() -> Reply:
        seen_by(hub, User("twin")).create(MAIN)
        return Reply(502, "<html>")

    hub.trouble = [does_it_and_breaks]
    with pytest.raises(Lost):
        ours.create(MAIN)
    assert len(served.settings.rulesets) == 1


@pytest.mark.parametrize(
    ("user", "words"),
    [
        (User("ada"), "Must have admin rights"),
        (User("eve", writes=False), "404"),
        (User("github-actions[bot]", actions=True), "Resource not accessible by integration"),
    ],
)
def test_who_administers_nothing_may_look_and_not_change(
    hub: Hub, served: Hosted, ours: SettingsOnGitHub, user: User, words: str
) -> None:
    ours.create(MAIN)
    theirs = seen_by(hub, user)
    found = theirs.find_rulesets(OURS)
    assert found is not None
    assert [one.bypass for one in found.values()] == [None], "who is let through is not shown to them"
    for change in (partial(theirs.create, TAGS), partial(theirs.replace, next(iter(found)), TAGS)):
        with pytest.raises(Denied, match=words) as caught:
            change()
        assert "Administration (read and write)" in caught.value.hint
    assert [one["name"] for one in served.settings.rulesets.values()] == [MAIN.name]


def test_githubs_own_app_is_let_through_by_no_ruleset(ours: SettingsOnGitHub) -> None:
    actors = (Actor("Integration", ACTIONS_APP),)
    with pytest.raises(CouldNot, match="Actor GitHub Actions integration must be part of the ruleset source"):
        ours.create(replace(TAGS, bypass=actors))


def test_a_team_exists_in_organisations_only(ours: SettingsOnGitHub, served: Hosted) -> None:
    served.settings.organization = False
    with pytest.raises(CouldNot, match="Actor Team must be part of"):
        ours.create(CREATION)


def without(ruleset: Ruleset, parameter: str) -> Ruleset:
    rules = (
        Rule(one.type, {key: value for key, value in one.parameters.items() if key != parameter})
        for one in ruleset.rules
    )
    return replace(ruleset, rules=tuple(rules))


@pytest.mark.parametrize(
    "parameter",
    [
        key
        for one in MAIN.rules
        for key in one.parameters
        if key not in ("do_not_enforce_on_create", "allowed_merge_methods")
    ],
)
def test_every_parameter_that_we_send_is_one_that_github_insists_on(
    hub: Hub, ours: SettingsOnGitHub, parameter: str
) -> None:
    hub.wrong_requests = True
    with pytest.raises(CouldNot, match=f"Invalid parameter '{parameter}'"):
        ours.create(without(MAIN, parameter))


@pytest.mark.parametrize("rule", ["tag_name_pattern", "no_such_rule"])
def test_rules_about_names_and_unknown_ones_are_refused_on_this_plan(
    hub: Hub, ours: SettingsOnGitHub, rule: str
) -> None:
    hub.wrong_requests = True
    with pytest.raises(CouldNot, match=f"Invalid rule '{rule}'"):
        ours.create(replace(TAGS, rules=(Rule(rule),)))


def test_a_private_repository_of_the_free_plan_has_no_rulesets(
    ours: SettingsOnGitHub, served: Hosted
) -> None:
    served.settings.private, served.settings.plan = True, "free"
    assert ours.find_rulesets(OURS) is None
    with pytest.raises(Denied, match="Upgrade to GitHub Pro or make this repository public"):
        ours.create(MAIN)
    served.settings.plan = "team"
    assert ours.find_rulesets(OURS) == {}


def test_another_no_is_not_taken_for_the_plans(ours: SettingsOnGitHub, hub: Hub) -> None:
    hub.trouble = [Reply(403, {"message": "Resource not accessible by integration"})]
    with pytest.raises(Denied):
        ours.find_rulesets(OURS)


def test_what_is_in_force_on_a_branch_needs_no_administrator(
    hub: Hub, ours: SettingsOnGitHub, served: Hosted
) -> None:
    ours.create(MAIN)
    ours.create(TAGS)
    ours.create(replace(MAIN, name="off", enforcement="disabled", include=("~ALL",), rules=(Rule("update"),)))
    theirs = seen_by(hub, User("eve", writes=False))
    assert theirs.rules_on("main") == {rule.type for rule in MAIN.rules}
    assert theirs.rules_on("promote/m-prod-1") == frozenset()


def test_the_repository_says_what_it_is_and_what_the_token_may(
    hub: Hub, served: Hosted, ours: SettingsOnGitHub
) -> None:
    found = ours.about()
    assert (found.private, found.default_branch, found.organization) == (False, "main", True)
    assert found.may == {"admin", "push", "pull"}
    served.settings.private, served.settings.organization = True, False
    served.settings.default_branch = "trunk"
    found = seen_by(hub, User("eve", writes=False)).about()
    assert (found.private, found.default_branch, found.organization) == (True, "trunk", False)
    assert found.may == {"pull"}
    assert seen_by(hub, User("robot", actions=True)).about().may == frozenset(), "GitHub does not say"


def test_what_workflows_may_do_is_for_administrators(
    hub: Hub, ours: SettingsOnGitHub, served: Hosted
) -> None:
    assert ours.actions() == ActionsFacts(open_pulls=False, write_by_default=False)
    served.actions_may_open = served.settings.write_by_default = True
    assert ours.actions() == ActionsFacts(open_pulls=True, write_by_default=True)
    with pytest.raises(Denied) as caught:
        seen_by(hub, User("ada")).actions()
    assert "Administration (read)" in caught.value.hint


def test_owners_that_github_does_not_take_are_named(ours: SettingsOnGitHub, served: Hosted) -> None:
    assert ours.unread_owners("main") == ()
    served.settings.unread_owners = [
        {
            "line": 7,
            "column": 3,
            "kind": "Unknown owner",
            "source": "/models/m/ @eve\n",
            "message": "…",
            "path": "x",
        }
    ]
    assert ours.unread_owners("main") == ("line 7: Unknown owner in /models/m/ @eve",)


@pytest.mark.parametrize("answer", [None, "x", {"errors": 5}])
def test_an_answer_that_is_none_of_githubs_is_said(ours: SettingsOnGitHub, hub: Hub, answer: Any) -> None:
    for ask in (
        ours.about,
        ours.actions,
        lambda: ours.unread_owners("main"),
        lambda: ours.find_rulesets(OURS),
    ):
        hub.trouble = [Reply(200, answer)]
        with pytest.raises(CouldNot):
            ask()
