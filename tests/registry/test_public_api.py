"""What other people's programs rest on: names and signatures that stay, an import that costs nothing, and no side effects."""

from __future__ import annotations

import dataclasses
import inspect
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path

import pytest

import modelmark
from modelmark.errors import ModelmarkError
from modelmark.registry.asked import About
from modelmark.registry.training import Measured
from tests.support.world import World

HEAVY = {"git", "yaml", "pydantic", "dvc", "typer", "httpx", "dataclasses", "typing", "logging"}


# For the workflows of a registry; docs/python.md says that they are not promised.
NOT_PROMISED = {"add_github", "announce", "audit", "codeowners", "hosted", "write_protection"}


def signature(name: str, function: Callable[..., object]) -> Iterator[str]:
    """A line for each argument, so that a new one with a default breaks no line."""
    found = inspect.signature(function)
    for place, (key, one) in enumerate(found.parameters.items()):
        if key == "self":
            continue
        where = place if one.kind is one.POSITIONAL_OR_KEYWORD else one.kind.description
        default = "" if one.default is one.empty else f" = {one.default!r}"
        yield f"{name}({where}: {key}: {one.annotation}{default})"
    yield f"{name}() -> {found.return_annotation}"


def described(name: str, value: object) -> Iterator[str]:
    """A public thing as the lines that its users rest on."""
    if inspect.ismodule(value):
        for key, one in sorted(inspect.getmembers(value, inspect.isclass)):
            yield f"{name}.{key} is a {one.__mro__[1].__name__}"
    elif inspect.isfunction(value):
        yield from signature(name, value)
    elif inspect.isclass(value) and issubclass(value, Enum):
        yield from (f"{name}.{one.name} = {one.value!r}" for one in value)
    elif not inspect.isclass(value):
        yield f"{name} = {value}"
    else:
        yield from members(name, value)


def members(name: str, kind: type) -> Iterator[str]:
    """Fields, properties and methods of a class."""
    if dataclasses.is_dataclass(kind):
        yield from (f"{name}.{one.name}: {one.type}" for one in dataclasses.fields(kind))
    for key, one in sorted(inspect.getmembers(kind)):
        if (key.startswith("_") and key not in ("__enter__", "__exit__")) or key in NOT_PROMISED:
            continue
        if isinstance(one, property):
            assert one.fget is not None
            yield f"{name}.{key} -> {inspect.signature(one.fget).return_annotation}"
        elif inspect.isfunction(one) or inspect.ismethod(one):
            yield from signature(f"{name}.{key}", one)


def test_what_was_promised_is_still_there(request: pytest.FixtureRequest) -> None:
    """A line that is no more is a change for the changelog; new lines are promised by --update-goldens."""
    found = [line for name in modelmark.__all__ for line in described(name, getattr(modelmark, name))]
    for about in (About, Measured):
        found += [f"{about.__name__}.{key}: {kind}" for key, kind in sorted(about.__annotations__.items())]
    place = Path(__file__).parent / "goldens" / "api.txt"
    if request.config.getoption("--update-goldens", default=False):
        place.write_text("\n".join(found) + "\n", "utf-8")
    promised = place.read_text("utf-8").splitlines()
    assert [line for line in promised if line not in found] == []
    known = {line.partition("(")[0] for line in promised if "() -> " in line}
    asked = [
        line for line in found if line.partition("(")[0] in known and line.endswith(")") and " = " not in line
    ]
    assert [line for line in asked if line not in promised] == [], "a new argument needs a default"


def test_every_public_name_is_there_once_and_listed() -> None:
    assert len(set(modelmark.__all__)) == len(modelmark.__all__)
    assert set(modelmark.__all__) <= set(dir(modelmark))
    for name in modelmark.__all__:
        assert getattr(modelmark, name) is getattr(modelmark, name)


def test_another_name_is_an_attribute_error_as_everywhere() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'pulled'"):
        modelmark.pulled  # type: ignore[attr-defined]  # noqa: B018


def test_every_error_is_a_modelmark_error_with_its_exit_code() -> None:
    classes = [one for one in vars(modelmark.errors).values() if inspect.isclass(one)]
    own = [one for one in classes if one.__module__ == "modelmark.errors"]
    errors = [one for one in own if issubclass(one, ModelmarkError)]
    assert errors == own
    assert {one.exit_code for one in errors} == {1, 2, 3}


def test_the_import_brings_nothing_until_something_is_asked_for() -> None:
    code = (
        "import sys; before = set(sys.modules); import modelmark; print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    loaded = set(done.stdout.split())
    assert "modelmark" in loaded
    assert not {name for name in loaded if name.startswith("modelmark.")}
    assert not HEAVY & loaded


def test_a_version_is_parsed_without_git_or_yaml() -> None:
    code = "import sys, modelmark; modelmark.parse_version('7'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert not {"git", "yaml", "pydantic", "dvc"} & set(done.stdout.split())


PROGRAM = """
import gc, json, locale, logging, os, signal, sys, threading, time

def state():
    handled = {one: signal.getsignal(one) for one in signal.valid_signals() if one not in (9, 19)}
    return {
        "signals": {int(key): repr(value) for key, value in handled.items()},
        "environ": dict(os.environ), "cwd": os.getcwd(), "umask": (lambda now: (os.umask(now), now)[1])(os.umask(0)),
        "handlers": repr(logging.getLogger().handlers), "level": logging.getLogger().level,
        "hook": repr(sys.excepthook), "recursion": sys.getrecursionlimit(), "gc": gc.get_threshold(),
        "locale": locale.setlocale(locale.LC_ALL), "argv": sys.argv, "path": sys.path,
        "threads": sorted(one.name for one in threading.enumerate() if not one.daemon),
    }

before = state()
import modelmark
hub, target, out = sys.argv[1:]
modelmark.pull("m@prod", registry=hub, to=target)
modelmark.resolve("m@prod", registry=hub)
clone = modelmark.Registry.open(".")
clone.list(), clone.history("m"), clone.show("m@1"), clone.deployed("m@prod", "eu-1", to=target), clone.status()
with modelmark.run("m", code="/", data_version="v1") as run:
    run.log_params({"lr": 0.1}); run.log_metric("f1", 0.95); run.register(out)
assert run.registration is not None
until = time.monotonic() + 10  # a time limit that was cancelled takes a moment to go
while len(threading.enumerate()) > 1 and time.monotonic() < until:
    time.sleep(0.01)
after = state()
changed = [key for key in before if before[key] != after[key]]
with open(os.environ["REPORT"], "w") as stream:
    json.dump(changed, stream)
"""


def test_nothing_is_printed_and_the_process_is_as_it_was(world: World, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "model.safetensors").write_bytes(b"\x02\0\0\0\0\0\0\0{}")
    report = tmp_path / "changed.json"
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PROGRAM), str(world.hub), str(tmp_path / "srv"), str(out)],
        cwd=world.clone("author"),
        env={**os.environ, "REPORT": str(report)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert report.read_text() == "[]"
