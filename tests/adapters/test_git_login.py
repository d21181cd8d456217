"""For which addresses the token of the environment is Git's login."""

from __future__ import annotations

import pytest

from modelmark.adapters.git_login import find_login

TOKENS = {"GH_TOKEN": "dotcom", "GH_ENTERPRISE_TOKEN": "own"}
LOCAL = {"GITHUB_SERVER_URL": "http://127.0.0.1:8123", "GITHUB_API_URL": "http://127.0.0.1:8123/api/v3"}


@pytest.mark.parametrize(
    ("url", "environ", "site", "token"),
    [
        ("https://github.com/acme/models", {}, "https://github.com", "dotcom"),
        ("https://acme.ghe.com/acme/models.git", {}, "https://acme.ghe.com", "dotcom"),
        ("https://git.corp/acme/models", {"GH_HOST": "git.corp"}, "https://git.corp", "own"),
        ("http://127.0.0.1:8123/acme/models.git", LOCAL, "http://127.0.0.1:8123", "own"),
    ],
)
def test_it_is_for_a_site_of_github_and_for_no_other_host(
    url: str, environ: dict[str, str], site: str, token: str
) -> None:
    login = find_login(url, {**TOKENS, **environ})
    assert login is not None
    assert login.settings[0] == "credential.helper=", "no other helper is told what we know"
    assert login.settings[1].startswith(f"credential.{site}.helper=!")
    assert list(login.environ.values()) == [token]
    assert token not in repr(login)


@pytest.mark.parametrize(
    "url",
    [
        "https://gitlab.com/acme/models",
        "https://git.corp/acme/models",
        "https://github.com.evil.example/acme/models",
        "https://github.com:8443/acme/models",
        "http://github.com/acme/models",
        "http://127.0.0.1:9000/acme/models",
        "http://evil.example:8123/acme/models",
        "git@github.com:acme/models.git",
        "ssh://git@github.com/acme/models.git",
        "https://ada@github.com/acme/models",
        "https://ada:secret@github.com/acme/models",
        "https://github.com/acme",
        "../hub.git",
        "",
    ],
)
def test_every_other_address_has_none(url: str) -> None:
    assert find_login(url, {**TOKENS, **LOCAL}) is None


def test_without_a_token_there_is_none() -> None:
    assert find_login("https://github.com/acme/models", {"GH_ENTERPRISE_TOKEN": "own"}) is None
