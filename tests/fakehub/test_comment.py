"""`comment` on GitHub: one comment of ours below the pull request at this head, whatever the evidence is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from modelmark.domain.threads import GATE
from tests.fakehub.clients import SECRET
from tests.fakehub.conftest import Run
from tests.fakehub.posts import Comment
from tests.fakehub.server import Hub
from tests.fakehub.state import Hosted, Pull, User
from tests.support.world import World

BOT = User("github-actions[bot]", actions=True)


@pytest.fixture
def pull(hub: Hub, hosted: Hosted, run: Run) -> Pull:
    """Ada asks for m@1 in staging; from here on a workflow speaks."""
    run("promote", "m@1", "--to", "staging", "--reason", "first")
    hub.tokens[SECRET] = BOT
    return hosted.pulls[1]


@pytest.fixture
def evidence(pull: Pull, run: Run, tmp_path: Path) -> Path:
    place = tmp_path / "evidence.json"
    place.write_text(run("check", "--head", f"origin/{pull.head}", "--format", "json").out, encoding="utf-8")
    return place


def bodies(hosted: Hosted) -> list[str]:
    return [one.body for one in hosted.posts.comments.values()]


def test_the_page_of_check_is_commented_once_and_kept_up_to_date(
    hub: Hub, hosted: Hosted, pull: Pull, evidence: Path, run: Run
) -> None:
    ended = run("comment", str(evidence), "--head", pull.head_sha)
    assert (ended.code, ended.out) == (0, f"{hub.address}/acme/models/pull/1#issuecomment-1\n")
    assert ended.err == "comment opened, on pull request 1\n"
    page = run("check", "--head", f"origin/{pull.head}", "--format", "markdown").out
    (body,) = bodies(hosted)
    assert body.startswith(f"{GATE}\nThis page is about the commit `{pull.head_sha[:12]}`")
    assert body.partition("\n\n")[2] == page
    hub.seen.clear()
    assert "up to date already" in run("comment", str(evidence), "--head", pull.head_sha).err
    assert {one.method for one in hub.seen if "graphql" not in one.path} == {"GET"}
    hosted.posts.comments[1].body = f"{GATE}\nold"
    assert "comment updated" in run("comment", str(evidence), "--head", pull.head_sha).err
    assert bodies(hosted) == [body]


def test_a_run_for_a_head_that_is_no_longer_there_comments_nothing(
    hosted: Hosted, pull: Pull, evidence: Path, run: Run, world: World
) -> None:
    run("comment", str(evidence), "--head", pull.head_sha)
    before, old = bodies(hosted), pull.head_sha
    world.git("author", "fetch", "-q", "origin")
    world.git("author", "checkout", "-q", "-B", "more", f"origin/{pull.head}")
    world.git("author", "commit", "-q", "--allow-empty", "-m", "more")
    world.git("author", "push", "-q", "origin", f"more:{pull.head}")
    ended = run("comment", str(evidence), "--head", old)
    assert (ended.code, ended.out) == (0, "")
    assert f"no open pull request has the head {old[:12]}: nothing to comment" in ended.err
    assert bodies(hosted) == before


def test_somebody_elses_comment_with_our_marker_is_left_alone(
    hosted: Hosted, pull: Pull, evidence: Path, run: Run
) -> None:
    hosted.posts.comments[1] = Comment(1, 1, "eve", f"{GATE}\n## ✅ Passed: everything")
    hosted.posts.made = 1
    run("comment", str(evidence), "--head", pull.head_sha)
    assert [one.by for one in hosted.posts.comments.values()] == ["eve", BOT.login]
    assert hosted.posts.comments[1].body == f"{GATE}\n## ✅ Passed: everything"


def test_without_evidence_the_comment_says_that_there_is_no_verdict(
    hosted: Hosted, pull: Pull, evidence: Path, run: Run
) -> None:
    run("comment", str(evidence), "--head", pull.head_sha)
    ended = run("comment", f"{evidence}.gone", "--head", pull.head_sha)
    assert ended.code == 0
    (body,) = bodies(hosted)
    assert "## ❌ No verdict" in body
    assert "Passed" not in body
    assert f"modelmark check --fetch --head {pull.head_sha}" in body


@pytest.mark.parametrize("moved", [False, True])
def test_a_change_of_the_workflows_that_write_the_evidence_gets_no_verdict(
    moved: bool, hosted: Hosted, pull: Pull, evidence: Path, run: Run, world: World
) -> None:
    workflow, text = ".github/workflows/registry-check.yml", "name: registry-check\n" * 9
    if moved:
        world.commit({workflow: text})
    world.git("author", "fetch", "-q", "origin")
    world.git("author", "checkout", "-q", "-B", "evil", f"origin/{pull.head}")
    if moved:
        world.git("author", "rebase", "-q", "origin/main")
        world.git("author", "mv", workflow, "elsewhere.yml")
    else:
        place = world.clone("author") / workflow
        place.parent.mkdir(parents=True)
        place.write_text(text)
        world.git("author", "add", workflow)
    world.git("author", "commit", "-q", "-m", "mine")
    world.git("author", "push", "-q", "-f", "origin", f"evil:{pull.head}")
    head = world.git("author", "rev-parse", "HEAD").strip()
    forged = {**json.loads(evidence.read_text("utf-8")), "head": head, "passed": True}
    evidence.write_text(json.dumps(forged), encoding="utf-8")
    ended = run("comment", str(evidence), "--head", head)
    assert ended.code == 0, ended.err
    (body,) = bodies(hosted)
    assert "changes the workflows which wrote the evidence" in body
    assert f"modelmark check --fetch --head {head}" in body
    assert "Passed" not in body


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("<img src=x> @octocat", 2, "the evidence is not JSON"),
        ('{"@octocat": "https://e.example"}', 2, "does not fit its schema"),
        ("other head", 1, "is about the commit aaaaaaaaaaaa"),
    ],
)
def test_evidence_that_cannot_be_used_is_an_error_and_no_older_page_stands_for_a_verdict(
    text: str, code: int, said: str, hosted: Hosted, pull: Pull, evidence: Path, run: Run
) -> None:
    run("comment", str(evidence), "--head", pull.head_sha)
    other = json.dumps({**json.loads(evidence.read_text("utf-8")), "head": "a" * 40})
    evidence.write_text(other if text == "other head" else text, encoding="utf-8")
    ended = run("comment", str(evidence), "--head", pull.head_sha)
    assert (ended.code, said in ended.err) == (code, True), ended.err
    (body,) = bodies(hosted)
    assert "## ❌ No verdict" in body
    assert "octocat" not in body


def test_a_file_that_is_not_there_is_said_on_stderr(pull: Pull, run: Run, tmp_path: Path) -> None:
    ended = run("comment", str(tmp_path / "typo.json"), "--head", pull.head_sha)
    assert "typo.json is not there: the comment says that there is no verdict" in ended.err


def test_a_token_that_may_not_comment_says_which_permission(
    hub: Hub, hosted: Hosted, pull: Pull, evidence: Path, run: Run
) -> None:
    hub.tokens[SECRET] = User("github-actions[bot]", writes=False, actions=True)
    ended = run("comment", str(evidence), "--head", pull.head_sha)
    assert ended.code == 3
    assert "`pull-requests: write`" in ended.err


def test_a_head_that_is_no_commit_id_is_a_wrong_command_line(pull: Pull, evidence: Path, run: Run) -> None:
    assert run("comment", str(evidence), "--head", "HEAD").code == 2
