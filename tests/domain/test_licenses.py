"""SPDX expressions are judged as they are meant, and nonsense is never allowed."""

from __future__ import annotations

from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmark.domain.licenses import Licensed, is_allowed, spdx_of

Tree: TypeAlias = "str | tuple[str, Tree, Tree]"

ALLOWED = ("MIT", "Apache-2.0", "BSD-3-Clause", "LGPL-2.1-only")


@pytest.mark.parametrize(
    "expression",
    [
        "MIT",
        "mit",
        "MIT OR GPL-3.0-only",
        "GPL-3.0-only OR MIT",
        "MIT AND Apache-2.0",
        "MIT and (GPL-2.0-only or BSD-3-Clause)",
        "GPL-3.0-only AND AGPL-3.0-only OR MIT",
        "Apache-2.0 WITH LLVM-exception",
        "LGPL-2.1-or-later",
        "Apache-2.0+",
        "((MIT))",
    ],
)
def test_allowed(expression: str) -> None:
    assert is_allowed(expression, ALLOWED)


@pytest.mark.parametrize(
    "expression",
    [
        "GPL-3.0-only",
        "MIT AND GPL-3.0-only",
        "MIT OR",
        "(MIT",
        "MIT)",
        "MIT MIT",
        "OR MIT",
        "AND",
        "",
        "MIT WITH",
        "WITH MIT",
        "MIT, Apache-2.0",
        "MIT OR GPL-3.0-only AND",
        "LGPL-2.0-or-later",
        "LicenseRef-Ours",
        "(" * 5000 + "MIT" + ")" * 5000,
    ],
)
def test_not_allowed(expression: str) -> None:
    assert not is_allowed(expression, ALLOWED)


def test_an_exception_may_be_allowed_alone() -> None:
    assert is_allowed(
        "GPL-2.0-only WITH Classpath-exception-2.0", ["GPL-2.0-only WITH Classpath-exception-2.0"]
    )
    assert not is_allowed("GPL-2.0-only", ["GPL-2.0-only WITH Classpath-exception-2.0"])


words = st.lists(
    st.sampled_from(["MIT", "GPL-3.0-only", "AND", "OR", "WITH", "(", ")", "x", "+"]), max_size=12
)


@given(words)
def test_whatever_it_says_without_an_allowed_licence_is_refused(tokens: list[str]) -> None:
    assert not is_allowed(" ".join(token for token in tokens if token != "MIT"), ALLOWED)


leaves = st.sampled_from(["MIT", "Apache-2.0", "GPL-3.0-only"])
trees = st.recursive(
    leaves, lambda inner: st.tuples(st.sampled_from(["AND", "OR"]), inner, inner), max_leaves=8
)


def written(tree: Tree) -> str:
    return tree if isinstance(tree, str) else f"({written(tree[1])} {tree[0]} {written(tree[2])})"


def means(tree: Tree) -> bool:
    if isinstance(tree, str):
        return tree in ALLOWED
    one, other = means(tree[1]), means(tree[2])
    return (one and other) if tree[0] == "AND" else (one or other)


@given(trees)
def test_an_expression_means_what_its_tree_means(tree: Tree) -> None:
    assert is_allowed(written(tree), ALLOWED) is means(tree)


@pytest.mark.parametrize(
    ("package", "spdx"),
    [
        (Licensed("x", "1", "Apache-2.0", ("License :: OSI Approved :: MIT License",), "GPL"), "Apache-2.0"),
        (Licensed("x", "1", "", ("License :: OSI Approved :: MIT License",), "GPL"), "MIT"),
        (
            Licensed("x", "1", "", ("License :: OSI Approved :: BSD License",)),
            "BSD-2-Clause AND BSD-3-Clause",
        ),
        (
            Licensed("x", "1", "", ("a :: MIT License", "b :: Apache Software License")),
            "MIT AND Apache-2.0",
        ),
        (Licensed("x", "1", "", ("a :: MIT License", "License :: Free For Fun")), ""),
        (Licensed("x", "1", "", ("License :: Free For Fun",), "MIT"), ""),
        (Licensed("x", "1", text="The MIT License"), "MIT"),
        (Licensed("x", "1", text="Apache License, Version 2.0"), "Apache-2.0"),
        (Licensed("x", "1", text="Apache License\n   Version 2.0, January 2004\n\nTERMS"), "Apache-2.0"),
        (Licensed("x", "1", text="MIT License\n\nCopyright (c) 2020"), "MIT"),
        (Licensed("x", "1", text="MPL-2.0 AND MIT"), "MPL-2.0 AND MIT"),
        (Licensed("x", "1", text="BSD-3-Clause"), "BSD-3-Clause"),
        (Licensed("x", "1", text="see the file"), ""),
        (Licensed("x", "1", text="not MIT"), ""),
        (Licensed("x", "1"), ""),
    ],
)
def test_the_first_thing_that_metadata_says_counts(package: Licensed, spdx: str) -> None:
    assert spdx_of(package) == spdx
