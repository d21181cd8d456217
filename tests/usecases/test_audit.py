"""Everything against everything: each kind of trouble is found, and a registry that is in order passes."""

from __future__ import annotations

import pytest

from modelmark.domain.findings import Finding, Level
from modelmark.domain.tags import Message, VersionTag, write_tag_object
from modelmark.errors import Unreachable
from modelmark.usecases.audit import Audited, audit
from modelmark.usecases.codeowners import check_codeowners
from tests.support.desk import BOB, POLICY, STAGING, Desk, M, v

OWNED = POLICY.replace("default_branch: main", "default_branch: main, owners: ['@acme/platform']")


@pytest.fixture
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = Desk.new(tmp_path_factory.mktemp("desk"), OWNED)
    desk.registered("1")
    settle(desk)
    return desk


def settle(desk: Desk) -> None:
    """Commit the code owners file that the registry asks for."""
    lines = check_codeowners(desk.workspace, desk.main or "").agreement.missing
    desk.commit({".github/CODEOWNERS": "".join(f"{line}\n" for line in lines).encode()})


def errors(done: Audited) -> list[str]:
    return [one.message for one in done.verdict.findings if one.level is Level.ERROR]


def test_a_registry_in_order_passes_and_says_what_it_held_against_what(desk: Desk) -> None:
    desk.live("2")
    done = audit(desk.workspace)
    assert errors(done) == []
    assert done.verdict.passed
    assert done.verdict.rules == ("tags", "files", "storage", "apply", "by-hand", "codeowners")
    assert (done.commit, done.models, done.versions, done.assignments) == (desk.main, 1, 2, 2)


def test_it_brings_main_and_the_tags_first(desk: Desk) -> None:
    elsewhere = desk.other_clone()
    desk.live("2")
    assert audit(elsewhere).commit == desk.main
    assert audit(elsewhere).versions == 2


def test_what_waits_for_apply_is_a_warning_and_what_it_refuses_an_error(desk: Desk) -> None:
    made = desk.register(desk.source("2"), "2").submitted
    assert made is not None
    desk.merge(made.branch)
    waiting = audit(desk.workspace)
    assert waiting.verdict.passed
    assert any("has no tag" in one.message for one in waiting.verdict.findings)
    assert desk.tags() == ["m@v1"], "it changes nothing"
    desk.registered("3", {"f1": 0.1})
    desk.merge(desk.promote("3", STAGING).submitted.branch)
    assert any("does not become true" in text for text in errors(audit(desk.workspace)))


def test_a_lost_object_is_an_error_and_a_storage_that_does_not_answer_is_no_verdict(desk: Desk) -> None:
    desk.storage.remote.clear()
    assert any("is not in the storage" in text for text in errors(audit(desk.workspace)))
    desk.storage.failure = Unreachable("the storage cannot be reached")
    with pytest.raises(Unreachable):
        audit(desk.workspace)


def tag(desk: Desk, name: VersionTag, commit: str, registry: str = "6f0c") -> None:
    known = desk.history().versions[v("1")]
    trailers = {
        "Registry": registry,
        "Manifest": known.manifest_blob,
        "Manifest-SHA256": known.manifest_sha256,
        "Artifacts": known.artifacts,
    }
    desk.plant(str(name), write_tag_object(commit, name, BOB, Message("m 9 is registered", "", trailers)))


def test_a_tag_off_main_one_of_another_registry_and_a_lightweight_one_are_errors(desk: Desk) -> None:
    off = desk.commit({"x": b"y"}, branch="side")
    tag(desk, VersionTag(M, v("7")), off)
    tag(desk, VersionTag(M, v("8")), desk.main or "", "another")
    desk.refs["refs/tags/m#prod#1"] = desk.main or ""
    said = errors(audit(desk.workspace))
    for words in (
        "the tag m@v7 does not count: it points at",
        "the tag m@v8 does not count: it belongs to another registry ('another') (made by 'Bob <bob@example.org>', on",
        "the tag m#prod#1 does not count: it is a lightweight tag",
    ):
        assert any(text.startswith(words) for text in said), said


def test_a_rollback_by_hand_is_a_note_that_names_who_and_why(desk: Desk) -> None:
    desk.live("2", "3")
    desk.by_hand("2")
    done = audit(desk.workspace)
    assert errors(done) == []
    notes = [one.message for one in done.verdict.findings if one.rule == "by-hand"]
    assert notes == [
        "m#prod#3 was made by hand and counts: it put prod back to 2, by Bob <bob@example.org>: latency regression"
    ]


def test_code_owners_that_nobody_asked_for_and_missing_ones_are_errors(desk: Desk) -> None:
    desk.commit({".github/CODEOWNERS": b""})
    said = errors(audit(desk.workspace))
    assert any(text.startswith("the block lacks `") for text in said), said
    desk.commit({".github/CODEOWNERS": None})
    assert "there is no .github/CODEOWNERS" in errors(audit(desk.workspace))


def test_other_rules_stand_beside_ours(desk: Desk) -> None:
    asked: list[str] = []

    def protection(main: object) -> list[Finding]:
        asked.append(getattr(main, "commit", ""))
        return [Finding("protection", Level.ERROR, "main may be pushed to")]

    done = audit(desk.workspace, {"protection": protection})
    assert asked == [desk.main]
    assert done.verdict.rules[-1] == "protection"
    assert errors(done) == ["main may be pushed to"]


def test_a_registry_without_a_remote_is_audited_as_it_is(tmp_path_factory: pytest.TempPathFactory) -> None:
    desk = Desk.new(tmp_path_factory.mktemp("alone"), OWNED, remote=False)
    desk.registered("1")
    settle(desk)
    assert audit(desk.workspace).verdict.passed
