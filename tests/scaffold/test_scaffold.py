"""What `init` writes: every template is listed, and the rules in them can be read back."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelmark import scaffold
from modelmark.adapters.yaml_files import YamlFiles
from modelmark.domain.layout import Kind, classify
from modelmark.domain.names import AliasName
from modelmark.domain.policy import Policy, Way
from modelmark.scaffold import TEMPLATES, Choices, github, scaffold_files


def policy(name: str = "acme", url: str = "s3://acme-models", way: Way = Way.PULL_REQUEST) -> Policy:
    files = scaffold_files(Choices(name, "main", "store", url, way))
    return YamlFiles().policy(files["registry.yaml"], "registry.yaml")


def test_every_template_of_the_folder_is_listed() -> None:
    folder = Path(scaffold.__file__).parent / "templates"
    assert {path.name for path in folder.iterdir()} == {*TEMPLATES, "github"}
    assert {path.name for path in (folder / "github").iterdir()} == set(github.TEMPLATES)


def test_every_file_may_stand_where_it_is_written() -> None:
    assert {classify(path).kind for path in TEMPLATES.values()} <= {
        Kind.POLICY,
        Kind.README,
        Kind.RULES,
        Kind.OUTSIDE,
    }


def test_no_placeholder_is_left() -> None:
    files = scaffold_files(Choices("acme", "main", "store", "s3://acme", Way.DIRECT))
    assert set(files) == set(TEMPLATES.values())
    assert not [path for path, data in files.items() if b"$" in data]


@pytest.mark.parametrize("way", list(Way))
def test_the_rules_are_those_of_the_design(way: Way) -> None:
    found = policy(way=way)
    assert (found.name, found.default_branch, found.promotion) == ("acme", "main", way)
    assert [(remote.name, remote.url) for remote in found.remotes] == [("store", "s3://acme-models")]
    prod = found.aliases[AliasName("prod")]
    assert (prod.after, prod.previous_as, prod.rollback) == (
        (AliasName("canary"),),
        AliasName("prev_prod"),
        Way.DIRECT,
    )
    assert "generic" in found.profiles


def test_every_registry_has_an_id_of_its_own() -> None:
    assert policy().registry_id != policy().registry_id


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ('a "quoted" name', 'a "quoted" name'),
        ("back\\slash", "back\\slash"),
        ("$name ${remote_url}", "$name ${remote_url}"),
        ("two\nlines\t\x1b[31m\u202e", "twolines[31m"),
        ("\n", "models"),
        ("no: yaml # here", "no: yaml # here"),
        ("naïve 漢字", "naïve 漢字"),
    ],
)
def test_any_name_of_a_folder_gives_rules_that_can_be_read(name: str, kept: str) -> None:
    assert policy(name).name == kept
