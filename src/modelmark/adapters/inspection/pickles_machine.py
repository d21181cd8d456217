"""The stack and the memo of a pickle, with stand-ins for the values that Python would have made."""

from __future__ import annotations

import math
import pickletools
import re
from dataclasses import dataclass, field
from typing import TypeAlias

_MARK, _OTHER, _UNSEEN = object(), object(), object()
_PERHAPS_TEXT = (pickletools.pyunicode, pickletools.pybytes_or_str, pickletools.anyobject)
_FEW = 64
WRAPPER = "joblib.numpy_pickle NumpyArrayWrapper"
_DTYPE = re.compile(r"([a-zA-Z?])(\d*)")
_MAX_RAW = 1 << 50
Value: TypeAlias = object


class Cannot(Exception):
    """The stream cannot be followed further."""


@dataclass(frozen=True)
class Named:
    """A global that the pickle names."""

    name: str


@dataclass(eq=False)
class Made:
    """What calling a global would give, with the state that is set on it later."""

    callee: Value
    args: Value
    state: Value = None


@dataclass
class Machine:
    """One pickle on its way.

    Attributes:
        joblib: whether the bytes of arrays stand between opcodes, as joblib writes them.
        raw_bytes: joblib: so many bytes of an array follow the opcode, padded where `raw_padded`.
        raw_pickle: joblib: a whole pickle follows the opcode.
    """

    joblib: bool = True
    globals: set[str] = field(default_factory=set)
    called: set[str] = field(default_factory=set)
    finished: bool = False
    result: Value = None
    raw_bytes: int = 0
    raw_padded: bool = False
    raw_pickle: bool = False
    stack: list[Value] = field(default_factory=list)
    memo: dict[int, Value] = field(default_factory=dict)

    def nested(self) -> Machine:
        """A machine for a pickle inside this one, which tells this one what it finds."""
        self.raw_pickle = False
        return Machine(self.joblib, self.globals, self.called)

    def step(self, name: str, opcode: pickletools.OpcodeInfo, arg: object) -> None:
        """Do one opcode.

        Raises:
            Cannot: Python could not do it either.
        """
        if name in ("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"):
            self.memo[len(self.memo) if name == "MEMOIZE" else _number(arg)] = self._top()
        elif name in ("GET", "BINGET", "LONG_BINGET"):
            if _number(arg) not in self.memo:
                raise Cannot("it asks its memo for what it never put there")
            self.stack.append(self.memo[_number(arg)])
        elif name in _CALLS:
            self._call(name, arg)
        elif name in _NAMES:
            self._name(name, arg)
        else:
            self._plain(name, opcode, arg)

    def _plain(self, name: str, opcode: pickletools.OpcodeInfo, arg: object) -> None:
        if name == "PERSID" and not self.stack and not self.memo:
            # A zip archive begins with this letter, and no program that reads pickles goes on behind it.
            raise Cannot("it begins with a name that nobody knows")
        if name == "STOP":
            self.result, self.finished = self._pop(), True
        elif name == "MARK":
            self.stack.append(_MARK)
        elif name == "POP":
            if not self.stack:
                raise Cannot("it takes from an empty stack")
            self.stack.pop()
        elif name == "DUP":
            self.stack.append(self._top())
        elif name in ("SETITEM", "SETITEMS"):
            items = self._pop_mark() if name == "SETITEMS" else [self._pop(), self._pop()][::-1]
            self._touch(self._top())
            _remember(self._top(), items)
        else:
            self._generic(name, opcode, arg)

    def _generic(self, name: str, opcode: pickletools.OpcodeInfo, arg: object) -> None:
        """Everything else, by the table of stack effects that `pickletools` has."""
        before = opcode.stack_before
        if pickletools.markobject in before:
            taken = self._pop_mark()
            below = before.index(pickletools.markobject)
        else:
            taken, below = [], len(before)
        taken = [self._pop() for _ in range(below)][::-1] + taken
        if not opcode.stack_after:
            return
        if name in ("APPEND", "APPENDS", "ADDITEMS"):
            self._touch(taken[0])
        if name.startswith(("TUPLE", "EMPTY_TUPLE")):
            made: Value = tuple(taken)
        elif name in ("EMPTY_DICT", "DICT"):
            made = {}
            _remember(made, taken)
        elif name in ("NEWTRUE", "NEWFALSE", "NONE"):
            made = {"NEWTRUE": True, "NEWFALSE": False}.get(name)
        elif isinstance(arg, str | int) and not before:
            made = arg
        else:
            made = _UNSEEN if opcode.stack_after[0] in _PERHAPS_TEXT else _OTHER
        self.stack.append(made)

    def _name(self, name: str, arg: object) -> None:
        if name == "STACK_GLOBAL":
            attribute, module = self._pop(), self._pop()
            if not (_may_be_text(attribute) and _may_be_text(module)):
                raise Cannot("it names a global by what is no text")
            whole = isinstance(attribute, str) and isinstance(module, str)
            text = f"{module} {attribute}" if whole else "unknown unknown"
        elif name == "GLOBAL":
            text = str(arg)
        else:
            text = "copyreg extension"
        self.globals.add(text)
        self.stack.append(Named(text))

    def _call(self, name: str, arg: object) -> None:
        callee: Value
        args: Value
        if name == "BUILD":
            state, made = self._pop(), self._top()
            self._touch(made)
            if isinstance(made, Made):
                made.state = state
                self._array(made)
            return
        if name in ("INST", "OBJ"):
            items = self._pop_mark()
            if name == "INST":
                self.globals.add(str(arg))
                callee, args = Named(str(arg)), tuple(items)
            elif items:
                callee, args = items[0], tuple(items[1:])
            else:
                raise Cannot("it makes an object of nothing")
        elif name == "NEWOBJ_EX":
            _, args, callee = self._pop(), self._pop(), self._pop()
        else:
            args, callee = self._pop(), self._pop()
        self._touch(callee)
        self.stack.append(Made(callee, args))

    def _touch(self, value: Value) -> None:
        """A global is called, or changed, which runs code of its own."""
        if isinstance(value, Named):
            self.called.add(value.name)

    def _array(self, made: Made) -> None:
        """See whether the bytes of a joblib array follow."""
        if not self.joblib or made.callee != Named(WRAPPER) or not isinstance(made.state, dict):
            return
        shape, kind = made.state.get("shape"), made.state.get("dtype")
        if not isinstance(shape, tuple) or not all(isinstance(one, int) and one >= 0 for one in shape):
            raise Cannot("a joblib array has no shape that can be read")
        size, objects = _item(kind)
        self.raw_pickle = objects
        self.raw_bytes = 0 if objects else size * math.prod(shape)
        self.raw_padded = made.state.get("numpy_array_alignment_bytes") is not None
        if self.raw_bytes > _MAX_RAW:
            raise Cannot("a joblib array is larger than any file")

    def _top(self) -> Value:
        if not self.stack or self.stack[-1] is _MARK:
            raise Cannot("it takes from an empty stack")
        return self.stack[-1]

    def _pop(self) -> Value:
        value = self._top()
        self.stack.pop()
        return value

    def _pop_mark(self) -> list[Value]:
        items: list[Value] = []
        while self.stack:
            value = self.stack.pop()
            if value is _MARK:
                return items[::-1]
            items.append(value)
        raise Cannot("it looks for a mark that nobody set")


_CALLS = frozenset({"REDUCE", "NEWOBJ", "NEWOBJ_EX", "OBJ", "INST", "BUILD"})
_NAMES = frozenset({"GLOBAL", "STACK_GLOBAL", "EXT1", "EXT2", "EXT4"})


def _number(arg: object) -> int:
    if not isinstance(arg, int):
        raise Cannot("a place in the memo is no number")
    return arg


def _may_be_text(value: Value) -> bool:
    made = isinstance(value, Made) and value.callee != Named(WRAPPER)
    return isinstance(value, str) or value is _UNSEEN or made


def _remember(target: Value, items: list[Value]) -> None:
    """Keep the first entries that have a text as key; no more is ever asked for."""
    if isinstance(target, dict):
        for key, value in zip(items[::2], items[1::2], strict=False):
            if isinstance(key, str) and len(target) < _FEW:
                target[key] = value


def _item(kind: Value) -> tuple[int, bool]:
    """Bytes of one element of a pickled numpy dtype, and whether it holds Python objects."""
    args = kind.args if isinstance(kind, Made) and kind.callee == Named("numpy dtype") else None
    text = args[0] if isinstance(args, tuple) and args else None
    match = _DTYPE.fullmatch(text) if isinstance(text, str) else None
    if match is None or not isinstance(kind, Made):
        raise Cannot("a joblib array has no dtype that can be read")
    letter, size = match[1], int(match[2] or 1)
    flags = kind.state[7] if isinstance(kind.state, tuple) and len(kind.state) > 7 else 0
    objects = letter == "O" or (letter == "V" and isinstance(flags, int) and bool(flags & 1))
    return size * (4 if letter == "U" else 1), objects
