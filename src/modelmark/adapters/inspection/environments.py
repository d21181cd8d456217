"""Makes the Python environment that a version asks for: a fresh one, with its requirements and nothing else.

It is made outside the sandbox, because it needs the network; so nothing of the change may run on the way. Only wheels
are installed (a source distribution runs its own code), and only requirements that are a name and a version: other
lines could name an index, a path or a repository. The index is the one that this machine's pip is configured for.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from modelmark.adapters.processes import Limits, Program, own_python, python_env, run_limited
from modelmark.adapters.sandbox import BASE_PYTHON, Environment
from modelmark.domain.names import shown
from modelmark.errors import CouldNot

if TYPE_CHECKING:
    from collections.abc import Callable

    from modelmark.adapters.inspection.contents import Contents

    Builder = Callable[[str], Environment]

FILE = "requirements.txt"
# What runs the tests of bundles; a bundle that pins pytest gets the version it asks for.
TEST_RUNNER = "pytest==9.2.0"
_MAX_BYTES = 1 << 20
_REQUIREMENT = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._-]*(\[[A-Za-z0-9._, -]*\])?\s*==\s*[0-9A-Za-z][0-9A-Za-z.!+_]*"
    # A marker; pip takes a hyphen after a space for an option, even between quotes.
    r"(\s*;([\w<>=!~()., ]|'[\w.+-]*'|\"[\w.+-]*\")*)?"
    r"(\s+--hash=sha(256|384|512):[0-9a-f]+)*",
    re.ASCII,
)
_FOR_PIP = re.compile(
    r"PIP_(INDEX_URL|EXTRA_INDEX_URL|FIND_LINKS|NO_INDEX|CERT|CLIENT_CERT|TRUSTED_HOST|PROXY|CONFIG_FILE|CACHE_DIR"
    r"|TIMEOUT|DEFAULT_TIMEOUT|RETRIES|KEYRING_PROVIDER)"
    r"|HOME|XDG_(CONFIG|CACHE)_HOME|NETRC|(HTTPS?|NO|ALL)_PROXY|(https?|no|all)_proxy"
    r"|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE"
)
_LIMITS = Limits(seconds=900, memory_mb=8192, output_mb=8192)


def requirements_of(contents: Contents) -> str:
    """The requirements of a version, one a line; empty = it brings none.

    Raises:
        CouldNot: a line is not `name==version`, or they stand in a file of another kind alone.
    """
    paths = [file.path for file in contents.manifest.files if file.type == "environment"]
    if FILE not in paths:
        if paths:
            raise CouldNot(
                f"the environment stands in {', '.join(paths)} alone, and only {FILE} can be installed",
                f"add a {FILE} with pinned versions and register again",
            )
        return ""
    place = contents.file(FILE)
    if place.stat().st_size > _MAX_BYTES:
        raise CouldNot(f"{FILE} is larger than 1 MiB", "list requirements only")
    return plain_requirements(place.read_bytes().decode("utf-8", "replace"))


def plain_requirements(text: str) -> str:
    """The lines of a requirements file, each a pinned name, without comments and continuations."""
    lines: list[str] = []
    joined = re.sub(r"\\\r?\n", " ", text)
    for number, raw in enumerate(joined.splitlines(), 1):
        line = re.sub(r"(^|\s)#.*", "", raw).strip()
        if line and not _REQUIREMENT.fullmatch(line):
            raise CouldNot(
                f"requirement {number} of {FILE} is not `name==version`: {shown(line)}",
                "pin it; paths, addresses and options for pip are not installed, because a change could bring "
                "anything in with them",
            )
        if line:
            lines.append(line)
    return "".join(f"{line}\n" for line in lines)


def build(requirements: str) -> Environment:
    """A fresh environment with these requirements and a test runner; made once for the same requirements.

    Raises:
        CouldNot: pip is not here, the index cannot be reached, or it does not have them.
    """
    digest = hashlib.sha256(requirements.encode()).hexdigest()
    return _built(digest, requirements)[1]


@functools.cache
def _built(digest: str, requirements: str) -> tuple[tempfile.TemporaryDirectory[str], Environment]:
    if importlib.util.find_spec("pip") is None:
        raise CouldNot("pip is not installed beside modelmark", f"{BASE_PYTHON} -m ensurepip")
    # The folder goes when the process ends: the cache keeps it until then.
    kept = tempfile.TemporaryDirectory(prefix=f"modelmark-venv-{digest[:12]}-")
    folder = Path(kept.name) / "venv"
    python = folder / "bin" / "python"
    try:
        _run([str(BASE_PYTHON), "-I", "-m", "venv", "--without-pip", str(folder)], "make an environment")
        # The runner first: where the bundle's lines have hashes, pip wants them for everything it installs with them.
        # Nothing of the bundle is there yet when pip starts, so nothing of it starts with pip.
        _install(python, Path(kept.name), f"{TEST_RUNNER}\n")
        if requirements:
            _install(python, Path(kept.name), requirements)
    except BaseException:
        kept.cleanup()
        raise
    return kept, Environment(python, (folder,))


def _install(python: Path, folder: Path, requirements: str) -> None:
    wanted = folder / "wanted.txt"
    wanted.write_text(requirements, "utf-8")
    quiet = ("--quiet", "--disable-pip-version-check", "--no-input", "--no-compile", "--retries", "1")
    words = ["--python", str(python), "install", *quiet, "--only-binary", ":all:", "-r", str(wanted)]
    _run([*own_python("pip"), *words], "install the requirements")


def _run(args: list[str], what: str) -> None:
    env = python_env() | {name: value for name, value in os.environ.items() if _FOR_PIP.fullmatch(name)}
    done = run_limited(Program(args, env=env, folder=Path(args[0]).parent), _LIMITS)
    if done.timed_out or done.status != 0:
        lines = done.err.decode("utf-8", "replace").strip().splitlines() or [f"exit code {done.status}"]
        errors = [line for line in lines if line.startswith("ERROR")]
        said = "no end after 15 minutes" if done.timed_out else shown((errors or lines)[-1], 300)
        raise CouldNot(
            f"could not {what}: {said}",
            "check that the index of this machine's pip (pip config list) is reachable and has wheels of them "
            f"for Python {sys.version_info[0]}.{sys.version_info[1]}",
        )
