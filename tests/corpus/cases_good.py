"""Good versions of real formats: each is registered, passes, and is promoted to staging, where it passes again."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

from modelmark.domain.manifest import Compression
from tests.corpus import bundles
from tests.corpus.cases import sha256, waiver
from tests.corpus.edits import putting, saying, together, without
from tests.corpus.parts import Bundle
from tests.support import artifacts

_KNOWN = ("signature", "tokenizer", "labels", "environment", "scan", "lineage")


@dataclass(frozen=True)
class Good:
    """A version that passes.

    Attributes:
        notes: by check, a pattern of the note that shows what it saw.
        waived: files whose pickles somebody has reviewed.
    """

    name: str
    profile: str
    make: Callable[[], Bundle]
    notes: Mapping[str, str]
    waived: tuple[str, ...] = ()
    compression: Compression | None = None
    checks: tuple[str, ...] = field(default=_KNOWN)

    def card(self, files: Bundle) -> str:
        lines = "".join(waiver("scan", sha256(files[path])) for path in self.waived)
        return f"profile: {self.profile}\n{lines}"


def _made(bundle: Callable[[], Bundle], *edits: Callable[[Bundle], Bundle]) -> Callable[[], Bundle]:
    return cache(lambda: together(*edits)(bundle()))


def _optimiser() -> bytes:
    """A checkpoint that names more than tensors."""
    return artifacts.torch_zip(b"\x80\x02ctorch.optim.adam\nAdam\n)\x81}b.")


CASES = (
    Good(
        "safetensors with its tokenizer",
        "text-classifier",
        _made(bundles.text_classifier),
        {
            "scan": "15 are clean: .*1 safetensors",
            "tokenizer": "tokenizer.json loads, with .* 2 bundled examples agree",
            "labels": "fit 'classifier' in model.safetensors",
            "environment": "3 pinned requirements",
            "signature": "signature 1.0: 2 inputs?, 2 outputs?",
            "lineage": "commit 3f3f3f3f3f3f",
        },
    ),
    Good(
        "a Hugging Face folder",
        "generic",
        _made(bundles.hugging_face),
        {"tokenizer": "tokenizer.json loads", "labels": "fit 'classifier'", "scan": "1 safetensors"},
    ),
    Good(
        "an ONNX graph",
        "text-classifier",
        _made(bundles.onnx_classifier),
        {"labels": "fit 'logits' in model.onnx", "scan": "1 ONNX"},
    ),
    Good(
        "an ONNX graph with weights beside it",
        "generic",
        _made(bundles.onnx_external),
        {"scan": "1 weights that an ONNX file names", "labels": "no labels"},
    ),
    Good("a GGUF file", "generic", _made(bundles.gguf_model), {"scan": "1 GGUF"}),
    Good(
        "a model for tokens",
        "token-classifier",
        _made(bundles.token_classifier),
        {"labels": "fit 'classifier'", "signature": "1 inputs?, 1 outputs?"},
    ),
    Good("embeddings", "embedding", _made(bundles.embedding), {"labels": "no labels", "tokenizer": "loads"}),
    Good(
        "coefficients and their columns",
        "tabular",
        _made(bundles.tabular),
        {"tokenizer": "no tokenizer", "scan": "1 CSV", "environment": "1 pinned requirements"},
    ),
    Good(
        "a pickled estimator of scikit-learn, reviewed",
        "tabular",
        _made(bundles.scikit_learn),
        {"environment": "4 pinned requirements", "scan": "6 are clean"},
        waived=("model.pkl",),
    ),
    Good(
        "an estimator as joblib writes it, reviewed",
        "tabular",
        _made(bundles.joblib_model),
        {"environment": "all of them there"},
        waived=("model.joblib",),
    ),
    Good("tensors as PyTorch writes them", "generic", _made(bundles.torch_model), {"scan": "1 PyTorch zip"}),
    Good(
        "a checkpoint of PyTorch with its optimiser, reviewed",
        "generic",
        _made(bundles.torch_model, putting({"optimizer.pt": _optimiser()})),
        {"scan": "1 PyTorch zip"},
        waived=("optimizer.pt",),
    ),
    Good(
        "a model folder of MLflow, reviewed",
        "generic",
        _made(bundles.mlflow_model),
        {"environment": "Python 3.11, 3 pinned requirements", "signature": "promises nothing"},
        waived=("model.pkl",),
    ),
    Good(
        "an application around somebody else's model",
        "llm-config",
        _made(bundles.llm_config),
        {
            "environment": "no Python code, no pickle and no requirements",
            "lineage": "no commit, data 'questions",
        },
    ),
    Good("arrays of NumPy", "generic", _made(bundles.arrays), {"scan": "1 NumPy array"}),
    Good(
        "a pickle of plain values",
        "generic",
        _made(bundles.arrays, putting({"labels.pkl": pickle.dumps({"scale": 0.5, "names": ["a", "b"]})})),
        {"scan": "1 pickle"},
    ),
    Good(
        "a quantised model that says so",
        "text-classifier",
        _made(bundles.quantised),
        {"labels": "fit 'classifier'"},
        compression=Compression("int8 dynamic quantisation"),
    ),
    Good(
        "a signature as JSON Schema",
        "text-classifier",
        _made(
            bundles.text_classifier,
            saying(
                "signature.json",
                inputs={
                    "type": "object",
                    "properties": {"text": {"type": "string", "maxLength": 2000}},
                    "required": ["text"],
                    "additionalProperties": False,
                },
            ),
        ),
        {"signature": "1 inputs?, 2 outputs?; 1 example"},
    ),
    Good(
        "a tokenizer of bytes",
        "embedding",
        _made(bundles.embedding, without("fixtures/tokenizer.json"), bundles.with_byte_level),
        {"tokenizer": "25 texts"},
    ),
)
