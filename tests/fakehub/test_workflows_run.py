"""The workflows as they are written, run for real: from a promotion to its tag, and from a tag made by hand to its record."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from modelmark.adapters.yaml_files import YamlFiles
from modelmark.domain.codeowners import PLACE, block_of, with_block
from modelmark.scaffold.github import github_files
from tests.fakehub.conftest import Run
from tests.fakehub.reviews import merge, review
from tests.fakehub.runner import BOT, Ran, Runner, pull_request, started
from tests.fakehub.server import Hub
from tests.fakehub.state import Hosted, Pull, User
from tests.support.world import MODEL, World

pytestmark = pytest.mark.slow
RITA = User("rita")


@pytest.fixture
def runner(hub: Hub, hosted: Hosted, world: World, tmp_path: Path) -> Runner:
    """The registry has what `init --github` writes, and its storage is where every job can reach it."""
    clone = world.clone("author")
    rules, config = (
        (clone / path).read_text().replace("../../storage", str(world.storage))
        for path in ("registry.yaml", ".dvc/config")
    )
    rules = rules.replace("owners: []", 'owners: ["@rita"]')
    files = github_files(YamlFiles().policy(rules.encode(), "registry.yaml"), "modelmark==1.2.3")
    owners = with_block(b"", block_of(("@rita",), {MODEL: ("@rita",)}))
    world.commit({**files, PLACE: owners, "registry.yaml": rules, ".dvc/config": config}, "Come to GitHub")
    world.commit({"models/m/model.yaml": 'profile: generic\nowners: ["@rita"]\n'}, "Who owns m")
    (tmp_path / "runner").mkdir()
    return Runner(hub, hosted, tmp_path / "runner")


def promoted(run: Run, hosted: Hosted, *words: str) -> Pull:
    ended = run("promote", *words, "--reason", "it is better")
    assert ended.code == 0, ended.err
    return hosted.pulls[max(hosted.pulls)]


def applied(runner: Runner) -> Ran:
    """What GitHub starts when main has moved."""
    return runner.run("apply", "push", {"ref": "refs/heads/main"})


def test_a_promotion_is_judged_and_the_comment_shows_it(run: Run, runner: Runner, hosted: Hosted) -> None:
    pull = promoted(run, hosted, "m@1", "--to", "staging")
    gate, comment = pull_request(runner, pull)
    assert gate.ok, gate.text
    assert comment.ok, comment.text
    (saved,) = runner.artifacts.rglob("evidence.json")
    assert json.loads(saved.read_text())["passed"]
    assert "Summary - " in gate.text
    (written,) = hosted.posts.comments.values()
    assert (written.on, written.by) == (pull.number, BOT)
    assert "## ✅ Passed" in written.body


def test_a_gate_that_says_no_is_red_and_the_comment_says_why(
    run: Run, runner: Runner, hosted: Hosted, world: World
) -> None:
    pull = promoted(run, hosted, "m@1", "--to", "staging")
    world.git("reviewer", "fetch", "-q", "origin")
    world.git("reviewer", "checkout", "-q", pull.head)
    check = world.clone("reviewer") / ".github/workflows/registry-check.yml"
    check.write_text("name: registry-check\non: [pull_request]\njobs: {}\n")
    world.git("reviewer", "commit", "-q", "-a", "-m", "A gate that is always green")
    world.git("reviewer", "push", "-q", "origin", pull.head)
    gate, comment = pull_request(runner, pull)
    assert gate.jobs == {"gate": "failure"}
    assert gate.steps["gate", "Keep the evidence for the comment"] == "success"
    assert comment.ok, comment.text
    (written,) = hosted.posts.comments.values()
    assert "Read what changes below `.github/`" in written.body, (
        "its own workflow could have written the evidence"
    )
    merge(hosted, pull.number, RITA)  # somebody believed the check that the change had brought
    done = applied(runner)
    assert done.jobs == {"apply": "failure"}
    assert world.numbers("staging") == []
    (issue,) = hosted.posts.open_issues()
    assert "touches the rules of review and CI and a model in one go" in issue.body


def test_a_change_from_a_fork_is_data_and_its_words_are_inert(
    run: Run, hub: Hub, runner: Runner, hosted: Hosted, world: World, tmp_path: Path
) -> None:
    fork = hub.fork(hosted, "eve")
    world.git("consumer", "fetch", "-q", "origin")
    world.git("consumer", "checkout", "-q", "-B", "x", "origin/main")
    aliases = world.clone("consumer") / "models/m/aliases.yaml"
    words = f"@acme/everybody <img src=x> $(touch {tmp_path}/pwned) ::error::x [click](http://evil.example)"
    aliases.write_text(f'staging:\n  version: "1"\n  assignment: 1\n  reason: {json.dumps(words)}\n')
    branch = "x$(touch${IFS}pwned)"
    world.git("consumer", "add", "-A")
    world.git("consumer", "commit", "-q", "-m", words)
    world.git("consumer", "push", "-q", str(fork.bare), f"HEAD:refs/heads/{branch}")
    eve = User("eve", writes=False)
    pull = hosted.open_pull(eve, {"title": words, "head": f"eve:{branch}", "base": "main"})
    gate, comment = pull_request(runner, pull)
    assert gate.jobs == {"gate": "success"}, gate.text
    assert comment.ok, comment.text
    (written,) = hosted.posts.comments.values()
    assert "@acme/everybody" in written.body
    alive = re.sub("`[^`\n]*`", "", written.body)  # in code, GitHub mentions nobody and links nothing
    assert not [one for one in ("@acme", "<img", "](http") if one in alive]
    assert not list(tmp_path.rglob("pwned"))


def test_a_check_that_died_is_said_below_the_pull_request(run: Run, runner: Runner, hosted: Hosted) -> None:
    pull = promoted(run, hosted, "m@1", "--to", "staging")
    head = hosted.tip(pull.head)
    told = {"id": 1, "event": "pull_request", "head_sha": head, "conclusion": "failure"}
    ran = runner.run("comment", "workflow_run", {"workflow_run": told})
    assert ran.ok, ran.text
    (written,) = hosted.posts.comments.values()
    assert "## ❌ No verdict" in written.body


def test_a_merge_becomes_true_is_told_and_starts_what_follows(
    run: Run, runner: Runner, hosted: Hosted, world: World
) -> None:
    pull = promoted(run, hosted, "m@1", "--to", "staging")
    merge(hosted, pull.number, RITA)
    done = applied(runner)
    assert done.ok, done.text
    assert world.numbers("staging") == [1]
    assert [one.kind for one in hosted.events if one.name == "repository_dispatch"] == [
        "modelmark-assignment"
    ]
    (tag,) = started(runner)
    assert tag.jobs == dict.fromkeys(["verify", "record", "announce", "deploy"], "success"), tag.text
    assert '"version": "1"' in tag.text
    assert len(hosted.pulls) == 1, "there is nothing to record"
    again = applied(runner)
    assert (again.ok, started(runner)) == (True, []), again.text


def test_what_could_not_become_true_is_an_issue_and_a_red_run(
    run: Run, runner: Runner, hosted: Hosted, world: World
) -> None:
    """prod asks for an approval by an owner, and an owner may still give it after the merge."""
    world.live(1, "staging")
    world.live(1, "canary")
    pull = promoted(run, hosted, "m@1", "--to", "prod")
    merge(hosted, pull.number, RITA)
    done = applied(runner)
    assert done.jobs == {"apply": "failure"}
    assert done.steps["apply", "Tell who listens"] == "success"
    assert world.numbers("prod") == []
    (issue,) = hosted.posts.open_issues()
    assert "m#prod#1" in issue.body
    review(hosted, pull.number, RITA, "APPROVE")
    done = runner.run("apply", "schedule", {"schedule": "17 * * * *"})
    assert done.ok, done.text
    assert "\nApproved-By: @rita\n" in world.tag_text("m#prod#1")
    assert hosted.posts.open_issues() == []


def test_a_rollback_by_hand_is_verified_told_deployed_and_recorded(
    runner: Runner, hosted: Hosted, world: World
) -> None:
    rules = (world.clone("reviewer") / "registry.yaml").read_text()
    world.commit({"registry.yaml": rules.replace("  staging:\n", "  staging:\n    rollback: direct\n", 1)})
    world.release("two", "staging")
    world.release("three", "staging")
    hosted.actions_may_open = True
    hosted.events.clear()
    tag = world.roll_back_by_hand("staging", 2)
    stub = runner.run("tag", "push", {"ref": f"refs/tags/{tag}", "sender": {"type": "User"}}, at=tag)
    assert stub.jobs == {"start": "success"}, stub.text
    (ran,) = started(runner)
    assert ran.jobs == dict.fromkeys(["verify", "record", "announce", "deploy"], "success"), ran.text
    (pull,) = hosted.pulls.values()
    assert (pull.head, pull.by) == ("record/m-staging-3", BOT)
    assert world.on_hub("log", "-1", "--format=%an", pull.head) == BOT


def test_a_forged_tag_raises_an_alarm_and_nothing_follows(
    runner: Runner, hosted: Hosted, world: World
) -> None:
    world.git("consumer", "fetch", "-q", "--tags", "origin")
    world.git("consumer", "tag", "-a", "m#staging#1", "m@v1^{}", "-m", "look, a promotion")
    world.git("consumer", "push", "-q", "origin", "refs/tags/m#staging#1")
    hosted.events.clear()
    ran = runner.run("tag", "workflow_dispatch", {"inputs": {"tag": "m#staging#1"}})
    assert ran.jobs == {"verify": "failure"}, ran.text
    (issue,) = hosted.posts.open_issues()
    assert "m#staging#1" in issue.title + issue.body
    assert (hosted.pulls, hosted.events) == ({}, [])


def test_what_a_tag_is_called_never_runs(runner: Runner, hosted: Hosted, tmp_path: Path) -> None:
    name = f"m#x#1$(touch${{IFS}}{tmp_path}/pwned)`id`\"'"
    ran = runner.run("tag", "push", {"ref": f"refs/tags/{name}", "sender": {"type": "User"}})
    assert ran.ok, ran.text
    assert [dict(one.payload) for one in hosted.events] == [{"tag": name}]
    (ran,) = started(runner)
    assert ran.jobs == {"verify": "failure"}
    assert not (tmp_path / "pwned").exists()


def test_with_an_app_the_tags_are_its_own_and_its_events_start_nothing_twice(
    run: Run, hub: Hub, runner: Runner, hosted: Hosted, world: World
) -> None:
    hub.tokens["ghs_0fTheApp"] = User("registry-app[bot]")
    runner.variables["REGISTRY_APP_ID"] = "1234"
    runner.secrets["REGISTRY_APP_KEY"] = "ghs_0fTheApp"
    merge(hosted, promoted(run, hosted, "m@1", "--to", "staging").number, RITA)
    done = applied(runner)
    assert done.ok, done.text
    assert {who for who, push in hosted.pushes if any("#staging#" in one.ref for one in push.refs)} == {
        "registry-app[bot]"
    }
    stub = runner.run("tag", "push", {"ref": "refs/tags/m#staging#1", "sender": {"type": "Bot"}})
    assert stub.jobs == {}, stub.text
    assert len(started(runner)) == 1


def test_the_audit_looks_at_everything_and_keeps_one_issue(
    run: Run, runner: Runner, hosted: Hosted, world: World
) -> None:
    hosted.settings.admins.add("ada")
    assert run("protect", "--apply").code == 0
    ran = runner.run("audit", "schedule", {})
    assert ran.ok, ran.text
    lost = next(path for path in world.storage.rglob("*") if path.is_file() and path.suffix != ".dir")
    kept = lost.read_bytes()
    lost.chmod(0o644)
    lost.unlink()
    assert runner.run("audit", "schedule", {}).jobs == {"audit": "failure"}
    (issue,) = hosted.posts.open_issues()
    assert lost.name in issue.body
    lost.write_bytes(kept)
    assert runner.run("audit", "workflow_dispatch", {}).ok
    assert lost.name not in "".join(one.body for one in hosted.posts.open_issues())
