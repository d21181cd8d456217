"""Long work is watched by bars on a terminal, and by a line for each large file in a log."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from modelmark.cli.progress import Lines, told

PROGRAM = """
import sys
from modelmark.cli.progress import told
with told() as watching:
    watching.begin(3, 20_000_000)
    watching.moved("weights\\x1b[31m.bin", 5_000_000, 10_000_000)
    watching.moved("weights\\x1b[31m.bin", 5_000_000, 10_000_000)
    watching.moved("small.json", 10, 10)
    watching.done("small.json", 10)
    watching.done("weights\\x1b[31m.bin", 10_000_000)
    watching.done("was-here.bin", 9_999_990)
print(sorted(name for name in sys.modules if name == "rich"))
"""


def test_a_log_has_a_line_for_each_large_file_and_none_for_small_ones(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = Lines()
    lines.begin(3, 3_000_001)
    for path, size in (("a.bin", 1_500_000), ("b.json", 7), ("c\n::error::x.bin", 1_500_000)):
        lines.moved(path, size, size)
        lines.done(path, size)
    told_lines = capsys.readouterr().err.splitlines()
    assert [line.partition(",")[0] for line in told_lines] == ["a.bin: 1.5 MB", "c ::error::x.bin: 1.5 MB"]
    assert "file 3 of 3" in told_lines[1]


def test_without_a_terminal_rich_is_not_even_imported(capsys: pytest.CaptureFixture[str]) -> None:
    with told() as watching:
        assert isinstance(watching, Lines)
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
    assert "\x1b" not in done.stderr
    assert len(done.stderr.splitlines()) == 2


def test_on_a_terminal_there_are_bars_that_go_away_and_stdout_is_not_touched() -> None:
    ours, theirs = os.openpty()
    env = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=theirs, env=env
    ) as process:
        os.close(theirs)
        shown = b""
        try:
            while part := os.read(ours, 65536):
                shown += part
        except OSError:  # the other end is closed
            pass
        out, _ = process.communicate(timeout=60)
    os.close(ours)
    assert (process.returncode, out) == (0, b"['rich']\n")
    assert b"3 files" in shown
    assert b"\x1b[31m.bin" not in shown
    assert b"/20.0 MB" in shown
