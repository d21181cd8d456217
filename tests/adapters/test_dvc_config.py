"""Which storage a configuration means, and what a committed configuration may say."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelmark.adapters.dvc import DvcStorage, declared_remotes
from modelmark.adapters.dvc_files import init_workspace
from modelmark.errors import InvalidInput, StorageError
from tests.support.dvc_registry import FILES, new_registry, register


def test_a_remote_inside_the_repository_is_relative_to_the_dvc_folder(tmp_path: Path) -> None:
    root = new_registry(tmp_path / "registry", "storage")
    assert b"url = ../storage\n" in (root / ".dvc/config").read_bytes()
    assert DvcStorage.open(root, "store").location == str(root / "storage")


def test_without_a_clone_a_relative_path_needs_a_base(root: Path) -> None:
    _, stored = register(root)
    with pytest.raises(InvalidInput, match="relative"):
        DvcStorage.at("../../storage")
    storage = DvcStorage.at("../../storage", base=root / ".dvc")
    assert len(storage.listing(stored.pointer.md5)) == len(FILES)
    with pytest.raises(StorageError, match="opened for reading"):
        storage.push(stored)


def test_the_location_holds_no_secret() -> None:
    storage = DvcStorage.at("https://user:secret@example.org:8443/models?token=abc")
    assert storage.location == "https://example.org:8443/models"


def test_options_of_the_users_remote_with_the_same_url_are_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DVC_GLOBAL_CONFIG_DIR", str(tmp_path))
    config = "['remote \"mine\"']\n    url = https://example.org/models/\n    auth = custom\n    custom_auth_header = X-Key\n    password = x\n"
    (tmp_path / "config").write_text(config)
    options = DvcStorage.at("https://example.org/models")._remote.database.fs.config
    assert (options["custom_auth_header"], options["password"]) == ("X-Key", "x")


@pytest.mark.parametrize("url", ["file:///srv/models", "ftp://example.org/models"])
def test_a_kind_of_url_that_dvc_does_not_know_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput, match="DVC"):
        DvcStorage.at(url)


def test_ssh_asks_nobody_on_a_terminal_and_waits_for_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, object] = {}

    class Ssh:
        protocol = "ssh"

        def __init__(self, **options: object) -> None:
            told.update(options)
            raise KeyError("that is enough")

    monkeypatch.setattr("dvc.fs.get_cloud_fs", lambda *_, **__: (Ssh, {"host": "example.org"}, "/models"))
    with pytest.raises(InvalidInput, match="that is enough"):
        DvcStorage.at("ssh://example.org/models")
    assert told == {"host": "example.org", "client_factory": None}, "DVC's own one would ask for a password"


def test_storage_that_needs_a_package_names_it() -> None:
    with pytest.raises(StorageError) as caught:
        DvcStorage.at("gs://bucket/models")
    assert "modelmark[gs]" in caught.value.hint


@pytest.mark.parametrize(
    ("config", "remote"),
    [(b"", None), (b"[core]\n remote = gone\n", None), (b"", "gone"), (b"[core\n", None)],
)
def test_no_default_an_unknown_remote_and_a_broken_file_are_input_errors(
    root: Path, config: bytes, remote: str | None
) -> None:
    (root / ".dvc/config").write_bytes(config)
    with pytest.raises(InvalidInput):
        DvcStorage.open(root, remote)


def test_a_folder_without_dvc_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"no \.dvc"):
        DvcStorage.open(tmp_path, None)


def test_declared_remotes_shows_every_other_key() -> None:
    config = (
        b"[core]\n    remote = store\n    hardlink_lock = true\n[cache]\n    dir = /tmp\n"
        b"['remote \"Store\"']\n    url = s3://bucket/models\n    ssl_verify = false\n"
        b"['remote \"more\"']\n    url = ../else\n[remote]\n"
    )
    with_section = declared_remotes(config)
    assert with_section == (
        {},
        ("cache.dir", "core.hardlink_lock", "core.remote"),
    )  # as DVC: [remote] hides the rest
    assert declared_remotes(config.removesuffix(b"[remote]\n")) == (
        {"store": "s3://bucket/models", "more": "../else"},
        ("cache.dir", "core.hardlink_lock", "core.remote", "remote.store.ssl_verify"),
    )


@pytest.mark.parametrize(
    "url", ["../my storage", "s3://b/k(1)/x=y", "https://h:1/p?q=1&r=2", "/srv/m", "~/models"]
)
def test_what_init_workspace_writes_declared_remotes_reads(tmp_path: Path, url: str) -> None:
    remotes, others = declared_remotes(init_workspace(tmp_path, "store", url)[".dvc/config"])
    assert (remotes["store"].removeprefix("../"), others) == (url, ("core.remote",))


@pytest.mark.parametrize("url", ["", "a,b", "a#b", "%(x)s", "'a'", "a\nb", " a", "https://me:secret@host/x"])
def test_a_url_that_the_file_cannot_hold_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(InvalidInput):
        init_workspace(tmp_path, "store", url)


@pytest.mark.parametrize(
    ("config", "line"), [(b"[core\nremote = x\n", 1), (b"[a]\nb = 1\nb = 2\n", 3), (b"\xff", 0)]
)
def test_a_malformed_configuration_names_its_line(config: bytes, line: int) -> None:
    with pytest.raises(InvalidInput) as caught:
        declared_remotes(config)
    assert (caught.value.path, caught.value.line) == (".dvc/config", line)


def test_an_endless_interpolation_is_an_input_error() -> None:
    with pytest.raises(InvalidInput):
        declared_remotes(b"['remote \"a\"']\n    url = %(url)s\n")
