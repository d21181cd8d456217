"""Tokenizers of every family pass, and each classic mistake is found, by what the library really does."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer, decoders, models, normalizers, processors

from modelmark.adapters.inspection import tokenizers as looking
from modelmark.adapters.inspection.tokenizers import look
from modelmark.adapters.processes import Limits
from modelmark.checks.tokenizer import check
from modelmark.domain.change import Candidate
from modelmark.domain.findings import Level
from modelmark.domain.formats import Content, FileFormat, Formats
from modelmark.domain.tokenizers import PROBES, Tokenizers
from tests.support.candidates import asking
from tests.support.contents import contents_of
from tests.support.tokenizers import FAMILIES, byte_fallback, byte_level, unigram, word_piece, words

Files = Mapping[str, bytes | str]


@pytest.fixture
def seen(tmp_path: Path) -> Callable[[Files], Tokenizers]:
    def see(files: Files) -> Tokenizers:
        with contents_of(files, tmp_path) as contents:
            return look(contents, sandboxed=True)

    return see


def judged(facts: Tokenizers, formats: Formats | None = None) -> list[tuple[str, str]]:
    value: Candidate = asking("tokenizer", facts, formats or Formats({}))
    return [(one.level.value, one.message) for one in check(value)]


def errors(facts: Tokenizers, formats: Formats | None = None) -> list[str]:
    return [message for level, message in judged(facts, formats) if level == Level.ERROR]


def text_of(made: Tokenizer, **changes: object) -> str:
    """A tokenizer.json with some of its parts changed."""
    spec: dict[str, Any] = json.loads(made.to_str())
    return json.dumps({**spec, **changes})


@pytest.mark.parametrize("family", FAMILIES)
def test_a_good_tokenizer_of_every_family_passes(family: str, seen: Callable[[Files], Tokenizers]) -> None:
    facts = seen({"tokenizer.json": FAMILIES[family]().to_str()})
    assert errors(facts) == []
    assert f"{len(PROBES)} texts" in judged(facts)[-1][1]


@pytest.mark.parametrize("family", FAMILIES)
def test_it_passes_too_where_it_knows_every_text(
    family: str, seen: Callable[[Files], Tokenizers], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.support.tokenizers.TEXTS", tuple(text for _, text in PROBES) * 2)
    monkeypatch.setattr("tests.support.tokenizers.VOCABULARY", 1500)
    assert errors(seen({"tokenizer.json": FAMILIES[family]().to_str()})) == []


def test_bytes_are_a_promise_of_every_text(seen: Callable[[Files], Tokenizers]) -> None:
    made = byte_level()
    spec = json.loads(made.to_str())
    del spec["model"]["vocab"]["Ð"]  # the first byte of most Russian letters
    spec["model"]["merges"] = []
    found = errors(seen({"tokenizer.json": json.dumps(spec)}))
    assert any("the text Russian" in one and "comes back as" in one for one in found)


def test_a_missing_byte_is_an_unknown_token_that_was_promised_never_to_come(
    seen: Callable[[Files], Tokenizers],
) -> None:
    spec = json.loads(byte_fallback().to_str())
    spec["model"]["vocab"]["<0xzz>"] = spec["model"]["vocab"].pop("<0xF0>")
    found = errors(seen({"tokenizer.json": json.dumps(spec)}))
    assert any("the text emoji has 2 unknown tokens, though" in one for one in found)


@pytest.mark.parametrize(
    ("make", "decoder"),
    [
        (byte_level, decoders.WordPiece()),
        (byte_level, decoders.Metaspace()),
        (word_piece, decoders.ByteLevel()),
        (word_piece, decoders.WordPiece(prefix="@@")),
        (unigram, decoders.Replace("▁", "")),
        (byte_fallback, decoders.Metaspace()),
    ],
)
def test_the_decoder_of_another_tokenizer_is_found(
    make: Callable[[], Tokenizer], decoder: decoders.Decoder, seen: Callable[[Files], Tokenizers]
) -> None:
    made = make()
    made.decoder = decoder
    found = errors(seen({"tokenizer.json": made.to_str()}))
    assert any("comes back as" in one for one in found), found


def test_spaces_that_the_decoder_loses_show_in_the_tokens(seen: Callable[[Files], Tokenizers]) -> None:
    made = unigram()
    made.decoder = decoders.Replace("▁", "")
    assert any("which has other tokens" in one for one in errors(seen({"tokenizer.json": made.to_str()})))


def test_a_normaliser_may_change_the_text(seen: Callable[[Files], Tokenizers]) -> None:
    made = byte_level()
    made.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    assert errors(seen({"tokenizer.json": made.to_str()})) == []


def test_many_wrong_texts_are_counted(seen: Callable[[Files], Tokenizers]) -> None:
    made = byte_level()
    made.decoder = decoders.WordPiece()
    found = errors(seen({"tokenizer.json": made.to_str()}))
    assert len(found) == 6
    assert "more texts" in found[-1]


def test_an_unknown_token_that_does_not_exist_is_found(seen: Callable[[Files], Tokenizers]) -> None:
    made = Tokenizer(models.WordLevel({"a": 0}, unk_token="[UNK]"))
    found = errors(seen({"tokenizer.json": made.to_str()}))
    assert any("cannot be encoded: 'WordLevel error: Missing [UNK] token" in one for one in found)


def test_two_tokens_with_one_id_are_found(seen: Callable[[Files], Tokenizers]) -> None:
    spec = json.loads(words().to_str())
    spec["model"]["vocab"]["good"] = spec["model"]["vocab"]["bad"] = 9
    assert any("have the same id" in one for one in errors(seen({"tokenizer.json": json.dumps(spec)})))


def test_dropout_that_was_left_in_is_found(seen: Callable[[Files], Tokenizers]) -> None:
    spec = json.loads(byte_level().to_str())
    spec["model"]["dropout"] = 0.1
    assert any("its dropout is 0.1" in one for one in errors(seen({"tokenizer.json": json.dumps(spec)})))


def test_special_tokens_around_a_text_have_the_ids_of_the_vocabulary(
    seen: Callable[[Files], Tokenizers],
) -> None:
    made = word_piece()
    made.post_processor = processors.BertProcessing(("[SEP]", 4), ("[GONE]", 2))
    found = errors(seen({"tokenizer.json": made.to_str()}))
    assert any("'[SEP]' around texts with the id 4, which has the id 3 there" in one for one in found)
    assert any(
        "'[GONE]' around texts with the id 2, which its vocabulary does not have" in one for one in found
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"version": "1.0", "model": {"type": "BPE"', "is not JSON"),
        ("[]", "refuses it"),
        ('{"version": "1.0", "model": {"type": "Nothing"}}', "refuses it"),
        ('{"model": {"vocab": {"a": 0, "a": 1}}}', "stands there twice"),
        ('{"model": {"dropout": NaN}}', "NaN is not a number"),
        ("[" * 100_000, "nested too deep"),
        (b"\xff\xfe{}", "is not UTF-8"),
        ("", "is not JSON"),
    ],
)
def test_a_broken_file_is_one_error_with_its_name(
    text: str | bytes, why: str, seen: Callable[[Files], Tokenizers]
) -> None:
    found = errors(seen({"deep/tokenizer.json": text}))
    assert len(found) == 1
    assert found[0].startswith("deep/tokenizer.json cannot be loaded")
    assert why in found[0]


def test_a_child_that_hangs_is_ended_and_said(
    seen: Callable[[Files], Tokenizers], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "own_python", lambda _: ["sleep", "60"])
    monkeypatch.setattr(looking, "LIMITS", Limits(seconds=1))
    started = time.monotonic()
    assert "trying it out took longer than 1 s" in errors(seen({"tokenizer.json": "{}"}))[0]
    assert time.monotonic() - started < 30


@pytest.mark.parametrize(
    ("program", "why"),
    [
        (["sh", "-c", "kill -SEGV $$"], "status -11"),
        (["sh", "-c", "echo it panicked >&2; exit 1"], "'it panicked'"),
        (["sh", "-c", 'echo \'{"loaded": {"top": 1}}\''], "no answer that can be read"),
        (["true"], "no answer that can be read"),
    ],
)
def test_a_child_that_crashes_or_lies_is_never_a_pass(
    program: list[str], why: str, seen: Callable[[Files], Tokenizers], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "own_python", lambda _: program)
    found = errors(seen({"tokenizer.json": byte_level().to_str()}))
    assert len(found) == 1
    assert why in found[0]


def test_a_tokenizer_that_eats_memory_is_said(
    seen: Callable[[Files], Tokenizers], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = words()
    made.normalizer = normalizers.Sequence([normalizers.Replace("o", "o" * 1000)] * 8)
    monkeypatch.setattr(looking, "LIMITS", Limits(seconds=60, memory_mb=1024))
    assert "trying it out ended with an error" in errors(seen({"tokenizer.json": made.to_str()}))[0]


def test_a_panic_of_the_library_is_said(seen: Callable[[Files], Tokenizers]) -> None:
    made = unigram()
    made.decoder = decoders.Strip("e", 1, 1)
    assert "PanicException" in errors(seen({"tokenizer.json": made.to_str()}))[0]


def fixture(made: Tokenizer, text: str) -> dict[str, object]:
    encoding = made.encode(text)
    return {
        "text": text,
        "ids": encoding.ids,
        "tokens": encoding.tokens,
        "decoded": made.decode(encoding.ids),
    }


@pytest.mark.parametrize("path", ["fixtures/tokenizer.json", "tokenizer_fixtures.json"])
def test_bundled_examples_agree_with_the_tokenizer_that_made_them(
    path: str, seen: Callable[[Files], Tokenizers]
) -> None:
    made = word_piece()
    examples = [fixture(made, "A good film, not a bad one!"), {"text": "I do not know"}]
    facts = seen({"tokenizer.json": made.to_str(), path: json.dumps(examples)})
    assert errors(facts) == []
    assert "2 bundled examples agree" in judged(facts)[-1][1]


@pytest.mark.parametrize(
    ("key", "value"), [("ids", [1, 2]), ("tokens", ["[CLS]"]), ("decoded", "something else")]
)
def test_a_bundled_example_that_differs_is_found(
    key: str, value: object, seen: Callable[[Files], Tokenizers]
) -> None:
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
def test_examples_that_cannot_be_read_are_said(
    text: str, why: str, seen: Callable[[Files], Tokenizers]
) -> None:
    found = errors(seen({"tokenizer.json": words().to_str(), "fixtures/tokenizer.json": text}))
    assert len(found) == 1
    assert why in found[0]


def test_configs_that_agree_are_counted(seen: Callable[[Files], Tokenizers]) -> None:
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
    name: str, config: dict[str, object], why: str, seen: Callable[[Files], Tokenizers]
) -> None:
    found = errors(seen({"tokenizer.json": word_piece().to_str(), name: json.dumps(config)}))
    assert len(found) == 1
    assert why in found[0]


def test_configs_that_disagree_on_a_role_are_found(seen: Callable[[Files], Tokenizers]) -> None:
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


def test_each_tokenizer_is_judged_by_the_config_in_its_folder(seen: Callable[[Files], Tokenizers]) -> None:
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
def test_a_config_that_cannot_be_read_is_said(config: str, seen: Callable[[Files], Tokenizers]) -> None:
    found = errors(seen({"tokenizer.json": words().to_str(), "config.json": config}))
    assert len(found) == 1
    assert found[0].startswith("config.json ")


def test_an_embedding_with_too_few_rows_is_found(seen: Callable[[Files], Tokenizers]) -> None:
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
def test_a_tokenizer_that_cannot_be_loaded_here_needs_a_waiver(
    path: str, seen: Callable[[Files], Tokenizers]
) -> None:
    facts = seen({path: "{}"})
    assert [one.about for one in check(asking("tokenizer", facts, Formats({})))] == [path]
    assert "cannot be loaded here" in errors(facts)[0]


def test_a_vocabulary_alone_is_a_warning(seen: Callable[[Files], Tokenizers]) -> None:
    assert [level for level, _ in judged(seen({"vocab.txt": "a\nb\n"}))] == ["warning"]


def test_no_tokenizer_is_a_note(seen: Callable[[Files], Tokenizers]) -> None:
    assert judged(seen({"model.onnx": "x"})) == [("note", "no tokenizer, nothing to check")]
