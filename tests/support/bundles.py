"""Versions with code in them, and a Python to run it with: the one that runs the tests, read-only."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from modelmark.adapters.inspection.contents import Contents
from modelmark.adapters.processes import Limits
from modelmark.adapters.sandbox import Ended, Environment, Job, ready, run_job
from modelmark.domain.json_values import Json
from modelmark.domain.manifest import Manifest, ManifestFile, file_type
from modelmark.errors import CouldNot
from tests.support.domain import MODEL, NOON, version
from tests.support.fake_storage import FakeStorage

HERE = Environment(Path(sys.executable), (Path(sys.prefix),))


def no_sandbox() -> str:
    """Why nothing can be run in a sandbox here; empty = it can."""
    try:
        ready()
    except CouldNot as error:
        return error.message
    return ""


needs_sandbox = pytest.mark.skipif(no_sandbox() != "", reason=no_sandbox() or "a sandbox works here")


def here(requirements: str) -> Environment:
    """An environment that needs no network, whatever is asked for."""
    del requirements
    return HERE


def contents_of(
    folder: Path, files: Mapping[str, str], signature: Mapping[str, Json] | None = None
) -> Contents:
    """A version with these files, as a look gets it."""
    source = folder / "source"
    shutil.rmtree(source, ignore_errors=True)
    for path, text in files.items():
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        (source / path).write_text(text, "utf-8")
    storage = FakeStorage()
    stored = storage.add(source, list(files))
    storage.push(stored)
    listed = tuple(ManifestFile(one.path, one.sha256, one.size, file_type(one.path)) for one in stored.files)
    return Contents(storage, Manifest(MODEL, version("1"), NOON, listed, signature), stored.pointer)


# What a driver of ours does, with the code of a test in the place of a bundle's.
DRIVER = """
import json, os, sys
job = json.load(sys.stdin)
pipe = int(sys.argv[-1])
def report(value):
    os.write(pipe, f"{job['key']} {json.dumps(value)}\\n".encode())
exec(job["code"], {"report": report, "pipe": pipe})
report("the end")
"""


def run_code(bundle: Path, code: str, *, limits: Limits | None = None, sandboxed: bool = True) -> Ended:
    """Run code as a bundle's would run, and tell what it reported."""
    driver = bundle.parent / "driver.py"
    driver.write_text(DRIVER)
    most = limits or Limits(seconds=60, memory_mb=1024)
    return run_job(Job(driver, bundle, HERE, {"code": code}), most, sandboxed=sandboxed)
