"""A runner for fakehub: what GitHub would start, `act` runs on this machine, step by step.

The actions of others are stubs that do their part in the open: `checkout` leaves one commit without tags and without a login,
artifacts are files in a folder, Python is set up already, and the key of an App is its token. A job's token may what its workflow grants to any of its jobs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from modelmark.scaffold.github import PINS
from tests.fakehub.server import Hub
from tests.fakehub.state import Hosted, Pull, User
from tests.support.git_repos import git
from tests.workflows.documents import Workflow

TOKEN = "ghs_t0kenOfTheJob"
BOT = "github-actions[bot]"
_SERIAL = 900

_CHECKOUT = """\
git init -q --template= .
git remote add origin "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY.git"
header="http.extraheader=Authorization: Basic $(printf 'x-access-token:%s' "$TOKEN" | base64 -w0)"
case "$REF" in
  *[!0-9a-f]*|"") what="+refs/heads/$REF*:refs/remotes/origin/$REF*"; to=(-B "$REF" "refs/remotes/origin/$REF") ;;
  *) what="$REF"; to=(--detach "$REF") ;;
esac
git -c "$header" fetch -q --depth=1 --no-tags --no-write-fetch-head origin "$what"
git checkout -q "${to[@]}"
[ "$KEEP" = false ]
"""
_UPLOAD = """\
[ -e "$FROM" ] || exit 0
mkdir -p "$ARTIFACTS/$GITHUB_RUN_ID/$NAME"
cp "$FROM" "$ARTIFACTS/$GITHUB_RUN_ID/$NAME/"
"""
_DOWNLOAD = """\
[ -n "$TOKEN" ]
mkdir -p "$INTO"
cp "$ARTIFACTS/$RUN/$NAME"/* "$INTO/"
"""
_APP = """\
printf 'token=%s\\n' "$KEY" >>"$GITHUB_OUTPUT"
"""
# The script of each, and the inputs that it reads, by the names that it has for them.
_STUBS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "checkout": (_CHECKOUT, {"REF": "ref", "KEEP": "persist-credentials", "TOKEN": "token"}),
    "setup_python": (":\n", {"VERSION": "python-version"}),
    "app_token": (_APP, {"ID": "app-id", "KEY": "private-key"}),
    "upload_artifact": (
        _UPLOAD,
        {"NAME": "name", "FROM": "path", "A": "if-no-files-found", "B": "retention-days"},
    ),
    "download_artifact": (
        _DOWNLOAD,
        {"NAME": "name", "INTO": "path", "RUN": "run-id", "TOKEN": "github-token"},
    ),
}
_PROGRAMS = {
    "modelmark": f'#!/bin/sh\nexec "{sys.executable}" -m modelmark "$@"\n',
    "python": f'#!/bin/sh\n[ "$1 $2" = "-m pip" ] || exec "{sys.executable}" "$@"\nfor last; do :; done\n[ -f "$last" ]\n',
    "sudo": "#!/bin/sh\nexit 0\n",
    "gh": f"""#!{sys.executable}
import json, os, sys, urllib.request
_, workflow, run, file, ref, branch, raw, field = sys.argv
assert (workflow, run, ref, raw) == ("workflow", "run", "--ref", "--raw-field")
site, _, name = os.environ["GH_REPO"].rpartition("/")[0].rpartition("/")[0], "", "/".join(os.environ["GH_REPO"].split("/")[-2:])
assert site == os.environ["GITHUB_SERVER_URL"]
urllib.request.urlopen(urllib.request.Request(
    f"{{os.environ['GITHUB_API_URL']}}/repos/{{name}}/actions/workflows/{{file}}/dispatches",
    json.dumps({{"ref": branch, "inputs": dict([field.split("=", 1)])}}).encode(),
    {{"Authorization": "Bearer " + os.environ["GH_ENTERPRISE_TOKEN"], "User-Agent": "gh", "Content-Type": "application/json"}},
))
""",
}


@dataclass(frozen=True)
class Ran:
    """One run of a workflow.

    Attributes:
        jobs: what became of each that ran, by its id.
        steps: what became of each, by job and name.
        text: all that they said.
    """

    workflow: str
    jobs: Mapping[str, str]
    steps: Mapping[tuple[str, str], str]
    text: str

    @property
    def ok(self) -> bool:
        return bool(self.jobs) and set(self.jobs.values()) == {"success"}


@dataclass
class Runner:
    """Runs the workflows of one repository.

    Attributes:
        variables: those of the repository.
        secrets: those of its environments.
        ran: everything so far, oldest first.
    """

    hub: Hub
    here: Hosted
    folder: Path
    variables: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    ran: list[Ran] = field(default_factory=list)

    @property
    def artifacts(self) -> Path:
        return self.folder / "artifacts"

    def run(self, name: str, event: str, payload: Mapping[str, Any], at: str = "HEAD") -> Ran:
        """Run the workflow `registry-<name>` as it is at a commit, for an event."""
        number = _SERIAL + len(self.ran)
        place = self.folder / str(number)
        git(self.folder, "clone", "-q", "--no-checkout", "--template=", str(self.here.bare), str(place))
        git(place, "checkout", "-q", "--detach", at)
        file = f".github/workflows/registry-{name}.yml"
        self._grant(Workflow(name, (place / file).read_text()))
        told = place.with_suffix(".json")
        told.write_text(json.dumps({"repository": {"default_branch": self.here.default_branch}, **payload}))
        command = [self._act, event, "--eventpath", str(told), "--workflows", file, *self._options(number)]
        done = subprocess.run(
            command,
            cwd=place,
            env=self._environ(place),
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert TOKEN not in done.stdout + done.stderr
        self.ran.append(_read(name, done.stdout, done.stderr))
        return self.ran[-1]

    @property
    def _act(self) -> str:
        found = which("act")
        if found is None:
            pytest.skip("act is not on PATH; .ci/tools builds it where Go is")
        return found

    def _grant(self, workflow: Workflow) -> None:
        granted = {
            f"{what}: {how}" for job in workflow.jobs.values() for what, how in job["permissions"].items()
        }
        writes = any(one.endswith(": write") for one in granted)
        self.hub.tokens[TOKEN] = User(BOT, writes=writes, actions=True, granted=frozenset(granted))

    def _options(self, number: int) -> list[str]:
        api = self.hub.environ["GITHUB_API_URL"]
        environ = {
            **self.hub.environ,
            "GITHUB_GRAPHQL_URL": f"{api.removesuffix('/v3')}/graphql",
            "GITHUB_REPOSITORY": f"{self.here.owner}/{self.here.name}",
            "GITHUB_RUN_ID": str(number),
            "ARTIFACTS": str(self.artifacts),
        }
        pins = {stub: PINS[stub].partition(" ")[0] for stub in _STUBS}
        pairs = [
            *(("--env", f"{name}={value}") for name, value in environ.items()),
            *(("--var", f"{name}={value}") for name, value in self.variables.items()),
            *(
                ("--secret", f"{name}={value}")
                for name, value in {**self.secrets, "GITHUB_TOKEN": TOKEN}.items()
            ),
            *(("--local-repository", f"{pin}={self._stub(stub)}") for stub, pin in pins.items()),
            ("--platform", "ubuntu-24.04=-self-hosted"),
        ]
        return [
            "--json",
            "--no-cache-server",
            "--no-skip-checkout",
            *(part for pair in pairs for part in pair),
        ]

    def _stub(self, name: str) -> Path:
        """A composite action that runs one script."""
        script, inputs = _STUBS[name]
        place = self.folder / "stubs" / name
        place.mkdir(parents=True, exist_ok=True)
        step = {
            "id": "only",
            "shell": "bash",
            "run": f"set -euo pipefail\n{script}",
            "env": {variable: f"${{{{ inputs.{key} }}}}" for variable, key in inputs.items()},
        }
        told = {key: {"default": "${{ github.token }}"} if key == "token" else {} for key in inputs.values()}
        about = {
            "name": name,
            "inputs": told,
            "outputs": {"token": {"value": "${{ steps.only.outputs.token }}"}},
            "runs": {"using": "composite", "steps": [step]},
        }
        (place / "action.yml").write_text(json.dumps(about))
        return place

    def _environ(self, place: Path) -> dict[str, str]:
        """A machine on which nobody is logged in and nobody has a name."""
        programs = self.folder / "bin"
        programs.mkdir(exist_ok=True)
        for name, text in _PROGRAMS.items():
            (programs / name).write_text(text)
            (programs / name).chmod(0o755)
        kept = {name: value for name, value in os.environ.items() if name.startswith(("DVC_", "GIT_CONFIG_"))}
        return {
            **kept,
            "PATH": f"{programs}:{os.environ['PATH']}",
            "HOME": str(place.with_suffix(".home")),
            "XDG_CACHE_HOME": str(place.with_suffix(".cache")),
            "LANG": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1",
        }


def pull_request(runner: Runner, pull: Pull) -> tuple[Ran, Ran]:
    """What GitHub starts for a new head: the gate, and then the comment."""
    here = runner.here
    head = git(here.bare, "rev-parse", pull.ref if pull.fork else f"refs/heads/{pull.head}")
    base = here.tip(pull.base)
    number = 900 + len(runner.ran)
    ends = {"head": {"sha": head, "repo": {"fork": pull.fork is not None}}, "base": {"sha": base}}
    gate = runner.run(
        "check", "pull_request", {"number": pull.number, "pull_request": {"number": pull.number, **ends}}
    )
    told = {
        "id": number,
        "event": "pull_request",
        "head_sha": head,
        "conclusion": "success" if gate.ok else "failure",
    }
    return gate, runner.run("comment", "workflow_run", {"workflow_run": told})


def started(runner: Runner) -> list[Ran]:
    """Run what has been started on main by a dispatch."""
    ran = []
    while runner.here.events:
        event = runner.here.events.pop(0)
        if event.name == "workflow_dispatch":
            name = event.kind.removeprefix("registry-").removesuffix(".yml")
            ran.append(runner.run(name, "workflow_dispatch", {"inputs": dict(event.payload)}))
    return ran


def _read(name: str, out: str, err: str) -> Ran:
    lines: list[dict[str, Any]] = []
    said: list[str] = []
    for line in out.splitlines():
        try:
            lines.append(json.loads(line))
        except ValueError:
            said.append(line)
    said += [str(one["msg"]) for one in lines]
    jobs = {one["jobID"]: one["jobResult"] for one in lines if "jobResult" in one}
    steps = {
        (one["jobID"], _plain(one["step"])): one["stepResult"]
        for one in lines
        if one.get("stage") == "Main" and "stepResult" in one
    }
    return Ran(name, jobs, steps, "\n".join([*said, err]))


def _plain(step: str | Sequence[str]) -> str:
    return step if isinstance(step, str) else " ".join(step)
