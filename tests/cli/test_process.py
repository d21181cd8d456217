"""The real process: `python -m modelmark`, signals, pipes, `-C`, and a repository on the disk."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ME = [sys.executable, "-m", "modelmark"]


def start(*words: str, cwd: Path | None = None, path: Path | None = None) -> subprocess.Popen[str]:
    env = {**os.environ, "COLUMNS": "80", **({"PATH": f"{path}:{os.environ['PATH']}"} if path else {})}
    return subprocess.Popen(
        [*ME, *words],
        cwd=cwd,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        stdin=subprocess.DEVNULL,
    )


def ended(*words: str, cwd: Path | None = None) -> tuple[int, str, str]:
    process = start(*words, cwd=cwd)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new registry, committed, whose name has a space."""
    root = tmp_path_factory.mktemp("cli") / "my models"
    code, out, _ = ended("init", str(root))
    assert (code, out) == (0, f"{root}\n")
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    subprocess.run(["git", "add", "--all"], cwd=root, check=True)
    subprocess.run(["git", *who, "commit", "--quiet", "--message", "Start"], cwd=root, check=True)
    return root


def test_the_module_and_the_console_entry_are_the_same_program() -> None:
    code, out, err = ended("--version")
    assert (code, err) == (0, "")
    assert out.count(".") == 2
    entry = Path(sys.executable).parent / "modelmark"
    assert subprocess.run([entry, "--version"], capture_output=True, text=True, check=True).stdout == out


def test_a_new_registry_works_at_once(registry: Path) -> None:
    assert ended("list", cwd=registry)[:2] == (
        0,
        "no model is registered yet: modelmark register DIR --model M\n",
    )
    assert ended("verify", "--json", cwd=registry)[0] == 0


def test_the_next_steps_of_init_can_be_pasted(tmp_path: Path) -> None:
    root = tmp_path / "my models; rm -rf x"
    code, _, err = ended("init", str(root))
    assert code == 0
    (line,) = [line for line in err.split("\n") if line.startswith("  cd ")]
    step = line.strip().partition(" && ")[0]
    done = subprocess.run(["sh", "-c", f"{step} && pwd"], capture_output=True, text=True, check=True)
    assert done.stdout == f"{root}\n"


def test_the_next_steps_of_init_name_the_branch_that_is_checked_out(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", "--initial-branch=master", str(tmp_path)], check=True)
    (tmp_path / "README.md").write_text("a repository that was there before")
    code, _, err = ended("init", str(tmp_path))
    assert (code, err.count("git push -u origin master\n"), "origin main" in err) == (0, 1, False)


def test_a_storage_that_could_not_be_read_back_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    root = tmp_path / "models"
    code, _, err = ended("init", str(root), "--storage", "s3://my bucket")
    assert (code, "Traceback" in err) == (2, False)
    assert not (root / "registry.yaml").exists()


def test_a_registry_is_named_with_c_from_anywhere(registry: Path, tmp_path: Path) -> None:
    for words in (["-C", str(registry)], ["--registry", str(registry)], [f"--registry={registry}"]):
        assert ended(*words, "list", cwd=tmp_path)[0] == 0
    assert ended("-C", str(registry / "models"), "list", cwd=tmp_path)[0] == 0


def test_where_there_is_no_registry_the_answer_says_what_to_do(tmp_path: Path) -> None:
    code, out, err = ended("list", cwd=tmp_path)
    assert (code, out) == (1, "")
    assert "is not in a Git repository" in err
    assert "modelmark init DIR" in err
    code, _, err = ended("-C", str(tmp_path / "nowhere"), "list")
    assert (code, "there is no directory" in err) == (1, True)


def test_ctrl_c_ends_with_130_and_one_sentence(registry: Path, tmp_path: Path) -> None:
    slow = tmp_path / "git"
    slow.write_text(f"#!/bin/sh\ntouch {tmp_path}/started\nexec sleep 60\n")
    slow.chmod(0o755)
    process = start("list", cwd=registry, path=tmp_path)
    deadline = time.monotonic() + 30
    while not (tmp_path / "started").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, "")
    assert err == "interrupted; run the command again to finish it\n"


def piped(program: str) -> tuple[int, str]:
    """A program whose reader goes away at once."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONUNBUFFERED": ""},
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
        )
    finally:
        os.close(writing)
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("show('x')", 0),
        ("show('x'); sys.exit(1)", 1),
        ("show('x' * 10_000_000)", 3),
        ("build_app()(args=['--help'])", 3),
    ],
)
def test_a_reader_that_goes_away_gets_no_traceback_and_no_wrong_answer(body: str, code: int) -> None:
    program = f"""
import sys
from modelmark.cli.main import build_app
from modelmark.cli.session import guarded, show
def program():
    {body}
guarded(program)
"""
    assert piped(program) == (code, "")


@pytest.mark.parametrize(("closed", "said"), [("2>&-", ""), (">&-", "there is no directory")])
def test_a_stream_that_is_closed_leads_nowhere(closed: str, said: str) -> None:
    command = ["sh", "-c", f'exec "$@" {closed}', "sh", *ME, "-C", "/nowhere", "list"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, "Traceback" in done.stderr) == (1, "", False)
    assert said in done.stderr
