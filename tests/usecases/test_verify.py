"""Is everything what its tags say: one finding each, and one broken thing never hides another."""

from __future__ import annotations

import pytest

from modelmark.domain.references import parse_reference
from modelmark.errors import NotFound, Unreachable
from modelmark.usecases.verify import Depth, Verified, verify
from tests.support.desk import STAGING, Desk, v


def look(
    desk: Desk, reference: str | None = None, *, storage: bool = False, content: bool = False
) -> Verified:
    desk.sync()
    asked = parse_reference(reference) if reference else None
    return verify(desk.workspace, asked, Depth(storage or content, content))


def said(done: Verified) -> str:
    return "\n".join(
        f"{one.level} {one.rule} {one.path}:{one.line} {one.message} -> {one.hint}"
        for one in done.verdict.findings
    )


def test_a_registry_that_is_in_order_passes_and_says_how_much_was_looked_at(desk: Desk) -> None:
    desk.live("1", "2")
    done = look(desk, content=True)
    assert (done.verdict.passed, done.verdict.findings) == (True, ())
    assert (done.models, done.versions, done.assignments, done.objects) == (1, 2, 5, 6)
    assert done.verdict.rules == ("tags", "files", "storage", "content")


def test_one_version_is_looked_at_alone(desk: Desk) -> None:
    desk.live("1", "2")
    assert look(desk, "m@1").versions == 1


def test_what_does_not_exist_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound, match=r"m@7 is not registered"):
        look(desk, "m@7")


def test_a_tag_that_does_not_count_is_an_error(desk: Desk) -> None:
    desk.live("1")
    desk.registered("2")
    desk.by_hand("2")
    done = look(desk)
    assert not done.verdict.passed
    assert "the tag m#prod#2 does not count: it was made by hand" in said(done)


def test_a_changed_manifest_and_pointer_on_main_are_errors(desk: Desk) -> None:
    desk.live("1")
    manifest, pointer = "models/m/1/manifest.yaml", "models/m/1/artifacts.dvc"
    desk.commit(
        {
            manifest: desk.file(manifest).encode() + b"# changed\n",
            pointer: desk.file(pointer).replace("md5: ", "md5: 0", 1).replace(".dir", "", 1).encode(),
        }
    )
    text = said(look(desk))
    assert f"error files {manifest}:0 the manifest at main is not the one that m@v1 pins" in text
    assert f"{pointer}" in text


@pytest.mark.parametrize("garbage", [b"outs: [", b"\xff\xfe", b""])
def test_a_pointer_that_cannot_be_read_is_a_finding_and_the_rest_is_looked_at(
    desk: Desk, garbage: bytes
) -> None:
    desk.live("1")
    desk.registered("2")
    desk.commit({"models/m/1/artifacts.dvc": garbage})
    done = look(desk)
    assert (done.verdict.passed, done.versions) == (False, 2)
    assert "the pointer at main is not the one that m@v1 pins" in said(done)


def test_a_deleted_version_is_an_error(desk: Desk) -> None:
    desk.live("1")
    desk.commit({"models/m/1/manifest.yaml": None})
    assert "the manifest at main is not the one that m@v1 pins" in said(look(desk))


def test_a_version_without_a_tag_and_a_merge_without_one_are_warnings(desk: Desk) -> None:
    desk.registered("1")
    made = desk.register(desk.source("2"))
    desk.merge(made.submitted.branch if made.submitted else None)
    desk.merge(desk.promote("1", STAGING).submitted.branch)
    done = look(desk)
    assert done.verdict.passed
    text = said(done)
    assert (
        "warning tags models/m/2/manifest.yaml:0 this version is on main and has no tag -> run `modelmark apply`"
        in text
    )
    assert "warning tags models/m/aliases.yaml:2 staging asks for 1 by assignment 1" in text


def test_a_file_behind_a_rollback_is_a_warning_with_the_command(desk: Desk) -> None:
    desk.live("1", "2")
    desk.by_hand("1")
    done = look(desk)
    assert done.verdict.passed
    assert "-> modelmark record m" in said(done)


def test_a_broken_file_is_an_error_with_its_line(desk: Desk) -> None:
    desk.live("1")
    desk.commit({"models/m/aliases.yaml": b"prod:\n  version: 1\n  version: 2\n"})
    assert "error files models/m/aliases.yaml:3" in said(look(desk))


def test_a_stray_file_is_an_error(desk: Desk) -> None:
    desk.registered("1")
    desk.commit({"models/m/1/notes.txt": b"hello"})
    assert "error files models/m/1/notes.txt:0 this file may not stand there" in said(look(desk))


def test_a_lost_listing_a_lost_object_and_other_bytes_are_three_findings(desk: Desk) -> None:
    for version in ("1", "2", "3"):
        desk.registered(version, {"f1": 0.9, "n": int(version)})
    versions = desk.history().versions
    del desk.storage.remote[versions[v("1")].artifacts]
    objects = {data: md5 for md5, data in desk.storage.remote.items()}
    del desk.storage.remote[objects[b"m 2"]]
    desk.storage.remote[objects[b"m 3"]] = b"m X"
    text = said(look(desk, content=True))
    assert (
        f"error storage models/m/1/artifacts.dvc:0 object {versions[v('1')].artifacts} is not in the storage"
        in text
    )
    assert "error storage models/m/2/artifacts.dvc:0 model.safetensors" in text
    assert "error content models/m/3/artifacts.dvc:0 model.safetensors has other bytes in the storage" in text
    assert "model.safetensors has other bytes" not in said(look(desk, storage=True))


def test_an_unreachable_storage_is_no_verdict(desk: Desk) -> None:
    desk.registered("1")
    desk.storage.failure = Unreachable("the storage cannot be reached")
    assert look(desk).verdict.passed
    with pytest.raises(Unreachable):
        look(desk, storage=True)


def test_a_blob_that_is_not_here_is_an_error(desk: Desk) -> None:
    desk.registered("1")
    del desk.git.objects.blobs[desk.history().versions[v("1")].manifest_blob]
    assert "the blob that m@v1 names as its manifest is not here" in said(look(desk))


def test_an_assignment_that_nobody_reviewed_is_an_error(desk: Desk) -> None:
    desk.live("1")
    desk.registered("2")
    desk.forge("2")
    assert "error tags :0 the tag m#prod#2 says 2, and aliases.yaml at its commit" in said(look(desk))


def test_an_empty_registry_is_in_order(desk: Desk) -> None:
    assert look(desk).verdict.passed


def test_one_tag_that_does_not_count_is_a_finding_with_who_made_it_and_what_it_points_at(desk: Desk) -> None:
    desk.live("1")
    desk.registered("2")
    name = desk.by_hand("2")
    done = look(desk, name)
    assert not done.verdict.passed
    commit = desk.history().versions[v("2")].commit
    assert done.asked is not None
    assert (done.asked.name, done.asked.by, done.asked.points_at) == (name, "Bob <bob@example.org>", commit)
    assert f"the tag {name} does not count: it was made by hand" in said(done)
    assert f"(made by 'Bob <bob@example.org>', on {commit[:12]})" in said(done)
    assert look(desk, "m@v2").verdict.passed, "what else is wrong in its model does not make a version wrong"
    assert look(desk, "m@prod").verdict.passed
    assert not look(desk).verdict.passed


def test_a_version_tag_that_does_not_count_and_a_lightweight_one_are_findings(desk: Desk) -> None:
    desk.registered("1")
    desk.plant("m@v2", b"garbage")
    desk.refs["refs/tags/m@v3"] = desk.main or ""
    for name in ("m@2", "m@3"):
        done = look(desk, name)
        assert not done.verdict.passed
        assert done.asked is not None
        assert (done.asked.name, done.asked.by) == (name.replace("@", "@v"), "")
        assert "(nobody says to have made it, on " in said(done)


def test_an_assignment_that_nobody_reviewed_is_a_finding_where_it_is_asked_for(desk: Desk) -> None:
    desk.live("1")
    desk.registered("2")
    name = desk.forge("2")
    for reference in (name, "m@prod"):
        done = look(desk, reference)
        assert (done.verdict.passed, done.assignments) == (False, 1)
        assert "aliases.yaml at its commit" in said(done)


def test_an_alias_that_was_emptied_by_a_reviewed_change_is_in_order(desk: Desk) -> None:
    desk.live("1")
    desk.emptied()
    for reference in ("m#prod#2", "m@prod"):
        done = look(desk, reference)
        assert (done.verdict.passed, done.versions, done.assignments) == (True, 0, 1)


def test_an_assignment_that_is_not_there_is_not_found(desk: Desk) -> None:
    desk.live("1")
    with pytest.raises(NotFound, match=r"m#prod#9 is not a valid assignment"):
        look(desk, "m#prod#9")
