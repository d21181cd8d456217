"""What the linters of workflows say, offline: of ours, of the action, and of what `init --github` writes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from shutil import which

import pytest

from tests.workflows.documents import ROOT, URLS, ours, scaffolded

ORIGINS: dict[str, Mapping[str, bytes]] = {
    "ours": ours(),
    "s3": scaffolded(URLS["s3"]),
    "gs": scaffolded(URLS["gs"], branch="trunk"),
}
SCHEMAS = {
    ".github/workflows/*.yml": "vendor.github-workflows",
    ".github/dependabot.yml": "vendor.dependabot",
    "action.yml": "vendor.github-actions",
}


@pytest.fixture(params=list(ORIGINS))
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Its files in a repository of their own."""
    files = dict(ORIGINS[request.param])
    files["action.yml"] = (ROOT / "action.yml").read_bytes()
    for path, data in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    (tmp_path / ".git").mkdir()
    return tmp_path


def clean(folder: Path, *command: str) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def program(name: str) -> str:
    """A program beside the Python that runs this."""
    return str(Path(sys.executable).with_name(name))


def test_zizmor_finds_no_weakness(folder: Path) -> None:
    clean(folder, program("zizmor"), "--offline", "--no-config", "--pedantic", "--quiet", ".")


def test_zizmor_sees_what_it_is_meant_to_see(folder: Path) -> None:
    check = folder / ".github/workflows/registry-check.yml"
    check.write_text(check.read_text().replace('"$HEAD"', "${{ github.head_ref }}"))
    with pytest.raises(AssertionError, match="template-injection"):
        test_zizmor_finds_no_weakness(folder)


def test_the_one_finding_that_is_set_aside_is_the_comment_s(folder: Path) -> None:
    """It may write, and so must run on main after the other; everything else holds without an excuse."""
    excused = [path for path in (folder / ".github").rglob("*.yml") if "zizmor: ignore" in path.read_text()]
    assert [path.name for path in excused] == ["registry-comment.yml"]
    assert excused[0].read_text().count("zizmor: ignore[dangerous-triggers] ") == 1


@pytest.mark.parametrize("pattern", SCHEMAS)
def test_every_file_is_of_its_schema(folder: Path, pattern: str) -> None:
    paths = [str(path) for path in folder.glob(pattern)]
    assert paths
    clean(folder, program("check-jsonschema"), "--builtin-schema", SCHEMAS[pattern], *paths)


def test_actionlint_agrees(folder: Path) -> None:
    if which("actionlint") is None:
        pytest.skip("actionlint is not on PATH; .ci/tools builds it where Go is")
    clean(
        folder, "actionlint", "-shellcheck=", "-pyflakes=", *map(str, folder.glob(".github/workflows/*.yml"))
    )
