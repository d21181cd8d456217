"""Which token speaks for us: given, the environment's for that kind of site, or that of `gh`; never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelmark.adapters.github_login import find_token
from modelmark.domain.forge import Site
from modelmark.errors import InvalidInput

DOTCOM = Site("github.com", "https://github.com", "https://api.github.com", own=False)
OWN = Site("git.corp.example", "https://git.corp.example", "https://git.corp.example/api/v3", own=True)
ALL = {"GH_TOKEN": "a", "GITHUB_TOKEN": "b", "GH_ENTERPRISE_TOKEN": "c", "GITHUB_ENTERPRISE_TOKEN": "d"}


def without(*names: str) -> dict[str, str]:
    return {name: "" if name in names else value for name, value in ALL.items()} | {"PATH": "/nowhere"}


def test_the_one_given_is_first() -> None:
    assert find_token(DOTCOM, " given\n", ALL) == "given"


def test_each_kind_of_site_has_variables_of_its_own() -> None:
    assert find_token(DOTCOM, None, without()) == "a"
    assert find_token(DOTCOM, None, without("GH_TOKEN")) == "b"
    assert find_token(DOTCOM, None, without("GH_TOKEN", "GITHUB_TOKEN")) is None
    assert find_token(OWN, None, without()) == "c"
    assert find_token(OWN, None, without("GH_ENTERPRISE_TOKEN")) == "d"
    assert find_token(OWN, None, without("GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN")) is None


@pytest.mark.parametrize(
    "wrong", ["", "  ", "two words-s3cret", "s3cret\r\nX-Other: 1", "s3crét", "s" * 1001]
)
def test_what_no_token_can_be_is_refused_and_not_shown(wrong: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        find_token(DOTCOM, wrong, {})
    assert "s3cr" not in str(caught.value) + caught.value.hint
    if wrong.strip():
        with pytest.raises(InvalidInput, match="GH_TOKEN"):
            find_token(DOTCOM, None, {"GH_TOKEN": wrong})


def gh(folder: Path, script: str) -> dict[str, str]:
    program = folder / "gh"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin", "HOME": "/somewhere", "GITHUB_SECRET": "x"}


def test_gh_is_asked_for_the_host_and_is_told_no_more_than_it_needs(tmp_path: Path) -> None:
    environ = gh(tmp_path, f'echo "$@" > {tmp_path}/asked; env > {tmp_path}/env; echo gho_1')
    assert find_token(OWN, None, environ) == "gho_1"
    assert (tmp_path / "asked").read_text() == "auth token --hostname git.corp.example\n"
    told = (tmp_path / "env").read_text()
    assert "HOME=/somewhere" in told
    assert "GITHUB_SECRET" not in told


@pytest.mark.parametrize("script", ["exit 1", "echo gho_1; exit 1", "echo", "echo not logged in"])
def test_a_gh_that_has_no_token_is_none(tmp_path: Path, script: str) -> None:
    assert find_token(DOTCOM, None, gh(tmp_path, script)) is None
