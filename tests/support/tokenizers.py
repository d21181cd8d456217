"""Tiny tokenizers of each family, trained here and now, as tokenizer.json texts."""

from __future__ import annotations

from collections.abc import Callable

from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

TEXTS = (
    "The quick brown fox jumps over the lazy dog.",
    "A good film, not a bad one! Is it? It's 100% fine.",
    "one two three four five six seven eight nine ten",
    "déjà vu in Größe and Straße",
) * 3
VOCABULARY = 300
SPECIAL = ["[UNK]", "[PAD]", "[CLS]", "[SEP]", "[MASK]"]
_BYTES = [f"<0x{value:02X}>" for value in range(256)]


def byte_level(*, prefix: bool = False) -> Tokenizer:
    """As GPT-2 and RoBERTa have it."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix)
    made.decoder = decoders.ByteLevel()
    made.train_from_iterator(
        TEXTS,
        trainers.BpeTrainer(
            vocab_size=400,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            special_tokens=["<|endoftext|>"],
            show_progress=False,
        ),
    )
    return made


def byte_level_prefixed() -> Tokenizer:
    made = byte_level(prefix=True)
    made.post_processor = processors.RobertaProcessing(("<|endoftext|>", 0), ("<|endoftext|>", 0))
    return made


def byte_level_composed() -> Tokenizer:
    """As Qwen has it: a normaliser that composes, and a split before the bytes."""
    made = byte_level()
    made.normalizer = normalizers.NFC()
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(r"\p{N}| ?[^\s\p{N}]+|\s+"), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    return made


def byte_level_of_words() -> Tokenizer:
    """As CLIP has it: lower case, spaces dropped, a sign at the end of each word."""
    made = Tokenizer(models.BPE(end_of_word_suffix="</w>", continuing_subword_prefix=""))
    made.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(r"\p{L}+|\p{N}|[^\s\p{L}\p{N}]+"), "removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    made.decoder = decoders.ByteLevel()
    signs = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = [*signs, *(sign + "</w>" for sign in signs), "<|endoftext|>"]
    made.model = models.BPE(
        {token: index for index, token in enumerate(vocabulary)},
        [],
        end_of_word_suffix="</w>",
        unk_token="<|endoftext|>",
    )
    return made


def word_piece(*, lowercase: bool = True) -> Tokenizer:
    """As BERT has it."""
    made = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(vocab_size=VOCABULARY, special_tokens=SPECIAL, show_progress=False)
    made.train_from_iterator(TEXTS, trainer)
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return made


def word_piece_cased() -> Tokenizer:
    return word_piece(lowercase=False)


def unigram() -> Tokenizer:
    """As T5 and XLM-R have it."""
    made = Tokenizer(models.Unigram())
    made.normalizer = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), normalizers.Strip()])
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]
    )
    made.decoder = decoders.Metaspace()
    made.train_from_iterator(
        TEXTS,
        trainers.UnigramTrainer(
            vocab_size=VOCABULARY // 3,
            special_tokens=["<pad>", "</s>", "<unk>"],
            unk_token="<unk>",
            show_progress=False,
        ),
    )
    return made


def unigram_folded() -> Tokenizer:
    """As ALBERT has it: quotes replaced, accents stripped, lower case."""
    made = unigram()
    made.normalizer = normalizers.Sequence(
        [
            normalizers.Replace("``", '"'),
            normalizers.Replace("''", '"'),
            normalizers.NFKD(),
            normalizers.StripAccents(),
            normalizers.Lowercase(),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    return made


def byte_fallback() -> Tokenizer:
    """As Llama 2 has it: BPE over the sign for a space, and bytes for what it does not know."""
    vocabulary = ["<unk>", "<s>", "</s>", *_BYTES, "▁", *"abcdefghijklmnopqrstuvwxyz", "th", "the", "▁the"]
    made = Tokenizer(
        models.BPE(
            {token: index for index, token in enumerate(vocabulary)},
            [("t", "h"), ("th", "e"), ("▁", "the")],
            unk_token="<unk>",
            byte_fallback=True,
            fuse_unk=True,
        )
    )
    made.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    made.decoder = decoders.Sequence(
        [
            decoders.Replace("▁", " "),
            decoders.ByteFallback(),
            decoders.Fuse(),
            decoders.Strip(" ", 1, 0),
        ]
    )
    return made


def byte_fallback_split() -> Tokenizer:
    """As Gemma has it: nothing is put before the text."""
    made = byte_fallback()
    made.normalizer = normalizers.Replace(" ", "▁")
    made.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    made.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    return made


def byte_fallback_metaspace() -> Tokenizer:
    """As later Mistral models have it."""
    made = byte_fallback()
    made.normalizer = None
    made.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    return made


def characters() -> Tokenizer:
    """BPE over characters with no token for what it does not know: it leaves that out."""
    made = Tokenizer(models.BPE())
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    made.decoder = decoders.Metaspace()
    made.train_from_iterator(TEXTS, trainers.BpeTrainer(vocab_size=VOCABULARY, show_progress=False))
    return made


def suffixed() -> Tokenizer:
    """As the first GPT has it: BPE with a sign at the end of each word."""
    made = Tokenizer(models.BPE(unk_token="<unk>", end_of_word_suffix="</w>"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.decoder = decoders.BPEDecoder(suffix="</w>")
    made.train_from_iterator(
        TEXTS,
        trainers.BpeTrainer(
            vocab_size=VOCABULARY, special_tokens=["<unk>"], end_of_word_suffix="</w>", show_progress=False
        ),
    )
    return made


def words() -> Tokenizer:
    """As the example of this repository has it: words between spaces, and no decoder."""
    known = ["[UNK]", *sorted({word for text in TEXTS for word in text.split()})]
    made = Tokenizer(models.WordLevel({word: index for index, word in enumerate(known)}, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    made.add_special_tokens(["[UNK]"])
    return made


def with_added_tokens() -> Tokenizer:
    """Tokens added after training, with a mask that takes the space before it, and a limit on the length."""
    made = byte_level_prefixed()
    made.add_special_tokens([AddedToken("<mask>", lstrip=True)])
    made.add_tokens(["modelmark"])
    made.enable_truncation(8)
    made.enable_padding(length=8, pad_id=0, pad_token="<|endoftext|>")
    return made


FAMILIES: dict[str, Callable[[], Tokenizer]] = {
    make.__name__: make
    for make in (
        byte_level,
        byte_level_prefixed,
        byte_level_composed,
        byte_level_of_words,
        word_piece,
        word_piece_cased,
        unigram,
        unigram_folded,
        byte_fallback,
        byte_fallback_split,
        byte_fallback_metaspace,
        characters,
        suffixed,
        words,
        with_added_tokens,
    )
}
