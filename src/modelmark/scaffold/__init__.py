"""What `modelmark init` writes: the templates, and the list of them."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from importlib import resources
from string import Template
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modelmark.domain.policy import Way

# Where each template goes.
TEMPLATES: Mapping[str, str] = {
    "registry.yaml": "registry.yaml",
    "gitignore": ".gitignore",
    "gitattributes": ".gitattributes",
    "gitkeep": "models/.gitkeep",
}


@dataclass(frozen=True)
class Choices:
    """What differs between new registries."""

    name: str
    default_branch: str
    remote_name: str
    remote_url: str
    promotion: Way
    owners: tuple[str, ...] = ()


def scaffold_files(choices: Choices) -> dict[str, bytes]:
    """The files of a new registry by path, without those of DVC."""
    values = {
        "registry_id": uuid.uuid4().hex,
        "name": _quoted(choices.name),
        "default_branch": choices.default_branch,
        "remote_name": choices.remote_name,
        "remote_url": _quoted(choices.remote_url),
        "promotion": str(choices.promotion),
        "owners": json.dumps(choices.owners),
    }
    folder = resources.files(__package__) / "templates"
    return {
        path: Template((folder / name).read_text(encoding="utf-8")).substitute(values).encode()
        for name, path in TEMPLATES.items()
    }


def _quoted(text: str) -> str:
    """The text as it may stand between double quotes in YAML; what cannot be printed is left out."""
    plain = "".join(char for char in text if char.isprintable()).strip() or "models"
    return plain.replace("\\", "\\\\").replace('"', '\\"')
