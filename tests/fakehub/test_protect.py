"""`modelmark protect` on GitHub: reviewed files become rulesets, once, and what somebody changes there is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from modelmark.domain.protection import BELOW, CREATION, IMMUTABLE, MAIN
from tests.fakehub.clients import SECRET
from tests.fakehub.conftest import Run
from tests.fakehub.server import BROKEN, Hub
from tests.fakehub.state import Hosted, Reply, User
from tests.support.world import World

ROOT = User("root")
NAMES = [MAIN, BELOW, IMMUTABLE]


@pytest.fixture
def reviewed(hub: Hub, hosted: Hosted, world: World, run: Run) -> Callable[..., None]:
    """Write the files, and bring them to main as a review would."""
    hub.tokens[SECRET] = ROOT
    hosted.settings.admins = {"root"}
    hosted.settings.apps = {77: "registry[bot]"}

    def bring(*words: str) -> None:
        assert run("protect", "--write", *words).code == 0
        folder = world.clone("author") / ".github/rulesets"
        world.commit({f".github/rulesets/{path.name}": path.read_bytes() for path in folder.iterdir()})

    return bring


def names(hosted: Hosted) -> list[str]:
    return [one["name"] for one in hosted.settings.rulesets.values()]


def ruleset(hosted: Hosted, name: str) -> Any:
    return next(one for one in hosted.settings.rulesets.values() if one["name"] == name)


def test_written_reviewed_applied_and_then_all_holds(
    reviewed: Callable[..., None], hub: Hub, hosted: Hosted, run: Run
) -> None:
    reviewed()
    plan = run("protect")
    assert plan.code == 0
    assert [line.split()[:3] for line in plan.out.splitlines()] == [
        ["would", "create", name] for name in NAMES
    ]
    assert names(hosted) == []
    assert run("protect", "--check").code == 1
    done = run("protect", "--apply")
    assert (done.code, names(hosted)) == (0, NAMES)
    assert "stays open: who administers the repository" in done.err
    hub.seen.clear()
    again = run("protect", "--apply")
    assert (again.code, again.out) == (0, "")
    assert hub.requests("POST") + hub.requests("PUT") == []
    checked = run("protect", "--check")
    assert (checked.code, checked.out) == (0, "")
    assert "GitHub enforces what main asks for" in checked.err


def test_the_registrys_own_work_goes_on_under_its_rules(
    reviewed: Callable[..., None], hub: Hub, hosted: Hosted, world: World, run: Run
) -> None:
    reviewed()
    run("protect", "--apply")
    hub.tokens[SECRET] = User("ada")
    assert run("promote", "m@1", "--to", "staging", "--reason", "why").code == 0
    world.merge("promote/m-staging-1")
    assert run("apply").code == 0
    assert world.numbers("staging") == [1]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda one: one.update(enforcement="disabled"), "is disabled, not active"),
        (lambda one: one["rules"].pop(), "has no rule 'non_fast_forward'"),
        (
            lambda one: one["bypass_actors"].append(
                {"actor_id": 5, "actor_type": "RepositoryRole", "bypass_mode": "always"}
            ),
            "lets 'RepositoryRole 5 (always)' through",
        ),
        (
            lambda one: one["conditions"]["ref_name"]["exclude"].append("refs/tags/m@v1"),
            "leaves out 'refs/tags/m@v1'",
        ),
    ],
)
def test_what_somebody_loosens_is_found_and_put_right(
    reviewed: Callable[..., None], hosted: Hosted, run: Run, spoil: Callable[[Any], object], said: str
) -> None:
    reviewed()
    run("protect", "--apply")
    before = json.dumps(ruleset(hosted, IMMUTABLE))
    spoil(ruleset(hosted, IMMUTABLE))
    checked = run("protect", "--check")
    assert checked.code == 1
    assert said in checked.out
    assert "modelmark protect --apply" in checked.out
    assert said in run("protect", "--plan").out
    assert run("protect", "--apply").code == 0
    assert json.dumps(ruleset(hosted, IMMUTABLE)) == before
    assert names(hosted) == NAMES


def test_the_audit_finds_what_was_loosened_too(
    reviewed: Callable[..., None], hosted: Hosted, run: Run
) -> None:
    reviewed()
    run("protect", "--apply")
    assert "protection" not in run("audit").out
    ruleset(hosted, MAIN)["enforcement"] = "disabled"
    ended = run("audit")
    assert ended.code == 1
    assert f"protection: the ruleset {MAIN} on GitHub is disabled, not active" in ended.out


def test_rulesets_of_others_stay_as_they_are(reviewed: Callable[..., None], hosted: Hosted, run: Run) -> None:
    reviewed()
    run("protect", "--apply")
    theirs = {**ruleset(hosted, MAIN), "name": "theirs", "enforcement": "disabled"}
    hosted.settings.rulesets[7] = dict(theirs)
    assert run("protect", "--apply").code == 0
    assert hosted.settings.rulesets[7] == theirs
    assert run("protect", "--check").code == 0


@pytest.mark.parametrize("broken", range(10))
def test_stopped_at_any_request_the_next_run_ends_it(
    reviewed: Callable[..., None], hub: Hub, hosted: Hosted, run: Run, broken: int
) -> None:
    reviewed()
    answers: list[Reply | Callable[[], object]] = [lambda: None] * broken
    hub.trouble = [*answers, *[BROKEN] * 4]
    stopped = run("protect", "--apply")
    hub.trouble = []
    assert stopped.code in (0, 3)
    assert run("protect", "--apply").code == 0
    assert names(hosted) == NAMES
    assert run("protect", "--check").code == 0


def test_somebody_who_makes_another_of_the_same_name_in_this_moment_is_put_right(
    reviewed: Callable[..., None], hub: Hub, hosted: Hosted, run: Run
) -> None:
    reviewed()

    def meanwhile() -> None:
        empty = {
            "name": MAIN,
            "target": "branch",
            "enforcement": "disabled",
            "rules": [],
            "bypass_actors": [],
        }
        hosted.settings.rulesets[9] = {**empty, "conditions": {"ref_name": {"include": [], "exclude": []}}}

    hub.trouble = [lambda: None, lambda: None, meanwhile]
    assert run("protect", "--apply").code == 0
    assert sorted(names(hosted)) == sorted(NAMES)
    assert run("protect", "--check").code == 0


def test_the_hardened_profile_names_the_app_and_survives_a_second_write(
    reviewed: Callable[..., None], hosted: Hosted, run: Run
) -> None:
    reviewed("--app", "77", "--operators", "5")
    assert run("protect", "--apply").code == 0
    actors = [(one["actor_type"], one["actor_id"]) for one in ruleset(hosted, CREATION)["bypass_actors"]]
    assert actors == [("Integration", 77), ("Team", 5)]
    assert "wrote 0, 4 were good" in run("protect", "--write").err
    assert run("protect", "--check").code == 0


def test_a_reviewed_file_that_asks_for_too_little_is_applied_and_said(
    reviewed: Callable[..., None], hosted: Hosted, world: World, run: Run
) -> None:
    reviewed()
    path = f".github/rulesets/{MAIN}.json"
    weak = (
        (world.clone("reviewer") / path)
        .read_text()
        .replace('"require_code_owner_review": true', '"require_code_owner_review": false')
    )
    world.commit({path: weak})
    ended = run("protect", "--apply")
    assert ended.code == 1
    assert f"{path}: the ruleset {MAIN} has pull_request: require_code_owner_review = false" in ended.err
    assert "modelmark protect --write" in ended.err
    assert names(hosted) == NAMES


def test_a_leftover_is_named_and_stays(
    reviewed: Callable[..., None], hosted: Hosted, world: World, run: Run
) -> None:
    reviewed("--app", "77")
    run("protect", "--apply")
    world.commit({f".github/rulesets/{CREATION}.json": None})
    checked = run("protect", "--check")
    assert checked.code == 0
    assert f"the ruleset {CREATION} is on GitHub, and no file at main asks for it" in checked.out
    assert run("protect", "--apply").code == 0
    assert CREATION in names(hosted)


def test_without_an_administrators_token_it_says_what_it_could_not_see(
    reviewed: Callable[..., None], hub: Hub, hosted: Hosted, run: Run
) -> None:
    reviewed()
    run("protect", "--apply")
    hub.tokens[SECRET] = User("ada", writes=False)
    checked = run("protect", "--check")
    assert checked.code == 3
    assert f"not seen: whom GitHub lets through {MAIN}, {BELOW}, {IMMUTABLE}" in checked.err
    assert "not known whether" in checked.err
    ruleset(hosted, MAIN)["enforcement"] = "disabled"
    assert run("protect", "--check").code == 1
    ended = run("protect", "--apply")
    assert ended.code == 3
    assert "Administration" in ended.err


def test_a_plan_without_rulesets_is_said_plainly(
    reviewed: Callable[..., None], hub: Hub, hosted: Hosted, run: Run
) -> None:
    reviewed()
    hosted.settings.private, hosted.settings.plan = True, "free"
    for way in ("--check", "--apply"):
        ended = run("protect", way)
        assert ended.code == 1
        assert "GitHub enforces nothing here" in ended.out + ended.err
        assert "take the Team plan" in ended.out + ended.err
    assert hub.requests("POST") == []


def test_rules_that_guard_another_branch_are_an_error(
    reviewed: Callable[..., None], hosted: Hosted, run: Run
) -> None:
    reviewed()
    run("protect", "--apply")
    hosted.settings.default_branch = "trunk"
    checked = run("protect", "--check")
    assert checked.code == 1
    assert "GitHub's default branch is 'trunk' and that of registry.yaml is main" in checked.out


def test_rules_that_are_there_and_not_in_force_are_an_error(
    reviewed: Callable[..., None], hub: Hub, run: Run
) -> None:
    reviewed()
    run("protect", "--apply")
    before: list[Reply | Callable[[], object]] = [lambda: None] * 5
    hub.trouble = [*before, Reply(200, [{"type": "deletion"}])]
    checked = run("protect", "--check")
    assert checked.code == 1
    assert (
        "on main GitHub does not enforce non_fast_forward, pull_request, required_status_checks"
        in checked.out
    )


def test_without_files_there_is_nothing_to_apply(hub: Hub, hosted: Hosted, run: Run) -> None:
    hub.tokens[SECRET] = ROOT
    ended = run("protect", "--apply")
    assert (ended.code, names(hosted)) == (1, [])
    assert "main has no .github/rulesets" in ended.err


def test_a_file_that_is_no_ruleset_is_named_and_the_others_are_applied(
    reviewed: Callable[..., None], hosted: Hosted, world: World, run: Run
) -> None:
    reviewed()
    world.commit({f".github/rulesets/{MAIN}.json": "{", ".github/rulesets/README.md": "hello"})
    ended = run("protect", "--apply")
    assert (ended.code, names(hosted)) == (1, [BELOW, IMMUTABLE])
    assert f".github/rulesets/{MAIN}.json: no JSON" in ended.err


def test_json_says_the_same(reviewed: Callable[..., None], run: Run) -> None:
    reviewed()
    found = json.loads(run("protect", "--json").out)
    assert [step["ruleset"]["name"] for step in found["steps"]] == NAMES
    assert found["holds"] is False
    assert found["left_open"]
    assert json.loads(run("protect", "--write", "--json").out)["written"] == []
