"""`modelmark protect` without GitHub: the files it writes, and the options that do not go together."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from modelmark.cli.main import build_app
from modelmark.cli.session import guarded
from tests.cli.conftest import Ended
from tests.support.git_repos import POLICY, commit, git, new_repository

FOLDER = ".github/rulesets"
Command = Callable[..., Ended]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = new_repository(tmp_path / "registry")
    commit(made, {"registry.yaml": POLICY})
    return made


@pytest.fixture
def protect(root: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    def run(*words: str) -> Ended:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            guarded(lambda: build_app()(args=["-C", str(root), "protect", *words], prog_name="modelmark"))
        shown = capsys.readouterr()
        return Ended(int(ended.value.code or 0), shown.out, shown.err)

    return run


def test_the_files_are_written_once_and_need_no_github(root: Path, protect: Command) -> None:
    made = protect("--write")
    paths = [f"{FOLDER}/registry-{name}.json" for name in ("main", "tags-immutable", "tags-below")]
    assert (made.code, made.out.split()) == (0, paths)
    assert git(root, "status", "--porcelain", "--untracked-files=all").split("\n") == [
        f"?? {path}" for path in sorted(paths)
    ]
    assert "wrote 0, 3 were good" in protect("--write").err


def test_a_file_that_asks_for_more_stays_and_one_that_asks_for_less_is_written_again(
    root: Path, protect: Command
) -> None:
    protect("--write")
    place = root / FOLDER / "registry-main.json"
    written = place.read_text()
    more = written.replace('_review_count": 1', '_review_count": 3')
    assert more != written
    place.write_text(more)
    protect("--write")
    assert place.read_text() == more
    place.write_text(more.replace('"active"', '"disabled"'))
    assert "wrote 1, 2 were good" in protect("--write").err
    assert place.read_text() == written


def test_another_app_takes_the_place_of_the_first(root: Path, protect: Command) -> None:
    protect("--write", "--app", "77", "--operators", "5")
    protect("--write", "--app", "78")
    made = json.loads((root / FOLDER / "registry-tags-creation.json").read_bytes())
    assert [one["actor_id"] for one in made["bypass_actors"]] == [78]


def test_more_approvals_in_the_rules_are_asked_for_by_the_next_write(root: Path, protect: Command) -> None:
    protect("--write")
    commit(
        root, {"registry.yaml": POLICY.replace(b"gate: none, rollback: direct", b"gate: none, approvals: 2")}
    )
    assert "wrote 1, 2 were good" in protect("--write").err
    assert '"required_approving_review_count": 2' in (root / FOLDER / "registry-main.json").read_text()


def test_a_file_that_cannot_be_read_is_written_again(root: Path, protect: Command) -> None:
    protect("--write")
    (root / FOLDER / "registry-main.json").write_bytes(b"{")
    assert "wrote 1, 2 were good" in protect("--write").err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--plan", "--apply"], "exclude each other"),
        (["--write", "--check"], "exclude each other"),
        (["--apply", "--app", "77"], "are for --write"),
        (["--write", "--app", "15368"], "GitHub Actions itself"),
        (["--write", "--operators", "5"], "operators alone"),
        (["--write", "--app", "0"], "Invalid value for '--app'"),
    ],
)
def test_options_that_do_not_go_together_are_usage_errors(
    root: Path, protect: Command, words: list[str], said: str
) -> None:
    ended = protect(*words)
    assert ended.code == 2
    assert said in ended.err
    assert git(root, "status", "--porcelain") == ""


def test_what_needs_github_says_so(protect: Command) -> None:
    ended = protect()
    assert ended.code == 1
    assert "is not on GitHub" in ended.err


def test_without_a_registry_nothing_is_written(tmp_path: Path, root: Path, protect: Command) -> None:
    git(root, "rm", "-q", "registry.yaml")
    commit(root, {})
    ended = protect("--write")
    assert ended.code == 1
    assert "no registry.yaml" in ended.err
    assert not (root / ".github").exists()
