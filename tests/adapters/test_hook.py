"""The hook of a watch: a fixed argument list, JSON on stdin, an end in time, and one line why it failed."""

from __future__ import annotations

import errno
import json
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

import pytest

from modelmark.adapters import processes
from modelmark.adapters.hook import Hook
from modelmark.adapters.processes import Finished, Program, run_told
from modelmark.domain.json_values import Json
from modelmark.errors import InvalidInput

MESSAGE: dict[str, Json] = {"event": "changed", "version": "2", "reason": 'x"; rm -rf / #é'}


def hook(code: str, seconds: float = 30) -> str:
    return Hook((sys.executable, "-I", "-c", code), seconds)(MESSAGE)


def told(code: str, seconds: float = 30, output: int = 1000) -> Finished:
    return run_told(Program([sys.executable, "-I", "-c", code], b"", dict(os.environ)), seconds, output)


def test_it_gets_one_line_of_json_and_our_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OF_THE_USER", "yes")
    place = tmp_path / "said"
    code = f"import os, sys; open({str(place)!r}, 'w').write(sys.stdin.read() + os.environ['OF_THE_USER'])"
    assert hook(code) == ""
    line, _, rest = place.read_text().partition("\n")
    assert (json.loads(line), rest) == (MESSAGE, "yes")


def test_no_shell_reads_its_arguments(tmp_path: Path) -> None:
    code = "import sys; assert sys.argv[1:] == ['$HOME', '; touch x', '*']"
    words = (sys.executable, "-I", "-c", code, "$HOME", "; touch x", "*")
    assert Hook(words, 30)(MESSAGE) == ""


def test_why_it_failed_is_its_last_line_without_anything_that_a_terminal_obeys() -> None:
    code = r"import sys; print('first', flush=True); print('no \x1b[31mmodel', file=sys.stderr, flush=True); print(); sys.exit(3)"
    assert hook(code) == r"exit 3: 'no \x1b[31mmodel'"
    assert hook("import sys; sys.exit(1)") == "exit 1"
    assert hook("import os; os.kill(os.getpid(), 9)") == "killed by SIGKILL"


def test_the_last_line_is_the_last_however_much_was_printed_before() -> None:
    code = (
        "import sys\nfor _ in range(50_000): print('loading')\nsys.stdout.flush(); sys.exit('no such layer')"
    )
    assert hook(code) == "exit 1: 'no such layer'"


def test_whether_there_is_such_a_program_is_known_before_it_is_needed() -> None:
    Hook(("true",), 30).check()
    with pytest.raises(InvalidInput, match="there is no program '/nowhere/hook' that could be run"):
        Hook(("/nowhere/hook",), 30).check()


def test_a_path_need_not_be_text(tmp_path: Path) -> None:
    code = (
        f"import json, sys; told = json.load(sys.stdin); sys.exit(told['path'] != {'/srv/' + chr(0xDCFF)!r})"
    )
    assert Hook((sys.executable, "-I", "-c", code), 30)({"path": "/srv/\udcff"}) == ""


def test_where_its_input_cannot_be_written_it_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    assert hook("") == f"{sys.executable} cannot be started: No space left on device"


def test_one_that_may_not_be_killed_keeps_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object) -> None:
        raise PermissionError

    with monkeypatch.context() as patched:
        patched.setattr(os, "killpg", denied)  # as for a hook that is run by sudo
        patched.setattr(processes, "_LAST_SECONDS", 0.1)
        done = told("import os, time; print(os.getpid(), flush=True); time.sleep(60)", seconds=1)
    assert (done.timed_out, done.status) == (True, -signal.SIGKILL)
    os.kill(int(done.out), signal.SIGKILL)


def test_a_program_that_is_not_there_is_a_failure_like_others() -> None:
    assert (
        Hook(("/nowhere/hook",), 30)(MESSAGE) == "/nowhere/hook cannot be started: No such file or directory"
    )


def test_a_hook_that_hangs_is_ended_with_all_it_started(tmp_path: Path) -> None:
    code = f"""
import subprocess, time
child = subprocess.Popen(["sleep", "60"])
open({str(tmp_path / "pid")!r}, "w").write(str(child.pid))
time.sleep(60)
"""
    started = time.monotonic()
    assert hook(code, 1.5) == "it did not end within 1.5 s"
    assert time.monotonic() - started < 20
    assert not _runs(int((tmp_path / "pid").read_text()))


def test_a_hook_that_ignores_sigterm_and_its_input_is_ended(tmp_path: Path) -> None:
    code = (
        "import os, signal, time; os.close(0); signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    )
    assert hook(code, 1) == "it did not end within 1 s"


def test_a_hook_that_floods_keeps_no_memory_and_its_status_counts() -> None:
    done = told("import sys\nfor _ in range(500): sys.stdout.write('x' * 65536)\nsys.exit(4)")
    assert (done.status, len(done.out), done.timed_out) == (4, 1000, False)


def test_a_hook_that_floods_without_end_is_ended_in_time() -> None:
    done = told("import sys\nwhile True: sys.stdout.write('x' * 65536)", seconds=1)
    assert (done.timed_out, len(done.out)) == (True, 1000)


def test_what_it_leaves_in_the_background_does_not_keep_us_and_ends_with_it() -> None:
    started = time.monotonic()
    done = told("import subprocess; print(subprocess.Popen(['sleep', '60']).pid, flush=True)")
    assert time.monotonic() - started < 20
    assert done.status == 0
    assert not _runs(int(done.out))


def test_it_may_close_its_output_and_go_on() -> None:
    done = told("import os, sys, time\nos.close(1); os.close(2); time.sleep(0.3); os._exit(5)")
    assert (done.status, done.out) == (5, b"")


def test_it_may_write_large_files_and_use_memory_as_it_likes(tmp_path: Path) -> None:
    code = f"open({str(tmp_path / 'big')!r}, 'wb').write(b'x' * (8 << 20))"
    assert told(code).status == 0
    assert (tmp_path / "big").stat().st_size == 8 << 20


def _runs(pid: int) -> bool:
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return False
        if state == "Z":
            return False
        time.sleep(0.02)
    return True
