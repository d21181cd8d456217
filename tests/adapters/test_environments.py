"""Environments are made of pinned wheels, and nothing of the change runs on the way."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pytest

from modelmark.adapters.inspection import environments
from modelmark.adapters.inspection.environments import build, plain_requirements, requirements_of
from modelmark.errors import CouldNot
from tests.support.bundles import contents_of


@pytest.fixture(autouse=True)
def _nothing_made_before() -> None:
    environments._built.cache_clear()


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An index in a folder, with a test runner that is none."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    name, version = environments.TEST_RUNNER.split("==")
    wheel(folder, name, version)
    return folder


def wheel(folder: Path, name: str, version: str, **files: str) -> None:
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{name}.py", f"version = {version!r}\n")
        for path, text in files.items():
            archive.writestr(path.replace("__", "."), text)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")


def ask(python: Path, code: str) -> str:
    return subprocess.run(
        [python, "-I", "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()


def test_an_environment_has_what_is_asked_for_and_nothing_of_ours(wheels: Path) -> None:
    wheel(wheels, "words", "1.2")
    made = build("words==1.2\n")
    assert ask(made.python, "import words, pytest; print(words.version)") == "1.2"
    missing = (
        "import importlib.util as u; print([n for n in ('modelmark', 'typer', 'pip') if u.find_spec(n)])"
    )
    assert ask(made.python, missing) == "[]"


def test_the_same_requirements_are_installed_once(wheels: Path) -> None:
    wheel(wheels, "words", "1.2")
    assert build("words==1.2\n") is build("words==1.2\n")
    assert build("words==1.2\n") != build("")


def test_nothing_of_a_wheel_runs_while_it_is_installed(wheels: Path, tmp_path: Path) -> None:
    proof = tmp_path / "ran"
    wheel(wheels, "evil", "1", evil__pth=f"import pathlib; pathlib.Path({str(proof)!r}).touch()\n")
    made = build("evil==1\n")
    assert not proof.exists()
    ask(made.python, "")
    assert proof.exists()  # the trap works, and is for the sandbox


def test_what_the_index_lacks_is_could_not_look(wheels: Path) -> None:
    del wheels
    with pytest.raises(CouldNot, match=r"could not install the requirements: .*absent==1") as error:
        build("absent==1\n")
    assert "pip config list" in error.value.hint


def test_an_index_that_does_not_answer_is_could_not_look(
    wheels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del wheels
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    with pytest.raises(CouldNot, match="could not install the requirements"):
        build("")


def test_source_distributions_are_not_built(wheels: Path) -> None:
    (wheels / "source-1.tar.gz").write_bytes(b"")
    with pytest.raises(CouldNot, match="could not install"):
        build("source==1\n")


def test_a_wrong_hash_is_refused(wheels: Path) -> None:
    wheel(wheels, "words", "1.2")
    with pytest.raises(CouldNot, match="could not install"):
        build(f"words==1.2 --hash=sha256:{'0' * 64}\n")


def test_comments_and_continued_lines_are_read() -> None:
    text = f"# pins\nnumpy==2.1.0 \\\n    --hash=sha256:{'a' * 64}  # why\n\nuvicorn[standard]==0.30 ; python_version > '3.8'\n"
    assert plain_requirements(text).splitlines() == [
        f"numpy==2.1.0      --hash=sha256:{'a' * 64}",
        "uvicorn[standard]==0.30 ; python_version > '3.8'",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "-r other.txt",
        "--index-url http://example.org/simple",
        "--extra-index-url=http://example.org/simple",
        "-e .",
        ".",
        "./local",
        "git+https://example.org/repo",
        "words @ https://example.org/words.whl",
        "https://example.org/words.whl",
        "words.whl",
        "words",
        "words>=1",
        "words==1.*",
        "words==1,!=2",
        "words==1 --global-option=x",
        "words==1 --config-settings=x",
        "words==1 ; python_version > '3' -e .",
        "words==1 ; python_version > ' -e .'",
        "words==1 --hash=sha256:00 -e .",
        "words==${TOKEN}",
    ],
)
def test_what_is_not_a_name_and_a_version_is_refused(line: str) -> None:
    with pytest.raises(CouldNot, match=r"requirement 2 of requirements.txt is not `name==version`"):
        plain_requirements(f"fine==1\n{line}\n")


def test_requirements_of_another_kind_alone_are_refused(tmp_path: Path) -> None:
    with (
        contents_of(tmp_path, {"conda.yaml": "dependencies: []"}) as contents,
        pytest.raises(CouldNot, match=r"the environment stands in conda.yaml alone"),
    ):
        requirements_of(contents)


def test_no_requirements_at_all_are_none(tmp_path: Path) -> None:
    with contents_of(tmp_path, {"model.txt": "x"}) as contents:
        assert requirements_of(contents) == ""
