"""Good bundles of real formats, each as files by their paths, generated here; a bad one is a good one with one mistake."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np
from safetensors.numpy import save as safetensors

from tests.support import artifacts, tokenizers

Bundle = dict[str, bytes]

LABELS = ["negative", "neutral", "positive"]
WIDTH = 4


def text(*lines: str) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def as_json(value: Any) -> bytes:
    return json.dumps(value, indent=1).encode()


# --- the parts ------------------------------------------------------------------------------------------------------

SIGNATURE = {
    "version": "1.0",
    "inputs": {"text": "string>=1<=2000", "top?": "int>=1<=3=1"},
    "outputs": {"label": "negative|neutral|positive", "score": "number>=0<=1"},
    "examples": [{"request": {"text": "Fine."}, "response": {"label": "positive", "score": 0.9}}],
}
TRAIN_ARGS = {
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


# --- the bundles ----------------------------------------------------------------------------------------------------


def text_classifier(seed: int = 0) -> Bundle:
    return {
        **lineage(),
        "README.md": b"# Sentiment of reviews\n\nTrained on reviews without names.\n",
        "model.safetensors": weights(seed),
        "config.json": as_json(config()),
        "tokenizer.json": tokenizer().encode(),
        "tokenizer_config.json": as_json(TOKENIZER_CONFIG),
        "fixtures/tokenizer.json": as_json([{"text": "The lazy dog."}, {"text": "déjà vu"}]),
        "labels.json": as_json({str(index): name for index, name in enumerate(LABELS)}),
        "preprocess.py": PREPROCESS,
        "predict.py": PREDICT,
        "test_preprocess.py": TEST,
        "requirements.txt": pinned("numpy", "safetensors", "tokenizers"),
        "signature.json": as_json(SIGNATURE),
    }


def token_classifier() -> Bundle:
    labels = ["O", "B-PER", "I-PER"]
    return {
        **text_classifier(),
        "config.json": as_json(config(labels)),
        "labels.json": as_json(labels),
        "postprocess.py": text("def postprocess(tags):", "    return [tag for tag in tags if tag != 'O']"),
        "signature.json": as_json(
            {"version": "1.0", "inputs": {"text": "string<=2000"}, "outputs": {"tags": "string[]"}}
        ),
    }


def hugging_face() -> Bundle:
    """What `save_pretrained` and `trainer.save_model` leave in a folder, with a card on top."""
    kept = ("model.safetensors", "config.json", "tokenizer.json", "tokenizer_config.json")
    return {
        **lineage(),
        **{path: data for path, data in text_classifier().items() if path in kept},
        "special_tokens_map.json": as_json({"pad_token": "[PAD]", "unk_token": "[UNK]"}),
        "vocab.txt": text(*tokenizers.word_piece().get_vocab()),
        "README.md": text("---", "license: apache-2.0", "language: en", "---", "# Reviews"),
        "requirements.txt": pinned("safetensors", "tokenizers"),
        "signature.json": as_json(SIGNATURE),
    }


def onnx_classifier() -> Bundle:
    """A graph for ONNX Runtime, with the tokenizer that it was trained with."""
    files = text_classifier()
    del files["model.safetensors"]
    shapes = {"classifier.weight": (3, WIDTH), "classifier.bias": (3,)}
    return {
        **files,
        "model.onnx": artifacts.onnx(shapes, {"logits": ("batch", 3)}),
        "requirements.txt": pinned("numpy", "tokenizers"),
    }


def onnx_external() -> Bundle:
    """A graph whose largest weights lie in a file beside it."""
    graph = artifacts.onnx({"classifier.weight": (3, WIDTH)}, {"logits": ("batch", 3)}, "model.onnx.data")
    return {**lineage(), "model.onnx": graph, "model.onnx.data": np.ones(WIDTH * 3, np.float32).tobytes()}


def gguf_model() -> Bundle:
    """A quantised model for llama.cpp."""
    return {**lineage(), "model.gguf": artifacts.gguf()}


def embedding() -> Bundle:
    """Text to vector; no labels, and signature of a list of numbers."""
    files = text_classifier()
    drawn = np.random.default_rng(3).standard_normal((tokenizer_size(), WIDTH), dtype=np.float32)
    for path in ("labels.json", "predict.py", "preprocess.py", "test_preprocess.py"):
        del files[path]
    return {
        **files,
        "model.safetensors": bytes(safetensors({"embeddings.weight": drawn})),
        "config.json": as_json({"vocab_size": tokenizer_size(), "hidden_size": WIDTH}),
        "signature.json": as_json(
            {"version": "1.0", "inputs": {"text": "string"}, "outputs": {"vector": "number[]>=4<=4"}}
        ),
    }


def tabular() -> Bundle:
    """Trees or coefficients as JSON of a library's own, with a table of what goes in."""
    return {
        **lineage(),
        "model.ubj": as_json({"coef": [0.1, 0.2], "intercept": 0.3}),
        "schema.csv": text("column,type", "age,int", "income,float"),
        "preprocess.py": text("import math", "", "", "def preprocess(row):", "    return [math.log1p(row['age'])]"),
        "requirements.txt": pinned("numpy"),
        "signature.json": as_json(
            {"version": "1.0", "inputs": {"age": "int>=0", "income": "number"}, "outputs": {"churn": "number"}}
        ),
    }


def scikit_learn() -> Bundle:
    """A pickled estimator; somebody has read the waiver that it needs."""
    return {**_estimator(), "model.pkl": pickle.dumps(fitted())}


def joblib_model() -> Bundle:
    """The same as joblib writes it, with its arrays beside the pickle's opcodes."""
    return {**_estimator(), "model.joblib": artifacts.joblib_file(fitted())}


def _estimator() -> Bundle:
    inputs = {"age": "number", "income": "number"}
    return {
        **lineage(),
        "preprocess.py": text("def preprocess(row):", "    return [row['age'], row['income']]"),
        "requirements.txt": pinned("joblib", "numpy", "scikit-learn", "scipy"),
        "signature.json": as_json({"version": "1.0", "inputs": inputs, "outputs": {"churn": "boolean"}}),
    }


def torch_model() -> Bundle:
    """A state dictionary as `torch.save` writes it."""
    return {
        **lineage(),
        "pytorch_model.bin": artifacts.torch_zip(),
        "requirements.txt": b"torch==2.9.1\n",
    }


def mlflow_model() -> Bundle:
    """What `mlflow.sklearn.save_model` writes, and what the training adds."""
    return {
        **lineage(),
        "MLmodel": text(
            "flavors:",
            "  python_function:",
            "    env: {conda: conda.yaml, virtualenv: python_env.yaml}",
            "    loader_module: mlflow.sklearn",
            "    model_path: model.pkl",
            "    python_version: 3.11.7",
            "  sklearn: {pickled_model: model.pkl, serialization_format: pickle}",
            "mlflow_version: 3.17.2",
            "signature:",
            """  inputs: '[{"type": "double", "name": "age", "required": true}]'""",
        ),
        "conda.yaml": text(
            "channels: [conda-forge]",
            "dependencies:",
            "- python=3.11.7",
            "- pip<=25.0",
            "- pip:",
            *(f"  - {name}=={version(name)}" for name in ("numpy", "scikit-learn", "scipy")),
        ),
        "python_env.yaml": text("python: 3.11.7", "build_dependencies:", "- pip==25.0", "dependencies:", "- -r requirements.txt"),
        "requirements.txt": pinned("numpy", "scikit-learn", "scipy"),
        "input_example.json": as_json({"columns": ["age"], "data": [[31.0]]}),
        "model.pkl": pickle.dumps(fitted()),
    }


def llm_config() -> Bundle:
    """An application around somebody else's model: no weights at all."""
    return {
        "metrics.json": as_json(metrics()),
        "data_version.txt": b"questions-2025-12\n",
        "prompt.md": b"You answer questions on our products. Say so where you do not know.\n",
        "parameters.json": as_json({"provider": "acme", "model": "large-2", "temperature": 0.2, "top_p": 0.9}),
        "signature.json": as_json(
            {"version": "1.0", "inputs": {"question": "string<=4000"}, "outputs": {"answer": "string"}}
        ),
    }


def arrays() -> Bundle:
    """Plain arrays of NumPy, and pictures of how the training went."""
    saved = artifacts.npz(coef=np.ones((2, 3)), intercept=np.zeros(2))
    return {**lineage(), "weights.npz": saved, "curve.png": artifacts.png()}


def quantised() -> Bundle:
    """The classifier in eight bits, with figures of its own."""
    rounded = {"classifier.weight": np.ones((3, WIDTH), np.int8), "classifier.bias": np.zeros(3, np.float32)}
    return {
        **text_classifier(),
        "model.safetensors": bytes(safetensors(rounded)),
        "metrics.json": as_json(metrics(f1=0.92, worst=0.84, p95=9.0)),
    }
