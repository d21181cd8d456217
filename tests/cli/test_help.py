"""Help that a newcomer understands: reviewed as golden files, one example each, and the README shows the real thing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from modelmark.cli.main import COMMANDS
from tests.cli.conftest import Run
from tests.support.goldens import Golden

README = Path(__file__).parents[2] / "README.md"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_with_one_example(name: str, run: Run, golden: Golden) -> None:
    ended = run(name, "--help")
    assert (ended.code, ended.err) == (0, "")
    assert len(re.findall(rf"(?m)^  Example: modelmark {name} ?.*$", ended.out)) == 1
    example = next(line for line in ended.out.split("\n") if "Example:" in line)
    assert example.count("'") % 2 == 0, "the example stands on one line, so that it can be copied"
    golden(f"{name}.txt", ended.out)


def test_the_readme_shows_the_help_as_it_is(run: Run) -> None:
    ended = run("--help")
    assert f"<!-- help -->\n```\n{ended.out}```\n<!-- /help -->" in README.read_text(encoding="utf-8")


def test_the_help_lists_every_command(run: Run) -> None:
    assert all(re.search(rf"(?m)^  {name} ", run("--help").out) for name in COMMANDS)


@pytest.mark.parametrize("name", ["", "promote"])
def test_the_short_form_says_the_same(name: str, run: Run) -> None:
    words = [name] if name else []
    assert run(*words, "-h").out == run(*words, "--help").out
