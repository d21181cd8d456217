"""Train the tabular classifier: `python -m examples.tabular.train --out DIR`."""

import argparse
import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

import modelmark
from examples import artifact, measure
from examples.tabular.bundle.preprocess import standardize

HERE = Path(__file__).parent
RUNTIME = ("numpy", "safetensors")
COLUMNS = 10  # the first ten are the means over the nuclei of one image
SLICED = ("mean_texture", "mean_symmetry")
DATASET = measure.Dataset("breast-cancer-wisconsin", "holdout")
SEED = 7
HYPERPARAMETERS: dict[str, object] = {"c": 1.0, "holdout_share": 0.5}

Rows = NDArray[np.float64]  # [rows, columns]
Tensors = dict[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Data:
    """Both splits; labels are indices into `labels`."""

    columns: list[str]
    labels: list[str]
    train_rows: Rows
    train_labels: NDArray[np.int64]
    holdout_rows: Rows
    holdout_labels: NDArray[np.int64]

    def fingerprint(self) -> str:
        """Return `sha256:<hex>` of the rows and labels of both splits."""
        digest = hashlib.sha256()
        for part in (self.train_rows, self.train_labels, self.holdout_rows, self.holdout_labels):
            digest.update(np.ascontiguousarray(part).tobytes())
        return f"sha256:{digest.hexdigest()}"


def load_data() -> Data:
    """Split the bundled data set, stratified by label."""
    bunch = load_breast_cancer()
    parts = train_test_split(
        bunch.data[:, :COLUMNS],
        bunch.target.astype(np.int64),
        test_size=HYPERPARAMETERS["holdout_share"],
        random_state=SEED,
        stratify=bunch.target,
    )
    columns = [str(name).replace(" ", "_") for name in bunch.feature_names[:COLUMNS]]
    labels = [str(name) for name in bunch.target_names]
    return Data(columns, labels, parts[0], parts[2], parts[1], parts[3])


def train(data: Data) -> Tensors:
    """Fit a logistic regression; weights are rounded, so that they do not depend on the CPU."""
    mean = np.round(data.train_rows.mean(axis=0), 4).astype(np.float32)
    scale = np.round(data.train_rows.std(axis=0), 4).astype(np.float32)
    rows = [standardize(row, mean.tolist(), scale.tolist()) for row in data.train_rows.tolist()]
    model = LogisticRegression(C=HYPERPARAMETERS["c"]).fit(rows, data.train_labels)
    half = np.round(model.coef_[0] / 2, 3).astype(np.float32)
    bias = np.round(model.intercept_[0] / 2, 3).astype(np.float32)
    return {
        "classifier.weight": np.stack([-half, half]),
        "classifier.bias": np.array([-bias, bias], dtype=np.float32),
        "columns.mean": mean,
        "columns.scale": scale,
    }


def write_model(out: Path, data: Data, tensors: Tensors) -> None:
    """Write everything that prediction reads, and the code that does it."""
    (out / "model.safetensors").write_bytes(save(tensors))
    artifact.write_labels(out, data.labels)
    artifact.copy_bundle(HERE / "bundle", out)
    artifact.write_json(
        out / "config.json",
        {
            "model_type": "logistic-regression",
            "num_labels": len(data.labels),
            "id2label": {str(index): label for index, label in enumerate(data.labels)},
            "label2id": {label: index for index, label in enumerate(data.labels)},
            "columns": data.columns,
        },
    )
    inputs = dict.fromkeys(data.columns, "number")
    outputs = {"label": "string", "score": "number"}
    example = {"request": dict(zip(data.columns, data.train_rows[0].tolist(), strict=True))}
    signature = {"version": "1.0", "inputs": inputs, "outputs": outputs, "examples": [example]}
    artifact.write_json(out / "signature.json", signature)


def evaluate(out: Path, data: Data, packages: list[str]) -> list[measure.Record]:
    """Measure the written model on the holdout."""
    inputs = [dict(zip(data.columns, row, strict=True)) for row in data.holdout_rows.tolist()]
    run = measure.run_artifact(out, inputs)
    truth = [data.labels[index] for index in data.holdout_labels]
    slices = {}
    for name in SLICED:
        at = data.columns.index(name)
        border = np.median(data.train_rows[:, at])
        slices[name] = ["low" if value < border else "high" for value in data.holdout_rows[:, at]]
    records = measure.quality(DATASET, truth, run.labels, slices)
    return records + measure.cost(DATASET, run, out, packages)


def build(out: Path) -> list[measure.Record]:
    """Make the whole directory; returns its metrics."""
    out.mkdir(parents=True, exist_ok=True)
    with modelmark.run("tabular-breast-cancer", code=HERE.parent) as run:
        data = load_data()
        run.log_data(data.fingerprint())
        run.log_params({**HYPERPARAMETERS, "seed": SEED})
        packages = artifact.closure(RUNTIME)
        write_model(out, data, train(data))
        artifact.write_requirements(out, packages)
        records = evaluate(out, data, packages)
        run.log_metrics(records)
        run.save(out)
    worst = measure.worst_slice(records)
    artifact.write_card(
        HERE / "card.md",
        out,
        train_n=len(data.train_rows),
        holdout_n=len(data.holdout_rows),
        f1=records[0]["value"],
        worst_f1=worst["value"],
        worst_slice=measure.slice_name(worst),
    )
    return records


def main() -> None:
    """Parse the command line, build, and print one line."""
    parser = argparse.ArgumentParser(description="Train the tabular classifier.")
    parser.add_argument("--out", type=Path, required=True, help="directory for the artifacts")
    print(f"tabular: {measure.summary(build(parser.parse_args().out))}")


if __name__ == "__main__":
    main()
