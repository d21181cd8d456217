"""Declared against running, over all models and environments."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from modelmark.domain.deployments import Deployment, Kept, Place
from modelmark.domain.names import ModelName
from modelmark.domain.running import Standing
from modelmark.errors import CouldNot, NotFound
from modelmark.usecases.status import Status, Unheard, status
from tests.support.desk import NOON, PREV, PROD, STAGING, Desk, M, v
from tests.usecases.test_deployed import FakeRecords

N = ModelName("n")


@pytest.fixture
def live(desk: Desk) -> Desk:
    desk.live("1", "2")
    desk.live("1", model=N)
    desk.sync()
    return desk


def say(desk: Desk, records: FakeRecords, version: str, env: str = "eu-1", model: ModelName = M) -> None:
    found = desk.history(model).versions[v(version)]
    place = Place(model, PROD, env)
    made = Deployment(place, v(version), found.oid, None, found.manifest_sha256, True, "web-1", NOON, "x")
    records.kept.setdefault(place, []).append(made)


def standings(found: Status) -> dict[tuple[str, str], Standing]:
    return {(one.model, one.env): one.standing for one in found.running}


def test_every_environment_stands_by_its_newest_record(live: Desk) -> None:
    records = FakeRecords()
    for version, env, model in (
        ("1", "eu-1", M),
        ("2", "eu-1", M),
        ("2", "us-2", M),
        ("1", "us-2", M),
        ("1", "eu-1", N),
    ):
        say(live, records, version, env, model)
    found = status(live.workspace, records, None)
    assert standings(found) == {
        ("m", "eu-1"): Standing.AGREES,
        ("m", "us-2"): Standing.BEHIND,
        ("n", "eu-1"): Standing.AGREES,
    }
    assert not found.agrees
    assert status(live.workspace, records, N).agrees


def test_an_alias_of_which_nobody_speaks_is_a_remark_and_no_disagreement(live: Desk) -> None:
    records = FakeRecords()
    say(live, records, "2")
    found = status(live.workspace, records, None)
    assert found.unheard == (Unheard(M, PREV, v("1")), Unheard(M, STAGING, v("2")))
    assert found.agrees
    assert {one.alias for one in status(live.workspace, FakeRecords(), N).unheard} == {PROD, STAGING}


def test_where_nobody_has_said_anything_nothing_agrees(live: Desk) -> None:
    found = status(live.workspace, FakeRecords(), None)
    assert (found, found.agrees) == (Status((), (), ()), False)


def test_a_model_that_is_none_does_not_agree(live: Desk) -> None:
    with pytest.raises(NotFound, match="there is no model nlp-sentimnt"):
        status(live.workspace, FakeRecords(), ModelName("nlp-sentimnt"))


def test_tags_that_this_clone_has_not_seen_accuse_nobody(live: Desk) -> None:
    records = FakeRecords()
    live.live("3")
    say(live, records, "3")
    stale = replace(live, workspace=live.other_clone())
    assert status(stale.workspace, records, None).agrees


def test_patience_ends_in_silence(live: Desk) -> None:
    records = FakeRecords()
    say(live, records, "1")
    live.wait(2)
    (hasty,) = status(live.workspace, records, M, timedelta(hours=1)).running
    (patient,) = status(live.workspace, records, M, timedelta(hours=3)).running
    assert (hasty.standing, patient.standing) == (Standing.SILENT, Standing.BEHIND)


def test_a_record_that_cannot_be_used_is_named_and_is_no_yes(live: Desk) -> None:
    class Spoiled(FakeRecords):
        def newest(self, model: ModelName | None) -> tuple[Kept, ...]:
            return (*super().newest(model), Kept(Place(M, PROD, "us-2"), 4, None, "it is not JSON"))

    records = Spoiled()
    say(live, records, "2")
    found = status(live.workspace, records, None)
    assert standings(found) == {("m", "eu-1"): Standing.AGREES}
    assert found.problems == ("the record m/prod/us-2/4.json cannot be used: it is not JSON",)
    assert not found.agrees


def test_without_the_remote_there_is_no_answer(live: Desk) -> None:
    records = FakeRecords()
    say(live, records, "2")
    assert live.git.server is not None
    live.git.server.failure = CouldNot("down")
    with pytest.raises(CouldNot):
        status(live.workspace, records, None)
