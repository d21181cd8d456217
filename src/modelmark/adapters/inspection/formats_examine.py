"""Examines one file to its depth: what its bytes are, the pickles in it, what its header says, secrets in its text."""

from __future__ import annotations

import ast
import io
import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from modelmark.adapters.inspection import formats_bytes, formats_sources, secrets
from modelmark.adapters.inspection.formats_sources import Damaged, Source
from modelmark.adapters.inspection.headers_gguf import read_gguf
from modelmark.adapters.inspection.headers_onnx import read_onnx
from modelmark.adapters.inspection.headers_safetensors import is_safetensors, read_safetensors
from modelmark.adapters.inspection.pickles import MAX_OPCODES, Walk, follow
from modelmark.adapters.inspection.secrets_files import is_git_object, misplaced
from modelmark.domain.formats import Content, FileFormat, Safety, Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_DEPTH = 3
_PROTO = 0x80
_TEXT_HEAD = 1 << 16
_TEXTS = (Content.TEXT, Content.JSON, Content.YAML, Content.PYTHON, Content.CSV)
_TORCH = re.compile(
    r"([^/]+/)?(data\.pkl|version|byteorder|data/\d+|\.data/serialization_id|\.(format_version|storage_alignment))"
)


@dataclass
class _Report:
    """What is known so far of one file with everything inside it."""

    problems: list[str] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)
    tensors: dict[str, tuple[str, tuple[int, ...]]] = field(default_factory=dict)
    outputs: dict[str, tuple[int | None, ...]] = field(default_factory=dict)
    locations: tuple[str, ...] = ()
    pickles: int = 0
    globals: set[str] = field(default_factory=set)
    safety: dict[str, Safety] = field(default_factory=dict)
    secrets: list[Secret] = field(default_factory=list)


class Examiner:
    """Examines files one after the other; keeps what is slow to make."""

    def __init__(self) -> None:
        self._detectors: secrets.Detectors | None = None

    def examine(self, source: Source) -> tuple[FileFormat, tuple[str, ...]]:
        """What a file is, and where it says that more of it is kept."""
        report = _Report()
        content = self._content(source, report, 0)
        made = FileFormat(
            content,
            tuple(dict.fromkeys(report.problems)),
            tuple(dict.fromkeys(report.unseen)),
            report.tensors,
            report.outputs,
            report.pickles,
            tuple(sorted(report.globals)),
            report.safety,
            tuple(report.secrets),
        )
        return made, report.locations

    def _content(self, source: Source, report: _Report, depth: int) -> Content:
        head = source.head()
        if not head:
            wrong = misplaced(source.name, None)
            return wrong[0] if wrong else Content.EMPTY
        content = formats_bytes.by_magic(head) or self._without_magic(source, head, report)
        walk = follow(source.open)
        if walk.is_pickle or (head[0] == 0x80 and walk.pickles):
            content = self._pickle(content, walk, report)
        elif walk.gave_up:
            report.unseen.append(
                "could be a pickle of which more than is followed comes before anything happens"
            )
        if content is Content.TEXT:
            content = self._text(source, head, report, depth)
        elif content in _INSIDE:
            content = self._inside(source, content, report, depth)
        elif content is not Content.PICKLE:
            self._header(source, content, report)
        return self._place(source, content, report, depth)

    def _without_magic(self, source: Source, head: bytes, report: _Report) -> Content:
        if source.size is not None and is_safetensors(head, source.size):
            return Content.SAFETENSORS
        if formats_bytes.is_text_head(head):
            with source.open() as stream:
                if formats_bytes.is_text(stream):
                    return Content.TEXT
        if source.size is not None:
            with source.open() as stream:
                model = read_onnx(stream, source.size) if stream.seekable() else None
            if model is not None:
                report.tensors, report.outputs = model.tensors, model.outputs
                report.locations = model.locations
                return Content.ONNX
        return Content.UNKNOWN

    def _text(self, source: Source, head: bytes, report: _Report, depth: int) -> Content:
        size = source.size if source.size is not None else formats_sources.measured(source)
        content, problems = formats_bytes.flavour(source.name, head, lambda: _read(source), size)
        report.problems += problems
        if size > secrets.MAX_TEXT:
            report.unseen.append(
                f"is a text of more than {secrets.MAX_TEXT >> 20} MiB and was not searched for secrets"
            )
            return content
        self._detectors = self._detectors or secrets.Detectors()
        where = f" in {source.name[:80]!a}" if depth else ""
        with io.TextIOWrapper(source.open(), "utf-8", "replace") as lines:
            for found in self._detectors.search(secrets.blocks(lines)):
                report.secrets.append(Secret(found.line, found.kind + where))
        return content

    def _pickle(self, content: Content, walk: Walk, report: _Report) -> Content:
        report.pickles += max(walk.pickles, 1)
        report.globals |= walk.globals
        if walk.broken:
            report.problems.append(f"has a pickle that cannot be followed to its end ({walk.broken})")
        if walk.gave_up:
            report.unseen.append(
                f"has a pickle of more than {MAX_OPCODES:,} steps, and the rest was not looked at"
            )
        _scan(walk, report)
        if content in (Content.TEXT, Content.UNKNOWN):
            return Content.PICKLE
        report.problems.append(f"is {content} and a pickle at once, so what it is depends on who opens it")
        return content

    def _inside(self, source: Source, content: Content, report: _Report, depth: int) -> Content:
        """Look at the members of an archive; what they are may say what the archive is."""
        if depth >= _MAX_DEPTH:
            report.unseen.append(f"holds archives in archives, more than {_MAX_DEPTH} deep")
            return content
        kinds: dict[str, Content] = {}
        try:
            for member in _members(source, content):
                kinds[member.name] = self._content(member, report, depth + 1)
        except Damaged as problem:
            report.problems.append(str(problem))
        except Exception as error:
            if not formats_sources.guarded(error):
                raise
            report.problems.append(f"is a {content} that cannot be read whole ({type(error).__name__})")
        if content is Content.COMPRESSED and not kinds:
            report.unseen.append("is compressed in a way that cannot be opened here")
        if content is Content.COMPRESSED and (inner := set(kinds.values())) <= {Content.GIT, Content.PICKLE}:
            return inner.pop() if inner else content  # a loose object, or what joblib writes with `compress`
        return _zip_flavour(kinds) if content is Content.ZIP else content

    def _header(self, source: Source, content: Content, report: _Report) -> None:
        size = source.size if source.size is not None else 0
        if content is not Content.UNKNOWN and formats_sources.ends_as_zip(source):
            report.problems.append(
                f"is {content} and, from its end, a zip archive, so what it is depends on who opens it"
            )
        with source.open() as stream:
            if content is Content.SAFETENSORS:
                report.tensors, problems = read_safetensors(stream, size)
                report.problems += problems
            elif content is Content.GGUF:
                report.problems += read_gguf(stream, size)
            elif content is Content.PARQUET:
                stream.seek(max(0, size - 4))
                if size < 12 or stream.read(4) != b"PAR1":
                    report.problems.append("begins as Parquet and does not end as it")
        if content is Content.NUMPY:
            _numpy(source, report)
        if content is Content.SEVEN_ZIP:
            report.unseen.append("is an archive of a kind that cannot be opened here")

    def _place(self, source: Source, content: Content, report: _Report, depth: int) -> Content:
        if depth and content is Content.UNKNOWN and is_git_object(source.head(64)):
            content = Content.GIT
        text = source.head(_TEXT_HEAD).decode("utf-8", "replace") if content in _TEXTS else None
        wrong = misplaced(source.name, text)
        if wrong is None:
            return content
        if depth:
            report.problems.append(f"holds {source.name[:120]!a}, which {wrong[1]}")
            return content
        report.problems.append(wrong[1])
        return wrong[0]


_INSIDE = (Content.ZIP, Content.TAR, Content.COMPRESSED)


def _members(source: Source, content: Content) -> Iterator[Source]:
    if content is Content.ZIP:
        yield from formats_sources.zip_members(source)
    elif content is Content.TAR:
        yield from formats_sources.tar_members(source)
    elif (inner := formats_sources.decompressed(source)) is not None:
        yield inner


def _zip_flavour(kinds: dict[str, Content]) -> Content:
    """A zip of NumPy arrays, a PyTorch checkpoint without code, or just a zip."""
    if kinds and all(name.endswith(".npy") and kind is Content.NUMPY for name, kind in kinds.items()):
        return Content.NUMPY
    if Content.PICKLE in kinds.values() and all(_TORCH.fullmatch(name) for name in kinds):
        return Content.TORCH_ZIP
    return Content.ZIP


def _scan(walk: Walk, report: _Report) -> None:
    """Ask picklescan too.

    Not with `strict`, which calls dangerous what it does not know: a waiver may excuse the unknown and never the
    dangerous, so both are kept apart here, and the check refuses both.
    """
    from picklescan.scanner import scan_pickle_bytes  # noqa: PLC0415

    result = scan_pickle_bytes(io.BytesIO(walk.opcodes), "pickle")
    for one in result.globals:
        name, level = f"{one.module} {one.name}", Safety(one.safety.value)
        report.safety[name] = level
        report.globals.add(name)
    if result.scan_err or result.scanned_files != 1:
        report.problems.append("has a pickle that picklescan could not read")


def _numpy(source: Source, report: _Report) -> None:
    """An array of objects is a pickle behind a header."""
    with source.open() as stream:
        major = stream.read(8)[6:7]
        width = 2 if major == b"\x01" else 4
        length = int.from_bytes(stream.read(width), "little")
        raw = stream.read(min(length, 1 << 16))
    try:
        header = ast.literal_eval(raw.decode("utf-8").strip())
        kinds, shape = repr(header["descr"]), header["shape"]
        math.prod(shape)
    except (ValueError, SyntaxError, KeyError, TypeError, RecursionError, MemoryError):
        report.problems.append("has a NumPy header that cannot be read")
        return
    begin = 8 + width + length
    if re.search(r"['\"][|<>=]?O", kinds):
        walk = follow(formats_sources.behind(source, begin))
        report.pickles += max(walk.pickles, 1)
        report.globals |= walk.globals
        if walk.broken or not walk.pickles:
            report.problems.append(
                f"has objects that are no pickle which can be followed ({walk.broken or 'none'})"
            )
        _scan(walk, report)


def _read(source: Source) -> str:
    with source.open() as stream:
        return stream.read().decode("utf-8", "replace")
