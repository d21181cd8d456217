"""Looks at the tokenizers of a version: tries each out in a limited process, and reads what the configs say of it.

A fixture is a file such as `fixtures/tokenizer.json` or `tokenizer_fixtures.jsonl`: a list (or a line each) of
`{"text": …, "ids": […], "tokens": […], "decoded": …}`, all but the text optional. `ids` and `tokens` are what the
library's `encode(text)` gives, special tokens and all; `decoded` is what `decode(ids)` gives.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from modelmark.adapters.inspection.tokenizer_child import LARGEST, Request
from modelmark.adapters.processes import Limits, Program, own_python, python_env, run_limited
from modelmark.adapters.strict_json import parse_json, read_json, read_text
from modelmark.domain.names import shown
from modelmark.domain.tokenizers import PROBES, Claim, Encoded, Example, Loaded, Tokenizer, Tokenizers
from modelmark.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from modelmark.adapters.inspection.contents import Contents
    from modelmark.domain.json_values import Json

LIMITS = Limits(seconds=60, memory_mb=4096, output_mb=32)
_MOST_EXAMPLES = 2000
_ROLES = ("pad", "unk", "bos", "eos", "sep", "cls", "mask")
_FIXTURE = re.compile(
    r"(.*/)?(tokenizer[_-]?(fixtures?|examples?)|(fixtures?|examples?)/tokenizer)\.jsonl?", re.IGNORECASE
)
_FOREIGN = re.compile(
    r"(.*/)?((tokenizer|spiece|sentencepiece[^/]*|[^/]*\.bpe)\.model|[^/]*\.spm|tekken\.json|[^/]*\.tiktoken)",
    re.IGNORECASE,
)
_VOCABULARY = re.compile(r"(.*/)?(vocab\.(txt|json)|merges\.txt)", re.IGNORECASE)


def look(contents: Contents, *, sandboxed: bool) -> Tokenizers:
    """Try out every tokenizer.json, and read the configs and fixtures that are nearest to it."""
    del sandboxed  # nothing of the bundle runs
    paths = [file.path for file in contents.manifest.files]
    fixtures = [path for path in paths if _FIXTURE.fullmatch(path)]
    own = [path for path in paths if _named(path, "tokenizer.json") and path not in fixtures]
    broken: list[tuple[str, str]] = []
    looking = _Looking(contents, broken)
    examples = {path: looking.examples(path) for path in fixtures}
    return Tokenizers(
        found=tuple(
            looking.tokenizer(
                path, [one for file in fixtures if _nearest(file, own) == path for one in examples[file]]
            )
            for path in own
        ),
        foreign=tuple(
            path
            for path in paths
            if not own and (_FOREIGN.fullmatch(path) or _named(path, "tokenizer_config.json"))
        ),
        vocabularies=tuple(path for path in paths if _VOCABULARY.fullmatch(path)),
        broken=tuple(broken),
    )


class _Looking:
    """Reads the files around tokenizers; what cannot be read is noted, and the others still are."""

    def __init__(self, contents: Contents, broken: list[tuple[str, str]]) -> None:
        self._contents = contents
        self._broken = broken

    def examples(self, path: str) -> tuple[Example, ...]:
        try:
            return tuple(_read_examples(self._contents.file(path), path))
        except InvalidInput as error:
            self._broken.append((path, error.message))
            return ()

    def tokenizer(self, path: str, examples: Iterable[Example]) -> Tokenizer:
        given = tuple(examples)
        claims: list[Claim] = []
        sizes: list[tuple[str, int]] = []
        for name in ("tokenizer_config.json", "special_tokens_map.json", "config.json"):
            for config in self._beside(path, name):
                found = self._config(config)
                claims += _claims(config, found)
                size = _vocab_size(found)
                if name == "config.json" and size is not None:
                    sizes.append((config, size))
        claims = list(dict.fromkeys(claims))
        loaded, why = _try_out(self._contents.file(path), given, claims)
        return Tokenizer(path, loaded, why, tuple(claims), tuple(sizes))

    def _beside(self, path: str, name: str) -> list[str]:
        """The nearest file of a name; none where there is none."""
        named = [file.path for file in self._contents.manifest.files if _named(file.path, name)]
        return [one for one in named if one == _nearest(path, named)]

    def _config(self, path: str) -> dict[str, Json]:
        try:
            found = read_json(self._contents.file(path), path)
        except InvalidInput as error:
            self._broken.append((path, error.message))
            return {}
        if not isinstance(found, dict):
            self._broken.append((path, f"{path} is no JSON object"))
            return {}
        return found


def _named(path: str, name: str) -> bool:
    return PurePosixPath(path).name.lower() == name


def _nearest(path: str, others: list[str]) -> str | None:
    """Which of the others shares most folders with a path, and lies least deep below them."""

    def distance(other: str) -> tuple[int, int]:
        mine, its = PurePosixPath(path).parent.parts, PurePosixPath(other).parent.parts
        same = next(
            (at for at, pair in enumerate(zip(mine, its, strict=False)) if pair[0] != pair[1]),
            min(len(mine), len(its)),
        )
        return -same, len(its)

    return min(others, key=distance, default=None)


def _read_examples(place: Path, path: str) -> Iterator[Example]:
    if path.lower().endswith(".jsonl"):
        lines = enumerate(read_text(place, path).splitlines(), 1)
        entries = [(f"{path}:{at}", parse_json(line, f"{path}:{at}")) for at, line in lines if line.strip()]
    else:
        found = read_json(place, path)
        if not isinstance(found, list):
            raise InvalidInput(f"{path} is no list of examples")
        entries = [(f"{path} example {at}", entry) for at, entry in enumerate(found, 1)]
    if not 0 < len(entries) <= _MOST_EXAMPLES:
        raise InvalidInput(f"{path} has {len(entries)} examples; it may have 1 to {_MOST_EXAMPLES}")
    for name, entry in entries:
        yield _example(name, entry)


def _example(name: str, entry: Json) -> Example:
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415

    if not isinstance(entry, dict) or not isinstance(entry.get("text"), str):
        raise InvalidInput(
            f'{name} is not of the form {{"text": …, "ids": […], "tokens": […], "decoded": …}}'
        )
    rest = {key: value for key, value in entry.items() if key != "text"}
    unknown = sorted(rest.keys() - {"ids", "tokens", "decoded"})
    if unknown:
        raise InvalidInput(f"{name} has the unknown key {shown(unknown[0])}")
    try:
        wanted = TypeAdapter(Encoded).validate_json(json.dumps(rest), strict=True)
    except ValidationError as error:
        raise InvalidInput(f"{name}: {error.errors()[0]['loc'][0]} has the wrong type") from error
    return Example(name, str(entry["text"]), wanted)


def _claims(path: str, config: dict[str, Json]) -> Iterator[Claim]:
    for role in _ROLES:
        token = _content(config.get(f"{role}_token"))
        if token:
            yield Claim(path, f"{role}_token", role, token)
        ids = config.get(f"{role}_token_id")
        for number in ids if isinstance(ids, list) else [ids]:
            if isinstance(number, int) and not isinstance(number, bool) and number >= 0:  # -1 = there is none
                yield Claim(path, f"{role}_token_id", role, id=number)
    for name in ("additional_special_tokens", "extra_special_tokens"):
        more = config.get(name)
        for value in more.values() if isinstance(more, dict) else more if isinstance(more, list) else ():
            token = _content(value)
            if token:
                yield Claim(path, name, token=token)
    added = config.get("added_tokens_decoder")
    for key, value in added.items() if isinstance(added, dict) else ():
        token = _content(value)
        if token and re.fullmatch(r"0|[1-9][0-9]{0,8}", key):
            yield Claim(path, "added_tokens_decoder", token=token, id=int(key))


def _content(value: Json) -> str | None:
    """A token as configs write it: the text, or an object with the text as its `content`."""
    found = value.get("content") if isinstance(value, dict) else value
    return found if isinstance(found, str) else None


def _vocab_size(config: dict[str, Json]) -> int | None:
    inner = config.get("text_config")
    for part in (config, inner if isinstance(inner, dict) else {}):
        size = part.get("vocab_size")
        if isinstance(size, int) and not isinstance(size, bool):
            return size
    return None


def _try_out(place: Path, examples: tuple[Example, ...], claims: list[Claim]) -> tuple[Loaded | None, str]:
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415

    if place.stat().st_size > LARGEST:
        return None, f"it is larger than {LARGEST >> 20} MiB"
    request = Request(
        str(place),
        (*PROBES, *((one.name, one.text) for one in examples)),
        examples,
        tuple(sorted({one.token for one in claims if one.token is not None})),
        tuple(sorted({one.id for one in claims if one.id is not None and one.id < 1 << 32})),
    )
    program = Program(
        own_python("modelmark.adapters.inspection.tokenizer_child"),
        json.dumps(asdict(request)).encode(),
        {**python_env(), "TOKENIZERS_PARALLELISM": "false", "RAYON_NUM_THREADS": "1"},
    )
    done = run_limited(program, LIMITS)
    if done.timed_out:
        return None, f"trying it out took longer than {LIMITS.seconds:g} s"
    if done.status:
        last = done.err.decode("utf-8", "replace").strip().splitlines() or [f"status {done.status}"]
        return None, f"trying it out ended with an error: {shown(last[-1], 160)}"
    try:
        answer = TypeAdapter(dict[str, Loaded | str]).validate_json(done.out)
    except ValidationError:
        return None, "trying it out gave no answer that can be read"
    loaded = answer.get("loaded")
    return (loaded, "") if isinstance(loaded, Loaded) else (None, shown(str(answer.get("why")), 240))
