"""Reads of an ONNX model what we ask for, by the wire format of protocol buffers, and steps over the weights.

The `onnx` package would bring protobuf and some 20 MB to read a dozen fields, and would load the weights to do it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import IO

# Which field of which message is a message that we go into. Every other field is a value, or stepped over.
_INTO = {
    "Model": {7: "Graph", 20: "Training", 25: "Function"},
    "Training": {1: "Graph", 2: "Graph"},
    "Function": {7: "Node", 11: "Attribute"},
    "Graph": {1: "Node", 5: "Tensor", 12: "Output", 15: "Sparse"},
    "Node": {5: "Attribute"},
    "Attribute": {5: "Tensor", 6: "Graph", 10: "Tensor", 11: "Graph", 22: "Sparse", 23: "Sparse"},
    "Sparse": {1: "Tensor", 2: "Tensor"},
    "Tensor": {13: "Entry"},
    "Output": {2: "Type"},
    "Type": {1: "TensorType"},
    "TensorType": {2: "Shape"},
    "Shape": {1: "Dimension"},
}
# The values that we want: field numbers of texts and of numbers.
_TEXTS = {"Tensor": {8}, "Output": {1}, "Entry": {1, 2}}
_NUMBERS = {"Tensor": {1, 2}, "Dimension": {1}}
# What a model may have at its top, so that no other bytes are taken for one.
_TOP = {1: 0, 2: 2, 3: 2, 4: 2, 5: 0, 6: 2, 7: 2, 8: 2, 14: 2, 20: 2, 25: 2, 26: 2}
_DTYPES = [
    "UNDEFINED",
    "FLOAT",
    "UINT8",
    "INT8",
    "UINT16",
    "INT16",
    "INT32",
    "INT64",
    "STRING",
    "BOOL",
    "FLOAT16",
    "DOUBLE",
    "UINT32",
    "UINT64",
    "COMPLEX64",
    "COMPLEX128",
    "BFLOAT16",
    "FLOAT8E4M3FN",
    "FLOAT8E4M3FNUZ",
    "FLOAT8E5M2",
    "FLOAT8E5M2FNUZ",
    "UINT4",
    "INT4",
    "FLOAT4E2M1",
]
_MAX_DEPTH = 32
_MAX_FIELDS = 2_000_000
_MAX_TEXT = 4096


class _Bad(ValueError):
    """The bytes are no such message."""


@dataclass
class Message:
    """What was wanted of one message: values and messages by their field."""

    values: dict[int, list[int | str]] = field(default_factory=dict)
    parts: dict[int, list[Message]] = field(default_factory=dict)

    def text(self, number: int) -> str:
        """The last text of a field, or empty."""
        return str(self.values.get(number, [""])[-1])

    def first(self, *path: int) -> Message:
        """The message at the end of a path of fields; an empty one where there is none."""
        at = self
        for number in path:
            at = at.parts.get(number, [Message()])[-1]
        return at


@dataclass
class Onnx:
    """An ONNX model: initialisers, outputs, and where it keeps weights outside of itself."""

    tensors: dict[str, tuple[str, tuple[int, ...]]] = field(default_factory=dict)
    outputs: dict[str, tuple[int | None, ...]] = field(default_factory=dict)
    locations: tuple[str, ...] = ()


class _Reader:
    def __init__(self, stream: IO[bytes]) -> None:
        self.stream, self.locations, self.fields = stream, set[str](), 0

    def message(self, kind: str, end: int, depth: int = 0) -> Message:
        made, into = Message(), _INTO.get(kind, {})
        if depth > _MAX_DEPTH:
            raise _Bad("nested too deep")
        while self.stream.tell() < end:
            self.fields += 1
            if self.fields > _MAX_FIELDS:
                raise _Bad("too many fields")
            number, wire = divmod(self._varint(end), 8)
            if kind == "Model" and _TOP.get(number) != wire:
                raise _Bad("not a field of a model")
            if wire == 2:
                stop = self._varint(end) + self.stream.tell()
                if stop > end:
                    raise _Bad("a part is longer than the whole")
                if number in into:
                    part = self.message(into[number], stop, depth + 1)
                    made.parts.setdefault(number, []).append(part)
                else:
                    self._bytes(kind, number, stop, made)
                self.stream.seek(stop)
            else:
                self._scalar(kind, number, wire, end, made)
        if kind == "Tensor":
            self.locations |= {one.text(2) for one in made.parts.pop(13, ()) if one.text(1) == "location"}
        return Message() if kind in ("Node", "Attribute", "Function", "Sparse", "Training") else made

    def _bytes(self, kind: str, number: int, stop: int, made: Message) -> None:
        kept = made.values.setdefault(number, [])
        if number in _TEXTS.get(kind, ()):
            raw = self.stream.read(min(stop - self.stream.tell(), _MAX_TEXT))
            kept.append(raw.decode("utf-8", "replace"))
        elif number in _NUMBERS.get(kind, ()):
            while self.stream.tell() < stop:
                kept.append(self._varint(stop))

    def _scalar(self, kind: str, number: int, wire: int, end: int, made: Message) -> None:
        if wire == 0:
            value = self._varint(end)
            if number in _NUMBERS.get(kind, ()):
                made.values.setdefault(number, []).append(value)
        elif wire in (1, 5):
            self.stream.seek(8 if wire == 1 else 4, 1)
        else:
            raise _Bad("no such kind of field")
        if self.stream.tell() > end:
            raise _Bad("it ends early")

    def _varint(self, end: int) -> int:
        value = 0
        for shift in range(0, 70, 7):
            byte = self.stream.read(1)
            if not byte or self.stream.tell() > end:
                raise _Bad("it ends early")
            value |= (byte[0] & 0x7F) << shift
            if byte[0] < 0x80:
                return value
        raise _Bad("a number is too long")


def read_onnx(stream: IO[bytes], size: int) -> Onnx | None:
    """The model, or None where the bytes are not one from the first to the last."""
    reader = _Reader(stream)
    try:
        model = reader.message("Model", size)
    except _Bad:
        return None
    if len(model.parts.get(7, ())) != 1:
        return None
    graph = model.first(7)
    tensors = {one.text(8): (_dtype(one), _dims(one)) for one in graph.parts.get(5, ())}
    outputs = {one.text(1): _shape(one) for one in graph.parts.get(12, ()) if _has_shape(one)}
    return Onnx(tensors, outputs, tuple(sorted(reader.locations)))


def _dtype(tensor: Message) -> str:
    number = tensor.values.get(2, [0])[-1]
    return _DTYPES[number] if isinstance(number, int) and number < len(_DTYPES) else str(number)


def _dims(tensor: Message) -> tuple[int, ...]:
    return tuple(int(one) for one in tensor.values.get(1, ()))


def _has_shape(output: Message) -> bool:
    return 2 in output.first(2, 1).parts


def _shape(output: Message) -> tuple[int | None, ...]:
    """Sizes of an output; None where a size has a name only, or is not said."""
    sizes = (one.values.get(1) for one in output.first(2, 1, 2).parts.get(1, ()))
    return tuple(int(size[-1]) if size else None for size in sizes)
