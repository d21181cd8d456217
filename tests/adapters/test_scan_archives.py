"""Archives are looked into, within bounds, and nothing of them is unpacked."""

from __future__ import annotations

import io
import tarfile
import warnings
import zipfile

import pytest

from modelmark.adapters.inspection import formats_sources
from modelmark.domain.formats import Content
from tests.support import artifacts as make
from tests.support.examined import examined


def test_a_zip_and_a_tar_are_archives_under_any_name() -> None:
    for data, content in ((make.zipped({"a": b"x"}), Content.ZIP), (make.tarred({"a": b"x"}), Content.TAR)):
        found = examined("notes.txt", data)
        assert (found.content, found.problems) == (content, ())


def test_a_checkpoint_with_code_in_it_is_just_a_zip() -> None:
    with io.BytesIO(make.torch_zip()) as raw:
        with zipfile.ZipFile(raw, "a") as archive:
            archive.writestr("archive/code/__torch__.py", "import os")
        assert examined("model.pt", raw.getvalue()).content is Content.ZIP


def test_a_bomb_is_not_unpacked() -> None:
    bomb = make.zipped({"a": bytes(1 << 24)}, zipfile.ZIP_DEFLATED)
    assert examined("a.zip", bomb).problems == (
        "is a zip archive that unpacks to more than 200 times its size: a bomb",
    )


def test_archives_in_archives_are_followed_to_a_depth_only() -> None:
    data = make.hostile_pickle()
    for _ in range(6):
        data = make.zipped({"a": data})
    assert "more than 3 deep" in examined("a.zip", data).unseen[0]


def test_an_archive_of_too_many_members_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats_sources, "MAX_MEMBERS", 10)
    many = {str(place): b"" for place in range(11)}
    for data in (make.zipped(many), make.tarred(many)):
        assert "more than 10 members" in examined("a.zip", data).problems[0]


def test_two_members_of_one_name_are_refused() -> None:
    out = io.BytesIO()
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(out, "w") as archive:
        archive.writestr("archive/data.pkl", make.plain_pickle())
        archive.writestr("archive/data.pkl", make.hostile_pickle())
    assert "two members of one name" in examined("model.pt", out.getvalue()).problems[0]


def test_bytes_in_front_of_a_zip_are_refused() -> None:
    two = make.zipped({"a": b"x"}) + make.zipped({"b": b"y"})
    assert "other bytes in front" in examined("a.zip", two).problems[0]


def test_a_local_header_that_says_another_name_is_refused() -> None:
    data = make.torch_zip().replace(b"archive/data.pkl", b"archive/tada.pkl", 1)
    (problem,) = examined("model.pt", data).problems
    assert "cannot be read whole" in problem


def test_an_encrypted_member_is_refused() -> None:
    data = bytearray(make.zipped({"a": b"x"}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert "encrypted" in examined("a.zip", bytes(data)).problems[0]


@pytest.mark.parametrize("data", [b"PK\x03\x04" + bytes(60), make.zipped({"a": b"x"})[:-10]])
def test_a_broken_zip_is_refused(data: bytes) -> None:
    assert "cannot be read" in examined("a.zip", data).problems[0]


def test_a_truncated_gzip_is_refused() -> None:
    assert "cannot be read whole" in examined("a.gz", make.gzipped(b"hello" * 100)[:-12]).problems[0]


def test_a_link_in_a_tar_is_refused() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        link = tarfile.TarInfo("a")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    assert "links or devices" in examined("a.tar", out.getvalue()).problems[0]


def test_what_nobody_here_can_open_is_said() -> None:
    for data in (b"7z\xbc\xaf\x27\x1c\0\4" + bytes(32), b"\x28\xb5\x2f\xfd" + bytes(32)):
        assert "cannot be opened here" in examined("a.bin", data).unseen[0]
