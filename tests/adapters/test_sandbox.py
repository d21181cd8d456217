"""Code in the sandbox tries to get out, to get at things, to use too much and to lie about its end."""

from __future__ import annotations

import os
import socket
import sys
import time
from pathlib import Path

import pytest

from modelmark.adapters.processes import Limits
from tests.support.bundles import needs_sandbox
from tests.support.bundles import run_code as run

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = tmp_path / "bundle"
    folder.mkdir()
    (folder / "model.txt").write_text("weights")
    return folder


def refusal(bundle: Path, attempt: str) -> str:
    """The error that an attempt ends with inside."""
    code = f"""
import ctypes, os, socket
from pathlib import Path
try:
    {attempt}
except OSError as error:
    report(f"{{type(error).__name__}} {{error.strerror}}")
else:
    report("it worked")
"""
    done = run(bundle, code)
    assert done.reports[1:] == ("the end",), done
    return str(done.reports[0])


@needs_sandbox
def test_what_a_driver_does_comes_through(bundle: Path) -> None:
    done = run(bundle, "print('hello'); report(open('model.txt').read())")
    assert (done.reports, done.status, done.why, done.tail) == (("weights", "the end"), 0, "", "hello\n")


@needs_sandbox
def test_there_is_no_network(bundle: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        here = f"socket.create_connection(('127.0.0.1', {port}), timeout=5)"
        assert refusal(bundle, here) == "ConnectionRefusedError Connection refused"
    assert refusal(bundle, "socket.create_connection(('192.0.2.1', 80), timeout=5)").endswith("unreachable")
    done = run(bundle, "import socket; report([name for _, name in socket.if_nameindex()])")
    assert done.reports[0] == ["lo"]


@needs_sandbox
def test_nothing_of_our_environment_is_there(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cret")
    done = run(bundle, "import os; report(dict(os.environ))")
    seen = done.reports[0]
    assert isinstance(seen, dict)
    assert "s3cret" not in str(seen)
    assert {"PATH", "HOME", "TMPDIR"} <= set(seen)
    assert len(seen) < 20


@needs_sandbox
def test_home_the_repository_and_other_folders_are_not_there(bundle: Path, tmp_path: Path) -> None:
    places = [
        ROOT / "pyproject.toml",
        ROOT / ".git",
        Path.home() / ".ssh",
        Path("/etc/passwd"),
        Path("/etc/shadow"),
    ]
    (tmp_path / "secret").write_text("key")
    places += [tmp_path / "secret", Path("/var"), Path("/run"), Path("/sys"), Path("/boot")]
    done = run(bundle, f"import os; report([one for one in {list(map(str, places))} if os.path.exists(one)])")
    assert done.reports[0] == []


@needs_sandbox
@pytest.mark.parametrize(
    "attempt",
    [
        "open('model.txt', 'w')",
        "open('new', 'w')",
        "os.remove('model.txt')",
        "open('/new', 'w')",
        "open('/usr/bin/new', 'w')",
        "open('/driver/new', 'w')",
        "open('/dev/new', 'w')",
        f"open({str(Path(sys.prefix) / 'new')!r}, 'w')",
        # To the kernel root stays root in its own user namespace, and these would be the machine's own settings.
        "open('/proc/sys/kernel/core_pattern', 'w')",
        "open('/proc/sysrq-trigger', 'w')",
    ],
)
def test_everything_but_its_scratch_is_read_only(bundle: Path, attempt: str) -> None:
    assert refusal(bundle, attempt) in (
        "OSError Read-only file system",
        "PermissionError Permission denied",
        "FileNotFoundError No such file or directory",
    )
    assert [one.name for one in bundle.iterdir()] == ["model.txt"]


@needs_sandbox
def test_the_artifacts_cannot_be_made_writable(bundle: Path) -> None:
    remount = "os.chmod('model.txt', 0o777); open('model.txt', 'w')"
    assert refusal(bundle, remount) == "OSError Read-only file system"
    code = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
report([libc.mount(None, b"/bundle", None, 32 | 4096, None), libc.unshare(0x10000000), libc.setuid(0)])
"""
    assert run(bundle, code).reports[0] == [-1, -1, -1]


@needs_sandbox
def test_scratch_is_there_and_ends_at_its_size(bundle: Path) -> None:
    fill = "[Path(f'{place}/{number}').write_bytes(bytes(1 << 20)) for number in range(300)]"
    for place in ("/tmp", "/dev/shm"):
        assert refusal(bundle, f"place = {place!r}; {fill}") == "OSError No space left on device"


@needs_sandbox
def test_a_single_file_has_a_limit(bundle: Path) -> None:
    assert refusal(bundle, "Path('/tmp/one').write_bytes(bytes(100 << 20))") == "OSError File too large"


@needs_sandbox
def test_processes_outside_are_not_there(bundle: Path) -> None:
    done = run(bundle, "import os; report(sorted(int(one) for one in os.listdir('/proc') if one.isdigit()))")
    assert done.reports[0] == [1, 2]
    assert refusal(bundle, f"os.kill({os.getpid()}, 0)") == "ProcessLookupError No such process"


@needs_sandbox
@pytest.mark.parametrize("signal", ["SIGKILL", "SIGSTOP", "SIGTERM", "SIGINT", "SIGXCPU"])
def test_the_supervisor_cannot_be_ended_or_stopped(bundle: Path, signal: str) -> None:
    done = run(bundle, f"import os, signal; os.kill(1, signal.{signal})")
    assert (done.reports, done.status, done.why) == (("the end",), 0, "")


@needs_sandbox
@pytest.mark.parametrize("place", ["mem", "environ", "fd/1", "fd/0", "cwd", "root"])
def test_the_supervisor_cannot_be_looked_into(bundle: Path, place: str) -> None:
    assert refusal(bundle, f"open('/proc/1/{place}', 'rb')") == "PermissionError Permission denied"


@needs_sandbox
def test_the_supervisor_cannot_be_traced(bundle: Path) -> None:
    attach = "import ctypes; report(ctypes.CDLL(None).ptrace(16, 1, None, None))"
    assert run(bundle, attach).reports[0] == -1


@needs_sandbox
def test_time_ends_everything(bundle: Path) -> None:
    started = time.monotonic()
    mark = f"sleep {60 + time.time_ns() % 10_000 / 10_000}"
    code = f"""
import os, subprocess, time
subprocess.Popen({mark.split()}, start_new_session=True)
time.sleep(60)
"""
    done = run(bundle, code, limits=Limits(seconds=1))
    assert (done.why, done.status, done.reports) == ("it was still running after 1 s", None, ())
    assert time.monotonic() - started < 20
    assert mark not in _running()


@needs_sandbox
def test_what_is_left_running_ends_with_the_driver(bundle: Path) -> None:
    mark = f"sleep {60 + time.time_ns() % 10_000 / 10_000}"
    code = f"import subprocess; subprocess.Popen({mark.split()}, start_new_session=True)"
    done = run(bundle, code)
    assert (done.status, done.why, done.reports) == (0, "", ("the end",))
    assert mark not in _running()


def _running() -> str:
    lines = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(place.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            continue
    return "\n".join(lines)


@needs_sandbox
@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("import os\nwhile True: os.fork()", "it started more than 16 processes"),
        ("while True: print('x' * 65536)", "it printed or answered more than 4 MiB"),
        ("while True: report('x' * 1024)", "it printed or answered more than 4 MiB"),
        (
            "import os, time\nfor _ in range(6):\n  if os.fork() == 0:\n    kept = bytes(b'x' * (100 << 20))\n"
            "    time.sleep(60)\ntime.sleep(60)",
            "it used more than 384 MiB of memory",
        ),
    ],
    ids=["processes", "output", "reports", "memory of all together"],
)
def test_a_limit_ends_it(bundle: Path, code: str, why: str) -> None:
    done = run(bundle, code, limits=Limits(seconds=30, memory_mb=384, processes=16))
    if why.startswith("it started") and done.status is not None:  # the kernel may be faster than we are
        assert "BlockingIOError" in done.tail
        assert "the end" not in done.reports
    else:
        assert (done.why, done.status) == (why, None)


@needs_sandbox
def test_one_process_has_a_limit_of_memory(bundle: Path) -> None:
    done = run(bundle, "kept = bytearray(2 << 30)")
    assert (done.status, done.reports) == (1, ())
    assert "MemoryError" in done.tail


@needs_sandbox
@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("import os; os._exit(0)", 0),
        ("import sys; sys.exit(0)", 0),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", -11),
        ("import os; os.execv('/bin/true', ['true'])", 0),
    ],
)
def test_an_early_exit_is_no_end(bundle: Path, code: str, status: int) -> None:
    done = run(bundle, code)
    assert (done.reports, done.status) == ((), status)


@needs_sandbox
def test_a_report_without_the_key_is_nobody_s(bundle: Path) -> None:
    done = run(bundle, """import os; os.write(pipe, b'0123456789abcdef0123456789abcdef "passed"\\n')""")
    assert done.why == "it wrote into the pipe that only our runner may use"
    assert done.reports == ("the end",)
