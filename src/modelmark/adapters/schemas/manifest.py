"""The shape of manifest.yaml, which is published as a JSON Schema, too."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field, WithJsonSchema, model_validator
from pydantic.json_schema import GenerateJsonSchema

from modelmark.adapters.schemas.fields import (
    Amount,
    Count,
    FreeForm,
    Interval,
    Line,
    Model,
    Number,
    OneVersion,
    Section,
    Slug,
    Text,
    Time,
    YesOrNo,
    matching,
    reads,
    refusal,
)
from modelmark.domain.manifest import SHA256, Compression, Lineage, Manifest, ManifestFile
from modelmark.domain.metrics import Metric
from modelmark.domain.names import check_path_set, parse_artifact_path
from modelmark.errors import InvalidInput

_OID = r"[0-9a-f]{40}([0-9a-f]{24})?"
Commit = Annotated[
    str,
    matching(_OID, "the full id of a commit (40 or 64 hex digits)"),
    WithJsonSchema({"type": "string", "pattern": f"^{_OID}$"}),
]
Sha256 = Annotated[
    str,
    matching(SHA256.pattern, "64 lower-case hex digits"),
    WithJsonSchema({"type": "string", "pattern": f"^{SHA256.pattern}$"}),
]
ArtifactPath = Annotated[
    str, reads(lambda text: str(parse_artifact_path(text))), WithJsonSchema({"type": "string"})
]
Format = Annotated[str, matching("1", "1, the only format there is"), WithJsonSchema({"const": 1})]


class FileSchema(Section):
    """One artifact."""

    path: ArtifactPath = Field(description="relative POSIX path below artifacts/")
    sha256: Sha256 = Field(description="SHA-256 of the bytes, lower-case hex")
    size: Count = Field(description="bytes")
    type: Slug = Field(description="what it is: weights, tokenizer, config, …")


class MetricSchema(Section):
    """One measured number, and on what it was measured."""

    name: Line
    value: Number
    dataset: Text = ""
    split: Text = ""
    slice: dict[Text, Text] = Field(
        default_factory=dict, description="which part of the data; left out = all of it"
    )
    where: dict[Text, Text] = Field(default_factory=dict, description="conditions, such as device: cpu")
    n: Count | None = Field(None, description="how many examples")
    ci95: Interval | None = Field(None, description="95% confidence interval, [low, high]")

    def to_value(self) -> Metric:
        """The value."""
        return Metric(
            self.name, self.value, self.dataset, self.split, self.slice, self.where, self.n, self.ci95
        )


class LineageSchema(Section):
    """Where the version came from."""

    git_commit: Commit | None = None
    git_dirty: YesOrNo | None = None
    data_version: Line | None = Field(None, description="hash or tag of the training data")
    feature_pipeline_commit: Commit | None = None
    environment: FreeForm = Field(default_factory=dict)
    hyperparameters: FreeForm = Field(default_factory=dict)
    hardware: FreeForm = Field(default_factory=dict)
    duration_seconds: Amount | None = None

    def to_value(self) -> Lineage:
        """The value."""
        return Lineage(**{name: getattr(self, name) for name in LineageSchema.model_fields})


class CompressionSchema(Section):
    """How the version was made smaller."""

    method: Line = Field(description="quantization, distillation, …")
    parent: OneVersion | None = Field(None, description="version of the same model that it was made from")


class ManifestSchema(Section):
    """What one version of a model is, file by file, and where it came from. Immutable once it is on main."""

    model_config = ConfigDict(title="Modelmark manifest")

    manifest: Format = Field(description="format of this file")
    model: Model
    version: OneVersion = Field(description='in quotes, so that "1.10" is not 1.1')
    created_at: Time = Field(description="UTC, such as 2026-11-20T18:40:49Z")
    tags: dict[Text, Text] = Field(default_factory=dict)
    notes: dict[Text, Text] = Field(
        default_factory=dict, description="free text by subject: general, pii, limitations"
    )
    compression: CompressionSchema | None = None
    signature: FreeForm | None = Field(None, description="the inputs and outputs that the model promises")
    lineage: LineageSchema | None = None
    metrics: tuple[MetricSchema, ...] = ()
    files: tuple[FileSchema, ...]

    @model_validator(mode="after")
    def _check_files(self) -> ManifestSchema:
        if not self.files:
            raise refusal("must name at least one file", "a version without artifacts is none", at=("files",))
        try:
            check_path_set(file.path for file in self.files)
        except InvalidInput as error:
            raise refusal(error.message, error.hint, at=("files",)) from error
        return self

    def to_value(self) -> Manifest:
        """The value; files sorted by path."""
        files = (ManifestFile(file.path, file.sha256, file.size, file.type) for file in self.files)
        return Manifest(
            self.model,
            self.version,
            self.created_at,
            tuple(sorted(files, key=lambda file: file.path)),
            self.signature,
            self.lineage.to_value() if self.lineage else Lineage(),
            tuple(one.to_value() for one in self.metrics),
            self.tags,
            self.notes,
            Compression(self.compression.method, self.compression.parent) if self.compression else None,
        )


class _ForEditors(GenerateJsonSchema):
    """What is optional may be left out; `null` would be the text "null" to us."""

    def nullable_schema(self, schema: Any) -> dict[str, Any]:
        """The type itself."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: Any) -> dict[str, Any]:
        """The type without its default: we have none that is not empty."""
        return self.generate_inner(schema["schema"])


def manifest_json_schema() -> dict[str, Any]:
    """The JSON Schema of manifest.yaml, for editors."""
    schema = ManifestSchema.model_json_schema(schema_generator=_ForEditors)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
