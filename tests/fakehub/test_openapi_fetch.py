"""GitHub's OpenAPI comes whole and as the package that we know, or not at all."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import tarfile
from pathlib import Path

import pytest

from tests.fakehub.openapi import fetch
from tests.fakehub.openapi.fetch import NotFetched, find, place, without_prose

DOCUMENT = {
    "openapi": "3.0.3",
    "info": {"title": "GitHub"},
    "paths": {"/x": {"get": {"description": "long"}}},
}


@pytest.fixture
def packed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """A package of the content that we know."""
    text = json.dumps(DOCUMENT).encode()
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        about = tarfile.TarInfo(fetch.MEMBER)
        about.size = len(text)
        archive.addfile(about, io.BytesIO(text))
    known = base64.b64encode(hashlib.sha512(made.getvalue()).digest()).decode()
    monkeypatch.setattr(fetch, "INTEGRITY", f"sha512-{known}")
    return made.getvalue()


def kept_in(folder: Path) -> list[str]:
    return [one.name for one in folder.iterdir()]


def npm(folder: Path, data: bytes, status: int = 0) -> str:
    """A program that packs these bytes, and counts how often it ran."""
    (folder / "data").write_bytes(data)
    made = folder / "npm"
    made.write_text(
        f"#!/bin/sh\necho ran >> {folder}/ran\necho no network >&2\n"
        f"[ {status} = 0 ] && cp {folder}/data package.tgz\nexit {status}\n"
    )
    made.chmod(0o755)
    return str(made)


def test_it_is_fetched_once_and_read_without_prose(tmp_path: Path, packed: bytes) -> None:
    program, folder = npm(tmp_path, packed), tmp_path / "kept"
    assert find(folder) is None
    assert fetch.fetch(folder, program) == fetch.fetch(folder, program) == place(folder)
    assert find(folder) == {"openapi": "3.0.3", "paths": {"/x": {"get": {}}}}
    assert (tmp_path / "ran").read_text() == "ran\n"
    assert kept_in(folder) == [place(folder).name]


def test_what_an_older_version_kept_goes(tmp_path: Path, packed: bytes) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    (folder / "github-1.0.0-abc.json").write_text("{}")
    fetch.fetch(folder, npm(tmp_path, packed))
    assert kept_in(folder) == [place(folder).name]


def test_a_package_of_other_content_is_refused(tmp_path: Path, packed: bytes) -> None:
    with pytest.raises(NotFetched, match="is not the package that we know: sha512-"):
        fetch.fetch(tmp_path / "kept", npm(tmp_path, packed + b"\0"))
    assert kept_in(tmp_path / "kept") == []


def test_a_fetch_that_fails_says_why_and_leaves_nothing(tmp_path: Path, packed: bytes) -> None:
    with pytest.raises(NotFetched, match="npm ended with 7: no network"):
        fetch.fetch(tmp_path / "kept", npm(tmp_path, packed, 7))
    with pytest.raises(NotFetched, match="npm did not bring"):
        fetch.fetch(tmp_path / "kept", str(tmp_path / "no-such-program"))
    assert kept_in(tmp_path / "kept") == []


@pytest.mark.parametrize(("status", "code"), [(0, 0), (1, 1)])
def test_the_command_fails_loudly_where_npm_is_there(
    tmp_path: Path,
    packed: bytes,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    status: int,
    code: int,
) -> None:
    npm(tmp_path, packed, status)
    monkeypatch.setattr(fetch, "FOLDER", tmp_path / "kept")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert fetch.main() == code
    assert (
        "error: GitHub's OpenAPI could not be fetched: npm ended with 1" in capsys.readouterr().err
    ) == bool(code)


def test_the_command_is_content_where_there_is_no_npm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert fetch.main() == 0
    assert "there is no npm" in capsys.readouterr().err


def test_a_property_is_no_prose_whatever_its_name() -> None:
    schema = {
        "title": "A pull request",
        "properties": {"title": {"type": "string", "description": "Its title"}},
    }
    assert without_prose({"schemas": {"description": schema}, "x-github": 1}) == {
        "schemas": {"description": {"properties": {"title": {"type": "string"}}}}
    }
