"""The manifest: what one version is, file by file, and where it came from. Immutable once it is on main."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from modelmark.domain.artifacts import ListedFile
    from modelmark.domain.json_values import Json
    from modelmark.domain.metrics import Metric
    from modelmark.domain.names import ModelName
    from modelmark.domain.versions import Version

SHA256 = re.compile(r"[0-9a-f]{64}")

# What a file is, by its name: the first pattern that matches the whole path, upper and lower case alike.
FILE_TYPES: tuple[tuple[str, str], ...] = (
    ("test", r"(.*/)?(test_[^/]*|[^/]*_test)\.py|tests/.*"),
    (
        "tokenizer",
        r"(.*/)?(tokenizer(_config)?\.json|special_tokens_map\.json|.*\.spm|(tokenizer|spiece|sentencepiece.*)\.model)",
    ),
    ("vocabulary", r"(.*/)?(vocab[^/]*|merges\.txt)"),
    ("labels", r"(.*/)?(labels?|label_map|id2label|classes)\.(json|txt|yaml)"),
    ("signature", r"(.*/)?signature\.json"),
    ("metrics", r"(.*/)?metrics\.json"),
    ("training-args", r"(.*/)?(train(ing)?_args|hyperparameters)\.(json|yaml|bin)"),
    ("data-version", r"(.*/)?data_version\.txt"),
    ("environment", r"(.*/)?(requirements[^/]*\.txt|conda\.ya?ml|environment\.ya?ml|python_env\.yaml)"),
    ("preprocessing", r"(.*/)?(pre_?process[^/]*\.(py|json)|preprocessor_config\.json)"),
    ("postprocessing", r"(.*/)?post_?process[^/]*\.(py|json)"),
    ("prompt", r"(.*/)?([^/]*prompt[^/]*\.(txt|md|json|ya?ml|j2))"),
    ("parameters", r"(.*/)?(parameters|generation_config)\.(json|ya?ml)"),
    ("config", r"(.*/)?(config[^/]*\.(json|ya?ml)|MLmodel)"),
    ("card", r"(.*/)?(readme|model_?card)(\.[a-z]+)?"),
    ("fixture", r"(.*/)?(fixtures?|examples?)/.*|(.*/)?[^/]*(fixture|example)[^/]*\.jsonl?"),
    (
        "weights",  # the last two are what XGBoost and LightGBM write
        r".*\.(safetensors|onnx|gguf|pt|pth|ckpt|bin|pkl|pickle|joblib|h5|keras|npz|npy|pb|tflite|skops|ubj|msgpack|cbm)"
        r"|(.*/)?(model|booster)\.(json|txt)",
    ),
    ("code", r".*\.py"),
)
_COMPILED = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in FILE_TYPES)


def file_type(path: str) -> str:
    """What a file is by its name: `weights`, `tokenizer`, … or `other`."""
    return next((kind for kind, pattern in _COMPILED if pattern.fullmatch(path)), "other")


@dataclass(frozen=True)
class ManifestFile:
    """One artifact: relative POSIX path, hex SHA-256 of its bytes, size in bytes, what it is."""

    path: str
    sha256: str
    size: int
    type: str


@dataclass(frozen=True)
class Lineage:
    """Where a version came from; None or empty = not recorded.

    Attributes:
        git_commit: full id of the training code's commit.
        git_dirty: whether that work tree had changes.
        data_version: hash or tag of the training data.
        feature_pipeline_commit: full id of the feature pipeline's commit.
        environment: Python version, operating system, CPU or GPU, as the training wrote them.
        hyperparameters: training arguments.
        duration_seconds: how long the training took.
    """

    git_commit: str | None = None
    git_dirty: bool | None = None
    data_version: str | None = None
    feature_pipeline_commit: str | None = None
    environment: Mapping[str, Json] = field(default_factory=dict)
    hyperparameters: Mapping[str, Json] = field(default_factory=dict)
    hardware: Mapping[str, Json] = field(default_factory=dict)
    duration_seconds: float | None = None


@dataclass(frozen=True)
class Compression:
    """How a version was made smaller, and of which version of the same model, if any."""

    method: str
    parent: Version | None = None


@dataclass(frozen=True)
class Manifest:
    """All that is known of one version.

    Attributes:
        signature: the inputs and outputs the model promises, as JSON; None = it promises nothing.
        notes: free text by subject: `general`, `pii`, `limitations`.
    """

    model: ModelName
    version: Version
    created_at: datetime
    files: tuple[ManifestFile, ...]
    signature: Mapping[str, Json] | None = None
    lineage: Lineage = field(default_factory=Lineage)
    metrics: tuple[Metric, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    compression: Compression | None = None

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file.size for file in self.files)


def compare_listing(manifest: Manifest, listing: Iterable[ListedFile]) -> tuple[str, ...]:
    """Where a manifest and a DVC listing name different files, a sentence each; empty = they agree."""
    ours, theirs = {file.path for file in manifest.files}, {file.path for file in listing}
    return (
        *(f"{path} is in the manifest and not in the DVC listing" for path in sorted(ours - theirs)),
        *(f"{path} is in the DVC listing and not in the manifest" for path in sorted(theirs - ours)),
    )
