"""`announce` against GitHub and a webhook for real: each hears each id at least once, and nothing is said of what is no truth."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from modelmark.adapters import http
from modelmark.domain.tags import AssignmentTag
from modelmark.usecases.announce import Asked
from tests.fakehub.clients import SECRET
from tests.fakehub.conftest import Run
from tests.fakehub.server import Hub
from tests.fakehub.state import Hosted, User
from tests.support import receiver as receivers
from tests.support.outside import ALL
from tests.support.receiver import Receiver, receiver
from tests.support.world import World

WORKFLOW = """\
name: registry-tag
on: {workflow_dispatch: {inputs: {tag: {required: true, type: string}}}}
permissions: {}
jobs: {}
"""
TAG = "m#prod#2"
NAMES = ["m#canary#2", "m#prev_prod#1", TAG, "m#staging#2"]
ANNOUNCE = ("announce", "--workflow", "registry-tag.yml")


@pytest.fixture(scope="session")
def announcing(grown: World) -> World:
    """m@2 is everywhere, and main has the workflow of tags."""
    grown.commit({".github/workflows/registry-tag.yml": WORKFLOW})
    return grown


@pytest.fixture(scope="session")
def template(announcing: World) -> World:
    return announcing


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    with receiver() as running:
        for name, value in running.environ.items():
            monkeypatch.setenv(name, value)
        yield running


def heard(hosted: Hosted, there: Receiver) -> dict[str, list[str]]:
    """Names of the assignments that each channel was told of."""
    dispatches = [one for one in hosted.events if one.name == "repository_dispatch"]
    return {
        "dispatch": sorted(str(one.payload["tag"]) for one in dispatches),
        "webhook": sorted(str(one["subject"]) for one in there.events),
        "workflow": sorted(
            str(one.payload["tag"]) for one in hosted.events if one.name == "workflow_dispatch"
        ),
    }


def test_everything_new_is_told_to_everybody_once(
    hub: Hub, hosted: Hosted, run: Run, there: Receiver, world: World
) -> None:
    ended = run(*ANNOUNCE)
    assert ended.code == 0, ended.err
    assert f"announced {TAG}  (prod means 2): dispatch, webhook, workflow\n" in ended.out
    assert heard(hosted, there) == dict.fromkeys(ALL, NAMES)
    again = run(*ANNOUNCE)
    assert (again.code, again.out, again.err) == (0, "", "nothing to announce\n")
    assert len(there.events) == 4
    event = next(one for one in there.events if one["subject"] == TAG)
    assert (event["source"], event["id"]) == (f"{hub.address}/acme/models", world.tags()[TAG])
    payload = next(
        one.payload for one in hosted.events if one.payload.get("tag") == TAG and len(one.payload) > 1
    )
    assert payload == event["data"]


def test_a_workflows_own_token_is_enough_with_its_three_permissions(
    hub: Hub, hosted: Hosted, run: Run, there: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    granted = frozenset({"contents: write", "actions: write", "statuses: write"})
    hub.tokens[SECRET] = User("github-actions[bot]", actions=True, granted=granted)
    monkeypatch.setenv("GITHUB_RUN_ID", "77")
    assert run(*ANNOUNCE).code == 0
    assert heard(hosted, there)["workflow"] == NAMES
    urls = {one["target_url"] for known in hosted.statuses.values() for one in known}
    assert urls == {f"{hub.address}/acme/models/actions/runs/77"}


@pytest.mark.parametrize(
    ("missing", "channel"), [("actions: write", "workflow"), ("contents: write", "dispatch")]
)
def test_a_permission_that_is_missing_is_named_and_the_others_are_told(
    hub: Hub, hosted: Hosted, run: Run, there: Receiver, missing: str, channel: str
) -> None:
    granted = frozenset({"contents: write", "actions: write", "statuses: write"})
    hub.tokens[SECRET] = User("github-actions[bot]", actions=True, granted=granted - {missing})
    ended = run(*ANNOUNCE, TAG)
    assert ended.code == 3
    assert f"✗ {TAG}: {channel}: " in ended.err
    assert f"`permissions: {missing}`" in ended.err
    assert "run the command again: it does what is left" in ended.err
    assert heard(hosted, there)["webhook"] == [TAG]
    hub.tokens[SECRET] = User("github-actions[bot]", actions=True, granted=granted)
    assert run(*ANNOUNCE, TAG).out == f"announced {TAG}  (prod means 2): {channel}\n"
    assert heard(hosted, there) == {channel: [TAG] for channel in ALL}


def test_a_receiver_that_says_no_stops_nobody_and_its_address_is_not_shown(
    hosted: Hosted, run: Run, there: Receiver
) -> None:
    there.trouble = [404]
    ended = run(*ANNOUNCE, TAG)
    assert (ended.code, heard(hosted, there)["workflow"]) == (3, [TAG])
    assert "webhook: the webhook's host '127.0.0.1:" in ended.err
    assert "t0ken" not in ended.out + ended.err
    assert receivers.SECRET not in ended.out + ended.err
    assert run(*ANNOUNCE, TAG).out == f"announced {TAG}  (prod means 2): webhook\n"


def test_a_webhook_without_a_secret_stops_nobody_else(
    hosted: Hosted, run: Run, there: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELMARK_WEBHOOK_SECRET", "")
    ended = run(*ANNOUNCE, TAG)
    assert (ended.code, there.asked) == (3, 0)
    assert "MODELMARK_WEBHOOK_SECRET is not set" in ended.err
    assert f"announced {TAG}  (prod means 2): dispatch, workflow\n" == ended.out


def test_a_receiver_that_is_broken_for_a_moment_hears_it_at_once(
    hosted: Hosted, run: Run, there: Receiver, naps: list[float]
) -> None:
    there.trouble = [503, 500]
    assert run("announce", TAG).code == 0
    assert (heard(hosted, there)["webhook"], naps) == ([TAG], [0.5, 2.0])


def test_a_dry_run_tells_nobody(hub: Hub, hosted: Hosted, run: Run, there: Receiver) -> None:
    ended = run(*ANNOUNCE, TAG, "--dry-run")
    assert (ended.code, ended.out) == (
        0,
        f"would announce {TAG}  (prod means 2): dispatch, webhook, workflow\n",
    )
    assert (hub.requests("POST"), there.asked) == ([], 0)


def test_json_has_everything(hosted: Hosted, run: Run, there: Receiver, world: World) -> None:
    found = json.loads(run("announce", TAG, "m#prod#1", "--json").out)
    assert found["told"] == [
        {
            "tag": TAG,
            "id": world.tags()[TAG],
            "version": "2",
            "sent": ["dispatch", "webhook"],
            "already": [],
            "failed": [],
        }
    ]
    assert [one["tag"] for one in found["refused"]] == ["m#prod#1"]


def test_what_is_not_true_is_told_to_nobody(hosted: Hosted, run: Run, there: Receiver, world: World) -> None:
    world.git("consumer", "fetch", "-q", "origin")
    world.push_tag("m#prod#3", world.tag_text(TAG).replace(f"tag {TAG}", "tag m#prod#3"))
    ended = run("announce", "m#prod#3", "m#prod#1", "m#prod#8")
    assert (ended.code, ended.out) == (1, "")
    for words in ("m#prod#3 does not count", f"that is {TAG}", "there is no assignment m#prod#8"):
        assert words in ended.err
    assert (there.asked, hosted.events) == (0, [])
    assert run("announce", TAG).code == 0, "the number is used up, and prod means what it meant"


@pytest.mark.parametrize("name", ["m@v1", "m", "m#prod", "m#prod#x", "m#prod#0"])
def test_what_is_no_assignments_name_is_a_wrong_command_line(run: Run, hosted: Hosted, name: str) -> None:
    assert run("announce", name).code == 2


def test_a_ref_names_its_tag_and_a_second_time_it_is_said(hosted: Hosted, run: Run) -> None:
    assert run("announce", f"refs/tags/{TAG}").code == 0
    again = run("announce", TAG)
    assert (again.code, again.out) == (0, "")
    assert f"{TAG} was announced before: dispatch (--again repeats it)" in again.err
    assert run("announce", TAG, "--again").out == f"announced {TAG}  (prod means 2): dispatch\n"


def test_without_a_token_it_says_how_to_give_one(
    hub: Hub, hosted: Hosted, run: Run, there: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GH_ENTERPRISE_TOKEN")
    ended = run("announce")
    assert ended.code == 3
    assert "there is no token for 127.0.0.1" in ended.err
    assert there.asked == 0


def test_by_plain_git_the_webhook_is_told_by_name_and_without_it_nobody_is(
    hub: Hub, hosted: Hosted, run: Run, there: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_API_URL")
    assert run("announce", TAG).out == f"announced {TAG}  (prod means 2): webhook\n"
    assert there.events[0]["source"] == f"{hub.address}/acme/models.git", "without the token in it"
    ended = run("announce")
    assert (ended.code, hub.seen) == (2, [])
    monkeypatch.delenv("MODELMARK_WEBHOOK_URL")
    assert "there is nobody to tell" in run("announce", TAG).err


class Killed(BaseException):
    """The power goes."""


def test_killed_before_or_after_any_request_the_next_run_does_what_is_left(
    hub: Hub, hosted: Hosted, there: Receiver, world: World, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask: Callable[..., http.Answer] = http.Client.ask
    kill, count = 0, 0

    def asked(*args: Any, **how: Any) -> http.Answer:
        nonlocal count
        count += 1
        if kill == 2 * count - 1:
            raise Killed
        answer = ask(*args, **how)
        if kill == 2 * count:
            raise Killed
        return answer

    monkeypatch.setattr(http.Client, "ask", asked)
    prod = [AssignmentTag(*parts) for parts in [_parts(TAG), _parts("m#prev_prod#1")]]
    registry = world.registry("author")
    for kill in range(1, 100):
        hosted.statuses.clear()
        hosted.events.clear()
        there.events.clear()
        count = 0
        try:
            done = registry.announce(Asked(tuple(prod)), "registry-tag.yml")
        except Killed:
            count = -1000
            assert not registry.announce(Asked(tuple(prod)), "registry-tag.yml").failed
        else:
            assert (done.failed, kill) == (False, 2 * 13 + 1), "a look, and six events with their marks"
            break
        channels = heard(hosted, there).values()
        assert all(set(one) == {TAG, "m#prev_prod#1"} for one in channels), kill
        assert sum(count - 1 for one in channels for count in Counter(one).values()) <= 1, (
            "one double at most"
        )
    else:
        pytest.fail("it never ends")


def _parts(name: str) -> Any:
    model, alias, number = name.split("#")
    return model, alias, int(number)
