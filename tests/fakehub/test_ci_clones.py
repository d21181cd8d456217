"""In the clone that a CI job has: one commit, no branch, no tag, no login. Every verb brings what it needs, and no more."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.fakehub.clients import SECRET
from tests.fakehub.server import Hub
from tests.fakehub.state import Hosted
from tests.support.crash import Finished
from tests.support.git_repos import git
from tests.support.world import World, refs

BOT = {
    "GIT_AUTHOR_NAME": "github-actions[bot]",
    "GIT_AUTHOR_EMAIL": "41898282+github-actions[bot]@users.noreply.github.com",
    "GIT_COMMITTER_NAME": "github-actions[bot]",
    "GIT_COMMITTER_EMAIL": "41898282+github-actions[bot]@users.noreply.github.com",
}


@pytest.fixture(autouse=True)
def _job(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**hub.environ, "GH_ENTERPRISE_TOKEN": SECRET}.items():
        monkeypatch.setenv(name, value)


def checkout(hub: Hub, folder: Path, commit: str) -> Path:
    """What `actions/checkout` does with a commit and `persist-credentials: false`."""
    folder.mkdir()
    git(folder, "init", "-q", "--template=")
    git(folder, "remote", "add", "origin", f"{hub.address}/acme/models.git")
    login = hub.address.replace("//", f"//x-access-token:{SECRET}@")
    git(folder, "fetch", "-q", "--depth=1", "--no-tags", f"{login}/acme/models.git", commit)
    git(folder, "checkout", "-q", "--detach", commit)
    (folder / ".git/FETCH_HEAD").unlink()
    assert refs(folder, "refs/") == {}
    return folder


def run(clone: Path, *words: str, more: Mapping[str, str] | None = None) -> Finished:
    done = subprocess.run(
        [sys.executable, "-m", "modelmark", *words],
        cwd=clone,
        env={**os.environ, **(more or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert SECRET not in done.stdout + done.stderr
    return Finished(done.returncode, done.stdout, done.stderr)


def promotion(world: World) -> str:
    """A pull request that asks for m@1 on staging; its head."""
    world.git("author", "fetch", "-q", "origin")
    sent = world.promote(1, "staging").submitted
    return world.on_hub("rev-parse", f"refs/heads/{sent.branch}")


@pytest.mark.usefixtures("hosted")
def test_the_gate_fetches_main_the_head_and_the_tags_of_what_is_touched(
    hub: Hub, world: World, tmp_path: Path
) -> None:
    head = promotion(world)
    world.on_hub("tag", "other@v1", "main")
    clone = checkout(hub, tmp_path / "job", world.on_hub("rev-parse", "main"))
    saved = tmp_path / "evidence.json"
    done = run(clone, "check", "--fetch", "--head", head, "--json", "--save", str(saved))
    assert done.code == 0, done.err
    assert saved.read_text() == done.out
    assert json.loads(done.out)["head"] == head
    assert set(refs(clone, "refs/")) == {"remotes/origin/HEAD", "remotes/origin/main", "tags/m@v1"}
    assert git(clone, "rev-parse", "--is-shallow-repository") == "false"


@pytest.mark.usefixtures("hosted")
def test_a_gate_that_says_no_leaves_its_evidence_as_well(hub: Hub, world: World, tmp_path: Path) -> None:
    base = world.on_hub("rev-parse", "main")
    rules = world.clone("reviewer") / "registry.yaml"
    world.git("reviewer", "pull", "-q", "origin", "main")
    rules.write_text("registry: {")
    world.git("reviewer", "commit", "-q", "-a", "-m", "Break it")
    world.git("reviewer", "push", "-q", "origin", "HEAD:refs/pull/7/head")
    head = world.git("reviewer", "rev-parse", "HEAD")
    clone = checkout(hub, tmp_path / "job", base)
    done = run(clone, "check", "--fetch", "--head", head, "--save", "../evidence.json")
    assert done.code == 1, "the head is on no branch, as that of a fork: it comes by its id"
    assert not json.loads((tmp_path / "evidence.json").read_text())["passed"]


@pytest.mark.usefixtures("hosted")
def test_a_head_that_is_not_there_is_named(hub: Hub, world: World, tmp_path: Path) -> None:
    clone = checkout(hub, tmp_path / "job", world.on_hub("rev-parse", "main"))
    done = run(clone, "check", "--fetch", "--head", "1" * 40)
    assert (done.code, done.out) == (1, "")
    assert f"there is no commit '{'1' * 40}' here" in done.err


@pytest.mark.usefixtures("hosted")
def test_a_branch_of_the_remote_is_judged_as_it_is_there_now(hub: Hub, world: World, tmp_path: Path) -> None:
    head = promotion(world)
    clone = checkout(hub, tmp_path / "job", world.on_hub("rev-parse", "main"))
    done = run(clone, "check", "--fetch", "--head", "origin/promote/m-staging-1", "--json")
    assert json.loads(done.out)["head"] == head


def test_a_branch_that_is_called_main_is_not_main_where_the_remote_says_another(
    hub: Hub, world: World, hosted: Hosted, tmp_path: Path
) -> None:
    """Whoever may push a branch chooses its name; which one is the default branch only an administrator says."""
    rules = (world.clone("author") / "registry.yaml").read_text()
    world.commit({"registry.yaml": rules.replace("default_branch: main", "default_branch: trunk")})
    git(hosted.bare, "branch", "-m", "main", "trunk")
    git(hosted.bare, "symbolic-ref", "HEAD", "refs/heads/trunk")
    loose = rules.replace("min: 0.85", "min: 0.01").replace("min: 0.90", "min: 0.01")
    world.git("reviewer", "checkout", "-q", "-b", "evil")
    (world.clone("reviewer") / "registry.yaml").write_text(loose)
    world.git("reviewer", "commit", "-q", "-a", "-m", "Loosen")
    world.git("reviewer", "push", "-q", "origin", "evil:main", "evil:master")
    clone = checkout(hub, tmp_path / "job", world.on_hub("rev-parse", "trunk"))
    login = hub.address.replace("//", f"//x-access-token:{SECRET}@")
    git(clone, "fetch", "-q", f"{login}/acme/models.git", "refs/heads/*:refs/remotes/origin/*")
    done = run(clone, "check", "--fetch", "--head", world.on_hub("rev-parse", "trunk"), "--json")
    assert (done.code, json.loads(done.out)["base"]) == (0, world.on_hub("rev-parse", "trunk"))


def test_where_the_rules_of_the_default_branch_name_another_one_that_is_main(
    hub: Hub, world: World, hosted: Hosted, tmp_path: Path
) -> None:
    git(hosted.bare, "branch", "develop", "main")
    git(hosted.bare, "symbolic-ref", "HEAD", "refs/heads/develop")
    main = world.commit({"README.md": "words"})
    clone = checkout(hub, tmp_path / "job", world.on_hub("rev-parse", "develop"))
    done = run(clone, "check", "--fetch", "--head", main, "--json")
    assert json.loads(done.out)["base"] == main


@pytest.mark.usefixtures("hosted")
def test_apply_verify_and_record_need_no_more_than_that_clone(hub: Hub, world: World, tmp_path: Path) -> None:
    rules = (world.clone("author") / "registry.yaml").read_text()
    world.commit({"registry.yaml": rules.replace("  staging:\n", "  staging:\n    rollback: direct\n", 1)})
    promotion(world)
    main = world.merge("promote/m-staging-1")
    clone = checkout(hub, tmp_path / "apply", main)
    done = run(clone, "apply")
    assert (done.code, "m#staging#1" in world.tags()) == (0, True), done.err
    world.release("two")
    world.live(2, "staging")
    tag = world.roll_back_by_hand("staging", 1)
    clone = checkout(hub, tmp_path / "tag", world.on_hub("rev-parse", "main"))
    assert run(clone, "verify", tag, "--fetch").code == 0
    done = run(clone, "record", tag, more=BOT)
    assert done.code == 0, done.err
    assert "record/m-staging-3" in world.branches()
    assert "github-actions[bot]" in world.on_hub("log", "-1", "--format=%an", "record/m-staging-3")
