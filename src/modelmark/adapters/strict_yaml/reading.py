"""Bytes to nodes. Nothing here recurses or copies, so hostile input costs no more than its size."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, NoReturn

from modelmark.adapters.strict_yaml.nodes import MappingNode, Node, Scalar, SequenceNode, line_of
from modelmark.domain.names import shown
from modelmark.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_BYTES = 4 << 20
MAX_DEPTH = 64
MAX_NODES = 500_000  # four MiB of `[a,a,a,…` would be two million objects

# Characters that not every reader takes for what they are: control characters, the line breaks that only YAML 1.1
# knows, marks that reverse the text on a reviewer's screen, a carriage return without its line feed.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]|\r(?!\n)"
)
_SURROGATE = re.compile("[\ud800-\udfff]")

# What the parser says (the C one and the pure one differ), what we say, what to do.
_SENTENCES = (
    (r"mapping values are not allowed", "a ': ' stands where no key can be", "indent it, or quote the value"),
    (r"stream.*quoted", "the quote that opens here is never closed", "close it"),
    (r"could not find expected ':'", "this is neither 'key: value' nor the rest of a value", "add the ': '"),
    (
        r"unknown escape|escape sequence|escape code",
        "a \\ starts an escape that YAML does not know",
        "use '…'",
    ),
    (
        r"expected (',' or|(the )?node content)",
        "a [ or { is not closed, or a comma is missing",
        "look before this line",
    ),
    (
        r"block end|document start|expected key|expected '-'|block (mapping|collection)|indentation|not allowed",
        "the indentation does not fit the lines before it",
        "use two spaces a level",
    ),
    (r"alias|anchor", "& and * (YAML anchors and aliases) may not be used", "quote the value if it is text"),
    (r"tag|directive", "! and % (YAML tags and directives) may not be used", "quote the value if it is text"),
)


def parse_yaml(data: bytes, path: str) -> Node:
    """Read one document; an empty one is an empty plain `Scalar`.

    Args:
        data: the file's bytes.
        path: where it stands, for messages.

    Raises:
        InvalidInput: it is not UTF-8, not YAML, or uses what we do not take; with the line.
    """
    text = _decode(data, path)
    loader, yaml_error = _pyyaml()
    events, tree = loader(text), _Tree(path)
    try:
        while events.check_event():
            event = events.get_event()
            _HANDLERS[type(event).__name__](tree, event)
    except yaml_error as error:
        raise _syntax_error(error, text, path) from error
    except (ValueError, OverflowError) as error:  # the pure parser on "\Uffffffff"
        raise InvalidInput("an escape in double quotes names no character", path=path) from error
    finally:
        events.dispose()
    return tree.root


@cache
def _pyyaml() -> tuple[Callable[[str], Any], type[Exception]]:
    """The parser and its error; imported late, because commands that only read tags need neither."""
    import yaml  # noqa: PLC0415

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader), yaml.YAMLError


def _decode(data: bytes, path: str) -> str:
    if len(data) > MAX_BYTES:
        raise InvalidInput(
            "the file is larger than 4 MiB", "put what is large among the artifacts", path=path
        )
    if data.startswith(b"\xef\xbb\xbf"):
        raise InvalidInput(
            "it starts with a byte order mark", "save it as UTF-8 without one", path=path, line=1
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InvalidInput("this is not UTF-8", "save the file as UTF-8", path=path, line=line) from error
    found = _INVISIBLE.search(text)
    if found:
        raise InvalidInput(
            f"the invisible character U+{ord(found[0]):04X} may not stand in a file that people review",
            "remove it, or write it as an escape in double quotes",
            path=path,
            line=text.count("\n", 0, found.start()) + 1,
        )
    return text


def _syntax_error(error: Any, text: str, path: str) -> InvalidInput:
    context, problem = getattr(error, "context", None) or "", getattr(error, "problem", None) or ""
    mark = getattr(error, "problem_mark", None)
    said = f"{problem} {context}"
    at = text[mark.index : mark.index + 1] if mark else ""
    if "cannot start any token" in said and at == "\t":
        message, hint = "a tab cannot indent YAML", "use two spaces a level"
    elif "cannot start any token" in said:
        message, hint = f"a value cannot start with {shown(at)}", "put the value in quotes"
    else:
        fitting = (rest for pattern, *rest in _SENTENCES if re.search(pattern, said))
        message, hint = next(
            fitting, (f"this is not YAML: {shown(said.strip(), 200)[1:-1]}", "quote the value if it is text")
        )
    if re.search(
        r"quoted|could not find", said
    ):  # the mark is where the parser gave up, the cause is earlier
        mark = getattr(error, "context_mark", None) or mark
    line = min(mark.line, text.rstrip().count("\n")) + 1 if mark else 0
    return InvalidInput(message, hint, path=path, line=line)


class _Tree:
    """Builds the nodes, and refuses what must not be there as it comes."""

    def __init__(self, path: str) -> None:
        self.root: Node = _scalar("", 1)
        self._path = path
        self._open: list[tuple[MappingNode | SequenceNode, list[Scalar]]] = []  # with the key that waits
        self._documents = 0
        self._count = 0

    def refuse(self, event: Any, message: str, hint: str) -> NoReturn:
        raise InvalidInput(message, hint, path=self._path, line=event.start_mark.line + 1)

    def document(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            self.refuse(event, "a second document starts here", "keep one document in a file: remove the ---")
        if event.version or event.tags:
            self.refuse(event, "the file has a % directive", "remove the lines that start with %")

    def alias(self, event: Any) -> None:
        self.refuse(
            event,
            f"*{shown(event.anchor, 40)[1:-1]} repeats another value (a YAML alias)",
            "write the value itself",
        )

    def scalar(self, event: Any) -> None:
        self._check(event)
        start = event.start_mark
        node = _scalar(
            event.value, start.line + 1, event.style in (None, ""), start.index, event.end_mark.index
        )
        if not node.isascii() and _SURROGATE.search(node):
            self.refuse(
                event, "an escape in double quotes names half a character", "write the character itself"
            )
        if self._wants_key():
            self._take_key(event, node)
        else:
            self._place(node)

    def open(self, event: Any) -> None:
        self._check(event)
        if self._wants_key():
            self.refuse(event, "a key must be text, not a list or a mapping", "put it in quotes")
        if len(self._open) >= MAX_DEPTH:
            self.refuse(event, f"this is nested more than {MAX_DEPTH} deep", "make the structure flatter")
        node = MappingNode() if type(event).__name__ == "MappingStartEvent" else SequenceNode()
        node.line, node.flow = event.start_mark.line + 1, bool(event.flow_style)
        self._place(node)
        self._open.append((node, []))

    def close(self, _event: Any) -> None:
        self._open.pop()

    def ignore(self, _event: Any) -> None:
        pass

    def _check(self, event: Any) -> None:
        if event.anchor is not None:
            self.refuse(
                event,
                f"&{shown(event.anchor, 40)[1:-1]} names a value for reuse (a YAML anchor)",
                "remove the anchor",
            )
        if event.tag is not None:
            self.refuse(event, f"{shown(event.tag)} is a YAML tag", "remove it: the schema knows the types")
        self._count += 1
        if self._count > MAX_NODES:
            self.refuse(event, f"the file has more than {MAX_NODES:,} values", "make it smaller")

    def _wants_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1][0], MappingNode) and not self._open[-1][1]

    def _take_key(self, event: Any, key: Scalar) -> None:
        mapping, waiting = self._open[-1]
        if key.plain and key in ("", "<<"):
            what = (
                "a merge key (<<) takes keys from elsewhere" if key else "the key before the ':' is missing"
            )
            self.refuse(event, what, "write the keys themselves")
        if key in mapping:
            first = line_of(mapping, (key,))
            self.refuse(
                event, f"the key {shown(key)} is there twice, first in line {first}", "keep one of them"
            )
        waiting.append(key)

    def _place(self, node: Node) -> None:
        if not self._open:
            self.root = node
            return
        parent, waiting = self._open[-1]
        if isinstance(parent, MappingNode):
            parent[waiting.pop()] = node
        else:
            parent.append(node)


_HANDLERS: dict[str, Callable[[_Tree, Any], None]] = {
    "StreamStartEvent": _Tree.ignore,
    "StreamEndEvent": _Tree.ignore,
    "DocumentStartEvent": _Tree.document,
    "DocumentEndEvent": _Tree.ignore,
    "AliasEvent": _Tree.alias,
    "ScalarEvent": _Tree.scalar,
    "MappingStartEvent": _Tree.open,
    "SequenceStartEvent": _Tree.open,
    "MappingEndEvent": _Tree.close,
    "SequenceEndEvent": _Tree.close,
}


def _scalar(text: str, line: int, plain: bool = True, start: int = 0, end: int = 0) -> Scalar:
    node = str.__new__(Scalar, text)
    node.line, node.plain, node.start, node.end = line, plain, start, end
    return node
