"""Addresses that Git may be given and how they are shown, and the errors of the network as sentences."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelmark.adapters.git import network_error, own_words
from modelmark.adapters.git_addresses import allowed_protocols, check_url, without_password
from modelmark.errors import CouldNot, Denied, InvalidInput, Unreachable
from tests.support.git_repos import Repos, git, new_repos


@pytest.fixture
def repos(tmp_path: Path) -> Repos:
    return new_repos(tmp_path / "repos")


# --- addresses ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "../remote.git",
        "/srv/x.git",
        "file:///srv/x.git",
        "git@example.org:acme/models.git",
        "ssh://git@example.org/acme",
        "https://example.org/acme.git",
        "http://127.0.0.1:8080/x",
        "http://localhost/x",
        "git://[::1]/x",
    ],
)
def test_these_addresses_may_be_used(url: str) -> None:
    assert check_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "-x",
        "--upload-pack=touch /tmp/owned",
        "ext::sh -c true",
        "fd::17",
        "https::https://example.org/",
        "http://example.org/x",
        "HTTP://example.org/x",
        "git://example.org/x",
        "http://127.0.0.1.example.org/x",
        "http://127.0.0.1@example.org/x",
        "http://[::1/x",
        "ftp://example.org/x",
        "javascript://x",
        "https://example.org/\nx",
        "https://example.org/\x1b[2J",
        "a\0b",
    ],
)
def test_these_addresses_are_refused(url: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_url(url)
    assert caught.value.message.isprintable()


def test_only_this_machine_may_be_asked_without_encryption() -> None:
    assert allowed_protocols("http://127.0.0.1/x") == "https:ssh:file:http:git"
    for url in ("http://example.org/x", "example.org:x", "http://[::1/x", "/srv/127.0.0.1"):
        assert allowed_protocols(url) == "https:ssh:file"


def test_a_remote_helper_in_the_configuration_does_not_run(repos: Repos) -> None:
    git(repos.clone, "remote", "set-url", "origin", f"ext::touch {repos.base}/ran")
    with pytest.raises(Denied, match="switched off"):
        repos.origin().fetch_main("main")
    assert not (repos.base / "ran").exists()


def test_an_address_that_the_configuration_rewrites_to_plain_http_is_not_used(repos: Repos) -> None:
    git(repos.clone, "config", "url.http://example.org/.insteadOf", "https://safe.example.org/")
    git(repos.clone, "remote", "set-url", "origin", "https://safe.example.org/x")
    with pytest.raises(Denied, match="switched off"):
        repos.origin().fetch_main("main")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:secret@example.org/x", "https://example.org/x"),
        ("https://token@example.org/x", "https://example.org/x"),
        ("https://user:sec@ret@example.org/x", "https://example.org/x"),
        ("https://example.org/a@b", "https://example.org/a@b"),
        ("git@example.org:x", "git@example.org:x"),
        ("/srv/a@b", "/srv/a@b"),
    ],
)
def test_an_address_is_shown_without_its_password(url: str, shown: str) -> None:
    assert without_password(url) == shown


# --- errors -------------------------------------------------------------------------------------------------------


def test_the_words_of_git_are_one_harmless_line_without_progress() -> None:
    err = (
        "Counting objects: 10%\rCounting objects: 100%\nremote: \x1b[31mno\x1b[0m\x07\n"
        "fatal: unable to access 'https://u:secret@example.org/x': gone\nhint: try again\nfatal: bye\nfatal: bye\n"
    )
    assert own_words(err) == (
        "remote: ?[31mno?[0m?; fatal: unable to access 'https://example.org/x': gone; fatal: bye"
    )
    assert own_words("") == "it gave no reason"
    assert own_words("something else") == "something else"
    assert len(own_words("fatal: " + "x" * 9_000)) == 300
    assert own_words("fatal: \u202egnp.exe").isprintable()


@pytest.mark.parametrize(
    ("err", "kind"),
    [
        ("git@example.org: Permission denied (publickey).", Denied),
        ("fatal: Authentication failed for 'https://example.org/'", Denied),
        ("fatal: could not read Username for 'https://example.org': terminal prompts disabled", Denied),
        ("fatal: unable to access 'https://x/': The requested URL returned error: 403", Denied),
        ("fatal: remote error: access denied or repository not exported: /x", Denied),
        ("fatal: transport 'http' not allowed", Denied),
        ("fatal: unable to access 'http://127.0.0.1:40123/x/': Connection refused", Unreachable),
        ("fatal: '/srv/models-403.git' does not appear to be a git repository", Unreachable),
        ("ssh: Could not resolve hostname example.org", Unreachable),
        ("fatal: unable to access 'https://x/': The requested URL returned error: 500", Unreachable),
        ("error: Server does not allow request for unadvertised object 12", CouldNot),
    ],
)
def test_denied_and_unreachable_are_kept_apart(err: str, kind: type[CouldNot]) -> None:
    error = network_error(err, "https://u:secret@example.org/x")
    assert type(error) is kind
    assert "secret" not in error.message
    assert error.hint
