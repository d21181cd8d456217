"""What was seen of a registry before, parts of a version, and a pull that asks nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelmark.domain.references import parse_reference
from modelmark.errors import NotFound, Stale, Unreachable
from modelmark.usecases.pull import LocalReleases, Pulled, PullOptions, pull
from tests.support.desk import Desk
from tests.usecases.test_pull import TARGET, visible


def bring(desk: Desk, reference: str = "m@prod", options: PullOptions | None = None) -> Pulled:
    """A pull from a clone that has exactly the tags of the remote now."""
    for ref in [ref for ref in desk.git.refs if ref.startswith("refs/tags/")]:
        del desk.git.refs[ref]
    desk.sync()
    source = LocalReleases(desk.workspace, Path("/srv/clone"))
    return pull(source, desk.directories, parse_reference(reference), TARGET, options)


def take_back(desk: Desk, *names: str) -> None:
    """What a server that was restored from an old copy shows, or one in other hands."""
    for name in names:
        del desk.refs[f"refs/tags/{name}"]


def test_an_older_history_is_refused_and_what_was_visible_stays(desk: Desk) -> None:
    desk.live("1", "2")
    bring(desk)
    take_back(desk, "m#prod#2")
    with pytest.raises(Stale, match="m#prod ends at 1 and was at 2 before") as caught:
        bring(desk)
    assert "--allow-stale" in caught.value.hint
    assert (caught.value.exit_code, visible(desk)["model.safetensors"]) == (1, b"m 2")


def test_a_history_that_is_all_gone_is_news_and_not_just_not_found(desk: Desk) -> None:
    desk.live("1")
    bring(desk)
    take_back(desk, "m#prod#1")
    with pytest.raises(Stale, match="m#prod ends at 0 and was at 1 before"):
        bring(desk)


def test_a_gapped_history_is_refused(desk: Desk) -> None:
    desk.live("1", "2", "3")
    take_back(desk, "m#prod#2")
    with pytest.raises(Stale, match="m#prod#2 is missing below m#prod#3"):
        bring(desk)


def test_a_moved_tag_is_refused(desk: Desk) -> None:
    desk.live("1", "2")
    bring(desk)
    data = desk.git.objects.tags[desk.refs["refs/tags/m#prod#1"]]
    desk.plant("m#prod#1", data + b"more\n")
    with pytest.raises(Stale, match=r"m#prod#1 is \w+ now and was \w+ before"):
        bring(desk)


def test_what_was_accepted_is_said_recorded_and_not_asked_about_again(desk: Desk) -> None:
    desk.live("1", "2")
    bring(desk)
    take_back(desk, "m#prod#2")
    done = bring(desk, options=PullOptions(allow_stale=True))
    assert done.warnings == ("m#prod ends at 1 and was at 2 before: an old copy, or tags were deleted",)
    assert desk.directories.about[TARGET]["accepted"] == list(done.warnings)
    assert visible(desk)["model.safetensors"] == b"m 1"
    assert bring(desk).warnings == ()


def test_a_rollback_is_a_new_number_and_no_step_back(desk: Desk) -> None:
    desk.live("1", "2")
    bring(desk)
    desk.by_hand("1")
    assert str(bring(desk).resolved.version) == "1"


def test_what_was_seen_is_remembered_though_the_storage_failed(desk: Desk) -> None:
    desk.live("1")
    bring(desk)
    desk.live("2")
    desk.storage.failure = Unreachable("down")
    with pytest.raises(Unreachable):
        bring(desk)
    desk.storage.failure = None
    take_back(desk, "m#prod#2")
    with pytest.raises(Stale):
        bring(desk)


def test_another_reference_is_not_in_the_way(desk: Desk) -> None:
    desk.live("1", "2")
    bring(desk)
    assert (
        bring(desk, "m@1").warnings
        == bring(desk, "m@staging").warnings
        == bring(desk, "m@latest").warnings
        == ()
    )
    assert desk.directories.memory[TARGET].registry == "6f0c"
    with pytest.raises(NotFound, match="m@9 is not registered"):
        bring(desk, "m@9")


def test_a_part_of_a_version_is_a_release_of_its_own(desk: Desk) -> None:
    desk.live("1")
    done = bring(desk, options=PullOptions(only=("metrics*", "nothing*")))
    assert list(visible(desk)) == ["metrics.json"]
    assert (done.files, desk.directories.about[TARGET]["only"]) == (1, ["metrics*", "nothing*"])
    assert bring(desk, options=PullOptions(only=("*.json",))).unchanged, "the same files by another glob"
    assert sorted(visible(desk)) == ["metrics.json"]
    assert not bring(desk).unchanged
    assert sorted(visible(desk)) == ["metrics.json", "model.safetensors"]


def test_offline_no_storage_is_asked_from_a_clone_either(desk: Desk) -> None:
    desk.live("1")
    with pytest.raises(Unreachable, match="no release on this disk has what is asked for of m@v1"):
        bring(desk, options=PullOptions(offline=True))
    bring(desk)
    assert bring(desk, options=PullOptions(offline=True)).unchanged


def test_a_glob_that_matches_nothing_is_said(desk: Desk) -> None:
    desk.live("1")
    with pytest.raises(NotFound, match=r"no file of m@1 matches tokenizer\*"):
        bring(desk, options=PullOptions(only=("tokenizer*",)))


def test_only_the_file_that_differs_is_fetched(desk: Desk) -> None:
    desk.registered("1", {"f1": 0.95})
    desk.registered("2", {"f1": 0.95})
    first = bring(desk, "m@1")
    assert first.fetched == first.size
    assert bring(desk, "m@2").fetched == len(b"m 2")
