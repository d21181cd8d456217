"""Tells formats apart by their first bytes, and the flavours of text by whether they parse as what they claim."""

from __future__ import annotations

import ast
import codecs
import json
import re
import warnings
from typing import IO, TYPE_CHECKING

from modelmark.domain.formats import Content

if TYPE_CHECKING:
    from collections.abc import Callable

# Where the bytes stand, what they are, and of which format they speak. The first that matches counts.
_MAGIC: tuple[tuple[int, bytes, Content], ...] = (
    (0, b"PK\x03\x04", Content.ZIP),
    (0, b"PK\x05\x06", Content.ZIP),
    (0, b"\x93NUMPY", Content.NUMPY),
    (0, b"GGUF", Content.GGUF),
    (0, b"\x89HDF\r\n\x1a\n", Content.HDF5),
    (0, b"PAR1", Content.PARQUET),
    (0, b"\x89PNG\r\n\x1a\n", Content.IMAGE),
    (0, b"\xff\xd8\xff", Content.IMAGE),
    (0, b"GIF87a", Content.IMAGE),
    (0, b"GIF89a", Content.IMAGE),
    (8, b"WEBP", Content.IMAGE),
    (257, b"ustar", Content.TAR),
    (0, b"7z\xbc\xaf\x27\x1c", Content.SEVEN_ZIP),
    (0, b"Rar!\x1a\x07", Content.SEVEN_ZIP),
    (0, b"\x1f\x8b", Content.COMPRESSED),
    (0, b"BZh", Content.COMPRESSED),
    (0, b"\xfd7zXZ\0", Content.COMPRESSED),
    (0, b"\x28\xb5\x2f\xfd", Content.COMPRESSED),
    (0, b"\x04\x22\x4d\x18", Content.COMPRESSED),
    (0, b"\x5d\0\0", Content.COMPRESSED),
    *((0, bytes([0x78, level]), Content.COMPRESSED) for level in (0x01, 0x5E, 0x9C, 0xDA)),
    (0, b"\x7fELF", Content.EXECUTABLE),
    (0, b"MZ", Content.EXECUTABLE),
    (0, b"\xca\xfe\xba\xbe", Content.EXECUTABLE),
    *(
        (0, bytes.fromhex(one), Content.EXECUTABLE)
        for one in ("feedface", "feedfacf", "cefaedfe", "cffaedfe")
    ),
    (0, b"\0asm", Content.EXECUTABLE),
    (2, b"\r\n", Content.EXECUTABLE),  # compiled Python: two bytes of its version, then these
    (0, b"PACK\0\0\0", Content.GIT),
    (0, b"\xfftOc", Content.GIT),
    (0, b"DIRC\0\0\0", Content.GIT),
)
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_PIECE = 1 << 20
_MAX_PARSED = 32 << 20
_YAML_OBJECT = re.compile(r"!!?python/|!<tag:yaml\.org,2002:python/")


def by_magic(head: bytes) -> Content | None:
    """A format that its first bytes name; None where they name none, as those of a text do."""
    for place, magic, content in _MAGIC:
        if head[place : place + len(magic)] == magic and not (_mild(magic) and is_text_head(head)):
            return content
    return None


def _mild(magic: bytes) -> bool:
    """Whether a text may begin with those bytes by chance."""
    return all(byte in b"\r\n" or 32 <= byte < 127 for byte in magic)


def is_text_head(head: bytes) -> bool:
    """Whether a beginning could be of a text: UTF-8 without control characters."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return not _BINARY.search(head)


def is_text(stream: IO[bytes]) -> bool:
    """Whether all of a stream is a text, read in pieces."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while data := stream.read(_PIECE):
            if _BINARY.search(data):
                return False
            decoder.decode(data)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def flavour(name: str, head: bytes, text: Callable[[], str], size: int) -> tuple[Content, tuple[str, ...]]:
    """Which text it is. A name may choose among the formats that the text really is."""
    lower = name.lower()
    if lower.endswith(".py"):
        return _python(text(), size)
    if head.startswith(b"#!"):
        return Content.EXECUTABLE, ()
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[") or lower.endswith((".json", ".ipynb")):
        content, problems = _json(text, size, lines=lower.endswith(".jsonl"))
        if content is Content.JSON or lower.endswith((".json", ".ipynb")):
            return content, problems
    if lower.endswith((".yaml", ".yml")):
        bad = _YAML_OBJECT.search(text()) is not None
        words = "has YAML tags that make Python objects, so loading it may run code"
        return Content.YAML, (words,) if bad else ()
    return (Content.CSV if lower.endswith((".csv", ".tsv")) else Content.TEXT), ()


def _python(text: str, size: int) -> tuple[Content, tuple[str, ...]]:
    if size > _MAX_PARSED:
        return Content.TEXT, ()
    try:
        with warnings.catch_warnings(action="ignore"):
            ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        where = f" (line {error.lineno})" if isinstance(error, SyntaxError) and error.lineno else ""
        return Content.TEXT, (f"is called a Python file and does not parse as one{where}",)
    return Content.PYTHON, ()


def _json(text: Callable[[], str], size: int, *, lines: bool) -> tuple[Content, tuple[str, ...]]:
    if size > _MAX_PARSED:
        return Content.JSON, ()  # too large to parse in the memory we may use; a text it is in any case
    try:
        whole = text().removeprefix("\ufeff")
        for part in whole.splitlines() if lines else [whole]:
            if part.strip():
                json.loads(part)
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        return Content.TEXT, (f"is called JSON and does not parse as it{where}",)
    return Content.JSON, ()
