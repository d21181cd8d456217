"""Where things live in a registry (DESIGN.md, section 2): paths to build, and paths to recognise."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from modelmark.domain.names import AliasName, ModelName, parse_model_name
from modelmark.domain.versions import Version, parse_version
from modelmark.errors import InvalidInput

POLICY = "registry.yaml"
DVC_CONFIG = ".dvc/config"
ADVISORIES = "advisories.yaml"
MODELS = "models"
ARTIFACTS = "artifacts"
EVALUATIONS = "evaluations"
_EVALUATION = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}\.yaml", re.ASCII)
_RECORD = re.compile(r"[a-z0-9][a-z0-9._-]{0,127}\.yaml")
# A listing of a whole registry has the same few names again and again.
_model = lru_cache(4096)(parse_model_name)
_version = lru_cache(4096)(parse_version)


class Kind(StrEnum):
    """What a path of a registry is."""

    POLICY = "policy"
    RULES = "rules"
    CARD = "card"
    ALIASES = "aliases"
    MANIFEST = "manifest"
    POINTER = "pointer"
    ARCHIVED = "archived"
    EVALUATION = "evaluation"
    INCIDENT = "incident"
    README = "readme"
    STRAY = "stray"
    OUTSIDE = "outside"


@dataclass(frozen=True)
class Place:
    """A recognised path; `problem` says why a stray path is not one of ours."""

    kind: Kind
    model: ModelName | None = None
    version: Version | None = None
    problem: str = ""


_OF_MODEL = {"model.yaml": Kind.CARD, "aliases.yaml": Kind.ALIASES, "README.md": Kind.README}
_OF_VERSION = {"manifest.yaml": Kind.MANIFEST, "artifacts.dvc": Kind.POINTER, "archived.yaml": Kind.ARCHIVED}


def model_dir(model: ModelName) -> str:
    """`models/<model>`."""
    return f"{MODELS}/{model}"


def card_path(model: ModelName) -> str:
    """`models/<model>/model.yaml`."""
    return f"{MODELS}/{model}/model.yaml"


def aliases_path(model: ModelName) -> str:
    """`models/<model>/aliases.yaml`."""
    return f"{MODELS}/{model}/aliases.yaml"


def version_dir(model: ModelName, version: Version) -> str:
    """`models/<model>/<version>`."""
    return f"{MODELS}/{model}/{version}"


def manifest_path(model: ModelName, version: Version) -> str:
    """`models/<model>/<version>/manifest.yaml`."""
    return f"{version_dir(model, version)}/manifest.yaml"


def pointer_path(model: ModelName, version: Version) -> str:
    """`models/<model>/<version>/artifacts.dvc`."""
    return f"{version_dir(model, version)}/artifacts.dvc"


def archived_path(model: ModelName, version: Version) -> str:
    """`models/<model>/<version>/archived.yaml`."""
    return f"{version_dir(model, version)}/archived.yaml"


def incident_path(model: ModelName, alias: AliasName, number: int) -> str:
    """`models/<model>/incidents/<alias>-<n>.yaml`."""
    return f"{MODELS}/{model}/incidents/{alias}-{number}.yaml"


def evaluations_dir(model: ModelName, version: Version) -> str:
    """`models/<model>/<version>/evaluations`."""
    return f"{version_dir(model, version)}/{EVALUATIONS}"


def evaluation_path(model: ModelName, version: Version, name: str) -> str:
    """`models/<model>/<version>/evaluations/<time>-<digest>.yaml`."""
    return f"{evaluations_dir(model, version)}/{name}.yaml"


_FOLDER = "it is a folder in every registry"
# Who reviews, what runs in CI, and how Git itself treats the files: as good as the policy to somebody who wants to get
# round it.
WORKFLOWS = ".github"
"""What runs on GitHub for a change, as the change itself has it."""
_FOLDERS_OF_RULES = (WORKFLOWS, ".gitlab", ".gitea", ".forgejo", ".circleci", ".woodpecker", ".buildkite")
_RULES = (
    "CODEOWNERS",
    "docs/CODEOWNERS",
    ".gitlab-ci.yml",
    "Jenkinsfile",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
    ".woodpecker.yml",
    ".drone.yml",
    ".travis.yml",
    ".gitattributes",
    ".gitmodules",
    ADVISORIES,
)
# Everything of that kind, as paths; those of folders end in a slash.
RULES = (POLICY, DVC_CONFIG, *_RULES, *(f"{folder}/" for folder in _FOLDERS_OF_RULES))
_EXACT = {
    **{path: Place(Kind.RULES) for path in (*_RULES, *_FOLDERS_OF_RULES)},
    POLICY: Place(Kind.POLICY),
    DVC_CONFIG: Place(Kind.POLICY),
    f"{DVC_CONFIG}.local": Place(
        Kind.STRAY, problem="it would replace the storage of .dvc/config for everybody"
    ),
    MODELS: Place(Kind.STRAY, problem=_FOLDER),
    ".dvc": Place(Kind.STRAY, problem=_FOLDER),
    f"{MODELS}/.gitkeep": Place(Kind.README),
    f"{MODELS}/README.md": Place(Kind.README),
}
_FOLDED = {name.casefold(): name for name in _EXACT}


def classify(path: str) -> Place:
    """Say what a path is; never raises."""
    if path in _EXACT:
        return _EXACT[path]
    parts = path.split("/")
    if parts[0] != MODELS:
        return _outside(path, parts)
    try:
        return _of_model(_model(parts[1]), parts[2:])
    except InvalidInput as error:
        return Place(Kind.STRAY, problem=error.message)


def _outside(path: str, parts: list[str]) -> Place:
    """What is not below `models/`; a name that some file systems take for one of ours may not stand there."""
    if parts[0] in _FOLDERS_OF_RULES:
        return Place(Kind.RULES)
    twin = unicodedata.normalize("NFKC", path).casefold()
    first = twin.partition("/")[0]
    ours = _FOLDED.get(twin) or (_FOLDED[first] if first in (MODELS, *_FOLDERS_OF_RULES) else None)
    return Place(Kind.STRAY, problem=f"some file systems take it for {ours}") if ours else Place(Kind.OUTSIDE)


def _of_model(model: ModelName, parts: list[str]) -> Place:
    if not parts:
        return Place(Kind.STRAY, problem="only models/<model>/… may stand there")
    if len(parts) == 1 and parts[0] in _OF_MODEL:
        return Place(_OF_MODEL[parts[0]], model)
    if len(parts) == 2 and parts[0] == "incidents" and _RECORD.fullmatch(parts[1]):
        return Place(Kind.INCIDENT, model)
    return _of_version(model, _version(parts[0]), parts[1:])


def _of_version(model: ModelName, version: Version, parts: list[str]) -> Place:
    if len(parts) == 1 and parts[0] in _OF_VERSION:
        return Place(_OF_VERSION[parts[0]], model, version)
    if len(parts) == 2 and parts[0] == EVALUATIONS and _EVALUATION.fullmatch(parts[1]):
        return Place(Kind.EVALUATION, model, version)
    if parts[:1] == [ARTIFACTS]:
        return Place(Kind.STRAY, model, version, "artifacts belong to DVC, never to Git")
    return Place(Kind.STRAY, model, version, "no file of that name belongs to a version")
