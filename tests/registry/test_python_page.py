"""docs/python.md is run, block by block, in a clone of a small world; a test that reads it also knows what it names."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import modelmark
from modelmark import Registry
from tests.support.world import World

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "python.md").read_text("utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
URL, TARGET = "https://git.example.org/models.git", "/srv/model"


@pytest.fixture
def clone(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Ada's clone, with what the page speaks of: training data, what a training wrote, and a model of the page's name."""
    place = world.clone("author")
    (place / "data").mkdir()
    (place / "data" / "reviews.csv").write_text("good,1\n")
    for folder in ("out", "other"):
        (place / folder).mkdir()
        (place / folder / "model.safetensors").write_bytes(b"\x02\0\0\0\0\0\0\0{}")
    (place / "other" / "more.txt").write_text("x")
    monkeypatch.chdir(place)
    return place


def test_every_block_of_the_page_runs_as_it_is_written(
    world: World, clone: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scope: dict[str, Any] = {}
    assert len(BLOCKS) >= 6
    for block in BLOCKS:
        for told, here in ((URL, str(world.hub)), (TARGET, str(tmp_path / "srv")), ("nlp-sentiment", "m")):
            block = block.replace(told, here)  # noqa: PLW2901 - one after the other
        exec(compile(block, "docs/python.md", "exec"), scope)
    assert capsys.readouterr() == ("", "")
    assert (tmp_path / "srv" / "current").is_symlink()
    assert (scope["version"], scope["tag"]) == ("1", "m@v1")
    assert str(scope["live"]) == "1"
    assert scope["branch"] == "register/m-3"
    assert scope["reason"].startswith("lineage.git_commit is not given")
    assert scope["hint"]
    assert scope["what_to_do"]
    assert [str(one) for one in scope["past"]] != []
    written = json.loads((clone / "out" / "train_args.json").read_text())
    assert written["hyperparameters"] == {"lr": 0.001, "epochs": 3}
    assert "register/m-2" in world.branches()


def test_a_type_checker_accepts_the_page_and_finds_a_name_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "page.py").write_text("\n".join(BLOCKS) + "\nmodelmark.pulled\n")
    check = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), "page.py"]
    done = subprocess.run(check, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert [line.partition("error: ")[2] for line in done.stdout.splitlines() if "error: " in line] == [
        'Module has no attribute "pulled"; maybe "pull"?  [attr-defined]'
    ], done.stdout


def test_the_page_names_every_public_name_and_every_verb() -> None:
    for name in modelmark.__all__:
        assert f"`{name}" in PAGE or f"`modelmark.{name}" in PAGE or f", `{name}`" in PAGE, (
            f"{name} is not on the page"
        )
    verbs = {name for name, _ in inspect.getmembers(Registry, inspect.isfunction) if not name.startswith("_")}
    own = PAGE.partition("are there for the workflows")[0].rpartition("\n\n")[
        2
    ]  # named in a sentence, and not promised
    ours = set(re.findall(r"`(\w+)`", own))
    missing = [name for name in sorted(verbs - ours) if not re.search(rf"`{name}\(|[.]{name}\(", PAGE)]
    assert missing == []


def test_no_link_of_the_new_pages_leads_nowhere() -> None:
    for page in ("python.md", "deployments.md"):
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", (DOCS / page).read_text("utf-8")):
            assert target.startswith("https://") or (DOCS / target).exists(), f"{page}: {target}"


def test_the_classes_of_errors_on_the_page_are_those_that_there_are() -> None:
    table = PAGE.partition("## Errors")[2]
    for name, one in inspect.getmembers(modelmark.errors, inspect.isclass):
        assert f"`{name}`" in table or name in ("Declined", "ModelmarkError"), name
        assert one.__module__ == "modelmark.errors"
