"""Looking at a directory that somebody wants to register: regular files with good names, and what they say."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

import pytest

from modelmark.adapters.releases import Directories
from modelmark.adapters.sources import inspect_source
from modelmark.errors import InvalidInput
from tests.support.git_repos import commit, git, hook, new_repository


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    (folder / "deep/er").mkdir(parents=True)
    (folder / "model.bin").write_bytes(b"\x00\xff")
    (folder / "deep/er/a.txt").write_text("a")
    return folder


def refused(source: Path) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        inspect_source(source)
    assert str(caught.value).isprintable()
    assert caught.value.hint
    return caught.value


# --- files --------------------------------------------------------------------------------------------------------


def test_files_are_listed_in_order_with_what_the_known_ones_say(source: Path) -> None:
    (source / "metrics.json").write_text('{"f1": 0.9, "größe": [1, null, true]}')
    (source / "data_version.txt").write_text("reviews-2026-01\n\n")
    (source / "deep/config.json").write_text("not read: it is not at the root")
    found = Directories().inspect(source)
    assert found.files == (
        "data_version.txt",
        "deep/config.json",
        "deep/er/a.txt",
        "metrics.json",
        "model.bin",
    )
    assert found.documents == {"metrics.json": {"f1": 0.9, "größe": [1, None, True]}}
    assert found.texts == {"data_version.txt": "reviews-2026-01"}
    assert (found.git_commit, found.git_dirty) == (None, None)


def test_an_empty_directory_has_no_files(tmp_path: Path) -> None:
    (tmp_path / "empty/inner").mkdir(parents=True)
    assert inspect_source(tmp_path / "empty").files == ()


def test_what_python_leaves_behind_is_not_part_of_a_version(source: Path) -> None:
    for folder in ("__pycache__", "deep/__pycache__"):
        (source / folder).mkdir()
        (source / folder / "x.cpython-311.pyc").write_bytes(b"")
    assert inspect_source(source).files == ("deep/er/a.txt", "model.bin")


@pytest.mark.parametrize("what", ["a file", "nothing", "a link"])
def test_a_source_that_is_no_directory_is_refused(source: Path, what: str) -> None:
    place = source.with_name("place")
    if what == "a file":
        place.write_text("")
    elif what == "a link":
        place.symlink_to(source)
    error = refused(place)
    assert ("is a symbolic link" if what == "a link" else "is not a directory") in error.message


def link(path: Path) -> None:
    path.symlink_to("model.bin")


def broken_link(path: Path) -> None:
    path.symlink_to("gone")


def link_to_folder(path: Path) -> None:
    path.symlink_to("/etc")


def endless_link(path: Path) -> None:
    path.symlink_to(path.name)


def pipe(path: Path) -> None:
    os.mkfifo(path)


def listening_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


def device(path: Path) -> None:
    try:
        os.mknod(path, 0o600 | 0o020000, os.makedev(1, 3))
    except OSError:
        pytest.skip("only root can make a device")


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (link, "a symbolic link"),
        (broken_link, "a symbolic link"),
        (link_to_folder, "a symbolic link"),
        (endless_link, "a symbolic link"),
        (pipe, "a named pipe"),
        (listening_socket, "a socket"),
        (device, "a device"),
    ],
)
@pytest.mark.parametrize("name", ["odd", "deep/odd", "metrics.json", "__pycache__"])
def test_anything_but_a_regular_file_is_named_and_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: object, kind: str, name: str
) -> None:
    monkeypatch.chdir(tmp_path)  # the name of a socket is short
    Path("deep").mkdir()
    assert callable(make)
    make(Path(name))
    error = refused(tmp_path)
    assert f"'{name}'" in error.message
    assert kind in error.message


@pytest.mark.parametrize(
    "name",
    [
        "-x", ".hidden", ".git", "a b", "a\nb", "ü", "a:b", "a\\b", "\x1b[2J", "*", "a'b", "con", "aux.txt",
        "x" * 129, os.fsdecode(b"\xff\xfe"), "deep/.env", "d1/" * 16 + "f",
    ],
)  # fmt: skip
def test_a_name_that_may_not_be_is_refused_with_the_directory(source: Path, name: str) -> None:
    (source / name).parent.mkdir(parents=True, exist_ok=True)
    (source / name).write_bytes(b"")
    assert str(source) in refused(source).message


def test_a_folder_without_end_is_refused_and_no_bug(source: Path) -> None:
    place = source
    for _ in range(40):
        place = place / "d"
        place.mkdir()
    (place / "f").touch()
    refused(source)


def test_a_directory_that_cannot_be_read_is_named(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scan = os.scandir

    def deny(path: str | Path) -> object:  # root may read everything
        if str(path).endswith("er"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", deny)
    error = refused(source)
    assert f"{source}/deep/er" in error.message
    assert "Permission denied" in error.message


def test_a_file_that_goes_away_while_we_look_is_named(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scan = os.scandir

    def late(path: str | Path) -> object:
        entries = list(scan(path))
        (source / "model.bin").unlink(missing_ok=True)
        return entries

    monkeypatch.setattr(os, "scandir", late)
    assert "model.bin" in refused(source).message


# --- what they say ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "not JSON"),
        ('{\n "a": 1,\n "b" 2}', 3, "not JSON"),
        ('{"a": 1}\n{"b": 2}', 2, "not JSON"),
        ("{'a': 1}", 1, "not JSON"),
        ('\ufeff{"a": 1}', 1, "not JSON"),
        ('{"a": "\x01"}', 1, "not JSON"),
        ('{"a": 1, "b": {"c": 1, "c": 2}}', 0, "the key 'c' stands there twice"),
        ('{"a": NaN}', 0, "NaN is not a number"),
        ("[Infinity]", 0, "Infinity is not a number"),
        ("[-Infinity]", 0, "-Infinity is not a number"),
        ("[1e999]", 0, "'1e999' is too large"),
        ("[-1e999]", 0, "'-1e999' is too large"),
        ("1" * 5_000, 0, "cannot be used"),
        ("[" * 100_000, 0, "nested too deep"),
        ('["\\ud800"]', 0, "half a character"),
        ('{"\\udfff": 1}', 0, "half a character"),
    ],
)
def test_json_that_cannot_be_used_is_refused_with_file_and_line(
    source: Path, text: str, line: int, words: str
) -> None:
    (source / "metrics.json").write_text(text)
    error = refused(source)
    assert (error.path, error.line) == (str(source / "metrics.json"), line)
    assert words in error.message
    assert len(error.message) < 400


def test_characters_written_as_escapes_are_read(source: Path) -> None:
    (source / "labels.json").write_text('["\\u00fc", "\\ud83d\\ude00", "\\\\ud800"]')
    assert inspect_source(source).documents["labels.json"] == ["ü", "😀", "\\ud800"]


def test_a_large_file_with_one_key_twice_is_refused_quickly(source: Path) -> None:
    keys = ", ".join(f'"{number}": 0' for number in [*range(150_000), 149_999])
    (source / "labels.json").write_text(f"{{{keys}}}")
    started = time.process_time()
    assert "'149999' stands there twice" in refused(source).message
    assert time.process_time() - started < 10


@pytest.mark.parametrize("name", ["config.json", "data_version.txt"])
def test_text_that_is_not_utf8_is_refused_with_the_place(source: Path, name: str) -> None:
    (source / name).write_bytes(b'{"a": "\xe4"}')
    error = refused(source)
    assert name in error.message
    assert "not UTF-8 (byte 7)" in error.message


@pytest.mark.parametrize("name", ["train_args.json", "data_version.txt"])
def test_a_known_file_of_more_than_4_mib_is_refused_unread(source: Path, name: str) -> None:
    with (source / name).open("wb") as stream:
        stream.truncate(4 * 1024 * 1024 + 1)
    assert "larger than 4 MiB" in refused(source).message
    with (source / name).open("wb") as stream:
        stream.write(b'"' + b"x" * (4 * 1024 * 1024 - 2) + b'"')
    assert name in inspect_source(source).files


def test_a_file_that_cannot_be_opened_is_named(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (source / "config.json").write_text("{}")

    def deny(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", deny)
    assert "config.json cannot be read: Permission denied" in refused(source).message


# --- the code it comes from ---------------------------------------------------------------------------------------


def test_the_commit_of_the_code_and_whether_it_was_changed(source: Path) -> None:
    root = new_repository(source.parent)
    (root / ".gitignore").write_text("out\n")
    commit(root, {"train.py": b"1\n"})
    git(root, "rm", "-r", "-q", "--cached", "out")
    git(root, "commit", "-q", "--amend", "--no-edit")
    made = git(root, "rev-parse", "HEAD")
    found = inspect_source(source)
    assert (found.git_commit, found.git_dirty) == (made, False)
    (root / "notes.txt").write_text("not tracked")
    assert inspect_source(source).git_dirty is False
    (root / "train.py").write_text("2\n")
    assert inspect_source(source).git_dirty is True
    git(root, "add", "train.py")
    assert inspect_source(source).git_dirty is True


def test_a_repository_without_a_commit_has_none(source: Path) -> None:
    new_repository(source.parent)
    assert inspect_source(source).git_commit is None


def test_looking_changes_nothing_in_that_repository(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = new_repository(source.parent)
    commit(root, {"train.py": b"1\n"})
    git(root, "config", "core.fsmonitor", f"touch {root}/ran; false")
    hook(root, "post-index-change", f"touch {root}/ran")
    os.utime(root / "train.py", (1, 1))
    index = (root / ".git/index").read_bytes()
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
        monkeypatch.setenv(name, str(root / "nowhere"))
    assert inspect_source(source).git_dirty is False
    assert (root / ".git/index").read_bytes() == index
    assert not (root / "ran").exists()
