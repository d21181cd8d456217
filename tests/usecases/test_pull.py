"""Bringing a version into a directory: nothing becomes visible that the manifest does not list."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelmark.domain.references import parse_reference
from modelmark.errors import Corrupt, Missing, NotFound, Unreachable
from modelmark.usecases.pull import LocalReleases, Pulled, pull
from tests.support.desk import Desk, v
from tests.support.fake_storage import FakeStorage

TARGET = Path("/srv/model")


def bring(desk: Desk, reference: str = "m@prod") -> Pulled:
    desk.sync()
    return pull(
        LocalReleases(desk.workspace, Path("/srv/clone")),
        desk.directories,
        parse_reference(reference),
        TARGET,
    )


def visible(desk: Desk) -> dict[str, bytes]:
    return desk.directories.releases.get((TARGET, desk.directories.current.get(TARGET, "")), {})


def weights(desk: Desk) -> str:
    """The storage's id of the weights that are visible."""
    return next(
        md5 for md5, data in desk.storage.remote.items() if data == visible(desk)["model.safetensors"]
    )


def test_it_makes_the_version_visible_and_says_what_it_is(desk: Desk) -> None:
    desk.live("1")
    done = bring(desk)
    assert (done.path, done.files, done.unchanged, done.reused) == (TARGET / "current", 2, False, False)
    assert visible(desk)["model.safetensors"] == b"m 1"
    assert sum(map(len, visible(desk).values())) == done.size
    about = desk.directories.about[TARGET]
    assert (about["reference"], about["version"], about["tag"], about["assignment"], about["registry"]) == (
        "m@prod",
        "1",
        "m@v1",
        "m#prod#1",
        "memory:server",
    )


def test_a_second_pull_changes_nothing(desk: Desk) -> None:
    desk.live("1")
    bring(desk)
    desk.storage.failure = Unreachable("not asked")
    assert bring(desk).unchanged


def test_after_a_rollback_the_older_release_is_verified_again_and_not_fetched(desk: Desk) -> None:
    desk.live("1", "2")
    bring(desk, "m@1")
    bring(desk)
    desk.by_hand("1")
    desk.storage.failure = Unreachable("not asked")
    done = bring(desk)
    assert (done.reused, done.resolved.version, visible(desk)["model.safetensors"]) == (True, v("1"), b"m 1")


def test_an_older_release_that_was_changed_on_disk_is_fetched_again(desk: Desk) -> None:
    desk.live("1", "2")
    bring(desk, "m@1")
    visible(desk)["model.safetensors"] = b"bad"
    bring(desk)
    done = bring(desk, "m@1")
    assert (done.reused, visible(desk)["model.safetensors"]) == (False, b"m 1")


@pytest.mark.parametrize("damage", [b"m X", b"m 1 and more", b""])
def test_other_bytes_in_the_storage_are_never_made_visible(desk: Desk, damage: bytes) -> None:
    desk.live("1", "2")
    bring(desk, "m@1")
    lost = weights(desk)
    desk.directories.releases.clear()
    desk.directories.current.clear()
    desk.directories.kept.clear()
    desk.storage.remote[lost] = damage
    with pytest.raises(Corrupt):
        bring(desk, "m@1")
    assert visible(desk) == {}
    assert not desk.directories.staging[-1].exists(), "what was staged is gone"


def test_other_bytes_of_the_right_size_name_file_storage_and_mend(desk: Desk) -> None:
    desk.live("1")
    bring(desk)
    desk.storage.remote[weights(desk)] = b"m X"
    desk.directories.current.clear()
    desk.directories.kept.clear()
    desk.directories.releases.clear()
    with pytest.raises(
        Corrupt, match=r"model.safetensors in the storage memory:storage has other bytes"
    ) as caught:
        bring(desk)
    assert "roll back to a version that verifies" in caught.value.hint


def test_a_missing_object_leaves_what_was_visible(desk: Desk) -> None:
    desk.live("1", "2")
    bring(desk, "m@1")
    before = visible(desk)
    desk.storage.remote.clear()
    with pytest.raises(Missing):
        bring(desk)
    assert visible(desk) == before


def test_a_manifest_that_is_not_in_this_clone_is_said(desk: Desk) -> None:
    desk.live("1")
    desk.git.objects.blobs.clear()
    with pytest.raises(Missing, match=r"the manifest of m@v1 .* is not there") as caught:
        bring(desk)
    assert caught.value.hint == "git fetch origin"


def test_a_manifest_with_another_sha256_than_its_tag_says_is_not_used(desk: Desk) -> None:
    desk.live("1")
    blob = desk.history().versions[v("1")].manifest_blob
    desk.git.objects.blobs[blob] += b"# a collision\n"
    with pytest.raises(Corrupt, match=r"the manifest of m@v1 has another SHA-256 than its tag says"):
        bring(desk)


def test_a_listing_that_names_other_files_than_the_manifest_is_not_used(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.live("1")
    other = desk.storage.add(desk.source("x", extra__txt="more"), ["extra.txt", "model.safetensors"])
    desk.storage.push(other)
    registered = desk.history().versions[v("1")]
    monkeypatch.setattr(
        desk.storage, "listing", lambda _: FakeStorage.listing(desk.storage, other.pointer.md5)
    )
    assert registered.artifacts != other.pointer.md5
    with pytest.raises(
        Corrupt, match=r"manifest and DVC listing of m@v1 disagree: metrics.json is in the manifest"
    ):
        bring(desk)


def test_an_unknown_reference_touches_nothing(desk: Desk) -> None:
    desk.registered("1")
    with pytest.raises(NotFound):
        bring(desk)
    assert desk.directories.staging == []
