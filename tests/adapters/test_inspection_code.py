"""What code imports is read from its syntax, whatever the file does to its reader."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from modelmark.adapters.inspection.code import look
from modelmark.domain.code import Code
from modelmark.errors import CouldNot
from tests.support.contents import contents_of


def seen(folder: Path, files: Mapping[str, str | bytes]) -> Code:
    with contents_of(files, folder) as contents:
        return look(contents, sandboxed=True)


def imports(folder: Path, text: str) -> list[tuple[int, str, bool]]:
    return [(one.line, one.module, one.optional) for one in seen(folder, {"predict.py": text}).imports]


def test_absolute_imports_are_found_wherever_they_stand(tmp_path: Path) -> None:
    text = "import os, numpy.linalg as l\nfrom PIL import Image\nfrom . import near\ndef f():\n  class A:\n    import emoji\n"
    assert imports(tmp_path, text) == [
        (1, "numpy.linalg", False),
        (1, "os", False),
        (2, "PIL", False),
        (6, "emoji", False),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "try:\n import cupy\nexcept ImportError:\n pass\n",
        "try:\n import cupy\nexcept (KeyError, ModuleNotFoundError):\n pass\n",
        "try:\n import cupy\nexcept Exception:\n pass\n",
        "try:\n pass\nexcept ImportError:\n import cupy\n",
        "try:\n if True:\n  import cupy\nexcept:\n pass\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n import cupy\n",
        "import typing\nif typing.TYPE_CHECKING:\n import cupy\n",
        "import sys\nif sys.version_info < (3, 9):\n import cupy\n",
    ],
)
def test_what_the_code_goes_on_without_is_optional(tmp_path: Path, text: str) -> None:
    assert dict(one[1:] for one in imports(tmp_path, text))["cupy"] is True


@pytest.mark.parametrize(
    "text",
    [
        "try:\n import cupy\nexcept KeyError:\n pass\n",
        "try:\n pass\nexcept ImportError:\n pass\nelse:\n import cupy\n",
        "try:\n pass\nfinally:\n import cupy\n",
        "if DEBUG:\n import cupy\n",
        "with open('x'):\n import cupy\n",
    ],
)
def test_what_the_code_fails_without_is_not(tmp_path: Path, text: str) -> None:
    assert dict(one[1:] for one in imports(tmp_path, text))["cupy"] is False


def test_a_syntax_error_is_told_with_its_line_and_the_others_are_read(tmp_path: Path) -> None:
    found = seen(tmp_path, {"a.py": "x = 1\ndef f(:\n", "b.py": "import emoji\n"})
    assert [(one.path, one.line) for one in found.broken] == [("a.py", 2)]
    assert [one.module for one in found.imports] == ["emoji"]


@pytest.mark.parametrize(
    "data", [b"import os\x00", b"# coding: nonsense\nimport os\n", b"\xff\xfe", b"x = " + b"(" * 500]
)
def test_hostile_bytes_are_broken_code(tmp_path: Path, data: bytes) -> None:
    assert [one.path for one in seen(tmp_path, {"a.py": data}).broken] == ["a.py"]


def test_a_file_that_ends_its_reader_is_refused_and_not_passed_over(tmp_path: Path) -> None:
    """Deep nesting is a syntax error, a recursion error or the end of the process, depending on the Python."""
    files = {"a.py": b"x = " + b"-" * 3_000_000 + b"1"}
    with contents_of(files, tmp_path) as contents:
        try:
            told = [one.path for one in look(contents, sandboxed=True).broken]
        except CouldNot as error:
            told = [error.message]
    assert told
    assert told[0].startswith(("a.py", "the Python code could not be read: its reader ended"))


def test_nothing_of_the_code_is_run(tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    seen(tmp_path / "bundle", {"a.py": f"open({str(witness)!r}, 'w')\n", "json.py": "raise SystemExit(3)\n"})
    assert not witness.exists()


def test_the_python_that_read_it_is_known(tmp_path: Path) -> None:
    assert seen(tmp_path, {"a.py": ""}).read_by == sys.version_info[:2]


def test_no_code_starts_no_process(tmp_path: Path) -> None:
    assert seen(tmp_path, {"prompt.txt": "import emoji"}) == Code()
