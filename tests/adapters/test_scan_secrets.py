"""Secrets, credentials and parts of repositories are found; tokenizers and checksums are not taken for secrets."""

from __future__ import annotations

import hashlib
import json
import time

import pytest

from modelmark.adapters.inspection import secrets
from modelmark.domain.formats import Content
from tests.support import artifacts as make
from tests.support.examined import examined


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("config.json", f'{{"token": "{make.token()}"}}', "Hugging Face Token"),
        ("train.py", f"KEY = 'AKIA{'ABCDEFGHIJ234567'}'\n", "AWS Access Key"),
        ("train.py", 'password = "correct-horse-7"\n', "Secret Keyword"),
        ("args.yaml", 'db_password: "correct-horse-7"\n', "Secret Keyword"),
        ("a.json", '{"password": "<yours>", "lr": 1, "api_key": "correct-horse-7"}', "Secret Keyword"),
        ("a.ipynb", json.dumps({"source": ['db_password = "correct-h0rse$"']}), "Secret Keyword"),
        ("notes.md", "see https://bob:correct-horse@host.test/x\n", "Basic Auth Credentials"),
        ("run.ipynb", json.dumps({"cells": [{"source": [f"gh = 'ghp_{'a1B2' * 9}'"]}]}), "GitHub Token"),
        ("a.txt", "no problem here\n" * 3 + f"sk_live_{'a1B2c3' * 4}\n", "Stripe Access Key"),
    ],
)
def test_a_secret_is_found_with_its_line_and_its_kind(name: str, text: str, kind: str) -> None:
    found = examined(name, text)
    assert [(one.line, one.kind) for one in found.secrets] == [(text.count("\n", 0, -1) + 1, kind)]


def test_a_secret_is_never_kept() -> None:
    assert make.token() not in repr(examined("config.json", f'{{"token": "{make.token()}"}}'))


def test_a_comment_does_not_switch_the_search_off() -> None:
    text = f"TOKEN = '{make.token()}'  # pragma: allowlist secret\n"
    assert examined("train.py", text).secrets


def test_a_secret_inside_an_archive_is_found() -> None:
    (found,) = examined("a.zip", make.zipped({"x/run.txt": make.token().encode()})).secrets
    assert (found.line, found.kind) == (1, "Hugging Face Token in 'x/run.txt'")


def test_a_tokenizer_with_such_words_is_clean() -> None:
    words = ["password", "secret", "api_key", "passwd", "private_key", '"secret"', "pwd"]
    vocabulary = {word: place for place, word in enumerate([*words, *map(str, range(2000))])}
    for indent in (None, 1):
        assert examined("tokenizer.json", json.dumps({"vocab": vocabulary}, indent=indent)).secrets == ()


def test_checksums_and_identifiers_are_clean() -> None:
    lines = [hashlib.sha256(str(place).encode()).hexdigest() for place in range(200)]
    text = "\n".join([*lines, "6f0c1b1e-4f0a-4c62-8f3e-8b9f7c1d2e3f", "10.0.0.1", "numpy==1.26.0"])
    assert examined("requirements.txt", text).secrets == ()


@pytest.mark.parametrize(
    "value", ["<your password>", "changeme", "${DB_PASSWORD}", "{{ secret }}", "xxxxxxxx", "abc"]
)
def test_a_placeholder_is_clean(value: str) -> None:
    assert examined("args.yaml", f'password: "{value}"\n').secrets == ()


def test_a_text_too_large_to_search_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "MAX_TEXT", 1000)
    assert "not searched for secrets" in examined("notes.txt", "hello " * 500).unseen[0]


def test_secrets_without_end_are_counted_to_a_limit() -> None:
    assert len(examined("a.txt", f"{make.token()}\n" * 500).secrets) == secrets.MAX_FOUND


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("netrc", "nothing"),
        ("home/_netrc", "nothing"),
        (".pypirc", "nothing"),
        ("dot_env", "A=1"),
        (".env.local", "A=1"),
        ("ssh/id_rsa", "nothing"),
        ("id_ed25519", "nothing"),
        ("aws/credentials", "nothing"),
        ("kube/config", "nothing"),
        ("kubeconfig.yaml", "a: 1"),
        ("store.p12", "nothing"),
        ("server.pem", make.private_key()),
        ("notes.txt", make.private_key()),
        ("notes.txt", "machine host.test login bob password x\n"),
        ("notes.txt", "[pypi]\nusername = __token__\npassword = x\n"),
        ("notes.txt", "[default]\naws_secret_access_key = x\n"),
        ("a.yaml", "apiVersion: v1\nkind: Config\nusers:\n- user:\n    client-key-data: eA==\n"),
        ("a.json", '{"auths": {"host.test": {"auth": "eDp5"}}}'),
        ("a.json", '{"type": "service_account", "project_id": "x"}'),
        ("notes.txt", "https://bob:x@host.test\n"),
    ],
)
def test_a_credential_file_is_known_by_its_name_or_by_what_it_says(name: str, text: str) -> None:
    found = examined(name, text)
    assert found.content is Content.CREDENTIALS
    assert found.problems


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("HEAD", b"ref: refs/heads/main\n"),
        ("git", b"gitdir: ../elsewhere\n"),
        ("packed-refs", b"# pack-refs with: peeled fully-peeled sorted\n"),
        ("gitmodules", b'[submodule "x"]\n\tpath = x\n\turl = https://host.test/x\n'),
        ("config", b"[core]\n\trepositoryformatversion = 0\n\tfsmonitor = ./evil\n"),
        ("config", b"[core]\n\tbare = true\n\trepositoryformatversion = 0\n"),
        ("a.bundle", b"# v2 git bundle\n"),
        ("objects/pack/a.pack", b"PACK\0\0\0\2\0\0\0\1" + bytes(40)),
        ("index", b"DIRC\0\0\0\2\0\0\0\1" + bytes(40)),
        ("objects/ab/cdef", make.git_object()),
    ],
)
def test_a_part_of_a_git_repository_is_known_by_what_it_says(name: str, data: bytes) -> None:
    assert examined(name, data).content is Content.GIT


@pytest.mark.parametrize("name", ["config.json", "environment.yml", "pem.txt", "credentials.md", "ssh.md"])
def test_a_name_that_is_only_like_one_is_fine(name: str) -> None:
    assert examined(name, "{}").problems == ()


@pytest.mark.parametrize(
    "text",
    [
        "\n" * 65_536,
        " \n" * 32_768,
        "token:x\n" * 8_192,
        "kind: Config\n" * 5_000,
        "[pypi]\n" * 9_000,
        "machine a\n" * 6_500,
    ],
)
def test_a_hostile_text_does_not_keep_the_search_busy(text: str) -> None:
    started = time.process_time()
    assert examined("notes.txt", text).content is Content.TEXT
    assert time.process_time() - started < 10


def test_a_repository_inside_an_archive_is_a_problem() -> None:
    found = examined("a.zip", make.zipped({"x/.git/HEAD": b"ref: refs/heads/main\n", "x/.env": b"A=1"}))
    assert [one.split(",")[0] for one in found.problems] == ["holds 'x/.git/HEAD'", "holds 'x/.env'"]
