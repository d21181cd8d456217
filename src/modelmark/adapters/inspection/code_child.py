"""Reads the imports of Python files in a process of its own: nested deeply enough, a file ends the reader.

Run as a module. On stdin a JSON list of paths, on stdout a JSON object with the imports and what is broken.
"""

from __future__ import annotations

import ast
import json
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_BYTES = 4 << 20
_CATCHES = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})
# What the condition of an `if` looks at where each branch is for other circumstances than the present ones.
_CIRCUMSTANCES = frozenset({"version_info", "platform", "TYPE_CHECKING"})


def main() -> None:
    """Answer one question."""
    warnings.simplefilter("ignore")
    imports: list[tuple[str, int, str, bool]] = []
    broken: list[tuple[str, int, str]] = []
    for path in json.load(sys.stdin):
        try:
            data = Path(path).read_bytes()
            if len(data) > _MAX_BYTES:
                raise ValueError("it is larger than 4 MiB, and no code that people write is")
            found = {(line, module, optional) for line, module, optional in _imports(ast.parse(data))}
            imports += [(path, line, module, optional) for line, module, optional in sorted(found)]
        except SyntaxError as error:
            broken.append((path, error.lineno or 0, error.msg))
        except (ValueError, RecursionError, MemoryError) as error:
            broken.append((path, 0, str(error) or "it is nested too deeply"))
    json.dump({"imports": imports, "broken": broken, "python": sys.version_info[:2]}, sys.stdout)


def _imports(tree: ast.Module) -> Iterator[tuple[int, str, bool]]:
    """Line, dotted module, and whether the code goes on without it."""
    todo: list[tuple[ast.AST, bool]] = [(tree, False)]
    while todo:
        node, optional = todo.pop()
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name, optional) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.lineno, node.module, optional
        elif isinstance(node, ast.Try):
            caught = optional or any(map(_catches_import, node.handlers))
            todo += [(one, caught) for one in (*node.body, *node.handlers)]
            todo += [(one, optional) for one in (*node.orelse, *node.finalbody)]
        else:
            inner = optional or (isinstance(node, ast.If) and _is_circumstance(node.test))
            todo += [(one, inner) for one in ast.iter_child_nodes(node)]


def _catches_import(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(one, ast.Name) and one.id in _CATCHES for one in kinds)


def _is_circumstance(test: ast.expr) -> bool:
    names = {node.id for node in ast.walk(test) if isinstance(node, ast.Name)}
    names |= {node.attr for node in ast.walk(test) if isinstance(node, ast.Attribute)}
    return not _CIRCUMSTANCES.isdisjoint(names)


if __name__ == "__main__":
    main()
