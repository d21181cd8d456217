"""Every workflow there is: those of this repository, and those that `init --github` writes, for each kind of choice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from modelmark.adapters.yaml_files import YamlFiles
from modelmark.domain.policy import Policy, Way
from modelmark.scaffold import Choices, scaffold_files
from modelmark.scaffold.github import github_files

ROOT = Path(__file__).resolve().parents[2]
REGISTRY = ("check", "comment", "apply", "tag", "audit")
URLS = {
    "folder": "../storage",
    "s3": "s3://acme-models/registry",
    "gs": "gs://acme-models",
    "azure": "azure://models",
    "ssh": "ssh://store.example.org/models",
}
Json = Any


def policy(url: str, *, branch: str = "main", name: str = "acme", owners: tuple[str, ...] = ()) -> Policy:
    choices = Choices(name, branch, "store", url, Way.PULL_REQUEST, owners)
    return YamlFiles().policy(scaffold_files(choices)["registry.yaml"], "registry.yaml")


def scaffolded(url: str, *, branch: str = "main") -> Mapping[str, bytes]:
    """What a new registry gets for GitHub."""
    return github_files(policy(url, branch=branch, owners=("@acme/ml",)), "modelmark==1.2.3")


def ours() -> Mapping[str, bytes]:
    """What this repository has for GitHub."""
    paths = [path for path in (ROOT / ".github").rglob("*") if path.is_file()]
    return {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in sorted(paths)}


@dataclass(frozen=True)
class Workflow:
    """One file; its YAML with every scalar as text, so that `on` is a key like any other."""

    name: str
    text: str

    @property
    def document(self) -> Json:
        return yaml.load(self.text, yaml.BaseLoader)

    @property
    def jobs(self) -> Mapping[str, Json]:
        found: Mapping[str, Json] = self.document["jobs"]
        return found

    def steps(self) -> Iterator[tuple[str, Json]]:
        for job, told in self.jobs.items():
            for step in told["steps"]:
                yield job, step

    def runs(self) -> Iterator[str]:
        for _, step in self.steps():
            if "run" in step:
                yield step["run"]

    def uses(self) -> list[str]:
        """The rest of the line of each `uses`, with its comment."""
        return re.findall(r"^\s*(?:- )?uses: (.*)$", self.text, re.MULTILINE)


def _workflows(origin: str, files: Mapping[str, bytes]) -> Iterator[Workflow]:
    for path, data in files.items():
        if path.startswith(".github/workflows/"):
            yield Workflow(f"{origin}/{Path(path).stem}", data.decode())


ALL = [
    *_workflows("ours", ours()),
    *(one for kind, url in URLS.items() for one in _workflows(kind, scaffolded(url))),
    *_workflows("trunk", scaffolded(URLS["folder"], branch="trunk")),
]
OF_REGISTRY = [one for one in ALL if not one.name.endswith("/ci")]


def of(kind: str) -> list[Workflow]:
    """The workflows `registry-<kind>` of everybody."""
    return [one for one in ALL if one.name.endswith(f"/registry-{kind}")]


def named(one: Workflow) -> str:
    return one.name
