"""Recording what was rolled back by hand: nobody has to write YAML at three in the morning."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from modelmark.domain.names import ModelName
from modelmark.errors import Refused
from modelmark.usecases.record import record, record_alias
from tests.support.desk import PROD, STAGING, Desk, M, v


def test_a_rollback_by_hand_is_recorded_with_an_incident(desk: Desk) -> None:
    desk.live("1", "2")
    desk.by_hand("1", message="latency regression\n")
    (done,) = record(desk.workspace, None, None)
    assert [str(one.tag) for one in done.assignments] == ["m#prod#3"]
    incident = desk.file("models/m/incidents/prod-3.yaml", done.submitted.commit)
    assert "reason: latency regression" in incident
    assert "by: Bob <bob@example.org>" in incident
    desk.accept(done.submitted.branch)
    assert desk.apply().disagreements == ()
    assert record(desk.workspace, None, None) == ()


def test_several_rollbacks_give_an_incident_each_and_one_branch(desk: Desk) -> None:
    desk.live("1", "2", "3")
    desk.by_hand("2")
    desk.by_hand("1")
    (done,) = record(desk.workspace, M, None)
    files = desk.git.entries(done.submitted.commit, "models/m/incidents")
    assert list(files) == ["models/m/incidents/prod-4.yaml", "models/m/incidents/prod-5.yaml"]
    assert done.submitted.branch == "record/m-prod-5"


def test_rollbacks_that_were_never_pushed_go_by_threes_so_that_github_tells_of_them(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.live("1", "2")
    for version in ("1", "2", "1", "2"):
        desk.by_hand(version)
    pushes: list[list[str]] = []
    push = desk.git.push

    def noted(refs: Mapping[str, str]) -> None:
        pushes.append([ref.rpartition("#")[2] for ref in refs if ref.startswith("refs/tags/")])
        push(refs)

    monkeypatch.setattr(desk.git, "push", noted)
    record(desk.workspace, M, PROD)
    assert pushes == [["3", "4", "5"], ["6"], []], "the last one is the branch"


def test_the_same_record_again_is_found(desk: Desk) -> None:
    desk.live("1", "2")
    desk.by_hand("1")
    first = record(desk.workspace, None, None)[0].submitted
    again = record(desk.workspace, None, None)[0].submitted
    assert (again.already, again.commit) == (True, first.commit)


def test_nothing_is_recorded_where_the_files_agree(desk: Desk) -> None:
    desk.live("1")
    assert record(desk.workspace, None, None) == ()
    with pytest.raises(Refused, match=r"aliases.yaml of m says already what prod means"):
        record_alias(desk.workspace, M, PROD)


def test_only_the_asked_model_and_alias_are_recorded(desk: Desk) -> None:
    desk.live("1", "2")
    desk.live("1", model=ModelName("n"))
    desk.by_hand("1")
    assert record(desk.workspace, ModelName("n"), None) == ()
    assert record(desk.workspace, M, STAGING) == ()
    assert len(record(desk.workspace, M, PROD)) == 1


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("", "no reason given"),
        ("tab\tand\x07bell\n", "tab and bell"),
        ("x" * 5000 + "\n", "x" * 100),
        ("two\n\nparagraphs\n", "paragraphs"),
    ],
)
def test_whatever_a_person_wrote_into_the_tag_can_be_recorded(desk: Desk, message: str, reason: str) -> None:
    desk.live("1", "2")
    desk.by_hand("1", message=message)
    (done,) = record(desk.workspace, None, None)
    assert reason in desk.file("models/m/incidents/prod-3.yaml", done.submitted.commit)
    assert reason in desk.file("models/m/aliases.yaml", done.submitted.commit)
    desk.accept(done.submitted.branch)
    assert desk.history().meaning(PROD) == v("1")


def test_one_models_broken_file_does_not_stop_the_record_of_another(desk: Desk) -> None:
    desk.live("1", "2")
    desk.live("1", model=ModelName("a"))
    desk.commit({"models/a/aliases.yaml": b"prod: [broken"})
    desk.by_hand("1")
    assert [str(one.assignments[-1].tag) for one in record(desk.workspace, None, None)] == ["m#prod#3"]


def test_a_tag_that_does_not_count_is_not_recorded(desk: Desk) -> None:
    desk.live("1", "2")
    desk.registered("3")
    desk.by_hand("3")
    assert record(desk.workspace, None, None) == ()
    assert desk.history().meaning(PROD) == v("2")
