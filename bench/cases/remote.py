"""`modelmark resolve --remote URL`, without a clone: seconds, and bytes that came over the wire."""

from __future__ import annotations

from collections.abc import Iterator

from bench.measure import MODELMARK, Row, Setting, alternate, command
from bench.registries import Shape, ensure
from bench.servers import Counter, git_daemon, http_server

_BYTES = 100_000


def measure(setting: Setting) -> Iterator[Row]:
    """A row for each protocol; the time is taken without the counting proxy."""
    shape = Shape(50, 20) if setting.quick else Shape(1000, 100)
    made = ensure(setting.work, shape)
    for scheme, server in (("git", git_daemon), ("http", http_server)):
        with server(made.hub.parent) as port:
            url = f"{scheme}://127.0.0.1:{port}/{made.hub.name}"
            programs = {
                "ours": command([MODELMARK, "resolve", "--registry", url, "model-0001@prod"], setting.work),
                "peer": command(["git", "ls-remote", url], setting.work),
            }
            found = alternate(setting.runs, programs)
            counted = []
            for line in ([MODELMARK, "resolve", "model-0001@prod", "--registry"], ["git", "ls-remote"]):
                counter = Counter(port)
                command([*line, f"{scheme}://127.0.0.1:{counter.port}/{made.hub.name}"], setting.work)()
                counter.close()
                counted.append(counter.received)
        what = f"resolve --registry {scheme}://, {shape.tags:,} tags"
        note = f"{counted[0] / 1000:,.0f} kB received, of 100 allowed; peer {counted[1] / 1000:,.0f} kB"
        peer = ("git ls-remote", found["peer"])
        yield Row(what, found["ours"], peer, 0.6, note, kept=counted[0] <= _BYTES)
