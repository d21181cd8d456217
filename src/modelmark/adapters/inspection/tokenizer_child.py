"""Tries a tokenizer out, in a process of its own: the library is native code, and the file may be anything.

A request comes as JSON on stdin, a `Loaded` goes back as JSON on stdout; anything else that happens is a refusal.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modelmark.adapters.strict_json import read_json
from modelmark.domain.tokenizers import Encoded, Example, Loaded, RoundTrip
from modelmark.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator

    import tokenizers

LARGEST = 256 << 20  # vocabularies of a million tokens and their merges fit


@dataclass(frozen=True)
class Request:
    """What is to be tried: a file, texts by their names, examples, and tokens and ids to look up."""

    place: str
    texts: tuple[tuple[str, str], ...]
    examples: tuple[Example, ...]
    names: tuple[str, ...]
    ids: tuple[int, ...]


def try_out(request: Request) -> Loaded:
    """Load a tokenizer and try it.

    Raises:
        InvalidInput: it cannot be loaded.
    """
    import tokenizers  # noqa: PLC0415 - native, and only this process needs it

    spec = read_json(Path(request.place), "it", LARGEST)
    try:
        tokenizer = tokenizers.Tokenizer.from_file(request.place)
    except Exception as error:  # the library raises nothing finer
        raise InvalidInput(f"the library tokenizers refuses it: {error}") from error
    examples = tuple(_try_example(tokenizer, one) for one in request.examples)
    strays = tuple(_strays(tokenizer))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    facts = _facts(tokenizer, spec)
    names = {*request.names} | ({facts.unknown_token} if facts.unknown_token else set())
    return replace(
        facts,
        ids={name: tokenizer.token_to_id(name) for name in names},
        tokens={number: tokenizer.id_to_token(number) for number in request.ids},
        strays=strays,
        examples=examples,
        trips=tuple(_Tries(tokenizer, spec).trip(name, text) for name, text in request.texts),
    )


def _facts(tokenizer: tokenizers.Tokenizer, spec: Any) -> Loaded:
    owners: dict[int, str] = {}
    shared = []
    for token, number in tokenizer.get_vocab(with_added_tokens=True).items():
        if number in owners:
            shared.append((owners[number], token))
        owners[number] = token
    model, decoder = spec["model"], spec.get("decoder") or {}
    return Loaded(
        lossless=_on_bytes(spec),
        decoder=str(decoder.get("type", "")),
        unknown_token=_unknown(tokenizer, spec),
        dropout=float(model.get("dropout") or 0),
        top=max(owners, default=-1) + 1,
        shared=tuple(shared[:5]),
    )


def _on_bytes(spec: Any) -> bool:
    cut = {*_kinds(spec.get("pre_tokenizer")), *_kinds(spec.get("normalizer"))}
    return bool(spec["model"].get("byte_fallback")) or "ByteLevel" in cut


def _kinds(part: Any) -> Iterator[str]:
    """The types of a part and of what it is made of."""
    if isinstance(part, dict):
        yield str(part.get("type"))
        for inner in part.values():
            yield from _kinds(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _kinds(inner)


def _unknown(tokenizer: tokenizers.Tokenizer, spec: Any) -> str | None:
    model = spec["model"]
    if model.get("unk_id") is not None:
        return tokenizer.id_to_token(model["unk_id"])
    name = model.get("unk_token")
    return name if name is not None and tokenizer.token_to_id(name) is not None else None


def _strays(tokenizer: tokenizers.Tokenizer) -> Iterator[tuple[str, int, int | None]]:
    """What is put around a text is written down with its id, which nobody compares with the vocabulary."""
    try:
        encoding = tokenizer.encode("a", "a")
    except Exception:  # noqa: BLE001 - the round trips say that it cannot encode
        return
    for token, number in dict.fromkeys(zip(encoding.tokens, encoding.ids, strict=True)):
        own = tokenizer.token_to_id(token)
        if own != number:
            yield token, number, own


def _try_example(tokenizer: tokenizers.Tokenizer, example: Example) -> Example:
    try:
        encoding = tokenizer.encode(example.text)
        got = Encoded(tuple(encoding.ids), tuple(encoding.tokens), tokenizer.decode(encoding.ids))
    except Exception:  # noqa: BLE001 - told as an example that cannot be encoded
        return example
    return replace(example, got=got)


class _Tries:
    """Round trips through one tokenizer."""

    def __init__(self, tokenizer: tokenizers.Tokenizer, spec: Any) -> None:
        model, decoder = spec["model"], spec.get("decoder") or {}
        self._tokenizer = tokenizer
        self._unknown = _unknown(tokenizer, spec)
        # Only this model says nothing where it does not know a character: it leaves it out.
        self._drops = (
            type(tokenizer.model).__name__ == "BPE" and self._unknown is None and not _on_bytes(spec)
        )
        self._around = (
            str(model.get("continuing_subword_prefix") or ""),
            str(model.get("end_of_word_suffix") or ""),
        )
        # A byte-level decoder leaves this sign in; the wrappers that read such tokenizers write a space for it.
        self._sign = self._around[1] if decoder.get("type") == "ByteLevel" else ""
        if decoder.get("type") == "WordPiece":
            # Its clean-up is for the eyes of readers: it joins signs to words, which may then be cut otherwise.
            tokenizer.decoder.cleanup = False

    def trip(self, name: str, text: str) -> RoundTrip:
        try:
            return self._trip(name, text)
        except Exception as error:  # noqa: BLE001 - the library raises nothing finer
            return RoundTrip(name, text, problem=str(error)[:400])

    def _trip(self, name: str, text: str) -> RoundTrip:
        kept, whole = self._kept(text)
        ids = self._ids(text)
        back = self._tokenizer.decode(ids, skip_special_tokens=False)
        if self._sign:
            back = back.replace(self._sign, " ")
        unknown = None if self._unknown is None else self._tokenizer.token_to_id(self._unknown)
        return RoundTrip(
            name,
            text,
            kept=kept,
            whole=whole,
            ids=tuple(ids),
            unknown=ids.count(unknown) if unknown is not None else 0,
            missing="".join(sorted({sign for sign in kept if not sign.isspace() and not self._has(sign)}))
            if self._drops
            else "",
            back=back,
            kept_back=self._kept(back)[0],
            again=tuple(self._ids(back)),
        )

    def _ids(self, text: str) -> list[int]:
        return self._tokenizer.encode(text, add_special_tokens=False).ids

    def _kept(self, text: str) -> tuple[str, bool]:
        normaliser, cutter = self._tokenizer.normalizer, self._tokenizer.pre_tokenizer
        normal = normaliser.normalize_str(text) if normaliser else text
        if cutter is None:
            return normal, True
        kept = "".join(normal[begin:end] for _, (begin, end) in cutter.pre_tokenize_str(normal))
        return kept, kept == normal

    def _has(self, sign: str) -> bool:
        before, after = self._around
        forms = {sign, before + sign, sign + after, before + sign + after}
        return any(self._tokenizer.token_to_id(form) is not None for form in forms)


def main() -> None:
    """Answer one request."""
    from pydantic import TypeAdapter  # noqa: PLC0415

    request = TypeAdapter(Request).validate_json(sys.stdin.buffer.read())
    try:
        answer: dict[str, Any] = {"loaded": asdict(try_out(request))}
    except InvalidInput as error:
        answer = {"why": error.message}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
