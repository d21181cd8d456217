"""`modelmark codeowners` on a real repository: what it writes, what it says, and its exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from modelmark.cli.main import build_app
from modelmark.cli.session import guarded
from modelmark.domain.codeowners import PLACE
from tests.cli.conftest import Ended
from tests.support.git_repos import POLICY, commit, git, new_repository

OWNED = POLICY.replace(b"default_branch: main}", b"default_branch: main, owners: ['@acme/platform']}")
Command = Callable[..., Ended]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = new_repository(tmp_path / "registry")
    commit(made, {"registry.yaml": OWNED, "models/m/model.yaml": b"owners: ['@ada']\n"})
    return made


@pytest.fixture
def codeowners(root: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    def run(*words: str) -> Ended:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            guarded(lambda: build_app()(args=["-C", str(root), "codeowners", *words], prog_name="modelmark"))
        shown = capsys.readouterr()
        return Ended(int(ended.value.code or 0), shown.out, shown.err)

    return run


def test_it_is_written_committed_and_then_agrees(root: Path, codeowners: Command) -> None:
    made = codeowners()
    assert (made.code, made.out) == (0, f"{PLACE}\n")
    assert "/models/m/ @ada\n" in (root / PLACE).read_text()
    assert git(root, "status", "--porcelain", "--untracked-files=all") == f"?? {PLACE}"
    commit(root, {})
    checked = codeowners("--check")
    assert (checked.code, checked.out) == (0, "")
    assert "agrees" in checked.err
    assert git(root, "status", "--porcelain") == ""
    assert "already" in codeowners().err


def test_a_file_that_does_not_agree_is_1_with_the_lines_and_the_mend(root: Path, codeowners: Command) -> None:
    codeowners()
    commit(root, {"models/m/model.yaml": b"owners: ['@bob']\n"})
    ended = codeowners("--check")
    assert (ended.code, ended.out) == (1, "- /models/m/ @ada\n+ /models/m/ @bob\n")
    assert ended.err.endswith("  → modelmark codeowners, and commit it\n")
    assert codeowners("--check", "--head", "HEAD").code == 1
    codeowners()
    commit(root, {})
    assert codeowners("--check").code == 0
    assert codeowners("--check", "--head", git(root, "rev-parse", "HEAD~1")).code == 1


def test_no_file_is_1_and_is_said(codeowners: Command) -> None:
    ended = codeowners("--check")
    assert ended.code == 1
    assert "error: there is no .github/CODEOWNERS\n" in ended.err


def test_a_rule_below_the_block_is_1_also_when_written(root: Path, codeowners: Command) -> None:
    codeowners()
    with (root / PLACE).open("a") as file:
        file.write("* @eve\n")
    ended = codeowners()
    assert ended.code == 1
    assert "'*' stands below the block" in ended.err
    commit(root, {})
    assert codeowners("--check").code == 1


def test_hostile_lines_of_the_file_reach_the_terminal_as_plain_text(root: Path, codeowners: Command) -> None:
    codeowners()
    data = (root / PLACE).read_bytes().replace(b"/models/m/ @ada\n", b"::error::\x1b[31m \xff@eve\n##[x]\n")
    commit(root, {PLACE: data})
    ended = codeowners("--check")
    assert ended.out == "- : :error::?[31m ?@eve\n- ## [x]\n+ /models/m/ @ada\n"


@pytest.mark.parametrize(
    ("files", "words", "code", "said"),
    [
        (
            {"models/m/model.yaml": b"owners: ['@a @eve']\n"},
            [],
            2,
            "models/m/model.yaml:1: owners[0]: '@a @eve' is not",
        ),
        ({"models/m/model.yaml": b"owners: [eve]\n"}, ["--check"], 2, "models/m/model.yaml:1: "),
        ({"registry.yaml": OWNED.replace(b"@acme/", b"")}, ["--check"], 2, "registry.yaml:1: "),
        ({}, ["--head", "nothing"], 1, "there is no commit 'nothing'"),
        ({PLACE: b"# modelmark codeowners: begin\n"}, [], 1, "not one begin and then one end"),
    ],
)
def test_what_cannot_be_written_is_an_error_and_leaves_the_file(
    root: Path, codeowners: Command, files: dict[str, bytes], words: list[str], code: int, said: str
) -> None:
    commit(root, files)
    ended = codeowners(*words)
    assert (ended.code, ended.out) == (code, "")
    assert said in ended.err
    assert git(root, "status", "--porcelain") == ""


def test_a_link_in_its_place_is_refused(root: Path, codeowners: Command, tmp_path: Path) -> None:
    (root / ".github").symlink_to(tmp_path)
    assert codeowners().code == 1
    assert not (tmp_path / "CODEOWNERS").exists()


def test_json_says_the_same(root: Path, codeowners: Command) -> None:
    ended = codeowners("--check", "--json")
    found = json.loads(ended.out)
    assert (ended.code, found["agrees"], found["written"]) == (1, False, False)
    assert found["commit"] == git(root, "rev-parse", "HEAD")
    assert "/models/m/ @ada" in found["agreement"]["missing"]
    assert json.loads(codeowners("--json").out)["written"] is True
