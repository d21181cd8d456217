"""The house keeps its shape: small files and functions, a sentence over each, a test folder for every room."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import modelmark
from modelmark.cli.main import COMMANDS

SOURCE = Path(modelmark.__file__).parent
TESTS = Path(__file__).parent
MODULES = sorted(SOURCE.rglob("*.py"))
TEST_MODULES = sorted(path for path in TESTS.rglob("*.py") if path.parent.name != "e2e")


def named(path: Path) -> str:
    return path.relative_to(SOURCE.parents[1]).as_posix()


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def functions(path: Path) -> Iterator[tuple[str, int, int]]:
    """Name, lines and arguments of every function, nested ones included."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            count = len(node.args.posonlyargs) + len(node.args.args) + len(node.args.kwonlyargs)
            yield f"{named(path)}:{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1, count


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_every_module_says_what_it_decides(path: Path) -> None:
    said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert said
    assert said.split("\n")[0].rstrip().endswith((".", ":", "?")) or "\n" in said


def test_no_file_is_longer_than_300_lines() -> None:
    assert {named(path): lines(path) for path in (*MODULES, *TEST_MODULES) if lines(path) > 300} == {}


def test_no_function_is_longer_than_60_lines_and_few_than_40() -> None:
    sizes = {name: size for path in MODULES for name, size, _ in functions(path)}
    assert {name: size for name, size in sizes.items() if size > 60} == {}
    long = {name: size for name, size in sizes.items() if size > 40}
    assert len(long) <= 0.05 * len(sizes), long


def test_command_files_are_short() -> None:
    files = {where.partition(".")[0] for where, _ in COMMANDS.values()}
    sizes = {name: lines(SOURCE / "cli" / f"{name}.py") for name in files}
    assert {name: size for name, size in sizes.items() if size > 80} == {}


def test_every_command_has_a_file_and_every_file_a_command() -> None:
    files = {path.stem for path in (SOURCE / "cli").glob("*.py")} - {
        "__init__",
        "main",
        "options",
        "session",
        "progress",
    }
    assert files == {where.partition(".")[0] for where, _ in COMMANDS.values()}


def test_every_room_has_its_tests() -> None:
    rooms = {path.parent.name for path in SOURCE.glob("*/__init__.py")}
    assert rooms <= {path.name for path in TESTS.iterdir() if path.is_dir()}
    assert {room: list((TESTS / room).glob("test_*.py")) == [] for room in rooms} == dict.fromkeys(
        rooms, False
    )


@pytest.mark.parametrize("room", ["checks", "usecases"])
def test_every_check_and_every_verb_has_its_test_file(room: str) -> None:
    helpers = {
        "__init__",
        "ports",
        "forge_ports",
        "pull_ports",
        "watch_ports",
        "state",
        "gather",
        "changed_files",
    }
    modules = {path.stem for path in (SOURCE / room).glob("*.py")} - helpers
    assert modules <= {path.stem.removeprefix("test_") for path in (TESTS / room).glob("test_*.py")}


def test_only_one_module_starts_processes() -> None:
    texts = {named(path): path.read_text(encoding="utf-8") for path in MODULES}
    starters = [name for name, text in texts.items() if "import subprocess" in text or "os.system" in text]
    assert starters == [
        "src/modelmark/adapters/processes.py",
        "src/modelmark/adapters/sandbox_supervisor.py",
    ], (
        "and Git by adapters/git.py, through GitPython; the supervisor is a program of its own, inside the sandbox"
    )


def test_only_the_command_line_prints() -> None:
    calls = {
        named(path)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    }
    assert calls == {"src/modelmark/cli/session.py"}
