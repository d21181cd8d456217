"""A watch's state in the format of Prometheus; the one module that imports `prometheus_client`.

Nothing is counted here: each scrape renders the state of that moment, so the metrics and `/version` cannot disagree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from modelmark.adapters.health import Board, Page
from modelmark.domain.watching import number_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prometheus_client.core import Metric

# Each is there from the start, so that an alert on its rate sees the first one.
_KINDS = (
    "unreachable", "denied", "missing", "corrupt", "refused", "invalid", "stale", "moved", "disk", "could-not", "hook", "report",
)  # fmt: skip


def metrics_of(board: Board) -> Callable[[], Page]:
    """The page `/metrics` of one watch, from a registry of its own."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_OfWatch(board))
    return lambda: Page(200, generate_latest(registry), CONTENT_TYPE_PLAIN_0_0_4)


class _OfWatch(Collector):
    def __init__(self, board: Board) -> None:
        self._board = board

    def collect(self) -> Iterator[Metric]:
        """One family for each figure."""
        state = self._board.state
        visible, rejected = state.visible, state.rejected
        labels = {} if visible is None else {
            "model": visible.model,
            "version": visible.version,
            "assignment": visible.assignment,
            "manifest_sha256": visible.manifest_sha256,
        }  # fmt: skip
        yield InfoMetricFamily(
            "modelmark_release",
            "The release that is visible.",
            {"reference": self._board.reference, **labels},
        )
        yield _gauge("ready", "1 while a verified release is visible.", visible is not None)
        number = number_in(state.chain, visible.assignment) if visible else 0
        yield _gauge("assignment_number", "Number of the assignment that is visible; 0 = none.", number)
        yield _gauge(
            "seen_number", "Highest number that ever counted.", state.seen.number if state.seen else 0
        )
        yield _gauge("rejected", "1 while the alias means what the hook did not take.", rejected is not None)
        yield _gauge("failures_in_a_row", "Outcomes in a row that were failures.", state.failures)
        yield _gauge(
            "poll_age_seconds", "Since the registry answered a poll; +Inf = it never did.", self._board.age()
        )
        yield _counter("polls", "Polls that the registry answered.", state.polls)
        yield _counter("swaps", "Times another release became visible.", state.swaps)
        yield _counter(
            "restored", "Times the release before came back, because the hook failed.", state.restored
        )
        failures = CounterMetricFamily("modelmark_failures", "Failures, by kind.", labels=["kind"])
        for kind in sorted({*_KINDS, *state.failed}):
            failures.add_metric([kind], state.failed.get(kind, 0))
        yield failures


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"modelmark_{name}", text, float(value))


def _counter(name: str, text: str, value: float) -> Metric:
    return CounterMetricFamily(f"modelmark_{name}", text, float(value))
