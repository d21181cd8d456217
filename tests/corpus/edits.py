"""Mistakes, as changes of a bundle's files."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.corpus.parts import Bundle, as_json

Edit = Callable[[Bundle], Bundle]


def without(*paths: str) -> Edit:
    return lambda files: {path: data for path, data in files.items() if path not in paths}


def putting(files: Mapping[str, bytes | str]) -> Edit:
    made = {path: data.encode() if isinstance(data, str) else data for path, data in files.items()}
    return lambda bundle: {**bundle, **made}


def saying(path: str, **values: Any) -> Edit:
    """A JSON file with other values; None takes a key away."""

    def edit(files: Bundle) -> Bundle:
        found = {**json.loads(files[path]), **values}
        return {**files, path: as_json({key: value for key, value in found.items() if value is not None})}

    return edit


def replacing(path: str, old: str, new: str) -> Edit:
    def edit(files: Bundle) -> Bundle:
        assert old.encode() in files[path], f"{path} has no {old}"
        return {**files, path: files[path].replace(old.encode(), new.encode())}

    return edit


def together(*edits: Edit) -> Edit:
    def edit(files: Bundle) -> Bundle:
        for one in edits:
            files = one(files)
        return files

    return edit
