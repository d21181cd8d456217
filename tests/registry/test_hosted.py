"""Verbs that speak to GitHub say why they cannot, before they do anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelmark import Registry
from modelmark.errors import Denied, Refused
from tests.support.git_repos import git, new_repository


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return new_repository(tmp_path / "clone", "--template=")


def test_a_registry_without_a_remote_is_not_on_github(clone: Path) -> None:
    with pytest.raises(Refused, match="this clone, which has no remote, is not on GitHub") as caught:
        Registry.open(clone).hosted("t0ken")
    assert caught.value.hint.startswith("git remote add origin https://")


def test_another_host_is_not_github_unless_somebody_named_it(
    clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(clone, "remote", "add", "origin", "https://git.example.org/acme/models.git")
    monkeypatch.delenv("GH_HOST", raising=False)
    with pytest.raises(Refused, match=r"git\.example\.org/acme/models\.git is not on GitHub") as caught:
        Registry.open(clone).hosted("t0ken")
    assert "GH_HOST" in caught.value.hint
    monkeypatch.setenv("GH_HOST", "git.example.org")
    assert str(Registry.open(clone).hosted("t0ken").repository) == "acme/models"


def test_without_a_token_it_says_how_to_give_one(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(clone, "remote", "add", "origin", "git@github.com:acme/models.git")
    for name in ("GH_TOKEN", "GITHUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setenv("HOME", str(clone))
    with pytest.raises(Denied, match=r"no token for github\.com") as caught:
        Registry.open(clone).hosted()
    assert caught.value.hint == "give one: --token, GH_TOKEN, or `gh auth login`"


def test_a_server_of_ones_own_has_another_variable(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(clone, "remote", "add", "origin", "https://git.example.org/acme/models.git")
    for name in ("GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GH_HOST", "git.example.org")
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setenv("HOME", str(clone))
    with pytest.raises(Denied) as caught:
        Registry.open(clone).hosted()
    assert caught.value.hint == (
        "give one: --token, GH_ENTERPRISE_TOKEN, or `gh auth login --hostname git.example.org`"
    )
