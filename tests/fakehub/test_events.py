"""Dispatches and statuses through the real client: what arrives, what GitHub refuses, and the hint that mends it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modelmark.adapters.github import GitHub
from modelmark.adapters.github_events import EventsOnGitHub
from modelmark.adapters.github_rest import Rest
from modelmark.domain.forge import find_repository
from modelmark.errors import CouldNot, Denied, ModelmarkError, NotFound
from tests.fakehub.clients import SECRET
from tests.fakehub.server import Hub
from tests.fakehub.state import Hosted, Reply, User
from tests.support.git_repos import commit, git

WORKFLOW = b"""\
on:
  push: {tags: ['**#*#[0-9]+']}
  workflow_dispatch: {inputs: {tag: {required: true, type: string}}}
"""
FILE = "registry-tag.yml"


@pytest.fixture
def on_github(hub: Hub, served: Hosted, tmp_path: Path) -> EventsOnGitHub:
    """The events of acme/models, whose main has three workflows."""
    clone = tmp_path / "clone"
    folder = ".github/workflows"
    other = {f"{folder}/other.yml": b"on: [push]\n", f"{folder}/bare.yml": b"on: workflow_dispatch\n"}
    commit(clone, {f"{folder}/{FILE}": WORKFLOW, **other})
    git(clone, "push", "-q", str(served.bare), "HEAD:main")
    return events(hub)


def events(hub: Hub) -> EventsOnGitHub:
    repository = find_repository(f"{hub.address}/acme/models.git", hub.environ)
    assert repository is not None
    return GitHub(repository, SECRET).events


def rest(hub: Hub) -> Rest:
    return events(hub)._rest


def tip(served: Hosted) -> str:
    found = served.tip("main")
    assert found is not None
    return found


def test_a_dispatch_arrives_with_its_payload(served: Hosted, on_github: EventsOnGitHub) -> None:
    on_github.dispatch("modelmark-assignment", {"tag": "m#prod#1", "version": None})
    (event,) = served.events
    assert (event.name, event.kind) == ("repository_dispatch", "modelmark-assignment")
    assert (event.ref, event.sha) == ("refs/heads/main", tip(served)), "it runs what main has"
    assert event.payload == {"tag": "m#prod#1", "version": None}


def test_dispatches_start_workflows_by_a_workflows_own_token_too(
    hub: Hub, served: Hosted, on_github: EventsOnGitHub
) -> None:
    hub.tokens[SECRET] = User("github-actions[bot]", actions=True)
    on_github.dispatch("modelmark-assignment", {})
    on_github.start_workflow(FILE, "main", {"tag": "m#prod#1"})
    assert [(one.name, one.by) for one in served.events] == [
        ("repository_dispatch", "github-actions[bot]"),
        ("workflow_dispatch", "github-actions[bot]"),
    ]


def test_a_workflow_is_started_as_its_file_stands_on_a_branch(
    served: Hosted, on_github: EventsOnGitHub
) -> None:
    on_github.start_workflow(FILE, "main", {"tag": "m#prod#1"})
    (event,) = served.events
    assert (event.kind, event.ref, event.sha) == (FILE, "refs/heads/main", tip(served))
    assert event.payload == {"tag": "m#prod#1"}


def test_an_answer_with_the_run_is_as_good(hub: Hub, served: Hosted, on_github: EventsOnGitHub) -> None:
    body = {"ref": "main", "inputs": {"tag": "m#prod#1"}, "return_run_details": True}
    found = rest(hub).call("POST", f"/repos/acme/models/actions/workflows/{FILE}/dispatches", body)
    assert found["html_url"] == f"{hub.address}/acme/models/actions/runs/{found['workflow_run_id']}"
    hub.trouble = [Reply(200, found)]
    on_github.start_workflow(FILE, "main", {"tag": "m#prod#1"})


@pytest.mark.parametrize(
    ("file", "branch", "inputs", "words", "mend"),
    [
        ("gone.yml", "main", {"tag": "x"}, "says 404 'Not Found'", ".github/workflows/gone.yml is on main"),
        (FILE, "nothing", {"tag": "x"}, "does not have 'workflow_dispatch'", ""),
        (FILE, "gone", {"tag": "x"}, "No ref found for: gone", ""),
        (
            "other.yml",
            "main",
            {"tag": "x"},
            "'workflow_dispatch' trigger",
            "other.yml the trigger `workflow_dispatch` with",
        ),
        ("bare.yml", "main", {"tag": "x"}, "Unexpected inputs provided", ""),
        (FILE, "main", {}, "Required input 'tag' not provided", ""),
    ],
)
def test_a_workflow_that_cannot_be_started_is_told_with_its_mend(
    on_github: EventsOnGitHub, file: str, branch: str, inputs: dict[str, str], words: str, mend: str
) -> None:
    with pytest.raises(ModelmarkError) as caught:
        on_github.start_workflow(file, branch, inputs)
    assert words in caught.value.message.replace('\\"', '"').replace("\\'", "'")
    assert mend in caught.value.hint
    assert caught.value.hint


def test_a_file_whose_name_is_a_path_is_not_asked_for_elsewhere(hub: Hub, on_github: EventsOnGitHub) -> None:
    with pytest.raises(NotFound):
        on_github.start_workflow("a/../b.yml", "main", {})
    assert hub.requests("POST") == ["/actions/workflows/a/../b.yml/dispatches"]


Call = Callable[[EventsOnGitHub, str], object]
CALLS: dict[str, Call] = {
    "contents: write": lambda here, _: here.dispatch("x", {}),
    "actions: write": lambda here, _: here.start_workflow(FILE, "main", {"tag": "x"}),
    "statuses: write": lambda here, sha: here.mark(sha, "x", "y", ""),
}


@pytest.mark.parametrize("permission", CALLS)
@pytest.mark.parametrize("actions", [True, False])
def test_each_call_needs_one_permission_and_says_which(
    hub: Hub, served: Hosted, on_github: EventsOnGitHub, permission: str, actions: bool
) -> None:
    hub.tokens[SECRET] = User("bot", actions=actions, granted=frozenset({permission}))
    CALLS[permission](on_github, tip(served))
    hub.tokens[SECRET] = User("bot", actions=actions, granted=frozenset(set(CALLS) - {permission}))
    with pytest.raises(Denied, match="says 403") as caught:
        CALLS[permission](on_github, tip(served))
    assert f"`permissions: {permission}`" in caught.value.hint
    hub.tokens[SECRET] = User("bot", actions=actions, writes=False)
    with pytest.raises(Denied):
        CALLS[permission](on_github, tip(served))


def test_reading_statuses_needs_a_permission_too(hub: Hub, served: Hosted, on_github: EventsOnGitHub) -> None:
    hub.tokens[SECRET] = User("bot", actions=True, granted=frozenset({"contents: write"}))
    with pytest.raises(Denied) as caught:
        on_github.announced(tip(served))
    assert "`permissions: statuses: write`" in caught.value.hint
    hub.tokens[SECRET] = User("bot", writes=False)
    assert on_github.announced(tip(served)) == frozenset()


def test_a_wrong_token_keeps_its_own_hint(hub: Hub, on_github: EventsOnGitHub) -> None:
    del hub.tokens[SECRET]
    with pytest.raises(Denied, match="Bad credentials") as caught:
        on_github.dispatch("x", {})
    assert "make a new one" in caught.value.hint


def test_what_is_marked_is_read_again_whatever_the_case(
    hub: Hub, served: Hosted, on_github: EventsOnGitHub
) -> None:
    assert on_github.announced(tip(served)) == frozenset()
    on_github.mark(tip(served), "Registry/announced/webhook m#prod#1", "told", f"{hub.address}/run")
    on_github.mark(tip(served), "other", "z" * 500, "")
    assert on_github.announced(tip(served)) == {"registry/announced/webhook m#prod#1", "other"}
    first, second = served.statuses[tip(served)]
    assert (first["state"], first["target_url"], first["description"]) == (
        "success",
        f"{hub.address}/run",
        "told",
    )
    assert (second["target_url"], len(second["description"])) == (None, 140)


def test_only_success_is_success(hub: Hub, served: Hosted, on_github: EventsOnGitHub) -> None:
    for state in ("pending", "failure", "error"):
        rest(hub).call(
            "POST", f"/repos/acme/models/statuses/{tip(served)}", {"state": state, "context": state}
        )
    assert on_github.announced(tip(served)) == frozenset()


def test_statuses_beyond_a_page_are_read(served: Hosted, on_github: EventsOnGitHub) -> None:
    for number in range(101):
        on_github.mark(tip(served), f"c{number}", "told", "")
    assert len(on_github.announced(tip(served))) == 101


@pytest.mark.parametrize("text", ["{}", '["x"]', '[{"state": "success"}]', '[{"state": 1, "context": []}]'])
def test_an_answer_that_github_would_not_give_marks_nothing(
    hub: Hub, served: Hosted, on_github: EventsOnGitHub, text: str
) -> None:
    hub.trouble = [Reply(200, text)]
    try:
        found = on_github.announced(tip(served))
    except CouldNot:
        return
    assert found <= {"none"}


# --- as strict as GitHub ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("dispatches", {}, "event_type"),
        ("dispatches", {"event_type": "x" * 101}, "event_type"),
        ("dispatches", {"event_type": "x", "client_payload": "{}"}, "is not an object"),
        (
            "dispatches",
            {"event_type": "x", "client_payload": {str(one): 1 for one in range(11)}},
            "No more than 10",
        ),
        ("dispatches", {"event_type": "x", "client_payload": {"a": "b" * 65_535}}, "too large"),
        (f"actions/workflows/{FILE}/dispatches", {}, '"ref" wasn'),
        (f"actions/workflows/{FILE}/dispatches", {"ref": "main", "inputs": {"tag": 1}}, "object of strings"),
        (
            f"actions/workflows/{FILE}/dispatches",
            {"ref": "main", "inputs": {str(one): "1" for one in range(26)}},
            "No more than 25",
        ),
        (f"statuses/{'0' * 40}", {"state": "success"}, "No commit found for SHA"),
        ("statuses/TIP", {"state": "good"}, "not included in the list"),
        ("statuses/TIP", {"state": "success", "description": "x" * 141}, "maximum is 140"),
        ("statuses/TIP", {"state": "success", "context": "x" * 256}, "maximum is 255"),
        ("statuses/TIP", {"state": "success", "target_url": "javascript:x"}, "http(s) scheme"),
    ],
)
def test_what_github_refuses_is_refused(
    hub: Hub, served: Hosted, on_github: EventsOnGitHub, path: str, body: dict[str, Any], words: str
) -> None:
    hub.wrong_requests = True
    with pytest.raises(CouldNot) as caught:
        rest(hub).call("POST", f"/repos/acme/models/{path.replace('TIP', tip(served))}", body)
    assert "says 422" in caught.value.message
    assert words in caught.value.message
    assert (served.events, served.statuses.get(tip(served))) == ([], None)


def test_a_context_is_full_after_a_thousand(hub: Hub, served: Hosted, on_github: EventsOnGitHub) -> None:
    served.statuses[tip(served)] = [{"context": "X", "state": "success"}] * 1000
    with pytest.raises(CouldNot, match="maximum number of statuses"):
        on_github.mark(tip(served), "x", "y", "")
    on_github.mark(tip(served), "y", "y", "")
