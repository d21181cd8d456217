"""What tokenizers of a version do with texts, and what the configs beside them say; and whether that is in order.

A round trip is judged by what the tokenizer itself promises: its normaliser may change the text and its pre-tokenizer
may drop parts of it, so what comes back is compared after the same treatment.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from modelmark.domain.names import shown

# Texts that every tokenizer is tried on, by what they are good for. None holds a token that tokenizers treat specially.
PROBES: tuple[tuple[str, str], ...] = (
    ("English", "The quick brown fox jumps over the lazy dog."),
    ("upper case", "Modelmark READS What IsWritten"),
    ("numbers", "In 2024 it cost 1,234.56 or 3.0e-7, 50% less"),
    ("punctuation", 'Well... (yes), [no]; "maybe": a/b & c-d_e!?'),
    ("several spaces", "one  two   three"),
    ("tabs and lines", "first\tsecond\nthird"),
    ("an address", "https://example.org/a?b=c#d and name@example.org"),
    ("program text", "def f(x):\n    return {x: [1, 2]}"),
    ("German and French", "Größe, Straße, déjà vu, cœur, garçon"),
    ("combining marks", "cafe\u0301 and n\u0303 and o\u0308\u0304"),
    ("Vietnamese", "Tiếng Việt có dấu"),
    ("Turkish", "İstanbul ığdır"),
    ("Greek", "Ελληνικά όλες"),
    ("Russian", "Привет, мир"),
    ("Hebrew", "שלום עולם"),
    ("Arabic", "مرحبا بالعالم"),
    ("Hindi", "नमस्ते दुनिया"),
    ("Thai", "สวัสดีชาวโลก"),
    ("Chinese", "你好，世界"),
    ("Japanese", "こんにちは、カタカナと漢字"),
    ("Korean", "안녕하세요 세계"),
    ("emoji", "good 😀 great 🎉"),
    ("joined emoji", "👩\u200d🚀 👍🏽 🇪🇺 ❤\ufe0f"),
    ("a rare plane", "𝒳 𠜎"),
    ("compatibility forms", "ﬁne ½ Ａ ①"),
)


@dataclass(frozen=True)
class RoundTrip:
    """One text, there and back, without the special tokens that are put around a text.

    Attributes:
        name: which text it is: that of a probe, or the place of an example.
        kept: what the normaliser and the pre-tokenizer leave of it.
        whole: whether the pre-tokenizer leaves all of what the normaliser made.
        ids: its tokens.
        unknown: how many of them are the unknown token.
        missing: characters in `kept` that no token stands for.
        back: the text that the ids decode to.
        kept_back: what normaliser and pre-tokenizer leave of that.
        again: its tokens.
        problem: the library's words where it could not do it.
    """

    name: str
    text: str
    kept: str = ""
    whole: bool = True
    ids: tuple[int, ...] = ()
    unknown: int = 0
    missing: str = ""
    back: str = ""
    kept_back: str = ""
    again: tuple[int, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class Encoded:
    """What a text becomes, special tokens and all; None = not said."""

    ids: tuple[int, ...] | None = None
    tokens: tuple[str, ...] | None = None
    decoded: str | None = None


@dataclass(frozen=True)
class Example:
    """A line of a bundled fixture, and what the tokenizer made of it: None where it could not."""

    name: str
    text: str
    wanted: Encoded
    got: Encoded | None = None


@dataclass(frozen=True)
class Loaded:
    """A tokenizer that the library could load.

    Attributes:
        lossless: it works on bytes, so it promises every text back.
        decoder: the kind of its decoder; empty = it has none and promises no text back.
        unknown_token: what it writes for what it does not know, if anything.
        dropout: the probability with which it leaves merges out.
        top: its largest id and one.
        shared: pairs of tokens with the same id.
        strays: tokens that it puts around texts, with that id and the one they have in its vocabulary.
        ids: what was asked for: a token's id, or None.
        tokens: what was asked for: an id's token, or None.
    """

    lossless: bool
    decoder: str
    unknown_token: str | None
    dropout: float
    top: int
    shared: tuple[tuple[str, str], ...] = ()
    strays: tuple[tuple[str, int, int | None], ...] = ()
    ids: dict[str, int | None] = field(default_factory=dict)
    tokens: dict[int, str | None] = field(default_factory=dict)
    trips: tuple[RoundTrip, ...] = ()
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True)
class Claim:
    """What a config says of a special token: `pad_token` is "[PAD]", or `pad_token_id` is 0, or both.

    Attributes:
        role: `pad`, `unk`, …; empty where it has none.
    """

    path: str
    name: str
    role: str = ""
    token: str | None = None
    id: int | None = None


@dataclass(frozen=True)
class Tokenizer:
    """One tokenizer.json.

    Attributes:
        loaded: None where it cannot be loaded, and `why` says why.
        claims: what the configs beside it say.
        sizes: which config says which `vocab_size`.
    """

    path: str
    loaded: Loaded | None
    why: str = ""
    claims: tuple[Claim, ...] = ()
    sizes: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Tokenizers:
    """The tokenizers of a version.

    Attributes:
        foreign: files of tokenizers that cannot be loaded here, such as SentencePiece models.
        vocabularies: vocabulary files that say nothing of how a text is cut.
        broken: files beside them that cannot be read, and why.
    """

    found: tuple[Tokenizer, ...] = ()
    foreign: tuple[str, ...] = ()
    vocabularies: tuple[str, ...] = ()
    broken: tuple[tuple[str, str], ...] = ()


def judge_trip(loaded: Loaded, trip: RoundTrip) -> str:
    """What is wrong with a round trip, as a sentence that goes on after the text's name; empty = all is as promised."""
    if trip.problem:
        return f"cannot be encoded: {shown(trip.problem, 160)}"
    if loaded.lossless and trip.unknown:
        return f"has {trip.unknown} unknown tokens, though the tokenizer promises a token for every byte"
    if not loaded.decoder or loaded.decoder == "CTC":  # which merges repeated letters, by design
        return ""
    return _lost(loaded, trip)


def _lost(loaded: Loaded, trip: RoundTrip) -> str:
    if not _same_text(loaded, trip):
        return f"{shown(trip.kept)} comes back as {shown(trip.back)}"
    if trip.text[:1].isspace() or trip.kept[:1] == " " or trip.unknown or trip.missing:
        return ""  # a first space may be lost, what is unknown may come back as other words
    if trip.again != trip.ids:
        return f"comes back as {shown(trip.back)}, which has other tokens"
    return ""


def _same_text(loaded: Loaded, trip: RoundTrip) -> bool:
    if loaded.lossless and trip.whole:
        one, other = trip.kept, trip.kept_back  # of which one may have a first space more
        return one.lstrip(" ") == other.lstrip(" ") and abs(len(one) - len(other)) <= 1
    kept = _dense(trip.kept)
    if trip.unknown and loaded.unknown_token:
        return _in_order([_dense(part) for part in trip.back.split(loaded.unknown_token)], kept)
    known = "".join(letter for letter in kept if letter not in trip.missing)
    return known == _dense(trip.kept_back)


def _dense(text: str) -> str:
    """Without spaces, and without the sign that SentencePiece writes for one: words are cut and joined with them."""
    return "".join(text.replace("\u2581", " ").split())


def _in_order(parts: list[str], text: str) -> bool:
    """Whether the parts stand in a text one after the other, with anything between them, from its start to its end."""
    if not text.startswith(parts[0]) or not text.endswith(parts[-1]):
        return False
    place = 0
    for part in parts:
        place = text.find(part, place) + len(part)
        if place < len(part):
            return False
    return True


def judge_example(example: Example) -> str:
    """What differs from what a fixture says, in words; empty = nothing."""
    if example.got is None:
        return "cannot be encoded"
    for what in ("ids", "tokens", "decoded"):
        wanted, got = getattr(example.wanted, what), getattr(example.got, what)
        if wanted is not None and wanted != got:
            return f"has the {what} {_shown(got)}, not {_shown(wanted)}"
    return ""


def _shown(value: object) -> str:
    return shown(value if isinstance(value, str) else ascii(list(value)) if isinstance(value, tuple) else "")


def judge_claim(loaded: Loaded, claim: Claim) -> str:
    """What a claim gets wrong about its tokenizer, in words; empty = it is right."""
    if claim.token is not None:
        own = loaded.ids.get(claim.token)
        if own is None:
            return f"{claim.name} is {shown(claim.token)}, which the tokenizer does not have"
        if claim.id is not None and own != claim.id:
            return f"{claim.name} gives {shown(claim.token)} the id {claim.id}, the tokenizer {own}"
    elif claim.id is not None and loaded.tokens.get(claim.id) is None:
        return f"{claim.name} is {claim.id}, and the tokenizer has no token with that id"
    return ""


def judge_roles(loaded: Loaded, claims: tuple[Claim, ...]) -> list[str]:
    """Where a config gives a role an id, and the token that has this role elsewhere has another; sentences."""
    own = (
        () if loaded.unknown_token is None else (Claim("the tokenizer", "unk", "unk", loaded.unknown_token),)
    )
    named = [one for one in claims if one.role and one.token is not None]
    if not any(one.role == "unk" for one in named):
        named += own
    wrong = []
    for one in named:
        ids = [other for other in claims if other.role == one.role and other.token is None]
        own_id = loaded.ids.get(one.token or "")
        if ids and own_id is not None and own_id not in [other.id for other in ids]:
            listed = ", ".join(str(other.id) for other in ids)
            wrong.append(
                f"{ids[0].path} says {ids[0].name} {listed}, and {one.path} says {shown(one.token or '')}, which is {own_id}"
            )
    return list(dict.fromkeys(wrong))
