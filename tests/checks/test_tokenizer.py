"""What the check says of facts; what the library really does is tested where it is asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from modelmark.checks.tokenizer import check
from modelmark.domain.formats import Content, FileFormat, Formats
from modelmark.domain.policy import Card
from modelmark.domain.tokenizers import Loaded, RoundTrip, Tokenizer, Tokenizers
from modelmark.errors import CouldNot
from tests.support.candidates import MANIFEST, asking, policy
from tests.support.domain import MODEL

NOTHING = Formats({})
TRIP = RoundTrip("English", "a b", kept="a b", ids=(1, 2), back="a b", kept_back="a b", again=(1, 2))
LOADED = Loaded(lossless=True, decoder="ByteLevel", unknown_token=None, dropout=0, top=10, trips=(TRIP,))


def said(loaded: Loaded, formats: Formats = NOTHING) -> list[str]:
    facts = Tokenizers((Tokenizer("tokenizer.json", loaded),))
    return [f"{one.level} {one.message}" for one in check(asking("tokenizer", facts, formats))]


def test_what_passes_is_one_note_with_its_figures() -> None:
    assert said(LOADED) == [
        "note tokenizer.json loads, with 10 ids, 1 text tried there and back, no bundled examples"
    ]


def test_a_text_that_comes_back_changed_is_quoted_in_one_line() -> None:
    lost = replace(TRIP, back="a\n\x1b[31mb", kept_back="a\n\x1b[31mb")
    assert said(replace(LOADED, trips=(lost,))) == [
        "error tokenizer.json: the text English 'a b' comes back as 'a\\n\\x1b[31mb'"
    ]


def test_without_a_decoder_nothing_is_promised_back() -> None:
    lost = replace(TRIP, back="x", kept_back="x")
    assert "so none comes back" in said(replace(LOADED, decoder="", trips=(lost,)))[0]


def test_a_tokenizer_that_knows_nothing_proves_nothing() -> None:
    unknown = replace(TRIP, unknown=2, back="[UNK] [UNK]")
    loaded = replace(LOADED, lossless=False, decoder="WordPiece", unknown_token="[UNK]", trips=(unknown,))
    assert said(loaded)[0] == "warning tokenizer.json knows nothing of all 1 texts, so they prove nothing"


@pytest.mark.parametrize(
    ("back", "good"),
    [("[UNK] b", True), ("a [UNK]", True), ("b [UNK]", False), ("[UNK] a", False), ("[UNK] c", False)],
)
def test_what_is_known_must_stand_in_the_text_in_its_order(back: str, good: bool) -> None:
    some = replace(TRIP, unknown=1, back=back)
    loaded = replace(LOADED, lossless=False, decoder="WordPiece", unknown_token="[UNK]", trips=(some,))
    assert any(one.startswith("error") for one in said(loaded)) is not good


def test_a_first_space_may_be_lost_and_no_second() -> None:
    def led(spaces: int, back: int) -> RoundTrip:
        kept, came = " " * spaces + "a", " " * back + "a"
        return replace(TRIP, kept=kept, back=came, kept_back=came, again=(9,))

    assert said(replace(LOADED, trips=(led(2, 1),)))[0].startswith("note")
    assert said(replace(LOADED, trips=(led(3, 1),)))[0].startswith("error")


def test_positions_and_segments_are_no_embedding_of_tokens() -> None:
    tensors = {
        "embeddings.position_embeddings.weight": ("F32", (2, 8)),
        "embed_positions.weight": ("F32", (2, 8)),
    }
    formats = Formats({"m.safetensors": FileFormat(Content.SAFETENSORS, tensors=tensors)})
    assert [one for one in said(LOADED, formats) if one.startswith("error")] == []


@pytest.mark.parametrize(
    "name", ["transformer.wte.weight", "model.embed_tokens.weight", "shared.weight", "embedding.weight"]
)
def test_the_embedding_has_a_row_for_every_token(name: str) -> None:
    formats = Formats({"m.safetensors": FileFormat(Content.SAFETENSORS, tensors={name: ("F32", (9, 8))})})
    assert "has 9 rows, and the largest id is 9; that token breaks the model" in said(LOADED, formats)[0]


def test_findings_stand_at_the_manifest_and_a_waiver_names_the_file() -> None:
    facts = Tokenizers((Tokenizer("deep/tokenizer.json", None, "it is not JSON"),))
    found = list(check(asking("tokenizer", facts, NOTHING)))
    assert [(one.path, one.about) for one in found] == [(MANIFEST, "1: deep/tokenizer.json")]


def test_a_profile_that_requires_one_is_not_met_by_none() -> None:
    rules = replace(policy(), profiles={"text": ("tokenizer",)})
    value = asking("tokenizer", Tokenizers(), NOTHING, rules=rules)
    value = replace(value, cards={MODEL: Card(MODEL, profile="text")})
    assert [(one.level.value, one.message) for one in check(value)] == [
        ("error", "the profile text requires a tokenizer, and there is no tokenizer.json")
    ]


def test_tokenizers_nobody_could_look_at_never_pass() -> None:
    with pytest.raises(CouldNot):
        list(check(asking("tokenizer")))
