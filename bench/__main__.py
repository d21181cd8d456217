"""`python -m bench [CASE …] [--quick]`: measure, print a table, and keep each case's in bench/RESULTS.md."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench import peers, results
from bench.cases import check, large, listing, pull, register, remote, resolve, startup, watch
from bench.measure import HEADER, Row, Setting

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
        found: list[Row] = []
        for row in CASES[name](setting):
            print("  ".join(row.cells()), flush=True)
            found.append(row)
        if not chosen.quick:  # after every case, so that a stopped run leaves what it knows
            results.keep(name, f"{about(setting)}\n\n{table(found)}", CASES)
        rows += found
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
    """When, on what machine and with which versions."""
    git = subprocess.run(["git", "--version"], check=True, capture_output=True, text=True).stdout.split()[2]
    known = {"modelmark": version("modelmark"), **peers.versions(), "git": git}
    programs = ", ".join(f"{name} {number}" for name, number in known.items())
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, load average {os.getloadavg()[1]:.1f}, {setting.runs} runs; {_processor()}, "
        f"{os.cpu_count()} cores, {platform.system()} {platform.release().split('-')[0]}, Python "
        f"{platform.python_version()}, {programs}."
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
