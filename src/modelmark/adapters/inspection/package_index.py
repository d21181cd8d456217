"""Asks about pinned packages over the network, in limited processes: pip for licences, pip-audit for vulnerabilities.

Both get names and versions that were read from the bundle's files, never the files themselves, so no option of a
bundle reaches them. They use the index, proxy and certificates that the user has set for pip.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING, Any

from modelmark.adapters.processes import Finished, Limits, Program, own_python, python_env, run_limited
from modelmark.domain.names import shown
from modelmark.errors import CouldNot

if TYPE_CHECKING:
    from collections.abc import Sequence

# The file size is for an index that has no metadata of its own, where pip reads them out of the wheel.
_LIMITS = Limits(seconds=300, memory_mb=4096, output_mb=4096)
_MAX_ANSWER = 64 << 20
_PASSED_ON = (
    "HOME",
    "XDG_CONFIG_HOME",
    "XDG_CACHE_HOME",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
)
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


def pip_report(pins: Sequence[tuple[str, str]], python: tuple[int, int] | None) -> list[dict[str, Any]]:
    """The metadata of pinned packages as wheels for a Python; nothing is installed or executed.

    Raises:
        CouldNot: pip is not there, has no answer, or does not find one of them.
    """
    options = [
        "install",
        "--dry-run",
        "--ignore-installed",
        "--no-deps",
        "--only-binary",
        ":all:",
        "--no-input",
    ]
    if python is not None:
        options += ["--python-version", f"{python[0]}.{python[1]}"]
    with tempfile.TemporaryDirectory(prefix="modelmark-ask-") as folder:
        report, wanted = Path(folder) / "report.json", _listed(Path(folder), pins)
        command = [*own_python("pip"), *options, "--quiet", "--report", str(report), "--requirement", wanted]
        done = _run(command, "pip")
        if done.status != 0 or not report.exists():
            raise CouldNot(
                f"the package index could not be asked for licences, so nothing is known: {_last_words(done)}",
                "see that pip can reach the index and that every pinned version is on it, then run it again",
            )
        installed = _json(report.read_bytes()[:_MAX_ANSWER], "pip").get("install", [])
        return [dict(one["metadata"]) for one in installed]


def find_pip_audit() -> str:
    """The program that asks the vulnerability service.

    Raises:
        CouldNot: it is not installed.
    """
    program = which("pip-audit") or which("pip-audit", path=str(Path(sys.executable).parent))
    if program is None:
        raise CouldNot(
            "pip-audit is not installed, so nothing is known of vulnerabilities",
            "pip install 'modelmark[audit]', or keep a reviewed advisories.yaml at the registry's root",
        )
    return program


def pip_audit(pins: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """What pip-audit says of each pinned package.

    Raises:
        CouldNot: it is not installed, or has no answer.
    """
    program = find_pip_audit()
    options = ["--no-deps", "--disable-pip", "--format", "json", "--desc", "off", "--progress-spinner", "off"]
    with tempfile.TemporaryDirectory(prefix="modelmark-ask-") as folder:
        done = _run([program, *options, "--requirement", _listed(Path(folder), pins)], "pip-audit")
    try:
        return list(_json(done.out[:_MAX_ANSWER], "pip-audit")["dependencies"])
    except (CouldNot, KeyError, TypeError):
        raise CouldNot(
            f"the vulnerability service could not be asked, so nothing is known: {_last_words(done)}",
            "see that pip-audit can reach its service, or keep a reviewed advisories.yaml at the registry's root",
        ) from None


def _listed(folder: Path, pins: Sequence[tuple[str, str]]) -> str:
    wanted = folder / "requirements.txt"
    wanted.write_text("".join(f"{name}=={version}\n" for name, version in pins), "utf-8")
    return str(wanted)


def _run(command: Sequence[str], name: str) -> Finished:
    env = python_env() | {key: os.environ[key] for key in os.environ if _is_passed_on(key)}
    with tempfile.TemporaryDirectory(prefix="modelmark-ask-") as folder:
        done = run_limited(Program(command, env=env, folder=Path(folder)), _LIMITS)
    if done.timed_out:
        raise CouldNot(
            f"{name} had no answer after {_LIMITS.seconds:.0f} s, so nothing is known", "run it again"
        )
    return done


def _is_passed_on(key: str) -> bool:
    return key.startswith("PIP_") or key in _PASSED_ON or key.upper() in _PROXIES


def _json(data: bytes, name: str) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise CouldNot(f"the answer of {name} is no JSON", "update it")
    return found


def _last_words(done: Finished) -> str:
    """The last line of what a program complained of, best an error."""
    lines = [line.strip() for line in done.err.decode("utf-8", "replace").splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error")]
    return shown((errors or lines or [f"it ended with status {done.status}"])[-1], 300)
