"""What each file of a version is by its bytes, never by its name, and what was found inside without running any of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Content(StrEnum):
    """A format, as the bytes say. The value is the word for messages."""

    SAFETENSORS = "safetensors"
    ONNX = "ONNX"
    ONNX_DATA = "weights that an ONNX file names"
    GGUF = "GGUF"
    NUMPY = "NumPy array"
    PICKLE = "pickle"
    TORCH_ZIP = "PyTorch zip"
    HDF5 = "HDF5"
    JSON = "JSON"
    YAML = "YAML"
    PYTHON = "Python"
    TEXT = "text"
    CSV = "CSV"
    PARQUET = "Parquet"
    IMAGE = "image"
    ZIP = "zip archive"
    TAR = "tar archive"
    SEVEN_ZIP = "7z or RAR archive"
    COMPRESSED = "compressed file"
    EXECUTABLE = "executable"
    GIT = "part of a Git repository"
    CREDENTIALS = "credential file"
    EMPTY = "empty file"
    UNKNOWN = "unknown binary"


class Safety(StrEnum):
    """What a pickle scanner says of one global."""

    INNOCUOUS = "innocuous"
    SUSPICIOUS = "suspicious"
    DANGEROUS = "dangerous"


@dataclass(frozen=True)
class Secret:
    """A secret in a text: its line and its kind. The secret itself is kept nowhere."""

    line: int
    kind: str


@dataclass(frozen=True)
class FileFormat:
    """One file.

    Attributes:
        content: what its bytes are.
        problems: what is broken or untrue in it, a sentence each that goes on after the file's name.
        unseen: what of it nobody could look at, and why, in the same form.
        tensors: name to (dtype, shape) of a safetensors file or of ONNX initialisers, from the header alone.
        outputs: name to shape of an ONNX graph's outputs; None = a size that is not fixed.
        pickles: how many pickles are in it, at any depth.
        globals: what those pickles name, each as `module name`.
        safety: what the scanner said of each global that it saw.
        secrets: where a text holds a password, a key or a token.
    """

    content: Content
    problems: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    tensors: Mapping[str, tuple[str, tuple[int, ...]]] = field(default_factory=dict)
    outputs: Mapping[str, tuple[int | None, ...]] = field(default_factory=dict)
    pickles: int = 0
    globals: tuple[str, ...] = ()
    safety: Mapping[str, Safety] = field(default_factory=dict)
    secrets: tuple[Secret, ...] = ()


@dataclass(frozen=True)
class Formats:
    """The files of a version by their path; every file of the manifest is in it."""

    files: Mapping[str, FileFormat]
