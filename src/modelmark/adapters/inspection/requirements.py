"""Looks at the files that say what a bundle needs: requirements*.txt, conda.yaml, environment.yaml, python_env.yaml."""

from __future__ import annotations

import re
from importlib import metadata
from typing import TYPE_CHECKING

from modelmark.adapters.inspection.requirement_files import RequirementFiles
from modelmark.adapters.strict_yaml import MappingNode, Node, Scalar, SequenceNode, parse_yaml
from modelmark.domain.names import shown
from modelmark.domain.requirements import (
    Required,
    Requirements,
    StatedPython,
    Trouble,
    normalised,
)
from modelmark.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from modelmark.adapters.inspection.contents import Contents

_MAX_BYTES = 4 << 20
_CONDA = re.compile(r"(.*/)?(conda|environment)\.ya?ml", re.IGNORECASE)
_PYTHON_ENV = re.compile(r"(.*/)?python_env\.yaml", re.IGNORECASE)
_TEXT = re.compile(r"(.*/)?requirements[^/]*\.txt", re.IGNORECASE)
_MATCH = re.compile(r"(?:[\w.-]+::)?(?P<name>[A-Za-z0-9_.-]+)\s*(?P<rest>.*)")
_CONDA_PIN = re.compile(r"={1,2}\s*(?P<version>[0-9][\w.+!-]*)(=[\w.*-]+)?")
_TOOLS = frozenset({"python", "pip"})  # the interpreter, and what installs the others
_MANIFEST = "the manifest"


def look(contents: Contents, *, sandboxed: bool) -> Requirements:
    """What the files and the manifest say."""
    del sandboxed
    paths = [file.path for file in contents.manifest.files]
    trees: dict[str, Node] = {}
    found: list[Required | Trouble] = []
    for path in paths:
        if _CONDA.fullmatch(path) or _PYTHON_ENV.fullmatch(path):
            try:
                trees[path] = parse_yaml(contents.file(path).read_bytes(), path)
            except InvalidInput as error:
                found.append(Trouble(path, error.line, error.message, error.hint))
    pythons = (
        *_of_manifest(contents),
        *(one for path, tree in trees.items() for one in _pythons(path, tree)),
    )
    reader = RequirementFiles(lambda path: _text(contents, path), _markers(pythons))
    for path in paths:
        if path in trees:
            found += _packages(reader, path, trees[path])
        elif _TEXT.fullmatch(path):
            found += reader.parse(path)
    required = tuple(one for one in found if isinstance(one, Required))
    return Requirements(
        required,
        tuple(one for one in found if isinstance(one, Trouble)),
        (*reader.files, *trees),
        pythons,
        _provided() if required else {},
    )


def _text(contents: Contents, path: str) -> str | None:
    if path not in {file.path for file in contents.manifest.files}:
        return None
    data = contents.file(path).read_bytes()
    if len(data) > _MAX_BYTES:
        raise InvalidInput(
            f"{path} is larger than 4 MiB, which no list of requirements is", "name the packages only"
        )
    return data.decode("utf-8", "replace")


def _of_manifest(contents: Contents) -> Iterator[StatedPython]:
    environment = contents.manifest.lineage.environment
    said = [environment[key] for key in ("python", "python_version") if key in environment]
    yield from (StatedPython(_MANIFEST, str(one)) for one in said[:1] if one is not None)


def _pythons(path: str, tree: Node) -> Iterator[StatedPython]:
    if not isinstance(tree, MappingNode):
        return
    if _PYTHON_ENV.fullmatch(path):
        said = tree.get("python")
        if isinstance(said, Scalar):
            yield StatedPython(path, str(said))
        return
    for entry in _scalars(tree.get("dependencies")):
        match = _MATCH.fullmatch(entry)
        if match and match["name"] == "python" and match["rest"]:
            yield StatedPython(path, match["rest"].lstrip("= ").partition("=")[0])


def _packages(reader: RequirementFiles, path: str, tree: Node) -> Iterator[Required | Trouble]:
    """What a conda file asks for; a python_env.yaml only includes requirements files."""
    entries = tree.get("dependencies") if isinstance(tree, MappingNode) else None
    if _PYTHON_ENV.fullmatch(path):
        for entry in _scalars(entries):
            yield from reader.parse_line(path, entry.line, str(entry))
        return
    for entry in _scalars(entries):
        yield from _conda(path, entry)
    nested = entries if isinstance(entries, SequenceNode) else ()
    for group in nested:
        for entry in _scalars(group.get("pip") if isinstance(group, MappingNode) else None):
            yield from reader.parse_line(path, entry.line, str(entry))


def _conda(path: str, entry: Scalar) -> Iterator[Required | Trouble]:
    """One entry in conda's own form, such as `numpy=1.26.4=py311_0`."""
    match = _MATCH.fullmatch(entry)
    if match is None:
        yield Trouble(path, entry.line, f"{shown(entry)} is no requirement", "pin it, such as numpy=1.26.4")
    elif match["name"] not in _TOOLS:
        pin = _CONDA_PIN.fullmatch(match["rest"])
        name = normalised(match["name"])
        yield Required(path, entry.line, name, str(entry), pin["version"] if pin else None)


def _scalars(node: Node | None) -> Iterable[Scalar]:
    return [one for one in node if isinstance(one, Scalar)] if isinstance(node, SequenceNode) else []


def _markers(pythons: Iterable[StatedPython]) -> Callable[[object], bool]:
    """A test for a marker being true for the Python that is stated, on this system."""
    environment = {"extra": ""}
    stated = next((one for one in pythons if one.version), None)
    if stated is not None and stated.version is not None:
        major, minor = stated.version
        full = stated.text if stated.text.count(".") == 2 else f"{stated.text}.0"
        environment |= {"python_version": f"{major}.{minor}", "python_full_version": full}

    def applies(marker: object) -> bool:
        from packaging.markers import Marker  # noqa: PLC0415 - seldom needed

        return marker.evaluate(dict(environment)) if isinstance(marker, Marker) else True

    return applies


def _provided() -> Mapping[str, tuple[str, ...]]:
    """Modules of this environment and their distributions."""
    return {
        module: tuple(sorted({normalised(name) for name in names}))
        for module, names in metadata.packages_distributions().items()
    }
