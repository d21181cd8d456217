"""Predict from one row of measurements: `python predict.py '{"mean_radius": 14.1, ...}'`.

`predict` takes and returns what signature.json promises.
"""

import argparse
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from postprocess import answer  # type: ignore[import-not-found]
from preprocess import row, standardize  # type: ignore[import-not-found]
from safetensors.numpy import load_file

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Model:
    """The artifacts beside this file, in memory."""

    weight: NDArray[np.float32]  # [labels, columns]
    bias: NDArray[np.float32]  # [labels]
    mean: list[float]
    scale: list[float]
    columns: list[str]
    labels: dict[int, str]


@cache
def load() -> Model:
    """Read the artifacts once."""
    tensors = load_file(HERE / "model.safetensors")
    config = json.loads((HERE / "config.json").read_text("utf-8"))
    labels = json.loads((HERE / "labels.json").read_text("utf-8"))
    return Model(
        weight=tensors["classifier.weight"],
        bias=tensors["classifier.bias"],
        mean=tensors["columns.mean"].tolist(),
        scale=tensors["columns.scale"].tolist(),
        columns=config["columns"],
        labels={int(key): label for key, label in labels.items()},
    )


def predict(inputs: Mapping[str, object]) -> dict[str, object]:
    """Return label and score for one row of measurements."""
    model = load()
    values: list[float] = standardize(row(inputs, model.columns), model.mean, model.scale)
    logits = model.weight @ np.array(values, dtype=np.float32) + model.bias
    outputs: dict[str, object] = answer(logits.tolist(), model.labels)
    return outputs


def main() -> None:
    """Print one JSON line for the row on the command line."""
    parser = argparse.ArgumentParser(description="Predict from one row of measurements.")
    parser.add_argument("row", help="a JSON object with every input of signature.json")
    print(json.dumps(predict(json.loads(parser.parse_args().row))))


if __name__ == "__main__":
    main()
