"""The models of this repository meet the gates of its own registry.yaml, for real: `make gates`.

In a scratch clone it asks for promotions and judges them with everything that the policy names: licences by the package
index, the bundled tests and the example requests in the sandbox. Needs bubblewrap, and an index that pip can reach.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAMED = ("signature-compatible", "scan", "licenses", "bundled-tests", "contract")
# What is asked for, and the rules that must refuse it: version 1 is worse than 3, and cannot explain itself.
ASKED = (
    ("tabular-breast-cancer@1", "canary", ()),
    ("tabular-breast-cancer@1", "prod", ()),
    ("nlp-sentiment@1", "prod", ("metrics", "signature-compatible")),
)


def main() -> None:
    """Ask, judge, merge what passes; end with 1 where a verdict is not the expected one."""
    with tempfile.TemporaryDirectory(prefix="modelmark-gates-") as folder:
        clone = _clone(Path(folder))
        for version, alias, expected in ASKED:
            said = _modelmark(clone, "promote", version, "--to", alias, "--reason", "to be judged")
            branch = next(line for line in said.stdout.splitlines() if line.startswith("promote/"))
            _git(clone, "fetch", "-q")
            verdict = json.loads(_modelmark(clone, "check", "--head", f"origin/{branch}", "--json").stdout)
            _judge(f"{version} -> {alias}", verdict, expected)
            if verdict["passed"]:
                _git(clone, "merge", "-q", "--no-ff", "--no-edit", f"origin/{branch}")
                _git(clone, "push", "-q")
                _modelmark(clone, "apply")


def _judge(what: str, verdict: dict[str, object], expected: tuple[str, ...]) -> None:
    findings = verdict["findings"]
    assert isinstance(findings, list)
    wrong = [found for found in findings if found["level"] == "error"]
    print(f"{what}: {'passed' if verdict['passed'] else 'refused'}")
    for found in findings:
        if found["rule"] in NAMED or found["level"] == "error":
            print(f"  {'x' if found['level'] == 'error' else '.'} {found['rule']}: {found['message']}")
    if {found["rule"] for found in wrong} != set(expected):
        sys.exit(f"{what}: expected {expected or 'no errors'}")


def _clone(folder: Path) -> Path:
    """A clone of this repository as it is committed, with a remote of its own and its tags made."""
    hub, clone = folder / "hub.git", folder / "ada"
    _git(folder, "init", "-q", "--bare", "-b", "main", str(hub))
    _git(ROOT, "push", "-q", str(hub), "HEAD:refs/heads/main")
    _git(folder, "clone", "-q", "--no-tags", str(hub), str(clone))
    for key, value in {
        "user.name": "Ada",
        "user.email": "ada@example.org",
        "commit.gpgsign": "false",
    }.items():
        _git(clone, "config", key, value)
    _modelmark(clone, "apply")
    return clone


def _git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, check=True, env=_env())


def _modelmark(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "modelmark", *words],
        cwd=folder,
        env=_env(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode > 1:
        sys.exit(f"modelmark {' '.join(words)}: {done.stderr}")
    return done


def _env() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}


if __name__ == "__main__":
    main()
