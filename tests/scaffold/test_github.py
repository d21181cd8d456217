"""What `init --github` adds: all of it follows from registry.yaml, and nothing of a template is left in it."""

from __future__ import annotations

import re

import pytest

from modelmark.domain.codeowners import PLACE, parse_codeowners
from modelmark.domain.layout import Kind, classify
from modelmark.scaffold.github import STORAGES, github_files
from tests.workflows.documents import URLS, policy

REQUIREMENT = "modelmark==1.2.3"


def text(path: str, url: str = URLS["folder"], name: str = "acme") -> str:
    return github_files(policy(url, name=name, owners=("@acme/ml",)), REQUIREMENT)[path].decode()


def test_all_but_the_page_is_a_rule_that_its_owners_review() -> None:
    files = github_files(policy(URLS["s3"]), REQUIREMENT)
    assert {path for path in files if classify(path).kind is not Kind.RULES} == {"README.md"}


@pytest.mark.parametrize("url", URLS.values(), ids=URLS)
def test_no_placeholder_and_no_gap_is_left(url: str) -> None:
    for path, data in github_files(policy(url), REQUIREMENT).items():
        assert b"%%" not in data, path
        assert b"\n\n\n" not in data, path
        assert data.endswith(b"\n"), path


@pytest.mark.parametrize(
    ("kind", "installs"),
    [
        ("folder", ""),
        ("s3", "dvc[s3]\n"),
        ("gs", "dvc[gs]\n"),
        ("azure", "dvc[azure]\n"),
        ("ssh", "dvc[ssh]\n"),
    ],
)
def test_what_is_installed_can_reach_the_storage(kind: str, installs: str) -> None:
    found = text(".github/modelmark.txt", URLS[kind])
    assert found.partition("\n")[0].startswith("#")
    assert found.partition("\n")[2] == f"{REQUIREMENT}\n{installs}"


@pytest.mark.parametrize("kind", ["s3", "gs"])
def test_a_login_without_a_stored_key_says_who_must_trust_it_in_both_forms(kind: str) -> None:
    """Repositories made since 2026-07-15 say who they are by numbers, too."""
    page = text("README.md", URLS[kind])
    assert "repo:OWNER/REPO:" in page
    assert "repo:OWNER@OWNER_ID/REPO@REPO_ID:" in page
    named = set(re.findall(r"vars\.(MODELMARK_\w+)", STORAGES[kind].login))
    assert named == set(re.findall(r"`(MODELMARK_(?:AWS|GCP)_\w+)`", page))


def test_a_storage_that_needs_no_login_has_no_word_about_it() -> None:
    assert "## The storage" not in text("README.md")
    assert "nothing here logs them in to it" in text("README.md", URLS["azure"])


def test_a_name_that_no_repository_can_have_is_one_in_the_address() -> None:
    page = text("README.md", name="Acme's models & more")
    assert page.startswith("# Acme's models & more\n")
    assert "git remote add origin https://github.com/OWNER/Acme-s-models-more.git" in page


def test_the_owners_of_the_rules_own_them_from_the_start() -> None:
    found = parse_codeowners(text(PLACE).encode())
    assert found.owners_of("registry.yaml") == found.owners_of(".github/workflows/x.yml") == ("@acme/ml",)
