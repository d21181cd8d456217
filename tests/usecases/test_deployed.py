"""Recording what runs: with the bytes read or not, once for each change, and against others who record at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from modelmark.domain.deployments import Deployment, Kept, Place
from modelmark.domain.json_values import Json
from modelmark.domain.names import ModelName
from modelmark.domain.references import parse_reference
from modelmark.errors import CouldNot, InvalidInput, Lost, NotFound
from modelmark.usecases.deployed import Recorded, Witness, deployed, deployment_of, record_deployment
from modelmark.usecases.pull import LocalReleases, pull
from modelmark.usecases.resolve import LocalTags, resolve
from tests.support.desk import NOON, PROD, Desk, M, v

EU = Place(M, PROD, "eu-1")


@dataclass
class FakeRecords:
    """Records in memory; each of `faster` is somebody who appends just before us."""

    kept: dict[Place, list[Deployment]] = field(default_factory=dict)
    faster: list[Deployment] = field(default_factory=list)
    where: str = "memory"

    def last(self, place: Place) -> Kept | None:
        found = self.kept.get(place, [])
        return Kept(place, len(found), found[-1]) if found else None

    def newest(self, model: ModelName | None) -> tuple[Kept, ...]:
        return tuple(one for place in self.kept if model in (None, place.model) and (one := self.last(place)))

    def append(self, made: Deployment, number: int) -> str:
        if self.faster:
            other = self.faster.pop(0)
            self.kept.setdefault(other.place, []).append(other)
        if number != len(self.kept.get(made.place, [])) + 1:
            raise Lost("somebody else was faster")
        self.kept.setdefault(made.place, []).append(made)
        return made.place.path(number)


@dataclass
class FakeDisk:
    """One release; `difference` is in what it is not what its manifest lists."""

    said: Mapping[str, Json]
    difference: str = ""
    read: list[Mapping[str, str]] = field(default_factory=list)

    def about(self, target: Path) -> tuple[Path, Mapping[str, Json]]:
        if not self.said:
            raise NotFound(f"{target} has no release")
        return target / "current", self.said

    def differs(self, release: Path, sha256s: Mapping[str, str]) -> str:
        self.read.append(sha256s)
        return self.difference


@pytest.fixture
def records() -> FakeRecords:
    return FakeRecords()


@pytest.fixture
def witness(records: FakeRecords) -> Witness:
    return Witness("web-1", lambda: NOON, records, lambda _: None)


@pytest.fixture
def live(desk: Desk) -> Desk:
    desk.live("1", "2")
    desk.sync()
    return desk


def on_disk(desk: Desk, reference: str = "m@prod") -> FakeDisk:
    """What `pull` leaves."""
    target = desk.folder / "srv"
    pull(LocalReleases(desk.workspace, desk.folder), desk.directories, parse_reference(reference), target)
    return FakeDisk(desk.directories.about[target])


def ask(
    desk: Desk, disk: FakeDisk, witness: Witness, reference: str = "m@prod", *, to: bool = True
) -> Recorded:
    source = LocalReleases(desk.workspace, desk.folder)
    target = desk.folder / "srv" if to else None
    return deployed(source, disk, parse_reference(reference), "eu-1", target, witness)


def test_what_was_pulled_is_recorded_with_every_byte_read(
    live: Desk, records: FakeRecords, witness: Witness
) -> None:
    disk = on_disk(live)
    done = ask(live, disk, witness)
    made = done.deployment
    prod = live.history().now(PROD)
    assert prod is not None
    assert (made.version, made.verified, made.host, made.at) == (v("2"), True, "web-1", NOON)
    assert made.assignment == (prod.tag.number, prod.oid)
    assert set(disk.read[0]) == {"model.safetensors", "metrics.json"}
    assert (done.name, done.where, done.already, done.problem) == (EU.path(1), "memory", False, "")
    assert records.kept == {EU: [made]}


def test_the_same_release_again_makes_no_new_record_and_another_one_does(
    live: Desk, records: FakeRecords, witness: Witness
) -> None:
    ask(live, on_disk(live), witness)
    again = ask(live, on_disk(live), replace(witness, host="web-2"))
    assert (again.already, again.name, len(records.kept[EU])) == (True, EU.path(1), 1)
    live.by_hand("1")
    live.sync()
    assert ask(live, on_disk(live), witness).name == EU.path(2)
    live.by_hand("2")
    live.sync()
    assert ask(live, on_disk(live), witness).name == EU.path(3), "it came back, which is a change"


def test_it_is_what_lies_there_that_is_recorded_and_not_what_the_alias_means(
    live: Desk, witness: Witness
) -> None:
    disk = on_disk(live)
    live.by_hand("1")
    live.sync()
    assert ask(live, disk, witness).deployment.version == v("2")


def test_bytes_that_are_others_are_recorded_as_unverified_with_the_reason(
    live: Desk, witness: Witness
) -> None:
    disk = on_disk(live)
    disk.difference = "model.safetensors has other bytes than the manifest lists"
    done = ask(live, disk, witness)
    assert (done.deployment.verified, done.problem) == (False, disk.difference)
    disk.difference = ""
    assert ask(live, disk, witness).name == EU.path(2), "that it is verified now is news"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"tag_id": "0" * 40}, "by another tag"),
        ({"manifest_sha256": "0" * 64}, "by another tag"),
        ({"version": "9"}, "not registered"),
    ],
)
def test_what_claims_another_origin_than_the_registry_has_is_unverified(
    live: Desk, witness: Witness, change: dict[str, Json], problem: str
) -> None:
    disk = on_disk(live)
    done = ask(live, FakeDisk({**disk.said, **change}), witness)
    assert not done.deployment.verified
    assert problem in done.problem


@pytest.mark.parametrize(
    "change",
    [
        {"model": "n"},
        {"model": 1},
        {"version": "x"},
        {"tag_id": "--x"},
        {"manifest_sha256": "x"},
        {"version": None},
    ],
)
def test_a_record_beside_a_release_that_cannot_be_used_is_refused(
    live: Desk, records: FakeRecords, witness: Witness, change: dict[str, Json]
) -> None:
    disk = FakeDisk({**on_disk(live).said, **change})
    with pytest.raises(InvalidInput):
        ask(live, disk, witness)
    assert records.kept == {}


def test_without_a_directory_nobody_has_looked(live: Desk, witness: Witness) -> None:
    done = ask(live, FakeDisk({}), witness, to=False)
    assert (done.deployment.version, done.deployment.verified) == (v("2"), False)
    assert "nobody looked" in done.problem


def test_an_environment_follows_an_alias_and_has_a_name(live: Desk, witness: Witness) -> None:
    for reference in ("m@2", "m@latest", "m#prod#1"):
        with pytest.raises(InvalidInput, match="is not an alias"):
            ask(live, on_disk(live), witness, reference)
    with pytest.raises(InvalidInput, match="name of an environment"):
        deployed(
            LocalReleases(live.workspace, live.folder),
            on_disk(live),
            parse_reference("m@prod"),
            "EU 1",
            None,
            witness,
        )
    with pytest.raises(NotFound):
        ask(live, FakeDisk({}), witness)


def test_a_release_that_was_pulled_by_its_number_has_no_assignment(live: Desk, witness: Witness) -> None:
    made = ask(live, on_disk(live, "m@2"), witness).deployment
    assert (made.assignment, made.verified) == (None, True)


def test_a_registry_that_cannot_be_reached_says_nothing_of_what_runs(
    live: Desk, records: FakeRecords, witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object) -> bytes:
        raise CouldNot("the network is down")

    disk = on_disk(live)
    monkeypatch.setattr(live.git, "blob", down)
    with pytest.raises(CouldNot):
        ask(live, disk, witness)
    assert records.kept == {}


def made_of(desk: Desk, witness: Witness, reference: str = "m@prod") -> Deployment:
    found = resolve(LocalTags(desk.workspace), parse_reference(reference))
    return deployment_of(found, EU, witness, "https://x", verified=True)


def test_who_loses_looks_again_and_takes_the_next_number(
    live: Desk, records: FakeRecords, witness: Witness
) -> None:
    made = made_of(live, witness)
    records.faster = [replace(made, version=v("1")), replace(made, version=v("3"))]
    pauses: list[int] = []
    assert record_deployment(records, made, pauses.append).name == EU.path(3)
    assert pauses == [1, 2]


def test_who_loses_to_the_same_news_has_nothing_more_to_say(
    live: Desk, records: FakeRecords, witness: Witness
) -> None:
    made = made_of(live, witness)
    records.faster = [replace(made, host="web-2")]
    done = record_deployment(records, made, lambda _: None)
    assert (done.already, done.deployment.host, len(records.kept[EU])) == (True, "web-2", 1)


def test_who_loses_for_ever_says_so(live: Desk, records: FakeRecords, witness: Witness) -> None:
    made = made_of(live, witness)
    records.faster = [replace(made, version=v(str(number))) for number in range(3, 40)]
    with pytest.raises(Lost, match="20 times"):
        record_deployment(records, made, lambda _: None)


def test_what_could_not_be_read_back_is_not_written(
    live: Desk, records: FakeRecords, witness: Witness
) -> None:
    with pytest.raises(InvalidInput):
        record_deployment(records, replace(made_of(live, witness), host="a b"), lambda _: None)
    assert records.kept == {}
    made = made_of(live, witness)
    assert record_deployment(records, made, lambda _: None).deployment == made
