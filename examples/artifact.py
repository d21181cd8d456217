"""Write the files that every example version has, whatever its model is."""

import json
import shutil
from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path
from string import Template

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

SHARED_BUNDLE = Path(__file__).with_name("bundle")


def write_json(path: Path, value: object) -> None:
    """Write a value as JSON that reads well in a review."""
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", "utf-8")


def write_labels(directory: Path, labels: Sequence[str]) -> None:
    """Write labels.json: the label of each output of the model."""
    write_json(directory / "labels.json", {str(index): label for index, label in enumerate(labels)})


def copy_bundle(bundle: Path, directory: Path) -> None:
    """Copy the code that ships with the model: what all examples share, then what is its own."""
    for source in sorted([*SHARED_BUNDLE.glob("*.py"), *bundle.glob("*.py")]):
        shutil.copyfile(source, directory / source.name)


def write_card(template: Path, directory: Path, **facts: object) -> None:
    """Write README.md: the model card with its facts filled in."""
    text = Template(template.read_text("utf-8")).substitute(facts)
    (directory / "README.md").write_text(text, "utf-8")


def closure(direct: Iterable[str]) -> list[str]:
    """Return the packages and all that they need here, as installed now, sorted by name."""
    found: set[str] = set()
    todo = [canonicalize_name(name) for name in direct]
    while todo:
        name = todo.pop()
        if name in found:
            continue
        found.add(name)
        needs = [Requirement(line) for line in metadata.requires(name) or []]
        todo += [
            canonicalize_name(n.name) for n in needs if n.marker is None or n.marker.evaluate({"extra": ""})
        ]
    return sorted(found)


def write_requirements(directory: Path, packages: Iterable[str]) -> None:
    """Write requirements.txt: every package with the version that is installed."""
    pins = [f"{name}=={metadata.version(name)}\n" for name in packages]
    (directory / "requirements.txt").write_text("".join(pins), "utf-8")
