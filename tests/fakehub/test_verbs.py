"""The verbs in a clone of a repository on GitHub: one pull request each, with its page, its labels and its URL alone."""

from __future__ import annotations

import pytest

from modelmark.errors import CouldNot
from modelmark.usecases import submit
from tests.fakehub.clients import SECRET
from tests.fakehub.conftest import Run
from tests.fakehub.server import BROKEN, BUSY, Hub
from tests.fakehub.state import Hosted, User
from tests.support.world import World

PROMOTE = ["promote", "m@1", "--to", "staging", "--reason", "first"]
BRANCH = "promote/m-staging-1"


def test_promote_opens_a_pull_request_with_the_page_and_prints_its_url_alone(
    hub: Hub, hosted: Hosted, run: Run
) -> None:
    ended = run(*PROMOTE)
    assert (ended.code, ended.out) == (0, f"{hub.address}/acme/models/pull/1\n")
    assert f"branch {BRANCH} pushed to origin" in ended.err
    assert "pull request opened\nnext: have it reviewed and merged there, then modelmark apply\n" in ended.err
    (pull,) = hosted.pulls.values()
    assert (pull.head, pull.base, pull.title) == (BRANCH, "main", "Promote m@1 to staging")
    assert pull.labels == ["registry:promotion", "model:m", "alias:staging"]
    assert hosted.labels["model:m"]["color"] == "c5def5"
    page = run("check", "--head", f"origin/{BRANCH}", "--format", "markdown").out
    assert pull.body is not None
    body = pull.body.replace("\r\n", "\n")
    assert body.startswith("## ✅ Passed: `m@1 → staging`\n")
    assert body.split("\n")[:8] == page.split("\n")[:8]


def test_run_again_it_is_the_same_pull_request_and_nothing_is_written(
    hub: Hub, hosted: Hosted, run: Run
) -> None:
    first = run(*PROMOTE)
    hub.seen.clear()
    again = run(*PROMOTE)
    assert (again.code, again.out) == (0, first.out)
    assert f"branch {BRANCH} was there already" in again.err
    assert "pull request was open already, and is up to date" in again.err
    assert hub.requests() == ["/pulls"]
    assert hub.seen[0].query["head"] == f"acme:{BRANCH}"


def test_a_page_that_somebody_changed_is_written_anew(hosted: Hosted, run: Run) -> None:
    run(*PROMOTE)
    pull = hosted.pulls[1]
    page, pull.body, pull.title = pull.body, "looks good to me", "Fix typo"
    pull.labels += ["urgent"]
    hosted.make_label(User("ada"), {"name": "urgent"})
    run(*PROMOTE)
    assert (pull.body, pull.title) == (page, "Promote m@1 to staging")
    assert "urgent" in pull.labels


def test_one_that_was_closed_is_opened_anew(hub: Hub, hosted: Hosted, run: Run) -> None:
    run(*PROMOTE)
    hosted.pulls[1].state = "closed"
    assert run(*PROMOTE).out == f"{hub.address}/acme/models/pull/2\n"


def test_a_change_that_the_gate_refuses_has_a_pull_request_that_says_so(
    hosted: Hosted, run: Run, world: World
) -> None:
    source = world.train("bad", f1=0.1)
    run("register", str(source), "--model", "m", "--version", "9")
    world.merge("register/m-9")
    world.apply()
    ended = run("promote", "m@9", "--to", "staging", "--reason", "hope")
    assert ended.code == 0
    assert "next: do not merge it; mend what the gate names" in ended.err
    body = list(hosted.pulls.values())[-1].body
    assert body is not None
    assert body.startswith("## ❌ Not passed: `m@9 → staging`")


def test_the_token_is_the_one_given(hub: Hub, hosted: Hosted, run: Run) -> None:
    hub.tokens["bobs"] = User("bob")
    assert run(*PROMOTE, "--token", "bobs").code == 0
    assert hosted.pulls[1].by == "bob"


def test_without_a_token_the_branch_is_the_data_and_the_page_for_opening_is_told(
    hub: Hub, hosted: Hosted, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GH_ENTERPRISE_TOKEN")
    ended = run(*PROMOTE)
    assert (ended.code, ended.out) == (0, f"{BRANCH}\n")
    assert f"open it: {hub.address}/acme/models/compare/main...{BRANCH}?quick_pull=1&title=" in ended.err
    assert hub.seen == []


def test_a_remote_that_the_environment_does_not_name_is_plain_git(
    hub: Hub, hosted: Hosted, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_API_URL")
    ended = run(*PROMOTE)
    assert (ended.code, ended.out) == (0, f"{BRANCH}\n")
    assert "next: have it reviewed, merge it (git checkout main && git merge" in ended.err
    assert hub.seen == []


def test_what_the_gate_cannot_be_asked_has_the_reason_as_its_page(
    hosted: Hosted, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise CouldNot("the storage is down")

    monkeypatch.setattr(submit, "judge_change", broken)
    assert run(*PROMOTE).code == 0
    assert hosted.pulls[1].body == (
        "## The gate could not be asked\r\n\r\nPromote `m@1` to staging first\r\n\r\n"
        f"Fetch the branch, then ask it: `modelmark check --head origin/{BRANCH}`\r\n"
    )


def failed(run: Run, hub: Hub, hosted: Hosted, *said: str) -> None:
    """Exit code 3, with the branch pushed and said to be; then the cause is gone, and a second run mends it."""
    ended = run(*PROMOTE)
    assert (ended.code, ended.out) == (3, "")
    assert f"branch {BRANCH} pushed to origin" in ended.err
    assert f"error: the branch {BRANCH} is pushed, and its pull request could not be opened" in ended.err
    assert f"open it by hand: {hub.address}/acme/models/compare/main...{BRANCH}?" in ended.err
    for words in said:
        assert words in ended.err
    assert hosted.tip(BRANCH)


def test_a_token_that_is_wrong_keeps_the_branch(
    hub: Hub, hosted: Hosted, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GH_ENTERPRISE_TOKEN", "ghp_0ld")
    failed(run, hub, hosted, "says 401 'Bad credentials'", "make a new one, or run `gh auth login`")
    monkeypatch.setenv("GH_ENTERPRISE_TOKEN", SECRET)
    assert run(*PROMOTE).out == f"{hub.address}/acme/models/pull/1\n"


def test_a_token_that_is_none_keeps_the_branch(
    hub: Hub, hosted: Hosted, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GH_ENTERPRISE_TOKEN", "two words")
    failed(run, hub, hosted, "what GH_ENTERPRISE_TOKEN holds is no token")


def test_a_workflow_that_may_not_open_pull_requests_is_told_the_setting(
    hub: Hub, hosted: Hosted, run: Run
) -> None:
    hub.tokens[SECRET] = User("github-actions[bot]", actions=True)
    failed(run, hub, hosted, "switch on 'Allow GitHub Actions to create and approve pull requests'")
    hosted.actions_may_open = True
    assert run(*PROMOTE).code == 0


def test_a_server_that_stays_broken_is_tried_four_times(
    hub: Hub, hosted: Hosted, run: Run, naps: list[float]
) -> None:
    hub.trouble = [BROKEN] * 4
    failed(run, hub, hosted, "is broken: it says 502, 4 times")
    assert len(hub.seen) == 4
    assert naps == sorted(naps)


def test_a_server_that_is_broken_for_a_moment_and_then_busy_is_waited_for(
    hub: Hub, hosted: Hosted, run: Run, naps: list[float]
) -> None:
    hub.trouble = [BROKEN, BUSY]
    assert run(*PROMOTE).code == 0
    assert naps == [0.5, 3.0], "Retry-After says 3"


def test_labels_that_may_not_be_made_are_a_warning(hub: Hub, hosted: Hosted, run: Run) -> None:
    hub.tokens[SECRET] = User("ada", labels=False)
    ended = run(*PROMOTE)
    assert (ended.code, ended.out) == (0, f"{hub.address}/acme/models/pull/1\n")
    assert "warning: its labels could not be set: " in ended.err
    assert "Contents and Pull requests, both read and write" in ended.err


def test_hostile_text_in_a_reason_is_inert_in_the_page(hosted: Hosted, run: Run) -> None:
    run(*PROMOTE[:-1], "@everyone <img src=x> [click](https://evil.example) closes #1")
    body = hosted.pulls[1].body
    assert body is not None
    assert "`@everyone <img src=x> [click](https://evil.example)`" in body
    assert hosted.pulls[1].title == "Promote m@1 to staging"
