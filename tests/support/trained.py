"""What a training wrote, in a few hundred bytes: the files that worlds register."""

from __future__ import annotations

import json
from typing import Any


def trained(seed: str, *, f1: float = 0.93, worst: float = 0.88, latency: float = 20.0) -> dict[str, bytes]:
    """Files of a small model that passes the shipped gates, unless its scores say otherwise."""
    test = {"dataset": "reviews", "split": "test"}
    metrics: list[dict[str, Any]] = [
        {"name": "f1", "value": f1, "n": 400, "ci95": [f1 - 0.003, min(1.0, f1 + 0.003)], **test},
        {"name": "f1", "value": worst, "slice": {"domain": "books"}, **test},
        {"name": "f1", "value": 0.95, "slice": {"domain": "films"}, **test},
        {"name": "latency_p95_ms", "value": latency, "where": {"device": "cpu"}},
        {"name": "memory_mb", "value": 120},
        {"name": "image_size_mb", "value": 300},
    ]
    signature = {"version": "1.0", "inputs": {"text": "string"}, "outputs": {"label": "string"}}
    return {
        "model.safetensors": _weights(seed),
        "deep/vocab.txt": f"words of {seed}\n".encode(),
        "metrics.json": json.dumps(metrics).encode(),
        "data_version.txt": b"reviews-2026-01\n",
        "signature.json": json.dumps(signature).encode(),
        "train_args.json": json.dumps({"git_commit": "1" * 40, "git_dirty": False, "seed": 1}).encode(),
    }


def _weights(seed: str) -> bytes:
    """One tensor whose bytes nobody else has."""
    data = f"weights of {seed}\n".encode() * 40
    header = json.dumps({"w": {"dtype": "U8", "shape": [len(data)], "data_offsets": [0, len(data)]}}).encode()
    header += b" " * (-len(header) % 8)
    return len(header).to_bytes(8, "little") + header + data
