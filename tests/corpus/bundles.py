"""Good bundles of real formats, each as files by their paths; a bad one is a good one with one mistake."""

from __future__ import annotations

import pickle
from importlib.metadata import version

import numpy as np
from safetensors.numpy import save as safetensors

from tests.corpus.parts import (
    LABELS,
    PREDICT,
    PREPROCESS,
    SIGNATURE,
    TEST,
    TOKENIZER_CONFIG,
    WIDTH,
    Bundle,
    as_json,
    config,
    fitted,
    lineage,
    metrics,
    pinned,
    text,
    tokenizer,
    tokenizer_size,
    weights,
)
from tests.support import artifacts, tokenizers


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
    """Coefficients, with a table of what goes in."""
    fitted = {"coef_": np.array([[0.1, 0.2]]), "intercept_": np.array([0.3])}
    return {
        **lineage(),
        "model.safetensors": bytes(safetensors(fitted)),
        "schema.csv": text("column,type", "age,int", "income,float"),
        "preprocess.py": text(
            "import math", "", "", "def preprocess(row):", "    return [math.log1p(row['age'])]"
        ),
        "requirements.txt": pinned("numpy"),
        "signature.json": as_json(
            {
                "version": "1.0",
                "inputs": {"age": "int>=0", "income": "number"},
                "outputs": {"churn": "number"},
            }
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
        "python_env.yaml": text(
            "python: 3.11.7", "build_dependencies:", "- pip==25.0", "dependencies:", "- -r requirements.txt"
        ),
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
        "parameters.json": as_json(
            {"provider": "acme", "model": "large-2", "temperature": 0.2, "top_p": 0.9}
        ),
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
    rounded: dict[str, np.ndarray] = {
        "classifier.weight": np.ones((3, WIDTH), np.int8),
        "classifier.bias": np.zeros(3, np.float32),
    }
    return {
        **text_classifier(),
        "model.safetensors": bytes(safetensors(rounded)),
        "metrics.json": as_json(metrics(f1=0.92, worst=0.84, p95=9.0)),
    }


def with_byte_level(files: Bundle) -> Bundle:
    """The same with a tokenizer of bytes and embeddings for it."""
    made = tokenizers.byte_level()
    size = int(made.get_vocab_size())
    return {
        **files,
        "tokenizer.json": made.to_str().encode(),
        "tokenizer_config.json": as_json({"pad_token": "<|endoftext|>"}),
        "config.json": as_json({"vocab_size": size}),
        "model.safetensors": bytes(safetensors({"embeddings.weight": np.ones((size, WIDTH), np.float32)})),
    }
