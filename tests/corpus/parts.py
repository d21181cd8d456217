"""What bundles are made of: figures, origin, code, a tokenizer, weights, all generated here."""

from __future__ import annotations

import json
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np
from safetensors.numpy import save as safetensors

from tests.support import tokenizers

Bundle = dict[str, bytes]

LABELS = ["negative", "neutral", "positive"]
WIDTH = 4


def text(*lines: str) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def as_json(value: Any) -> bytes:
    return json.dumps(value, indent=1).encode()


SIGNATURE: dict[str, Any] = {
    "version": "1.0",
    "inputs": {"text": "string>=1<=2000", "top?": "int>=1<=3=1"},
    "outputs": {"label": "negative|neutral|positive", "score": "number>=0<=1"},
    "examples": [{"request": {"text": "Fine."}, "response": {"label": "positive", "score": 0.9}}],
}
TRAIN_ARGS: dict[str, Any] = {
    "git_commit": "3f" * 20,
    "git_dirty": False,
    "python": "3.11.7",
    "hardware": {"gpu": "none", "cpu": "2 cores"},
    "duration_seconds": 12.5,
    "learning_rate": 0.001,
    "epochs": 3,
}
PREPROCESS = text(
    '"""Makes text plain."""',
    "import re",
    "",
    "",
    "def preprocess(said):",
    '    return re.sub(r"\\s+", " ", said).strip().lower()',
)
TEST = text(
    "from preprocess import preprocess",
    "",
    "",
    "def test_spaces():",
    '    assert preprocess("  A  b ") == "a b"',
)
PREDICT = text(
    "import numpy as np",
    "from preprocess import preprocess",
    "",
    "",
    "def predict(request):",
    '    words = preprocess(request["text"])',
    '    return {"label": "positive", "score": float(np.tanh(len(words) / 2000))}',
)


def metrics(f1: float = 0.93, worst: float = 0.86, p95: float = 21.0) -> list[dict[str, Any]]:
    on = {"dataset": "reviews", "split": "test"}
    return [
        {"name": "f1", "value": f1, "n": 900, "ci95": [f1 - 0.002, f1 + 0.002], **on},
        {"name": "f1", "value": worst, "slice": {"domain": "travel"}, **on},
        {"name": "f1", "value": max(f1, worst), "slice": {"domain": "books"}, **on},
        {"name": "latency_p95_ms", "value": p95, "where": {"device": "cpu"}},
    ]


def lineage() -> Bundle:
    """What every training leaves: its arguments, its data, its figures."""
    return {
        "train_args.json": as_json(TRAIN_ARGS),
        "data_version.txt": b"sha256:" + b"9e" * 32 + b"\n",
        "metrics.json": as_json(metrics()),
    }


def pinned(*names: str) -> bytes:
    """Requirements in the versions that are here: a pickle names modules of these."""
    return text(*(f"{name}=={version(name)}" for name in names))


@cache
def tokenizer() -> str:
    return tokenizers.word_piece().to_str()


@cache
def tokenizer_size() -> int:
    return int(tokenizers.word_piece().get_vocab_size())


def weights(seed: int = 0, labels: int = len(LABELS)) -> bytes:
    """Embeddings and a classifier on them; another seed is another training."""
    drawn = np.random.default_rng(seed)
    shapes = {
        "embeddings.weight": (tokenizer_size(), WIDTH),
        "classifier.weight": (labels, WIDTH),
        "classifier.bias": (labels,),
    }
    made = {name: drawn.standard_normal(shape, dtype=np.float32) for name, shape in shapes.items()}
    return bytes(safetensors(made, metadata={"format": "pt"}))


def config(labels: list[str] | None = None) -> dict[str, Any]:
    names = LABELS if labels is None else labels
    return {
        "architectures": ["BertForSequenceClassification"],
        "vocab_size": tokenizer_size(),
        "pad_token_id": 1,
        "num_labels": len(names),
        "id2label": {str(index): name for index, name in enumerate(names)},
        "label2id": {name: index for index, name in enumerate(names)},
    }


TOKENIZER_CONFIG = {"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "[PAD]", "unk_token": "[UNK]"}


@cache
def fitted() -> Any:
    """A classifier of scikit-learn on eight points."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - a second to import

    points = np.arange(16, dtype=np.float64).reshape(8, 2)
    return LogisticRegression(max_iter=20).fit(points, [0, 0, 0, 0, 1, 1, 1, 1])
