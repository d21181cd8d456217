"""Only the files of a registry, and only as regular files."""

from __future__ import annotations

import pytest

from modelmark.checks.places import check
from tests.support.candidates import ALIASES, CARD, MANIFEST, POINTER, candidate, changed, found


def test_the_files_of_a_registry_pass() -> None:
    paths = (
        MANIFEST,
        POINTER,
        CARD,
        ALIASES,
        "registry.yaml",
        ".dvc/config",
        "models/README.md",
        "models/.gitkeep",
    )
    assert found(check, candidate(files=[changed(path) for path in paths])) == []


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("models/m/1/artifacts/model.bin", "artifacts belong to DVC, never to Git"),
        ("models/m/1/notes.txt", "no file of that name belongs to a version"),
        ("models/M/1/manifest.yaml", "'M' is not a model name"),
        ("models/m/01/manifest.yaml", "'01' is not a version"),
        ("models/con/model.yaml", "cannot be pulled on Windows"),
        (".dvc/config.local", "it would replace the storage of .dvc/config for everybody"),
        ("models", "it is a folder in every registry"),
    ],
)
def test_any_other_file_is_refused_with_the_reason(path: str, why: str) -> None:
    (only,) = found(check, candidate(files=[changed(path)]))
    assert only.startswith(f"error {path}:0 '{path}' may not stand there: ")
    assert why in only


def test_a_stray_file_may_be_taken_away() -> None:
    assert found(check, candidate(files=[changed("models/m/1/notes.txt", "D")])) == []


@pytest.mark.parametrize(
    ("mode", "kind"), [("120000", "a symbolic link"), ("160000", "a submodule"), ("100666", "of mode 100666")]
)
def test_what_is_no_regular_file_is_refused(mode: str, kind: str) -> None:
    files = [changed(MANIFEST, "T", mode)]
    assert found(check, candidate(files=files)) == [
        f"error {MANIFEST}:0 '{MANIFEST}' is {kind}; a registry has regular files only"
    ]


def test_a_hostile_name_is_quoted() -> None:
    (only,) = check(candidate(files=[changed("models/\x1b[31m\u202e/x")]))
    assert "\x1b" not in only.message
    assert "\u202e" not in only.message
