"""Measure a finished artifact directory: how well it predicts, and what that costs.

Everything is measured through the predict.py of the directory, in a process of its own: what is reported is
what was shipped, not what the training had in memory.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from math import floor, sqrt
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Record = dict[str, object]  # one entry of metrics.json

Z95 = 1.959964  # the normal quantile of a two-sided 95% interval
BOOTSTRAP_ROUNDS = 2000


@dataclass(frozen=True)
class Dataset:
    """What the metrics were measured on."""

    name: str
    split: str


@dataclass(frozen=True)
class Run:
    """What a fresh process did with the inputs: one predicted label and one duration each."""

    labels: list[str]
    milliseconds: list[float]
    peak_memory_mb: float


def run_artifact(directory: Path, inputs: Sequence[Mapping[str, object]]) -> Run:
    """Predict all inputs with the predict.py in `directory`, in a new Python process."""
    probe = Path(__file__).with_name("probe.py")
    environment = {**os.environ, "PYTHONPATH": str(directory.resolve()), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, str(probe)],
        input=json.dumps(inputs),
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    report = json.loads(done.stdout)
    labels = [output["label"] for output in report["outputs"]]
    return Run(labels, report["milliseconds"], report["peak_memory_mb"])


def quality(
    dataset: Dataset, truth: Sequence[str], predicted: Sequence[str], slices: Mapping[str, Sequence[str]]
) -> list[Record]:
    """Return macro F1 and accuracy, overall and for every value of every slice column."""
    names = sorted(set(truth))
    pairs = np.array([(names.index(a), names.index(b)) for a, b in zip(truth, predicted, strict=True)])
    records = _quality_records(dataset, {}, pairs, len(names))
    for column, values in slices.items():
        for value in sorted(set(values)):
            inside = np.array([entry == value for entry in values])
            records += _quality_records(dataset, {column: value}, pairs[inside], len(names))
    return records


def _quality_records(
    dataset: Dataset, where: Mapping[str, str], pairs: NDArray[np.int64], labels: int
) -> list[Record]:
    counts = np.zeros((labels, labels), dtype=np.int64)
    np.add.at(counts, (pairs[:, 0], pairs[:, 1]), 1)
    total, hits = int(counts.sum()), int(np.trace(counts))
    shared: Record = {"dataset": dataset.name, "split": dataset.split, "n": total}
    if where:
        shared["slice"] = dict(where)
    f1 = {"name": "f1", "value": _rounded(macro_f1(counts)), "ci95": bootstrap_f1(counts)}
    accuracy = {"name": "accuracy", "value": _rounded(hits / total), "ci95": wilson(hits, total)}
    return [{**f1, **shared}, {**accuracy, **shared}]


def macro_f1(counts: NDArray[np.int64]) -> float:
    """Return the mean over the labels of F1; `counts` is [..., true label, predicted label]."""
    return float(_macro_f1(counts))


def _macro_f1(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    hits = np.diagonal(counts, axis1=-2, axis2=-1)
    seen = counts.sum(axis=-1) + counts.sum(axis=-2)
    mean: NDArray[np.float64] = (2 * hits / np.maximum(seen, 1)).mean(axis=-1)
    return mean


def bootstrap_f1(counts: NDArray[np.int64]) -> list[float]:
    """Return the 95% percentile interval of macro F1.

    F1 depends on the examples only through the confusion counts, so to draw examples with replacement is to
    draw the counts from a multinomial distribution.
    """
    total = int(counts.sum())
    rng = np.random.default_rng(0)
    draws = rng.multinomial(total, counts.ravel() / total, size=BOOTSTRAP_ROUNDS)
    scores = _macro_f1(draws.reshape(-1, *counts.shape))
    return [_rounded(end) for end in np.quantile(scores, [0.025, 0.975])]


def wilson(hits: int, total: int) -> list[float]:
    """Return Wilson's 95% interval of a proportion."""
    share = hits / total
    center = (share + Z95**2 / (2 * total)) / (1 + Z95**2 / total)
    half = Z95 * sqrt(share * (1 - share) / total + Z95**2 / (4 * total**2)) / (1 + Z95**2 / total)
    return [_rounded(center - half), _rounded(center + half)]


def cost(dataset: Dataset, run: Run, directory: Path, requirements: Sequence[str]) -> list[Record]:
    """Return p95 latency and peak memory of the run, and the size of what an image must hold."""
    shared: Record = {"dataset": dataset.name, "split": dataset.split, "n": len(run.milliseconds)}
    p95, interval = percentile_95(run.milliseconds)
    size = image_size_mb(directory, requirements)
    return [
        {"name": "latency_p95_ms", "value": p95, "ci95": interval, "where": {"device": "cpu"}, **shared},
        {"name": "memory_mb", "value": round(run.peak_memory_mb, 1), **shared},
        {"name": "image_size_mb", "value": round(size, 1), "dataset": "installed requirements and artifacts"},
    ]


def percentile_95(values: Sequence[float]) -> tuple[float, list[float]]:
    """Return the 95th percentile and its 95% interval, two order statistics (the binomial count of smaller ones)."""
    ordered = sorted(values)
    last = len(ordered) - 1
    rank, half = 0.95 * len(ordered), Z95 * sqrt(len(ordered) * 0.95 * 0.05)
    low, middle, high = (ordered[min(max(floor(at), 0), last)] for at in (rank - half, rank, rank + half + 1))
    return _rounded(middle), [_rounded(low), _rounded(high)]


def image_size_mb(directory: Path, requirements: Sequence[str]) -> float:
    """Return the installed size of the packages plus the artifacts in MB, without Python and the base image."""
    files = [path for path in directory.rglob("*") if path.is_file()]
    for name in requirements:
        files += [Path(str(file.locate())) for file in metadata.files(name) or []]
    return sum(path.stat().st_size for path in files if path.is_file()) / 1e6


def _rounded(value: float) -> float:
    return round(float(value), 4)


def worst_slice(records: Sequence[Record]) -> Record:
    """Return the F1 record of the slice with the lowest F1."""
    return min(
        (r for r in records if r["name"] == "f1" and "slice" in r), key=lambda r: float(str(r["value"]))
    )


def slice_name(record: Record) -> str:
    """Return the slice of a record as text, `negation: yes`."""
    part = record["slice"]
    return ", ".join(f"{key}: {value}" for key, value in part.items()) if isinstance(part, dict) else ""


def summary(records: Sequence[Record]) -> str:
    """Return macro F1 overall and on the worst slice as one line."""
    worst = worst_slice(records)
    return f"f1 {records[0]['value']}, worst slice {worst['value']} ({slice_name(worst)})"
