"""Tokenizers of every family pass, and each classic mistake is found, by what the library really does."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from tokenizers import Tokenizer, decoders, models, normalizers, processors

from modelmark.adapters.inspection import tokenizers as looking
from modelmark.adapters.inspection.tokenizers import look
from modelmark.adapters.processes import Limits
from modelmark.domain.tokenizers import PROBES, Tokenizers
from tests.support.contents import contents_of
from tests.support.judged_tokenizers import Seen, errors, judged
from tests.support.tokenizers import FAMILIES, byte_fallback, byte_level, unigram, word_piece, words


@pytest.fixture
def seen(tmp_path: Path) -> Seen:
    def see(files: Mapping[str, bytes | str]) -> Tokenizers:
        with contents_of(files, tmp_path) as contents:
            return look(contents, sandboxed=True)

    return see


@pytest.mark.parametrize("family", FAMILIES)
def test_a_good_tokenizer_of_every_family_passes(family: str, seen: Seen) -> None:
    facts = seen({"tokenizer.json": FAMILIES[family]().to_str()})
    assert errors(facts) == []
    assert f"{len(PROBES)} texts" in judged(facts)[-1][1]


@pytest.mark.parametrize("family", FAMILIES)
def test_it_passes_too_where_it_knows_every_text(
    family: str, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.support.tokenizers.TEXTS", tuple(text for _, text in PROBES) * 2)
    monkeypatch.setattr("tests.support.tokenizers.VOCABULARY", 1500)
    assert errors(seen({"tokenizer.json": FAMILIES[family]().to_str()})) == []


def test_bytes_are_a_promise_of_every_text(seen: Seen) -> None:
    made = byte_level()
    spec = json.loads(made.to_str())
    del spec["model"]["vocab"]["Ð"]  # the first byte of most Russian letters
    spec["model"]["merges"] = []
    found = errors(seen({"tokenizer.json": json.dumps(spec)}))
    assert any("the text Russian" in one and "comes back as" in one for one in found)


def test_a_missing_byte_is_an_unknown_token_that_was_promised_never_to_come(
    seen: Seen,
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
    make: Callable[[], Tokenizer], decoder: decoders.Decoder, seen: Seen
) -> None:
    made = make()
    made.decoder = decoder
    found = errors(seen({"tokenizer.json": made.to_str()}))
    assert any("comes back as" in one for one in found), found


def test_spaces_that_the_decoder_loses_show_in_the_tokens(seen: Seen) -> None:
    made = unigram()
    made.decoder = decoders.Replace("▁", "")
    assert any("which has other tokens" in one for one in errors(seen({"tokenizer.json": made.to_str()})))


def test_a_normaliser_may_change_the_text(seen: Seen) -> None:
    made = byte_level()
    made.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    assert errors(seen({"tokenizer.json": made.to_str()})) == []


def test_many_wrong_texts_are_counted(seen: Seen) -> None:
    made = byte_level()
    made.decoder = decoders.WordPiece()
    found = errors(seen({"tokenizer.json": made.to_str()}))
    assert len(found) == 6
    assert "more texts" in found[-1]


def test_an_unknown_token_that_does_not_exist_is_found(seen: Seen) -> None:
    made = Tokenizer(models.WordLevel({"a": 0}, unk_token="[UNK]"))
    found = errors(seen({"tokenizer.json": made.to_str()}))
    assert any("cannot be encoded: 'WordLevel error: Missing [UNK] token" in one for one in found)


def test_two_tokens_with_one_id_are_found(seen: Seen) -> None:
    spec = json.loads(words().to_str())
    spec["model"]["vocab"]["good"] = spec["model"]["vocab"]["bad"] = 9
    assert any("have the same id" in one for one in errors(seen({"tokenizer.json": json.dumps(spec)})))


def test_dropout_that_was_left_in_is_found(seen: Seen) -> None:
    spec = json.loads(byte_level().to_str())
    spec["model"]["dropout"] = 0.1
    assert any("its dropout is 0.1" in one for one in errors(seen({"tokenizer.json": json.dumps(spec)})))


def test_special_tokens_around_a_text_have_the_ids_of_the_vocabulary(
    seen: Seen,
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
def test_a_broken_file_is_one_error_with_its_name(text: str | bytes, why: str, seen: Seen) -> None:
    found = errors(seen({"deep/tokenizer.json": text}))
    assert len(found) == 1
    assert found[0].startswith("deep/tokenizer.json cannot be loaded")
    assert why in found[0]


def test_a_child_that_hangs_is_ended_and_said(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
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
    program: list[str], why: str, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "own_python", lambda _: program)
    found = errors(seen({"tokenizer.json": byte_level().to_str()}))
    assert len(found) == 1
    assert why in found[0]


def test_a_tokenizer_that_eats_memory_is_said(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    made = words()
    made.normalizer = normalizers.Sequence([normalizers.Replace("o", "o" * 1000)] * 8)
    monkeypatch.setattr(looking, "LIMITS", Limits(seconds=60, memory_mb=1024))
    assert "trying it out ended with an error" in errors(seen({"tokenizer.json": made.to_str()}))[0]


def test_a_panic_of_the_library_is_said(seen: Seen) -> None:
    made = unigram()
    made.decoder = decoders.Strip("e", 1, 1)
    assert "PanicException" in errors(seen({"tokenizer.json": made.to_str()}))[0]
