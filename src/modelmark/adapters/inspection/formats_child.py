"""The process that looks at the files of a version: paths on stdin, what they are on stdout, both as JSON."""

from __future__ import annotations

import json
import logging
import posixpath
import sys
from dataclasses import asdict
from pathlib import Path

from modelmark.adapters.inspection.formats_examine import Examiner
from modelmark.adapters.inspection.formats_sources import Source
from modelmark.domain.formats import Content, FileFormat


def main() -> None:
    """Look at each file, and then at what they say of one another."""
    logging.disable(logging.CRITICAL)  # picklescan logs what we report
    order = json.load(sys.stdin)
    folder, files, locations = Path(order["folder"]), {}, {}
    examiner = Examiner()
    for path in order["paths"]:
        files[path], locations[path] = examiner.examine(file_source(path, folder / path))
    for path, names in locations.items():
        _external(path, names, files)
    json.dump({path: asdict(one) for path, one in files.items()}, sys.stdout)


def file_source(name: str, place: Path) -> Source:
    """A file as a source."""
    return Source(name, lambda: place.open("rb"), place.stat().st_size)


def _external(path: str, names: tuple[str, ...], files: dict[str, FileFormat]) -> None:
    """Weights that an ONNX file keeps in other files must be files of the same version."""
    for name in names:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
        found = files.get(target)
        if found is None or name.startswith("/") or "\\" in name or ".." in name.split("/"):
            words = f"reads weights from {name[:120]!a}, which is not a file of this version"
            files[path] = _with_problem(files[path], words)
        elif found.content in (Content.UNKNOWN, Content.COMPRESSED, Content.EXECUTABLE):
            files[target] = FileFormat(Content.ONNX_DATA, found.problems)


def _with_problem(one: FileFormat, words: str) -> FileFormat:
    return FileFormat(**{**vars(one), "problems": (*one.problems, words)})


if __name__ == "__main__":
    main()
