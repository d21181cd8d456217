"""The real storage against the real DVC."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from modelmark.adapters import byte_pump
from modelmark.adapters.dvc import DvcStorage
from modelmark.adapters.dvc_files import init_workspace, pointer_bytes
from modelmark.errors import InvalidInput
from tests.support.dvc_registry import ARTIFACTS, FILES, dvc, register, tree


def test_init_workspace_writes_what_dvc_init_and_remote_add_write(stock: Path) -> None:
    written = init_workspace(stock / "registry", "store", "../storage")
    assert written == {path: (stock / "registry" / path).read_bytes() for path in written}
    assert sorted(written) == [".dvc/.gitignore", ".dvc/config"]


def test_cache_remote_and_pointer_are_byte_for_byte_those_of_dvc(stock: Path, root: Path) -> None:
    _, stored = register(root)
    assert tree(root / ".dvc/cache") == tree(stock / "registry/.dvc/cache")
    assert tree(root.parent / "storage") == tree(stock / "storage")
    assert pointer_bytes(stored.pointer) == (stock / f"registry/{ARTIFACTS}.dvc").read_bytes()


def test_stock_dvc_finds_nothing_to_do_and_pulls_our_bytes(root: Path) -> None:
    _, stored = register(root)
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    (root / f"{ARTIFACTS}.dvc").write_bytes(pointer_bytes(stored.pointer))
    assert "up to date" in dvc(root, "status", f"{ARTIFACTS}.dvc")
    assert "in sync" in dvc(root, "status", "-c", f"{ARTIFACTS}.dvc")
    shutil.rmtree(root / ".dvc/cache")
    shutil.rmtree(root / ARTIFACTS)
    dvc(root, "pull", "-q", f"{ARTIFACTS}.dvc")
    pulled = {
        path: data
        for path, (data, _) in tree(root / ARTIFACTS).items()
        if (root / ARTIFACTS / path).is_file()
    }
    assert pulled == FILES


def test_importing_the_adapter_does_not_import_dvc() -> None:
    code = (
        "import sys, modelmark.adapters.dvc; print(sorted({'dvc', 'fsspec', 'asyncio'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"


def test_dvc_neither_wraps_nor_prints_to_stdout(root: Path) -> None:
    code = (
        "import logging, pathlib, sys; from modelmark.adapters.dvc import DvcStorage; out = sys.stdout\n"
        f"DvcStorage.open(pathlib.Path({str(root)!r}), None)\n"
        "logging.getLogger('dvc').info('talk'); assert sys.stdout is out\n"
        "for one in ('dvc_data', 'gcsfs', 'adlfs', 'azure.core'): logging.getLogger(one).warning('talk')"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_a_file_that_grows_while_it_is_read_is_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pump = byte_pump.pump

    def slow(*arguments: object) -> int:
        with (root / ARTIFACTS / "model.bin").open("ab") as file:
            file.write(b"more")
        return pump(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(byte_pump, "pump", slow)
    with pytest.raises(InvalidInput, match=r"model\.bin changed"):
        DvcStorage.open(root, None).add(root / ARTIFACTS, ["model.bin"])


def test_a_file_that_is_exchanged_while_it_is_read_is_named(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pump, file = byte_pump.pump, root / ARTIFACTS / "a.txt"

    def slow(*arguments: object) -> int:
        (root / "new").write_bytes(file.read_bytes())
        (root / "new").replace(file)
        return pump(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(byte_pump, "pump", slow)
    with pytest.raises(InvalidInput, match=r"a\.txt changed"):
        DvcStorage.open(root, None).add(root / ARTIFACTS, ["a.txt"])


def test_a_fifo_and_a_linked_folder_are_refused_without_waiting(root: Path) -> None:
    os.mkfifo(root / ARTIFACTS / "fifo")
    (root / ARTIFACTS / "linked").symlink_to("deep")
    for path in ("fifo", "linked/crlf.txt"):
        with pytest.raises(InvalidInput, match="not a regular file"):
            DvcStorage.open(root, None).add(root / ARTIFACTS, [path])


@pytest.mark.parametrize("path", ["empty", "a.txt", "model.bin"])
def test_a_poisoned_cache_object_is_replaced_whatever_its_mode_says(root: Path, path: str) -> None:
    storage, stored = register(root)
    md5 = next(file.md5 for file in stored.files if file.path == path)
    objects = root / ".dvc/cache/files/md5"
    for oid in (md5, stored.pointer.md5):
        (objects / oid[:2] / oid[2:]).unlink()
        (objects / oid[:2] / oid[2:]).write_bytes(b"evil!" * len(FILES[path]) + b"!")
        (objects / oid[:2] / oid[2:]).chmod(0o444)
    before = tree(root.parent / "storage/files/md5")
    assert storage.add(root / ARTIFACTS, list(FILES)) == stored
    assert tree(objects) == before


@pytest.mark.parametrize("path", ["a.txt", "model.bin"])
def test_an_object_that_is_there_is_kept_as_it_is(root: Path, path: str) -> None:
    storage, stored = register(root)
    md5 = next(file.md5 for file in stored.files if file.path == path)
    file = root / ".dvc/cache/files/md5" / md5[:2] / md5[2:]
    inode = file.stat().st_ino
    storage.add(root / ARTIFACTS, list(FILES))
    assert file.stat().st_ino == inode


COLLISION = (  # Wang, Feng, Lai, Yu (2004): 128 bytes, six half-bytes differ, one md5
    "d131dd02c5e6eec4693d9a0698aff95c2fcab5{0}712467eab4004583eb8fb7f8955ad340609f4b30283e4888325{1}1415a085125e8f7"
    "cdc99fd91dbd{2}280373c5bd8823e3156348f5bae6dacd436c919c6dd53e2{3}487da03fd02396306d248cda0e99f33420f577ee8ce54"
    "b67080{4}80d1ec69821bcb6a8839396f965{5}b6ff72a70"
)


def test_two_files_with_one_md5_are_refused_in_one_add_and_across_two(root: Path) -> None:
    folder = root / ARTIFACTS
    (folder / "one").write_bytes(bytes.fromhex(COLLISION.format(*"87fba2")))
    (folder / "two").write_bytes(bytes.fromhex(COLLISION.format(*"0f732a")))
    assert len({hashlib.md5((folder / name).read_bytes()).hexdigest() for name in ("one", "two")}) == 1
    storage = DvcStorage.open(root, None)
    with pytest.raises(InvalidInput, match=r"two has the md5"):
        storage.add(folder, ["one", "two"])
    with pytest.raises(InvalidInput, match=r"two has the md5"):
        storage.add(folder, ["two"])


@pytest.mark.parametrize("nth", [1, 4, 7, 9])  # of six objects in the cache, then six on the remote
def test_killed_at_any_moment_a_second_run_is_right(stock: Path, root: Path, nth: int) -> None:
    code = (
        "import os, pathlib; from modelmark.adapters import object_files as o\n"
        "from tests.support.dvc_registry import register\n"
        "publish, turns = o.Draft.publish, []\n"
        "def dying(draft, target):\n"
        f"    turns.append(1)\n    if len(turns) == {nth}: os.kill(os.getpid(), 9)\n    publish(draft, target)\n"
        f"o.Draft.publish = dying; register(pathlib.Path({str(root)!r}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=False)
    assert done.returncode == -9
    assert not list((root.parent / "storage").rglob("*.dir"))
    register(root)
    for made, wanted in (("registry/.dvc/cache", "registry/.dvc/cache"), ("storage", "storage")):
        left = {path: data for path, data in tree(root.parent / made).items() if ".modelmark-" not in path}
        assert left == tree(stock / wanted)


def test_our_own_old_temporary_files_are_reaped_and_no_others(root: Path) -> None:
    cache = root / ".dvc/cache/files/md5"
    cache.mkdir(parents=True)
    day = time.time() - 25 * 3600
    for name, when in {
        ".modelmark-old.tmp": day,
        ".modelmark-new.tmp": time.time(),
        ".other.tmp": day,
    }.items():
        (cache / name).touch()
        os.utime(cache / name, (when, when))
    register(root)
    assert {path.name for path in cache.iterdir() if path.is_file()} == {".modelmark-new.tmp", ".other.tmp"}
