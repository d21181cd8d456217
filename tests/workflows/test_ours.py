"""This repository is a registry on GitHub like any other: its `.github/` is what `init --github` writes."""

from __future__ import annotations

from modelmark.adapters.yaml_files import YamlFiles
from modelmark.domain.codeowners import PLACE, block_of, compare_block
from modelmark.domain.names import ModelName
from modelmark.scaffold.github import github_files
from tests.workflows.documents import ROOT, ours

_OWN = {".github/workflows/ci.yml", PLACE}


def test_it_is_what_the_scaffold_writes_byte_for_byte() -> None:
    """Its tool is the one at the same commit."""
    policy = YamlFiles().policy((ROOT / "registry.yaml").read_bytes(), "registry.yaml")
    wanted = {path: data for path, data in github_files(policy, ".").items() if path.startswith(".github/")}
    there = ours()
    assert set(there) == set(wanted) | _OWN
    assert {path: data for path, data in there.items() if path not in _OWN} == {
        path: data for path, data in wanted.items() if path not in _OWN
    }


def test_its_code_owners_are_those_of_its_rules_and_cards() -> None:
    read = YamlFiles()
    policy = read.policy((ROOT / "registry.yaml").read_bytes(), "registry.yaml")
    cards = {path.parent.name: path.read_bytes() for path in (ROOT / "models").glob("*/model.yaml")}
    owners = {ModelName(name): read.owners(data, name) for name, data in cards.items()}
    assert owners
    assert compare_block((ROOT / PLACE).read_bytes(), block_of(policy.owners, owners)).agrees
