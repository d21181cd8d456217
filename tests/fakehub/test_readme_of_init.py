"""Somebody follows the README that `init --github` wrote, command by command, and that is all they know."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakehub.clients import SECRET
from tests.fakehub.reviews import merge, review
from tests.fakehub.runner import BOT, Runner, pull_request, started
from tests.fakehub.server import Hub
from tests.fakehub.state import Hosted, Pull, User
from tests.support.git_repos import git
from tests.support.trained import trained
from tests.support.world import refs

pytestmark = pytest.mark.slow
RITA = User("rita")
MAIN = "refs/heads/main"


class Reader:
    """Ada at her shell, in the folder that `init` made, with Git's login for the site and a name."""

    def __init__(self, folder: Path, hub: Hub) -> None:
        self.folder = folder
        self.place = folder / "my-models"
        self.address = hub.address
        programs = folder / "bin"
        programs.mkdir()
        (programs / "modelmark").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m modelmark "$@"\n')
        (programs / "modelmark").chmod(0o755)
        helper = f"!f() {{ echo username=ada; echo password={SECRET}; }}; f"
        settings = {"user.name": "Ada", "user.email": "ada@example.org", "credential.helper": helper}
        for key, value in settings.items():
            git(folder, "config", "--file", str(folder / "gitconfig"), key, value)
        self.environ = {
            **os.environ,
            **hub.environ,
            "GH_ENTERPRISE_TOKEN": SECRET,
            "PATH": f"{programs}:{os.environ['PATH']}",
            "GIT_CONFIG_GLOBAL": str(folder / "gitconfig"),
        }

    def types(self, command: str) -> str:
        """One line of a shell; it must do."""
        place = self.place if self.place.exists() else self.folder
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=place,
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, f"$ {command}\n{done.stdout}{done.stderr}"
        return done.stdout

    def follows(self, heading: str) -> list[str]:
        """Every command of one section, in order, with the placeholders replaced; gives what each printed."""
        return [self.types(command) for command in self.commands(heading)]

    def commands(self, heading: str) -> Iterator[str]:
        page = (self.place / "README.md").read_text()
        section = re.split(r"^## ", page.partition(f"\n## {heading}\n")[2], flags=re.MULTILINE)[0]
        for block in re.findall(r"^ *```\n(.*?)^ *```$", section, re.MULTILINE | re.DOTALL):
            for line in block.splitlines():
                yield line.strip().replace("https://github.com/OWNER/", f"{self.address}/acme/")

    def trains(self, seed: str) -> None:
        for path, data in trained(seed).items():
            place = self.place / "out" / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)


class Team:
    """What the others and GitHub do about a pull request of Ada's."""

    def __init__(self, runner: Runner, here: Hosted) -> None:
        self.runner = runner
        self.here = here

    def merges(self, pull: Pull) -> None:
        """By the rules in force: an approval, and the gate that really ran."""
        gate, comment = pull_request(self.runner, pull)
        assert gate.ok, gate.text
        assert comment.ok, comment.text
        assert self.here.settings.refuse_merge(RITA, MAIN, 0, {"registry/gate"})
        assert self.here.settings.refuse_merge(RITA, MAIN, 1, set())
        assert not self.here.settings.refuse_merge(RITA, MAIN, 1, {"registry/gate"})
        self.hurries(pull)

    def hurries(self, pull: Pull) -> None:
        """The same without the gate, for what has been shown before."""
        review(self.here, pull.number, RITA, "APPROVE")
        merge(self.here, pull.number, RITA)

    @property
    def newest(self) -> Pull:
        return self.here.pulls[max(self.here.pulls)]


def test_the_readme_alone_leads_from_an_empty_folder_to_a_rollback(hub: Hub, tmp_path: Path) -> None:
    reader = Reader(tmp_path, hub)
    here = hub.host("acme", "my-models")
    here.settings.admins.add("ada")
    (tmp_path / "runner").mkdir()
    team = Team(Runner(hub, here, tmp_path / "runner"), here)
    _is_brought_to_github(reader, here)
    _has_a_first_version(reader, team)
    _goes_live(reader, team)
    _has_a_second_version_in_prod(reader, team)
    _is_rolled_back(reader, team)


def _is_brought_to_github(reader: Reader, here: Hosted) -> None:
    reader.types(f"modelmark init my-models --github --storage {reader.folder}/storage --owner @rita")
    reader.follows("Once: bring it to GitHub")
    names = sorted(one["name"] for one in here.settings.rulesets.values())
    assert names == ["registry-main", "registry-tags-below", "registry-tags-immutable"]
    here.push_rules.append(here.settings.refuse_push)
    here.ref_rules.append(here.settings.refuse_ref)
    here.actions_may_open = True  # "by hand: switch on …"
    with pytest.raises(AssertionError, match="Changes must be made through a pull request"):
        reader.types("git commit -q --allow-empty -m 'past the review' && git push origin main")
    reader.types("git reset -q --hard origin/main")


def _has_a_first_version(reader: Reader, team: Team) -> None:
    reader.trains("one")
    (url,) = reader.follows("A first version")
    assert url == f"{reader.address}/acme/my-models/pull/1\n"
    team.merges(team.newest)
    done = team.runner.run("apply", "push", {"ref": MAIN})
    assert done.ok, done.text
    assert refs(team.here.bare, "refs/tags/").keys() == {"my-model@v1"}


def _goes_live(reader: Reader, team: Team) -> None:
    reader.follows("A first promotion")
    team.merges(team.newest)
    team.here.events.clear()
    done = team.runner.run("apply", "push", {"ref": MAIN})
    assert done.ok, done.text
    (tag,) = started(team.runner)
    assert tag.jobs == dict.fromkeys(["verify", "record", "announce", "deploy"], "success"), tag.text
    live = reader.follows("What is live")
    assert live[1].startswith("my-model@1 my-model#staging#1 ")
    assert (reader.place / "release/current/model.safetensors").is_file()


def _has_a_second_version_in_prod(reader: Reader, team: Team) -> None:
    """What the README says goes the same way."""
    reader.trains("two")
    reader.types("modelmark register out/ --model my-model")
    team.hurries(team.newest)
    reader.types("modelmark apply")
    for words in ("1 canary", "1 prod", "2 staging", "2 canary", "2 prod"):
        version, alias = words.split()
        reader.types(f"modelmark promote my-model@{version} --to {alias} --reason 'it is better'")
        team.hurries(team.newest)
        reader.types("modelmark apply")
    assert reader.types("modelmark resolve my-model@prod").startswith("my-model@2 my-model#prod#2 ")


def _is_rolled_back(reader: Reader, team: Team) -> None:
    team.here.events.clear()
    reader.follows("Roll back")
    assert reader.types("modelmark resolve my-model@prod").startswith("my-model@2 my-model#prod#4 ")
    told = [one.ref for one in team.here.events if one.name == "push" and one.ref.startswith("refs/tags/")]
    assert told == ["refs/tags/my-model#prod#3", "refs/tags/my-model#prod#4"]
    team.here.events.clear()
    by_hand = {"ref": "refs/tags/my-model#prod#4", "sender": {"type": "User"}}
    assert team.runner.run("tag", "push", by_hand, at="my-model#prod#4").jobs == {"start": "success"}
    (tag,) = started(team.runner)
    assert tag.ok, tag.text
    assert (team.newest.head, team.newest.by) == ("record/my-model-prod-4", BOT)
