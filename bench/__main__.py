"""`python -m bench [CASE …] [--quick]`: measure, print a table, and write it to bench/RESULTS.md."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench import peers
from bench.cases import check, large, listing, pull, register, remote, resolve, startup, watch
from bench.measure import HEADER, LIMIT, Row, Setting

_FOLDER = Path(__file__).parent
CASES: dict[str, Callable[[Setting], Iterator[Row]]] = {
    "startup": startup.measure,
    "resolve": resolve.measure,
    "remote": remote.measure,
    "list": listing.measure,
    "register": register.measure,
    "large": large.measure,
    "pull": pull.measure,
    "check": check.measure,
    "watch": watch.measure,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the cases; 1 where a budget was missed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("cases", nargs="*", choices=[[], *CASES], help="default: all")
    parser.add_argument("--quick", action="store_true", help="small registries and files: minutes")
    parser.add_argument("--runs", type=int, default=3, help="runs of each program (default 3)")
    chosen = parser.parse_args(arguments)
    work = _FOLDER / ".work"
    work.mkdir(exist_ok=True)
    setting = Setting(work, chosen.quick, chosen.runs)
    rows: list[Row] = []
    for name in chosen.cases or CASES:
        for row in CASES[name](setting):
            print("  ".join(row.cells()), flush=True)
            rows.append(row)
        if (
            not chosen.cases and not chosen.quick
        ):  # after every case, so that a stopped run leaves what it knows
            (_FOLDER / "RESULTS.md").write_text(f"# Measurements\n\n{about(setting)}\n\n{table(rows)}")
    print(f"\n{table(rows)}")
    return 1 if any(row.verdict == "NO" for row in rows) else 0


def table(rows: Sequence[Row]) -> str:
    """The rows in Markdown, with columns of one width."""
    cells = [HEADER, *(row.cells() for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(HEADER))]
    lines = ["| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in cells]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([lines[0], rule, *lines[1:]]) + "\n"


def about(setting: Setting) -> str:
    """The machine, the versions, and how to read the table."""
    git = subprocess.run(["git", "--version"], check=True, capture_output=True, text=True).stdout.split()[2]
    known = {"modelmark": version("modelmark"), **peers.versions(), "git": git}
    programs = ", ".join(f"{name} {number}" for name, number in known.items())
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {_processor()}, {os.cpu_count()} cores, {platform.system()} "
        f"{platform.release().split('-')[0]}, Python {platform.python_version()}, {programs}.\n\n"
        f"Load average {os.getloadavg()[1]:.1f}. Where that is above the count of cores, seconds are too long by about as much, for ours "
        "and for the peer's, and only the ratios say something.\n\n"
        f"Wall seconds: median and minimum of {setting.runs} runs, ours and the peer's in turns, on the same data in "
        f"the page cache; servers are on loopback. A peer that takes longer than {LIMIT:.0f} s is stopped, once. "
        "Made by `python -m bench`."
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    return next(
        (line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine()
    )


if __name__ == "__main__":
    raise SystemExit(main())
