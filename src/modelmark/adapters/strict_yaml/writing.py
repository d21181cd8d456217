"""Values to bytes, in block style with a line for each record of a list, in the given order; quoted wherever some reader could take text for more.

PyYAML's own writer is not used: it writes the text `1e5` without quotes, which is a number to JSON and YAML 1.2.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from modelmark.adapters.strict_yaml.nodes import MAX_NUMBER
from modelmark.adapters.strict_yaml.reading import MAX_DEPTH
from modelmark.errors import InvalidInput

if TYPE_CHECKING:
    from modelmark.domain.json_values import Json

_LONGEST_ROW = 240
_LONGEST_KEY = 1000  # a longer one needs the `? key` form

# Text that some reader takes for something else: the words of YAML 1.1; anything of digits, separators and an
# exponent (numbers, base 60, versions); hexadecimal and its like; dates.
_SPECIAL = re.compile(
    r"true|false|null|yes|no|on|off|y|n|"
    r"[0-9_.,:]+(e[-+]?[0-9_]+)?|0[xob][0-9a-f_]+|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*",
    re.IGNORECASE | re.ASCII,
)
# What has a meaning of its own between brackets.
_IN_FLOW = re.compile(r"[,\[\]{}:?]")
_FIRST = re.compile(r"[^\W_]|[_/(]")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def dump_yaml(data: Json | Mapping[str, Json]) -> bytes:
    """Write JSON data so that `to_json(parse_yaml(…))` gives it back, and every other YAML reader the same.

    Raises:
        InvalidInput: a number that is not finite or too long, half a character (a lone surrogate), nesting too deep.
    """
    lines = "\n".join(_lines(data, 0))
    try:
        return f"{lines}\n".encode()
    except UnicodeEncodeError as error:
        raise InvalidInput("a text holds half a character (a lone surrogate)", "repair the text") from error


def dump_text(text: str) -> str:
    """Text on one line of a block: without quotes where nobody can misread it."""
    plain = (
        text.isprintable()
        and _FIRST.match(text)
        and not text.endswith((" ", ":"))
        and ": " not in text
        and " #" not in text
        and not _SPECIAL.fullmatch(text)
    )
    return text if plain else quote(text)


def quote(text: str) -> str:
    """Text in double quotes on one line, safe in every place of a YAML file."""
    return '"' + "".join(map(_escape, text)) + '"'


def _escape(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable() or "\ud800" <= char <= "\udfff":  # a surrogate is refused where it is encoded
        return char
    number = ord(char)
    return (
        f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}" if number < 65536 else f"\\U{number:08x}"
    )


def _lines(data: object, depth: int) -> Iterator[str]:
    if depth > MAX_DEPTH or (depth == MAX_DEPTH and _is_collection(data)):
        raise InvalidInput(f"the data is nested more than {MAX_DEPTH} deep", "make it flatter")
    if isinstance(data, Mapping) and data:
        for key, value in data.items():
            name = dump_text(key)
            if len(name) > _LONGEST_KEY:
                yield f"? {name}"
                name = ""
            yield from _entry(f"{name}:", value, depth)
    elif _is_collection(data) and data:
        for item in data:  # type: ignore[attr-defined]
            first, *rest = [row] if (row := _row(item)) else _lines(item, depth + 1)
            yield f"- {first}"
            yield from map(_indented, rest)
    else:
        yield from _scalar_lines(data)


def _row(data: object) -> str | None:
    """A record in a list on one line, as people read tables; None where it does not fit, or is no record."""
    if not isinstance(data, Mapping) or not data:
        return None
    text = _flow(data, depth=2)
    return text if text is not None and len(text) <= _LONGEST_ROW else None


def _flow(data: object, depth: int) -> str | None:
    """Data on one line with brackets, at most `depth` collections deep; None where that cannot be."""
    if not _is_collection(data):
        text = next(_scalar_lines(data))
        if text.startswith("|"):
            return None
        return quote(text) if isinstance(data, str) and text == data and _IN_FLOW.search(text) else text
    if depth == 0:
        return None
    if isinstance(data, Mapping):
        pairs = [(_flow(str(key), 0), _flow(value, depth - 1)) for key, value in data.items()]
        rows = [None if None in (key, value) else f"{key}: {value}" for key, value in pairs]
    else:
        rows = [_flow(item, depth - 1) for item in data]  # type: ignore[attr-defined]
    if None in rows:
        return None
    inner = ", ".join(filter(None, rows))
    return f"{{{inner}}}" if isinstance(data, Mapping) else f"[{inner}]"


def _entry(head: str, value: object, depth: int) -> Iterator[str]:
    inner = _lines(value, depth + 1)
    if _is_collection(value) and value:
        yield head
        yield from map(_indented, inner)
    else:
        yield f"{head} {next(inner)}"
        yield from inner


def _indented(line: str) -> str:
    return f"  {line}" if line else ""


def _is_collection(data: object) -> bool:
    return isinstance(data, Mapping | Sequence) and not isinstance(data, str)


def _scalar_lines(data: object) -> Iterator[str]:
    if isinstance(data, str) and _fits_literal(data):
        yield "|-" if not data.endswith("\n") else "|+" if data.endswith("\n\n") else "|"
        yield from map(_indented, data.removesuffix("\n").split("\n"))
    elif isinstance(data, str):
        yield dump_text(data)
    elif data is None or isinstance(data, bool):
        yield {None: "null", True: "true", False: "false"}[data]
    elif isinstance(data, int | float):
        yield _number(data)
    else:
        yield "{}" if isinstance(data, Mapping) else "[]"


def _fits_literal(text: str) -> bool:
    return (
        "\n" in text and text[0] not in " \t\n" and all(char.isprintable() or char in "\n\t" for char in text)
    )


def _number(value: int | float) -> str:
    if not math.isfinite(value):
        raise InvalidInput(f"{value} is not a finite number", "leave it out, or write it as text")
    if isinstance(value, int) and abs(value) >= 10 ** (MAX_NUMBER - 1):
        raise InvalidInput("a number is too large", "write it as text")
    text = repr(value)
    mantissa, exponent, power = text.partition("e")
    # YAML 1.1 takes 1e-05 for text; with a point it is a number to everyone.
    return f"{mantissa}.0e{power}" if exponent and "." not in mantissa else text
