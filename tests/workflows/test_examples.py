"""The workflows in examples/github-actions: of their schema, without a weakness that linters know, and in our own words."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer
import yaml

from modelmark.cli.main import build_app
from modelmark.scaffold.github import PINS
from tests.workflows.documents import ROOT, Json
from tests.workflows.test_linters import clean, program

EXAMPLES = sorted((ROOT / "examples" / "github-actions").glob("*.yml"))


def steps(path: Path) -> list[Json]:
    tree: Json = yaml.load(path.read_text("utf-8"), yaml.BaseLoader)
    return [step for job in tree["jobs"].values() for step in job["steps"]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """They as they are in somebody's repository, with a commit of ours."""
    place = tmp_path / ".github" / "workflows"
    place.mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    for path in EXAMPLES:
        text = path.read_text("utf-8").replace(
            "OWNER/modelmark@COMMIT", f"acme/modelmark@{'1' * 40} # v0.1.0"
        )
        (place / path.name).write_text(text, "utf-8")
    return tmp_path


def test_there_is_one_that_trains_and_one_that_deploys() -> None:
    assert [path.stem for path in EXAMPLES] == ["deploy", "train"]


def test_they_are_of_their_schema_and_zizmor_finds_no_weakness(folder: Path) -> None:
    paths = [str(path) for path in (folder / ".github/workflows").iterdir()]
    clean(folder, program("check-jsonschema"), "--builtin-schema", "vendor.github-workflows", *paths)
    clean(folder, program("zizmor"), "--offline", "--no-config", "--quiet", ".")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_command_is_one_that_we_have(path: Path) -> None:
    commands = typer.main.get_command(build_app()).commands  # type: ignore[attr-defined]
    ours = [step["with"] for step in steps(path) if step.get("uses", "").startswith("OWNER/modelmark@")]
    assert ours
    inputs = yaml.load((ROOT / "action.yml").read_text("utf-8"), yaml.BaseLoader)["inputs"]
    for said in ours:
        assert set(said) <= set(inputs)
        words = shlex.split(re.sub(r"\$\{\{.*?\}\}", "x", said["args"]))
        commands[said["verb"]].make_context(said["verb"], words)  # raises where a word is none of its own


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_foreign_actions_are_the_pinned_ones_of_our_own_workflows(path: Path) -> None:
    foreign = [step["uses"] for step in steps(path) if not step.get("uses", "OWNER/").startswith("OWNER/")]
    assert foreign
    text = path.read_text("utf-8")
    pins = dict(pin.split(" # ") for pin in PINS.values())
    for one in foreign:
        assert f"{one} # {pins[one]}" in text


def test_a_script_takes_nothing_from_an_event_into_its_text() -> None:
    for path in EXAMPLES:
        assert [step["run"] for step in steps(path) if "${{" in step.get("run", "")] == []
