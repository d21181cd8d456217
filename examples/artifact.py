"""Write the files that every example version has, whatever its model is."""

import json
import os
import platform
import shutil
import subprocess
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


def write_metrics(directory: Path, records: Iterable[dict[str, object]]) -> None:
    """Write metrics.json: a list of records, one a line."""
    lines = ",\n".join("  " + json.dumps(record) for record in records)
    (directory / "metrics.json").write_text(f"[\n{lines}\n]\n", "utf-8")


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


def write_train_args(directory: Path, seed: int, hyperparameters: dict[str, object], seconds: float) -> None:
    """Write train_args.json: what it takes to train this model again, and what it took here."""
    write_json(
        directory / "train_args.json",
        {
            "hyperparameters": hyperparameters,
            "seed": seed,
            "duration_seconds": round(seconds, 3),
            "python": platform.python_version(),
            "os": platform.system().lower(),
            "hardware": {"cpu": _cpu(), "cores": os.cpu_count(), "machine": platform.machine(), "gpu": None},
            "packages": {name: metadata.version(name) for name in ("numpy", "scikit-learn")},
            **_code(),
        },
    )


def _code() -> dict[str, object]:
    """Return the commit of the training code, and whether that code has changed since; nothing outside of Git."""

    def ask(*words: str) -> str | None:
        done = subprocess.run(
            ["git", *words], cwd=Path(__file__).parent, capture_output=True, text=True, check=False
        )
        return done.stdout.strip() if done.returncode == 0 else None

    commit = ask("rev-parse", "--verify", "HEAD")
    return (
        {"git_commit": commit, "git_dirty": bool(ask("status", "--porcelain", "--", ".", ":!demo.py"))}
        if commit
        else {}
    )


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    names = (
        [line for line in info.read_text().splitlines() if line.startswith("model name")]
        if info.exists()
        else []
    )
    return names[0].split(":", 1)[1].strip() if names else platform.processor() or platform.machine()
