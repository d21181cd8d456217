"""The files around a tokenizer: bundled examples, configs and weights must be of the same one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from tokenizers import Tokenizer, pre_tokenizers

from modelmark.adapters.inspection.tokenizers import look
from modelmark.checks.tokenizer import check
from modelmark.domain.formats import Content, FileFormat, Formats
from modelmark.domain.tokenizers import Tokenizers
from tests.support.candidates import asking
from tests.support.contents import contents_of
from tests.support.judged_tokenizers import Seen, errors, judged
from tests.support.tokenizers import byte_level, word_piece, words


@pytest.fixture
def seen(tmp_path: Path) -> Seen:
    def see(files: Mapping[str, bytes | str]) -> Tokenizers:
        with contents_of(files, tmp_path) as contents:
            return look(contents, sandboxed=True)

    return see


def fixture(made: Tokenizer, text: str) -> dict[str, object]:
    encoding = made.encode(text)
    return {
        "text": text,
        "ids": encoding.ids,
        "tokens": encoding.tokens,
        "decoded": made.decode(encoding.ids),
    }


@pytest.mark.parametrize("path", ["fixtures/tokenizer.json", "tokenizer_fixtures.json"])
def test_bundled_examples_agree_with_the_tokenizer_that_made_them(path: str, seen: Seen) -> None:
    made = word_piece()
    examples = [fixture(made, "A good film, not a bad one!"), {"text": "do not"}]
    facts = seen({"tokenizer.json": made.to_str(), path: json.dumps(examples)})
    assert errors(facts) == []
    assert "2 bundled examples agree" in judged(facts)[-1][1]


def test_spaces_that_a_decoder_cleans_up_are_no_loss(seen: Seen) -> None:
    made = word_piece()
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    examples = json.dumps([{"text": "one ! !"}])
    assert errors(seen({"tokenizer.json": made.to_str(), "tokenizer_fixtures.json": examples})) == []


@pytest.mark.parametrize(
    ("key", "value"), [("ids", [1, 2]), ("tokens", ["[CLS]"]), ("decoded", "something else")]
)
def test_a_bundled_example_that_differs_is_found(key: str, value: object, seen: Seen) -> None:
    made = word_piece()
    line = json.dumps({**fixture(made, "one two"), key: value})
    found = errors(seen({"tokenizer.json": made.to_str(), "tokenizer_fixtures.jsonl": f"\n{line}\n"}))
    assert len(found) == 1
    assert f"tokenizer_fixtures.jsonl:2 has the {key}" in found[0]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{}", "no list of examples"),
        ("[]", "has 0 examples"),
        ('[{"ids": [1]}]', "is not of the form"),
        ('[{"text": "a", "id": [1]}]', "unknown key 'id'"),
        ('[{"text": "a", "ids": ["1"]}]', "ids has the wrong type"),
        ('[{"text": "a"', "is not JSON"),
    ],
)
def test_examples_that_cannot_be_read_are_said(text: str, why: str, seen: Seen) -> None:
    found = errors(seen({"tokenizer.json": words().to_str(), "fixtures/tokenizer.json": text}))
    assert len(found) == 1
    assert why in found[0]


def test_configs_that_agree_are_counted(seen: Seen) -> None:
    made = word_piece()
    facts = seen(
        {
            "tokenizer.json": made.to_str(),
            "config.json": json.dumps(
                {
                    "vocab_size": made.get_vocab_size(),
                    "pad_token_id": 1,
                    "eos_token_id": [3, 1],
                    "bos_token_id": -1,
                }
            ),
            "tokenizer_config.json": json.dumps(
                {
                    "pad_token": "[PAD]",
                    "eos_token": {"content": "[SEP]", "lstrip": False},
                    "bos_token": None,
                    "added_tokens_decoder": {"1": {"content": "[PAD]"}},
                    "additional_special_tokens": ["[MASK]"],
                }
            ),
        }
    )
    assert errors(facts) == []
    assert "7 statements of configs agree" in judged(facts)[-1][1]


@pytest.mark.parametrize(
    ("name", "config", "why"),
    [
        (
            "tokenizer_config.json",
            {"pad_token": "<pad>"},
            "pad_token is '<pad>', which the tokenizer does not have",
        ),
        ("special_tokens_map.json", {"eos_token": {"content": "</s>"}}, "eos_token is '</s>', which"),
        (
            "tokenizer_config.json",
            {"additional_special_tokens": ["<x>"]},
            "additional_special_tokens is '<x>'",
        ),
        (
            "tokenizer_config.json",
            {"added_tokens_decoder": {"3": {"content": "[PAD]"}}},
            "gives '[PAD]' the id 3, the tokenizer 1",
        ),
        ("config.json", {"eos_token_id": 99999}, "eos_token_id is 99999, and the tokenizer has no token"),
        ("config.json", {"unk_token_id": 3}, "unk_token_id 3, and the tokenizer says '[UNK]', which is 0"),
        ("config.json", {"vocab_size": 100}, "vocab_size 100, and the largest id is"),
        ("config.json", {"text_config": {"vocab_size": 100}}, "vocab_size 100, and the largest id is"),
    ],
)
def test_a_config_of_another_tokenizer_is_found(
    name: str, config: dict[str, object], why: str, seen: Seen
) -> None:
    found = errors(seen({"tokenizer.json": word_piece().to_str(), name: json.dumps(config)}))
    assert len(found) == 1
    assert why in found[0]


def test_configs_that_disagree_on_a_role_are_found(seen: Seen) -> None:
    found = errors(
        seen(
            {
                "tokenizer.json": word_piece().to_str(),
                "config.json": '{"pad_token_id": 0}',
                "tokenizer_config.json": '{"pad_token": "[PAD]"}',
            }
        )
    )
    assert found == [
        "tokenizer.json: config.json says pad_token_id 0, and tokenizer_config.json says '[PAD]', which is 1"
    ]


def test_each_tokenizer_is_judged_by_the_config_in_its_folder(seen: Seen) -> None:
    facts = seen(
        {
            "small/tokenizer.json": words().to_str(),
            "small/config.json": json.dumps({"vocab_size": 5}),
            "large/tokenizer.json": byte_level().to_str(),
            "large/config.json": json.dumps({"vocab_size": 400}),
        }
    )
    assert len(errors(facts)) == 1
    assert errors(facts)[0].startswith("small/tokenizer.json: small/config.json says vocab_size 5")


@pytest.mark.parametrize("config", ["[1]", '{"a": 1, "a": 2}', '{"a"', "[" * 100_000])
def test_a_config_that_cannot_be_read_is_said(config: str, seen: Seen) -> None:
    found = errors(seen({"tokenizer.json": words().to_str(), "config.json": config}))
    assert len(found) == 1
    assert found[0].startswith("config.json ")


def test_an_embedding_with_too_few_rows_is_found(seen: Seen) -> None:
    facts = seen({"tokenizer.json": byte_level().to_str()})
    assert facts.found[0].loaded is not None
    top = facts.found[0].loaded.top

    def weights(rows: int) -> Formats:
        tensors = {
            "bert.embeddings.word_embeddings.weight": ("F32", (rows, 8)),
            "bert.embeddings.position_embeddings.weight": ("F32", (2, 8)),
        }
        return Formats({"model.safetensors": FileFormat(Content.SAFETENSORS, tensors=tensors)})

    assert errors(facts, weights(top)) == []
    assert f"has {top - 1} rows" in errors(facts, weights(top - 1))[0]


@pytest.mark.parametrize("path", ["tokenizer.model", "spiece.model", "deep/x.spm", "tokenizer_config.json"])
def test_a_tokenizer_that_cannot_be_loaded_here_needs_a_waiver(path: str, seen: Seen) -> None:
    facts = seen({path: "{}"})
    assert [one.about for one in check(asking("tokenizer", facts, Formats({})))] == [f"1: {path}"]
    assert "cannot be loaded here" in errors(facts)[0]


def test_a_vocabulary_alone_is_a_warning(seen: Seen) -> None:
    assert [level for level, _ in judged(seen({"vocab.txt": "a\nb\n"}))] == ["warning"]


def test_no_tokenizer_is_a_note(seen: Seen) -> None:
    assert judged(seen({"model.onnx": "x"})) == [("note", "no tokenizer, nothing to check")]
