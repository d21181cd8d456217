"""Bad versions whose parts do not fit each other: what is missing, the signature, the tokenizer, the labels, the origin."""

from __future__ import annotations

from typing import Any

import numpy as np
from safetensors.numpy import save as safetensors
from tokenizers import decoders

from tests.corpus.bundles import llm_config, onnx_classifier, scikit_learn, token_classifier
from tests.corpus.cases import Bad, Make, first, version
from tests.corpus.edits import putting, saying, without
from tests.corpus.parts import LABELS, TRAIN_ARGS, as_json, config, tokenizer_size, weights
from tests.corpus.scene import Scene
from tests.support import tokenizers

_CODE = ("preprocess.py", "predict.py", "test_preprocess.py")


def _profile(name: str) -> Make:
    def make(scene: Scene) -> str:
        scene.commit({"models/reviews/model.yaml": f"profile: {name}\n".encode()})
        return version()(scene)

    return make


MISSING = (
    Bad("no weights", "required-artifacts", "requires weights", version(without("model.safetensors"))),
    Bad("no config", "required-artifacts", "requires config", version(without("config.json"))),
    Bad(
        "no tokenizer",
        "required-artifacts",
        "requires tokenizer, and reviews@4 has none",
        version(without("tokenizer.json", "tokenizer_config.json", "fixtures/tokenizer.json")),
    ),
    Bad("no label map", "required-artifacts", "requires labels", version(without("labels.json"))),
    Bad("no preprocessing", "required-artifacts", "requires preprocessing", version(without(*_CODE))),
    Bad("no signature", "required-artifacts", "requires signature", version(without("signature.json"))),
    Bad(
        "no environment",
        "required-artifacts",
        "requires environment",
        version(without("requirements.txt", "predict.py")),
    ),
    Bad("no metrics", "required-artifacts", "requires metrics", version(without("metrics.json"))),
    Bad(
        "no postprocessing for tokens",
        "required-artifacts",
        "requires postprocessing, and first@1 has none",
        first("token-classifier", token_classifier, without("postprocess.py")),
        "models/first/",
    ),
    Bad(
        "no prompt",
        "required-artifacts",
        "requires prompt",
        first(
            "llm-config", llm_config, without("prompt.md"), putting({"train_args.json": as_json(TRAIN_ARGS)})
        ),
        "models/first/",
    ),
    Bad(
        "no parameters for a prompt",
        "required-artifacts",
        "requires parameters",
        first("llm-config", llm_config, without("parameters.json")),
        "models/first/",
    ),
    Bad(
        "a profile that is none",
        "required-artifacts",
        "no profile 'text-clasifier'",
        _profile("text-clasifier"),
    ),
)


def _signature(**values: Any) -> Make:
    return version(saying("signature.json", **values))


SIGNATURES = (
    Bad("a signature without outputs", "signature", "the signature has no outputs", _signature(outputs=None)),
    Bad("a key that no signature has", "signature", "unknown key 'input'", _signature(input={})),
    Bad("a type that is none", "signature", "strnig", _signature(inputs={"text": "strnig"}, examples=None)),
    Bad(
        "an example request that the signature refuses",
        "signature",
        "the request of example 1 is not what the signature says: text is 5",
        _signature(examples=[{"request": {"text": 5}}]),
    ),
    Bad(
        "an example response that the signature does not promise",
        "signature",
        "the response of example 1 is not what the signature says: label is",
        _signature(examples=[{"request": {"text": "a"}, "response": {"label": "good", "score": 1}}]),
    ),
    Bad(
        "a signature whose version is a word",
        "signature",
        "version is 'newest'",
        _signature(version="newest"),
    ),
    Bad(
        "a signature that fetches another schema",
        "signature",
        "refers to 'https://example.org/s.json'",
        _signature(inputs={"type": "object", "properties": {"text": {"$ref": "https://example.org/s.json"}}}),
    ),
)


def _tokenizer(make: Any) -> Make:
    return version(putting({"tokenizer.json": make.to_str()}))


def _decoding_otherwise() -> Any:
    made = tokenizers.word_piece()
    made.decoder = decoders.ByteFallback()
    return made


TOKENIZERS = (
    Bad(
        "a tokenizer that gives no text back", "tokenizer", "comes back as", _tokenizer(_decoding_otherwise())
    ),
    Bad(
        "a tokenizer that does not load",
        "tokenizer",
        "tokenizer.json cannot be loaded .*nothing that needs it would start",
        version(putting({"tokenizer.json": '{"version": "1.0", "model": {"type": "Nope"}}'})),
    ),
    Bad(
        "a special token that the vocabulary does not have",
        "tokenizer",
        r"pad_token is '<pad>', which the tokenizer does not have",
        version(saying("tokenizer_config.json", pad_token="<pad>")),
    ),
    Bad(
        "a padding id of another token",
        "tokenizer",
        r"config.json says pad_token_id 7, and tokenizer_config.json says '\[PAD\]', which is 1",
        version(saying("config.json", pad_token_id=7)),
    ),
    Bad(
        "a config with fewer tokens than the tokenizer",
        "tokenizer",
        f"config.json says vocab_size 50, and the largest id is {tokenizer_size() - 1}",
        version(saying("config.json", vocab_size=50)),
    ),
    Bad(
        "embeddings with fewer rows than the tokenizer has ids",
        "tokenizer",
        "'embeddings.weight' in model.safetensors has 9 rows",
        version(
            putting(
                {
                    "model.safetensors": safetensors(
                        {"embeddings.weight": np.ones((9, 4)), "classifier.bias": np.ones(3)}
                    )
                }
            )
        ),
    ),
    Bad(
        "a tokenizer that is not the one of its fixture",
        "tokenizer",
        "fixtures/tokenizer.json example 1 has the ids",
        version(putting({"fixtures/tokenizer.json": as_json([{"text": "The lazy dog.", "ids": [1, 2, 3]}])})),
    ),
    Bad(
        "a tokenizer of which only the config is there",
        "tokenizer",
        "tokenizer_config.json belongs to a tokenizer that cannot be loaded here",
        version(without("tokenizer.json")),
    ),
)
_TWO = ["bad", "good"]
LABEL_MAPS = (
    Bad(
        "label maps that swap two labels",
        "labels",
        "id2label in config.json calls 0 'negative', and labels.json calls 0 'positive'",
        version(putting({"labels.json": as_json(LABELS[::-1])})),
    ),
    Bad(
        "a label2id that is not the inverse of id2label",
        "labels",
        "label2id in config.json",
        version(saying("config.json", label2id={"negative": 0, "neutral": 2, "positive": 1})),
    ),
    Bad(
        "labels of another training than the output layer",
        "labels",
        "gives 2 labels, and the layer 'classifier' in model.safetensors has the shape 3",
        version(putting({"labels.json": as_json(_TWO), "config.json": as_json(config(_TWO))})),
    ),
    Bad(
        "labels of another training than the output of an ONNX graph",
        "labels",
        "gives 2 labels, and the layer 'logits' in model.onnx",
        first(
            "text-classifier",
            onnx_classifier,
            putting({"labels.json": as_json(_TWO), "config.json": as_json(config(_TWO))}),
        ),
        "models/first/",
    ),
    Bad(
        "label ids with a gap",
        "labels",
        "they must count from 0",
        version(
            putting({"labels.json": as_json({"0": "negative", "1": "neutral", "3": "positive"})}),
            saying("config.json", id2label=None, label2id=None),
        ),
    ),
    Bad(
        "one label for two ids",
        "labels",
        "has the label 'positive' for the ids 1, 2",
        version(
            putting({"labels.json": as_json(["negative", "positive", "positive"])}),
            saying("config.json", id2label=None, label2id=None),
        ),
    ),
    Bad(
        "a count of labels that is not theirs",
        "labels",
        "num_labels in config.json is 5",
        version(saying("config.json", num_labels=5)),
    ),
    Bad(
        "a label map that is none",
        "labels",
        "labels.json is not understood",
        version(putting({"labels.json": as_json({"negative": "red"})})),
    ),
)


def _args(**values: Any) -> Make:
    return version(saying("train_args.json", **values))


LINEAGES = (
    Bad(
        "a commit that is none", "lineage", "'0{40}', which is no full commit id", _args(git_commit="0" * 40)
    ),
    Bad("trained from changed code", "lineage", "work tree with changes", _args(git_dirty=True)),
    Bad("nobody says whether the code was changed", "lineage", "does not say whether", _args(git_dirty=None)),
    Bad(
        "data that moves",
        "lineage",
        "data_version is 'latest', which is neither a hash nor a tag",
        version(putting({"data_version.txt": "latest\n"})),
    ),
    Bad(
        "data that nobody names",
        "lineage",
        "data_version is not given",
        version(without("data_version.txt")),
    ),
    Bad(
        "no training arguments",
        "lineage",
        "no training arguments",
        first(
            "generic",
            scikit_learn,
            without("train_args.json", "model.pkl"),
            putting({"model.safetensors": weights(), "python_env.yaml": "python: 3.11.7\n"}),
        ),
        "models/first/",
    ),
)
CASES = (*MISSING, *SIGNATURES, *TOKENIZERS, *LABEL_MAPS, *LINEAGES)
