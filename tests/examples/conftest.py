"""Each example is built once per test run, by the command that its README documents."""

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]

Build = Callable[[str], Path]


def run_example(name: str, out: Path) -> Path:
    module, arguments = (
        ("examples.tabular.train", [])
        if name == "tabular"
        else ("examples.sentiment.train", ["--recipe", name])
    )
    command = [sys.executable, "-m", module, *arguments, "--out", str(out)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return out


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """A function from the name of an example to its artifact directory."""

    @cache
    def build(name: str) -> Path:
        return run_example(name, tmp_path_factory.mktemp("example") / name)

    return build


@pytest.fixture(scope="session")
def build_again(tmp_path_factory: pytest.TempPathFactory) -> Build:
    return lambda name: run_example(name, tmp_path_factory.mktemp("again") / name)


@pytest.fixture(scope="session")
def measure() -> ModuleType:
    spec = importlib.util.spec_from_file_location("examples_measure", ROOT / "examples" / "measure.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
