"""Follows a pickle without running it: which globals it names, and whether it would call one of them.

A small machine keeps the pickle's stack and memo with stand-ins for whatever Python would have made. So it sees names
that are put together on the stack, steps over the raw arrays that joblib leaves between opcodes, and never holds a
large byte string. What it cannot follow it says; nothing is taken for harmless because it was not understood.
"""

from __future__ import annotations

import codecs
import pickletools
import re
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from modelmark.adapters.inspection.pickles_machine import WRAPPER, Cannot, Machine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_OPCODES = 1_000_000
_MAX_KEPT = 64 << 20
_LONG = 1 << 16
_LONG_LINE = 1 << 24
_LINES = {
    "STRING": 1,
    "UNICODE": 1,
    "INT": 1,
    "LONG": 1,
    "FLOAT": 1,
    "GET": 1,
    "PUT": 1,
    "PERSID": 1,
    "GLOBAL": 2,
    "INST": 2,
}
_OPCODES = {opcode.code: opcode for opcode in pickletools.opcodes}
_LENGTHS = {
    pickletools.TAKEN_FROM_ARGUMENT1: (1, False),
    pickletools.TAKEN_FROM_ARGUMENT4: (4, True),
    pickletools.TAKEN_FROM_ARGUMENT4U: (4, False),
    pickletools.TAKEN_FROM_ARGUMENT8U: (8, False),
}
_TORCH_MAGIC = 0x1950A86A20F9469CFC6C
_TORCH_PICKLES = 5  # magic number, protocol, system, objects, storage keys; then raw storages
_IDENTIFIERS = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)* [^\W\d]\w*(\.[^\W\d]\w*)*")


@dataclass
class Walk:
    """What a walk through a stream found.

    Attributes:
        pickles: how many pickles ended properly.
        globals: every name, as `module name`.
        called: a name that Python could import was called, so loading the stream runs something.
        broken: why the walk ended before the stream did, or empty.
        gave_up: it ended because there is more than anybody follows, so what comes then is not known.
        torch: it is a checkpoint in PyTorch's old form, with raw tensors behind the pickles.
        opcodes: the same opcodes with long byte strings emptied and raw arrays left out, for another scanner.
    """

    pickles: int = 0
    globals: set[str] = field(default_factory=set)
    called: bool = False
    broken: str = ""
    gave_up: bool = False
    torch: bool = False
    opcodes: bytes = b""

    @property
    def is_pickle(self) -> bool:
        """Whether the stream is a pickle: it ends as one, or it would run something before it breaks."""
        return self.called or (self.pickles > 0 and (bool(self.globals) or not self.broken))


class _TooMuch(Cannot):
    """Python would go on, and we do not."""


_LONGEST = 1 << 60  # no file is longer, and no system seeks there: random bytes may ask for it


class _Tape:
    """A stream read once and forwards, that remembers what it handed out."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.at = 0
        self.kept = bytearray()

    def read(self, size: int) -> bytes:
        data = self._stream.read(size)
        self.at += len(data)
        self.kept += data
        return data

    def readline(self) -> bytes:
        line = self._stream.readline(_LONG_LINE)
        if len(line) == _LONG_LINE:
            raise _TooMuch("it has a line longer than what is followed")
        if not line.endswith(b"\n"):
            raise Cannot("it ends early")
        self.at += len(line)
        self.kept += line
        return line

    def skip(self, size: int) -> None:
        """Step over bytes that nobody needs to see."""
        if size > _LONGEST:
            raise Cannot("it ends early")
        self.at += size
        if self._stream.seekable():
            self._stream.seek(size, 1)
            return
        while size > 0 and (data := self._stream.read(min(size, 1 << 20))):
            size -= len(data)


def follow(open_stream: Callable[[], IO[bytes]]) -> Walk:
    """Follow all pickles of a stream, one after the other, to its end or to where it breaks.

    What joblib would step over is followed as well, because `pickle.load` does not step over it.
    """
    with open_stream() as stream:
        walk = _follow(stream, joblib=True)
    if WRAPPER in walk.globals:
        with open_stream() as stream:
            plain = _follow(stream, joblib=False, most=1)
        walk.globals |= {name for name in plain.globals if _IDENTIFIERS.fullmatch(name)}
        walk.called = walk.called or plain.called
    return walk


def _follow(stream: IO[bytes], *, joblib: bool, most: int = MAX_OPCODES) -> Walk:
    walk, tape, budget = Walk(), _Tape(stream), iter(range(MAX_OPCODES))
    while walk.pickles < (_TORCH_PICKLES if walk.torch else most):
        start, kept, machine = tape.at, len(tape.kept), Machine(joblib=joblib)
        try:
            _one_pickle(tape, machine, budget)
        except (Cannot, ValueError, OverflowError, EOFError) as error:
            walk.gave_up = isinstance(error, _TooMuch)
            if tape.at > start:
                walk.broken = f"{error or type(error).__name__} at byte {tape.at}"[:200]
        if machine.finished or machine.called or not walk.pickles:
            walk.globals |= machine.globals
            walk.called = walk.called or any(_IDENTIFIERS.fullmatch(name) for name in machine.called)
        elif walk.broken:
            del tape.kept[kept:]  # bytes behind a pickle that are none: not for the scanner
        if not machine.finished:
            break
        walk.pickles += 1
        walk.torch = walk.torch or (walk.pickles == 1 and machine.result == _TORCH_MAGIC)
    walk.opcodes = bytes(tape.kept) + (b"." if walk.broken else b"")
    return walk


def _one_pickle(tape: _Tape, machine: Machine, budget: Iterator[int]) -> None:
    while not machine.finished:
        if next(budget, None) is None or len(tape.kept) > _MAX_KEPT:
            raise _TooMuch("it is longer than what is followed")
        code = tape.read(1)
        opcode = _OPCODES.get(code.decode("latin-1"))
        if opcode is None:
            if code:
                raise Cannot(f"{code!r} is no opcode")
            raise Cannot("it ends early")
        machine.step(opcode.name, opcode, _argument(tape, opcode))
        if machine.raw_bytes:
            _step_over(tape, machine)
        elif machine.raw_pickle:
            _one_pickle(tape, machine.nested(), budget)


def _argument(tape: _Tape, opcode: pickletools.OpcodeInfo) -> object:
    """The argument; of a byte string or a text beyond 64 KiB only that it is there."""
    if opcode.arg is None:
        return None
    if opcode.name in _LINES:
        return _line(opcode.name, [tape.readline() for _ in range(_LINES[opcode.name])])
    if opcode.arg.n not in _LENGTHS:
        return opcode.arg.reader(tape)  # type: ignore[arg-type]  # it calls read only
    width, signed = _LENGTHS[opcode.arg.n]
    raw = tape.read(width)
    size = int.from_bytes(raw, "little", signed=signed)
    if size < 0 or len(raw) < width:
        raise Cannot("a length is missing or negative")
    if size > _LONG:
        tape.kept[-width:] = bytes(width)
        tape.skip(size)
        return None
    data = tape.read(size)
    if len(data) < size:
        raise Cannot("it ends early")
    return _value(opcode.name, data)


def _value(name: str, data: bytes) -> object:
    if name in ("LONG1", "LONG4"):
        return int.from_bytes(data, "little", signed=True)
    if "UNICODE" in name:
        return data.decode("utf-8", "replace")
    return data.decode("latin-1") if "STRING" in name else data


def _line(name: str, lines: list[bytes]) -> object:
    """An argument that is a line. Python reads these more freely than `pickletools`, so nothing is refused here."""
    raw = lines[0].strip()
    if name in ("GLOBAL", "INST"):
        return " ".join(line[:-1].decode("utf-8", "replace") for line in lines)
    if name == "UNICODE":
        return lines[0][:-1].decode("raw-unicode-escape", "replace")
    if name == "STRING":
        return codecs.escape_decode(raw[1:-1])[0].decode("latin-1")
    if name in ("GET", "PUT"):
        return int(raw)
    return None


def _step_over(tape: _Tape, machine: Machine) -> None:
    """Raw array bytes of joblib, with the padding in front of them."""
    size, padded = machine.raw_bytes, machine.raw_padded
    machine.raw_bytes = 0
    if padded:
        kept = len(tape.kept)
        size += int.from_bytes(tape.read(1), "little")
        del tape.kept[kept:]
    tape.skip(size)
