from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bench import __main__ as bench
from bench.git_text import environment, run
from bench.measure import Row, Series, Setting
from bench.registries import Generated, Shape, ensure
from modelmark import Registry, parse_reference
from modelmark.domain.names import ModelName

SHAPE = Shape(models=2, versions=3)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    return ensure(tmp_path_factory.mktemp("bench"), SHAPE)


def test_a_generated_registry_passes_verify(made: Generated) -> None:
    found = Registry.open(made.clone).verify()

    assert found.verdict.passed
    assert found.verdict.findings == ()
    assert (found.models, found.versions, found.assignments) == (2, 6, 12)


def test_every_alias_of_it_means_the_newest_version(made: Generated) -> None:
    registry = Registry.open(made.clone)

    assert str(registry.resolve(parse_reference("model-0002@prod")).version) == "1.3.0"
    assert [summary.problems for summary in registry.list()] == [(), ()]


def test_git_finds_nothing_wrong_with_it(made: Generated) -> None:
    done = subprocess.run(
        ["git", "-C", str(made.hub), "fsck", "--strict"],
        check=False,
        capture_output=True,
        text=True,
        env=environment(),
    )

    assert (done.returncode, done.stdout) == (0, "")
    assert len(run(made.hub, "tag").splitlines()) == SHAPE.tags


def test_the_tags_for_gto_stand_on_the_commit_of_their_version(made: Generated) -> None:
    version = run(made.gto, "rev-parse", "refs/tags/model-0001@v1.2.0^{commit}")

    assert run(made.gto, "rev-parse", "refs/tags/model-0001#prod#2^{commit}") == version


def test_it_is_generated_once(made: Generated) -> None:
    before = (made.hub / "packed-refs").stat().st_mtime_ns

    assert ensure(made.hub.parent.parent, SHAPE) == made
    assert (made.hub / "packed-refs").stat().st_mtime_ns == before


def test_a_table_says_which_budgets_are_kept() -> None:
    rows = [
        Row("resolve", Series((0.2, 0.1, 0.3)), ("gto show", Series(())), budget=0.25),
        Row("pull", Series((2.0,)), ("dvc pull", Series((1.0,)))),
        Row("remote", Series((0.1,)), ("git ls-remote", Series((1.0,))), budget=0.6, kept=False),
        Row("show", Series((0.1,))),
    ]

    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in bench.table(rows).splitlines()]

    assert lines[2] == ["resolve", "0.2 [0.1]", "gto show", ">300", ">1,500x", "0.25 s", "yes", ""]
    assert [line[6] for line in lines[3:]] == ["NO", "NO", ""]


def test_a_program_that_was_stopped_at_the_limit_is_not_started_again(tmp_path: Path) -> None:
    setting = Setting(tmp_path, quick=True, runs=1)
    first, said = setting.remembered("slow", lambda: None)
    assert (first(), said) == (None, "")

    def fails() -> float:
        raise AssertionError("it was started again")

    again, note = setting.remembered("slow", fails)

    assert again() is None
    assert note.startswith("peer stopped at 300 s")


def test_names_of_models_are_those_of_the_shape() -> None:
    assert SHAPE.model(1) == ModelName("model-0001")
    assert str(SHAPE.version(7)) == "1.7.0"
