"""Run the predict.py of an artifact directory in a fresh process and measure it there.

Started by measure.py with that directory on PYTHONPATH, so that this process loads what a server would load
and nothing of the training. Reads a JSON list of inputs from stdin; writes outputs, durations and peak memory.
"""

import json
import resource
import sys
from pathlib import Path
from time import perf_counter

from predict import predict  # type: ignore[import-not-found]

WARM_UP_CALLS = 50


def peak_memory_mb() -> float:
    """Return the peak resident set size of this process in MB (10^6 bytes).

    Linux lets a child start with the `ru_maxrss` of its parent, so VmHWM is read where there is one.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024 / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


def main() -> None:
    """Predict every input of stdin once, after a warm-up."""
    inputs = json.load(sys.stdin)
    for item in inputs[:WARM_UP_CALLS]:
        predict(item)
    outputs, milliseconds = [], []
    for item in inputs:
        start = perf_counter()
        output = predict(item)
        milliseconds.append((perf_counter() - start) * 1000)
        outputs.append(output)
    json.dump(
        {"outputs": outputs, "milliseconds": milliseconds, "peak_memory_mb": peak_memory_mb()}, sys.stdout
    )


if __name__ == "__main__":
    main()
