"""Predict the sentiment of one review: `python predict.py "a lovely book"`.

`predict` takes and returns what signature.json promises.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from postprocess import answer  # type: ignore[import-not-found]
from preprocess import clean, feature_ids  # type: ignore[import-not-found]
from safetensors.numpy import load_file
from tokenizers import Tokenizer

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Model:
    """The artifacts beside this file, in memory."""

    tokenizer: Tokenizer
    weight: NDArray[np.float32]  # [labels, features]
    bias: NDArray[np.float32]  # [labels]
    pairs: dict[tuple[int, int], int]
    labels: dict[int, str]
    negation_scope: int
    unknown_id: int


@cache
def load() -> Model:
    """Read the artifacts once."""
    tensors = load_file(HERE / "model.safetensors")
    config = json.loads((HERE / "config.json").read_text("utf-8"))
    labels = json.loads((HERE / "labels.json").read_text("utf-8"))
    pairs = tensors["features.bigrams"].tolist()
    return Model(
        tokenizer=Tokenizer.from_file(str(HERE / "tokenizer.json")),
        weight=tensors["classifier.weight"],
        bias=tensors["classifier.bias"],
        pairs={(first, second): index for index, (first, second) in enumerate(pairs)},
        labels={int(key): label for key, label in labels.items()},
        negation_scope=config["negation_scope"],
        unknown_id=config["unk_token_id"],
    )


def predict(inputs: Mapping[str, object]) -> dict[str, object]:
    """Return label and score for `inputs["text"]`; with `inputs["explain"]` also the words that decided."""
    text = inputs["text"]
    if not isinstance(text, str):
        raise TypeError("the input 'text' must be a string")
    model = load()
    token_ids = model.tokenizer.encode(clean(text, model.negation_scope)).ids
    vocab_size = model.tokenizer.get_vocab_size()
    columns: list[int] = feature_ids(token_ids, model.pairs, vocab_size, model.unknown_id)
    logits = model.weight[:, columns].sum(axis=1) + model.bias
    outputs: dict[str, object] = answer(logits.tolist(), model.labels)
    if inputs.get("explain"):
        outputs["reasons"] = ", ".join(_reasons(model, columns, int(logits.argmax())))
    return outputs


def _reasons(model: Model, columns: Sequence[int], label: int) -> list[str]:
    """Return up to three words or pairs of words that speak for the label, strongest first."""
    vocab_size = model.tokenizer.get_vocab_size()
    names = list(model.pairs)
    weights = {column: float(model.weight[label, column]) for column in columns}
    strongest = sorted((c for c in columns if weights[c] > 0), key=lambda c: -weights[c])[:3]
    tokens = [[c] if c < vocab_size else list(names[c - vocab_size]) for c in strongest]
    return [model.tokenizer.decode(ids) for ids in tokens]


def main() -> None:
    """Print one JSON line for the review on the command line."""
    parser = argparse.ArgumentParser(description="Predict the sentiment of one review.")
    parser.add_argument("text")
    parser.add_argument("--explain", action="store_true", help="also print the words that decided")
    print(json.dumps(predict(vars(parser.parse_args()))))


if __name__ == "__main__":
    main()
