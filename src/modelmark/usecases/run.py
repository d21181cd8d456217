"""Bring what a training's run knows into the directory that is registered, and say early what its lineage lacks.

What is lacking is judged by the gate's own check `lineage`, so a training hears before it begins what a reviewer would
hear after it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Protocol

from modelmark.checks import lineage
from modelmark.domain.change import Subject
from modelmark.domain.findings import Level
from modelmark.domain.inspection import Inspection
from modelmark.domain.manifest import Manifest, ManifestFile, file_type
from modelmark.domain.policy import Gate
from modelmark.domain.training import ARGUMENTS, DATA, lineage_of, plan_files
from modelmark.domain.versions import FIRST

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from modelmark.domain.findings import Finding
    from modelmark.domain.json_values import Json
    from modelmark.domain.names import ModelName
    from modelmark.domain.training import Training, Written


class RunFiles(Protocol):
    """The small files of one directory."""

    def read(self, directory: Path) -> Mapping[str, bytes]:
        """Those of `domain.training.FILES` that are there.

        Raises:
            InvalidInput: there is no such directory, or one of them is no regular file.
        """

    def write(self, directory: Path, plan: Written) -> None:
        """Carry a plan out, each file whole or not at all.

        Raises:
            CouldNot: the disk does not let us.
        """


def lacks(model: ModelName, training: Training, found: Mapping[str, bytes]) -> tuple[Finding, ...]:
    """What the check `lineage` would refuse.

    Args:
        model: its name.
        training: as far as it is known.
        found: the files of the directory, where one is named already.
    """
    said = lineage_of(
        training, _mapping(found.get(ARGUMENTS)), found.get(DATA, b"").decode("utf-8", "replace").strip()
    )
    # A run always writes its training arguments, so a manifest will have them.
    files = (ManifestFile(ARGUMENTS, "0" * 64, 0, file_type(ARGUMENTS)),)
    manifest = Manifest(model, FIRST, training.started_at, files, lineage=said)
    subject = Subject(model, FIRST, "registration", Gate(), manifest, None, Inspection(), "")
    return tuple(one for one in lineage.judge(subject, manifest) if one.level is Level.ERROR)


def _mapping(data: bytes | None) -> dict[str, Json]:
    try:
        found = json.loads(data or b"{}")
    except ValueError:
        return {}  # `register` says what is wrong with it
    return found if isinstance(found, dict) else {}


def write_files(files: RunFiles, directory: Path, training: Training) -> None:
    """Write what the training's own code did not.

    Raises:
        InvalidInput: the run was told what a file of the training says as well, or there is no such directory.
        CouldNot: the disk does not let us.
    """
    files.write(directory, plan_files(training, files.read(directory)))
