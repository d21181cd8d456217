"""What a training runs in, read from real work trees, and from the files of machines that are not this one."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import pytest

from modelmark.adapters.surroundings import code_of, data_version_of, environment, hardware
from modelmark.domain.training import Code
from modelmark.errors import InvalidInput
from tests.support.git_repos import commit, git, new_repository


@pytest.fixture
def code(tmp_path: Path) -> Path:
    root = new_repository(tmp_path / "code", "--template=")
    commit(root, {"train.py": b"1\n", "deep/data.bin": bytes(range(256))})
    return root


def test_a_clean_work_tree_is_its_commit_and_nothing_else(code: Path) -> None:
    head = git(code, "rev-parse", "HEAD")
    assert code_of(code, below=True) == code_of(code / "deep", below=False) == Code(head, False)
    (code / "untracked.txt").write_text("x")
    assert code_of(code, below=True) == Code(head, False)


def test_changes_count_in_the_folder_alone_where_one_is_named(code: Path) -> None:
    (code / "train.py").write_text("2\n")
    assert not code_of(code / "deep", below=True).dirty
    assert code_of(code / "deep", below=False).dirty
    whole = code_of(code, below=False)
    (code / "deep" / "data.bin").write_bytes(b"")
    assert code_of(code / "deep", below=True).diff_sha256 not in ("", whole.diff_sha256)


def test_the_digest_is_that_of_the_changes_whoever_reads_them_with_whatever_settings(code: Path) -> None:
    (code / "train.py").write_text("2\n")
    (code / "deep" / "data.bin").write_bytes(b"\0other")
    found = code_of(code, below=False)
    assert found.dirty
    assert len(found.diff_sha256) == 64
    for key, value in (
        ("diff.noprefix", "true"),
        ("diff.algorithm", "patience"),
        ("color.ui", "always"),
        ("diff.external", "false"),
        ("diff.context", "9"),
    ):
        git(code, "config", key, value)
    assert code_of(code, below=False) == found
    assert code_of(code / "deep", below=False) == found
    git(code, "add", "train.py")
    assert code_of(code, below=False) == found, "what is staged is a change, too"
    (code / "train.py").write_text("3\n")
    assert code_of(code, below=False).diff_sha256 != found.diff_sha256


def test_a_changed_date_of_a_file_is_no_change(code: Path) -> None:
    os.utime(code / "train.py", (1, 1))
    assert not code_of(code, below=True).dirty


def test_outside_of_git_before_the_first_commit_and_in_no_folder_nothing_is_known(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    assert code_of(tmp_path / "plain", below=True) == Code()
    assert code_of(new_repository(tmp_path / "empty", "--template="), below=True) == Code()
    assert code_of(tmp_path / "nothing", below=False) == Code()


def test_the_address_of_the_remote_has_no_login(code: Path) -> None:
    git(code, "remote", "add", "one", "https://ada:t0ken@git.example.org/a.git")
    assert code_of(code, below=True).remote == "https://git.example.org/a.git"
    git(code, "remote", "add", "two", "https://git.example.org/b.git")
    assert code_of(code, below=True).remote == "", "two, and none of them is origin: nobody knows which"


def test_the_packages_are_those_that_the_process_has_imported() -> None:
    found = environment()
    assert found["python"] == sys.version.split()[0]
    packages = found["packages"]
    assert isinstance(packages, dict)
    assert packages["pytest"] == pytest.__version__
    assert "pip-tools" not in packages


@pytest.mark.parametrize(
    "about", [None, b"Metadata-Version: 2.1\nName: other\nVersion: 1\n", b"Name: \xff\n"]
)
def test_a_package_that_is_broken_in_the_environment_ends_no_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, about: bytes | None
) -> None:
    (tmp_path / "broken.py").touch()
    place = tmp_path / "broken-1.0.dist-info"
    place.mkdir()
    (place / "RECORD").write_text("broken.py,,\n")
    if about is not None:
        (place / "METADATA").write_bytes(about)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, "broken", sys)
    packages = environment()["packages"]
    assert isinstance(packages, dict)
    assert not {"broken", "other"} & set(packages)


GPU = "Model: \t\t NVIDIA A100-SXM4-40GB\nIRQ:   \t\t 35\nGPU UUID: \t GPU-1\n"
DRIVER = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5 22:23:56 UTC 2024\n"


def machine(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / "proc" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "proc" / name).write_text(text)
    return root


def test_a_machine_is_read_from_what_its_kernel_and_its_driver_say(tmp_path: Path) -> None:
    found = hardware(
        machine(
            tmp_path,
            {
                "cpuinfo": "processor\t: 0\nmodel name\t: AMD EPYC 9654\n\nprocessor\t: 1\nmodel name\t: other\n",
                "meminfo": "MemTotal:       24674344 kB\nMemFree:  1 kB\n",
                "driver/nvidia/gpus/0000:07:00.0/information": GPU,
                "driver/nvidia/gpus/0000:0f:00.0/information": GPU.replace("40GB", "80GB"),
                "driver/nvidia/version": DRIVER,
            },
        )
    )
    assert found["cpu"] == "AMD EPYC 9654"
    assert found["memory_gb"] == 25.3
    assert found["gpu"] == "NVIDIA A100-SXM4-40GB, NVIDIA A100-SXM4-80GB"
    assert found["gpu_driver"] == "550.54.15"


def test_a_machine_that_says_nothing_has_no_gpu_and_some_processor(tmp_path: Path) -> None:
    found = hardware(tmp_path)
    assert found["cpu"]
    assert (found["gpu"], found["memory_gb"], "gpu_driver" in found) == (None, None, False)


def test_data_is_named_by_every_byte_of_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "deep").mkdir(parents=True)
    (data / "a.csv").write_text("a")
    (data / "deep" / "b.csv").write_text("b")
    one = data_version_of(data / "a.csv")
    assert one == f"sha256:{hashlib.sha256(b'a').hexdigest()}"
    before = data_version_of(data)
    assert before == data_version_of(data)
    (data / "deep" / "b.csv").rename(data / "deep" / "c.csv")
    renamed = data_version_of(data)
    (data / "deep" / "c.csv").write_text("c")
    assert len({one, before, renamed, data_version_of(data)}) == 4


def test_a_link_to_a_file_is_the_file_and_one_to_a_directory_is_refused(tmp_path: Path) -> None:
    plain, linked = tmp_path / "plain", tmp_path / "linked"
    for folder in (plain, linked, tmp_path / "cache"):
        folder.mkdir()
    (plain / "a").write_text("a")
    (tmp_path / "cache" / "0cc1").write_text("a")
    (linked / "a").symlink_to(tmp_path / "cache" / "0cc1")
    assert data_version_of(linked) == data_version_of(plain)
    (linked / "more").symlink_to(tmp_path / "cache")
    with pytest.raises(InvalidInput, match="neither a file nor a directory"):
        data_version_of(linked)
    (linked / "more").unlink()
    (linked / "gone").symlink_to(tmp_path / "nothing")
    with pytest.raises(InvalidInput, match="neither a file nor a directory"):
        data_version_of(linked)


DVC = "outs:\n- md5: 0123456789abcdef0123456789abcdef\n  size: 1\n  hash: md5\n  path: reviews.csv\n"


def test_what_dvc_keeps_is_named_by_its_own_hash_without_reading_it(tmp_path: Path) -> None:
    pointer = tmp_path / "reviews.csv.dvc"
    pointer.write_text(DVC)
    assert data_version_of(pointer) == "dvc:0123456789abcdef0123456789abcdef"
    (tmp_path / "reviews.csv").write_text("x")
    assert data_version_of(pointer) == "dvc:0123456789abcdef0123456789abcdef"
    (tmp_path / "reviews.csv").write_text("longer")
    with pytest.raises(InvalidInput, match=r"'reviews\.csv' has 6 bytes, and 'reviews\.csv\.dvc' says 1"):
        data_version_of(pointer)
    pointer.write_text(DVC.replace("abcdef\n", "abcdef.dir\n", 1))
    (tmp_path / "reviews.csv").unlink()
    assert data_version_of(pointer).endswith(".dir")


@pytest.mark.parametrize(
    "text",
    ["", "outs: []\n", "outs:\n- path: x\n", DVC + DVC.removeprefix("outs:\n"), DVC.replace("01", "zz")],
)
def test_another_dvc_file_names_no_data(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.dvc").write_text(text)
    with pytest.raises(InvalidInput):
        data_version_of(tmp_path / "x.dvc")


def test_data_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="there is no data at"):
        data_version_of(tmp_path / "nothing")
