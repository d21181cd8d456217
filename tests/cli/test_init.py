"""`modelmark init`: a new registry, and what GitHub needs of one, without touching what is there."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest

from modelmark.domain.codeowners import PLACE
from tests.cli.conftest import Run
from tests.support.git_repos import git
from tests.support.world import files_below


def test_a_new_registry_for_github_is_whole_and_says_what_is_next(run: Run, tmp_path: Path) -> None:
    place = tmp_path / "my models"
    ended = run(
        "init", str(place), "--github", "--storage", "s3://acme", "--owner", "@acme/ml", "--owner", "@ada"
    )
    assert (ended.code, ended.out) == (0, f"{place}\n")
    assert "git add .dvc .gitattributes .github .gitignore README.md models registry.yaml" in ended.err
    assert 'owners: ["@acme/ml", "@ada"]' in (place / "registry.yaml").read_text()
    assert "/registry.yaml @acme/ml @ada" in (place / PLACE).read_text()
    assert f"modelmark=={version('modelmark')}\n" in (place / ".github/modelmark.txt").read_text()
    assert (place / ".github/workflows/registry-check.yml").is_file()


def test_without_it_nothing_is_said_of_github(run: Run, tmp_path: Path) -> None:
    assert run("init", str(tmp_path / "r")).code == 0
    assert not (tmp_path / "r/.github").exists()
    assert not (tmp_path / "r/README.md").exists()


def test_without_a_directory_it_is_the_one_that_c_names(run: Run, tmp_path: Path) -> None:
    assert run("-C", str(tmp_path / "r"), "init").out == f"{tmp_path / 'r'}\n"
    assert (tmp_path / "r/registry.yaml").is_file()


def test_a_registry_for_github_that_nobody_owns_is_told_loudly_and_is_pushed_to_a_remote(
    run: Run, tmp_path: Path
) -> None:
    ended = run("init", str(tmp_path / "r"), "--github")
    assert ended.code == 0
    assert "WARNING: nobody owns this registry" in ended.err
    assert "--owner @YOU" in ended.err
    lines = ended.err.splitlines()
    assert lines[-2].startswith("  git remote add origin https://github.com/OWNER/NAME.git ")
    assert lines[-1] == "  git push -u origin main"
    assert "WARNING" not in run("init", str(tmp_path / "s"), "--github", "--owner", "@ada").err


def test_a_registry_that_is_there_gets_what_is_missing_and_keeps_the_rest(run: Run, tmp_path: Path) -> None:
    place = tmp_path / "r"
    run("init", str(place))
    (place / "README.md").write_text("ours\n")
    (place / ".github").mkdir()
    (place / ".github/modelmark.txt").write_text(".\n")
    before = files_below(place)
    ended = run("init", str(place), "--github")
    assert (ended.code, ended.out) == (0, f"{place}\n")
    after = files_below(place)
    assert {path: data for path, data in after.items() if path in before} == before
    assert ".github/workflows/registry-tag.yml" in after
    assert PLACE in after
    again = run("init", str(place), "--github")
    assert (again.code, "nothing is missing" in again.err) == (0, True)
    assert files_below(place) == after


def test_the_owners_of_models_stand_in_their_cards_so_another_command_writes_them(
    run: Run, tmp_path: Path
) -> None:
    place = tmp_path / "r"
    run("init", str(place))
    (place / "models/m").mkdir()
    (place / "models/m/model.yaml").write_text("owners: ['@ada']\n")
    ended = run("init", str(place), "--github")
    assert not (place / PLACE).exists()
    assert "next: modelmark codeowners" in ended.err


@pytest.mark.parametrize(
    "words", [("--storage", "s3://other"), ("--direct",), ("--owner", "@ada")], ids=lambda words: words[0]
)
def test_what_is_decided_in_the_rules_is_not_decided_again(
    words: tuple[str, ...], run: Run, tmp_path: Path
) -> None:
    run("init", str(tmp_path / "r"))
    ended = run("init", str(tmp_path / "r"), "--github", *words)
    assert (ended.code, "is a registry already" in ended.err) == (2, True)
    assert not (tmp_path / "r/.github").exists()


def test_an_owner_that_github_cannot_name_is_refused_before_anything_is_written(
    run: Run, tmp_path: Path
) -> None:
    assert run("init", str(tmp_path / "r"), "--owner", "ada lovelace").code == 2
    assert not (tmp_path / "r").exists()


def test_a_file_for_github_is_never_written_through_a_link(run: Run, tmp_path: Path) -> None:
    place, elsewhere = tmp_path / "r", tmp_path / "elsewhere"
    elsewhere.mkdir()
    run("init", str(place))
    (place / ".github").symlink_to(elsewhere)
    assert run("init", str(place), "--github").code == 1
    assert list(elsewhere.iterdir()) == []


def test_a_stopped_run_is_finished_by_the_next(run: Run, tmp_path: Path) -> None:
    place = tmp_path / "r"
    run("init", str(place), "--github")
    whole = files_below(place)
    (place / ".github/workflows/registry-tag.yml").unlink()
    (place / PLACE).unlink()
    run("init", str(place), "--github")
    assert files_below(place) == whole
    assert git(place, "status", "--short")
