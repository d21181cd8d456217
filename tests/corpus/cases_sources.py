"""Directories that `register` itself refuses: they would be no version that anybody could pull, or say anything sure."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.corpus.parts import TRAIN_ARGS, as_json


@dataclass(frozen=True)
class Refused:
    """What somebody does to a good directory, and a pattern of what `register` says."""

    name: str
    says: str
    spoil: Callable[[Path], object]
    version: str | None = None
    profile: str | None = None


def _file(path: str, data: bytes = b"x") -> Callable[[Path], object]:
    def spoil(folder: Path) -> None:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)

    return spoil


def _nothing(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            path.unlink()


def _args(**values: object) -> Callable[[Path], object]:
    return _file("train_args.json", as_json({**TRAIN_ARGS, **values}))


CASES = (
    Refused(
        "a symbolic link",
        "'link.bin' in .* is a symbolic link",
        lambda at: (at / "link.bin").symlink_to("/etc/hosts"),
    ),
    Refused("a folder that is a link", "a symbolic link", lambda at: (at / "more").symlink_to("/etc")),
    Refused("a named pipe", "a named pipe", lambda at: os.mkfifo(at / "pipe")),
    Refused("a name with a space", "'my model.bin' is not a path", _file("my model.bin")),
    Refused("a hidden file", r"'\.env' is not a path", _file(".env", b"KEY=1\n")),
    Refused(
        "a repository",
        r"is not a path that an artifact may have",
        _file(".git/HEAD", b"ref: refs/heads/main\n"),
    ),
    Refused(
        "two names that differ in case", "differ only in upper and lower case", _file("Labels.json", b"[]")
    ),
    Refused("a name of a Windows device", "'aux.py' cannot be pulled on Windows", _file("aux.py")),
    Refused("folders deeper than anybody needs", "too long for an artifact path", _file("/".join("a" * 17))),
    Refused("no files at all", "has no files", _nothing),
    Refused("metrics that are no numbers", "NaN is not a number", _file("metrics.json", b'{"f1": NaN}')),
    Refused("metrics beyond all numbers", "too large for a number", _file("metrics.json", b'{"f1": 1e999}')),
    Refused(
        "one metric twice", "the key 'f1' stands there twice", _file("metrics.json", b'{"f1": 1, "f1": 0}')
    ),
    Refused(
        "a metric that is a text",
        "the metric 'f1' is '0.9', which is not",
        _file("metrics.json", b'{"f1": "0.9"}'),
    ),
    Refused(
        "an interval upside down",
        r"ci95 of the metric 'f1' is not \[low, high\]",
        _file("metrics.json", as_json([{"name": "f1", "value": 0.9, "ci95": [0.95, 0.85]}])),
    ),
    Refused("a signature that is a list", "a signature is a mapping", _file("signature.json", b"[]")),
    Refused(
        "a config that was cut off", "config.json is not JSON", _file("config.json", b'{"num_labels": 3')
    ),
    Refused("text that is no UTF-8", "is not UTF-8", _file("data_version.txt", b"\xff\xfe2026")),
    Refused("a short commit id", "git_commit must be the full id of a commit", _args(git_commit="3f3f3f3")),
    Refused("a branch for a commit", "git_commit must be the full id of a commit", _args(git_commit="main")),
    Refused(
        "a feature pipeline at a branch",
        "feature_pipeline_commit must be the full id",
        _args(feature_pipeline_commit="main"),
    ),
    Refused("a version that exists", "reviews@2 exists, and a version never changes", lambda _: None, "2"),
    Refused("a version that counts otherwise", "another count of numbers than 3", lambda _: None, "1.0"),
    Refused(
        "a profile that is none", "has no profile 'text-clasifier'", lambda _: None, None, "text-clasifier"
    ),
    Refused(
        "a profile that is not the card's", "says profile text-classifier", lambda _: None, None, "tabular"
    ),
)
