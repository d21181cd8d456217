"""`action.yml`: words reach the command as they are, whatever they hold, and what it prints becomes an output."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from modelmark.scaffold.github import PINS
from tests.workflows.documents import ROOT, Json

ACTION: Json = yaml.load((ROOT / "action.yml").read_text(), yaml.BaseLoader)
STEPS: list[Json] = ACTION["runs"]["steps"]


def run(folder: Path, verb: str, args: str, tool: str = 'printf "<%s>" "$@"') -> tuple[int, str, str]:
    """Its last step with a stub for the command: exit code, stdout, and what it told the runner."""
    program = folder / "modelmark"
    program.write_text(f"#!/bin/bash\n{tool}\n")
    program.chmod(0o755)
    told = folder / "output"
    told.touch()
    env = {
        **os.environ,
        "PATH": f"{folder}:{os.environ['PATH']}",
        "VERB": verb,
        "ARGS": args,
        "GITHUB_OUTPUT": str(told),
    }
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", STEPS[-1]["run"]],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    return done.returncode, done.stdout, told.read_text()


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ("", ""),
        ("out/ --model m\n", "<out/><--model><m>"),
        ("--reason 'short texts'\n--note \"it's\"", "<--reason><short texts><--note><it's>"),
        ("$(touch pwned) `id` ; | > x $HOME *", "<$(touch><pwned)><`id`><;><|><>><x><$HOME><*>"),
        ("a\\ b ''", "<a b><>"),
    ],
)
def test_words_are_split_and_nothing_in_them_is_run(args: str, words: str, tmp_path: Path) -> None:
    code, out, _ = run(tmp_path, "register", args)
    assert (code, out) == (0, f"<register>{words}\n")
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize("args", ["m@2 --to prod --reason 'it is", 'list "', "--reason it's --to shadow"])
def test_words_that_cannot_be_split_are_a_wrong_command_line_and_nothing_runs(
    args: str, tmp_path: Path
) -> None:
    code, out, told = run(tmp_path, "promote", args, "touch ran")
    assert (code, out, told) == (2, "::error::args cannot be split into words\n", "")
    assert not (tmp_path / "ran").exists()


def test_what_it_prints_is_an_output_that_cannot_end_itself(tmp_path: Path) -> None:
    code, out, told = run(tmp_path, "list", "", r'printf "one\nstdout<<x\nx\nsecret=1\n"')
    assert (code, out) == (0, "one\nstdout<<x\nx\nsecret=1\n")
    mark = re.match(r"stdout<<(end-[0-9a-f]{32})\n", told)
    assert mark
    assert told == f"stdout<<{mark[1]}\n{out}{mark[1]}\n"


def test_the_exit_code_is_the_command_s_and_what_it_printed_is_kept(tmp_path: Path) -> None:
    code, out, told = run(tmp_path, "check", "", "echo no; exit 1")
    assert (code, out) == (1, "no\n")
    assert "\nno\n" in told


@pytest.mark.parametrize(
    ("extras", "asked"), [("", "/action"), ("s3", "/action[s3]"), ("s3,ssh", "/action[s3,ssh]")]
)
def test_the_storage_s_extra_is_installed_with_it(extras: str, asked: str, tmp_path: Path) -> None:
    stub = tmp_path / "python"
    stub.write_text('#!/bin/bash\nprintf "%s" "${@: -1}"\n')
    stub.chmod(0o755)
    step = STEPS[-2]
    assert step["env"]["EXTRAS"] == "${{ inputs.extras }}"
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "GITHUB_ACTION_PATH": "/action", "EXTRAS": extras}
    script = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    assert subprocess.run(script, env=env, capture_output=True, text=True, check=True).stdout == asked


def test_its_inputs_reach_scripts_through_the_environment_alone() -> None:
    for step in STEPS:
        assert "${{" not in step.get("run", "")
    assert STEPS[-1]["env"]["VERB"] == "${{ inputs.verb }}"
    assert STEPS[-1]["env"]["ARGS"] == "${{ inputs.args }}"
    assert f"uses: {PINS['setup_python']}\n" in (ROOT / "action.yml").read_text()
