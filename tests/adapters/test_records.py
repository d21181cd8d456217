"""Where records are kept: one contract for a folder, for a branch by a clone, and for a branch by an address alone."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from modelmark.adapters.git import GitRunner
from modelmark.adapters.git_remote import GitRemote, find_remote
from modelmark.adapters.record_branch import BranchRecords, Scratch, parse_branch
from modelmark.adapters.record_folder import FolderRecords
from modelmark.adapters.record_webhook import find_records
from modelmark.domain.deployments import Deployment, Place, event_id, write_deployment
from modelmark.domain.names import ModelName
from modelmark.errors import CouldNot, Denied, InvalidInput, Lost, Refused, Unreachable
from modelmark.usecases.deployed import Records, record_deployment
from tests.support.desk import NOON, PROD, M, v
from tests.support.git_repos import POLICY, commit, git, new_repository
from tests.support.receiver import receiver

EU = Place(M, PROD, "eu-1")
MADE = Deployment(EU, v("3"), "1" * 40, (3, "2" * 40), "3" * 64, True, "web-1", NOON, "https://x")


@dataclass(frozen=True)
class Kind:
    """One kind of place: opens it, and puts any bytes into it by other means."""

    open: Callable[[], Records]
    put: Callable[[str, bytes], object]


def put_file(root: Path, path: str, data: bytes) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(data)


def put_commit(hub: Path, tmp_path: Path, path: str, data: bytes) -> None:
    """Somebody else commits a file to the branch."""
    other = tmp_path / "other"
    if not other.exists():
        git(tmp_path, "clone", "-q", str(hub), "other")
    git(other, "fetch", "-q", "origin")
    there = git(other, "branch", "-r", "--list", "origin/deployments")
    how = (
        ("checkout", "-q", "-B", "deployments", "origin/deployments")
        if there
        else ("checkout", "-q", "--orphan", "deployments")
    )
    git(other, *how)
    if not there:
        git(other, "rm", "-rqf", ".")
    commit(other, {path: data})
    git(other, "push", "-q", "origin", "deployments")


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    """A bare registry with a commit on main."""
    root = new_repository(tmp_path / "first", "--template=")
    commit(root, {"registry.yaml": POLICY})
    git(tmp_path, "clone", "-q", "--bare", str(root), "hub.git")
    return tmp_path / "hub.git"


@pytest.fixture(params=["folder", "clone", "address"])
def kind(request: pytest.FixtureRequest, tmp_path: Path, hub: Path) -> Iterator[Kind]:
    if request.param == "folder":
        root = tmp_path / "records"
        yield Kind(lambda: FolderRecords(root), lambda path, data: put_file(root, path, data))
        return
    put = lambda path, data: put_commit(hub, tmp_path, path, data)  # noqa: E731
    if request.param == "clone":
        git(tmp_path, "clone", "-q", str(hub), "clone")
        runner = GitRunner(tmp_path / "clone")
        yield Kind(lambda: BranchRecords(runner, GitRemote(runner, find_remote(runner)), "deployments"), put)
        return
    open_scratches: list[Scratch] = []

    def opened() -> Records:
        open_scratches.append(Scratch(str(hub)))
        return open_scratches[-1].records("deployments")

    yield Kind(opened, put)
    for one in open_scratches:
        one.__exit__()


def nobody_waits(_: int) -> None:
    return


def test_the_newest_is_what_was_appended_last(kind: Kind) -> None:
    assert kind.open().last(EU) is None
    names = [
        record_deployment(kind.open(), replace(MADE, version=v(text)), nobody_waits).name
        for text in ("1", "2", "3")
    ]
    assert names == [EU.path(1), EU.path(2), EU.path(3)]
    last = kind.open().last(EU)
    assert last is not None
    assert (last.number, last.deployment) == (3, MADE)


def test_numbers_are_counted_and_not_sorted_as_text(kind: Kind) -> None:
    kind.put(EU.path(9), write_deployment(replace(MADE, version=v("1"))))
    kind.put(EU.path(10), write_deployment(replace(MADE, version=v("2"))))
    assert record_deployment(kind.open(), MADE, nobody_waits).name == EU.path(11)


def test_each_place_has_its_own_numbers(kind: Kind) -> None:
    us, other = replace(EU, env="us-2"), replace(EU, model=ModelName("n"))
    for place in (EU, us, other):
        assert record_deployment(kind.open(), replace(MADE, place=place), nobody_waits).name == place.path(1)
    assert {one.place for one in kind.open().newest(None)} == {EU, us, other}
    assert {one.place for one in kind.open().newest(M)} == {EU, us}
    assert kind.open().last(replace(EU, env="eu")) is None, "eu is no beginning of eu-1"


def test_who_saw_less_than_there_is_now_has_lost(kind: Kind) -> None:
    slow = kind.open()
    assert slow.last(EU) is None
    kind.put(EU.path(1), write_deployment(replace(MADE, version=v("1"))))
    with pytest.raises(Lost):
        slow.append(MADE, 1)
    assert record_deployment(slow, MADE, nobody_waits).name == EU.path(2)


def test_a_record_that_somebody_spoiled_is_named_and_hides_no_other(kind: Kind) -> None:
    for number, data in enumerate((b"\xff", b"{", b'{"record": 1, "record": 1}', b" " * 70_000, b"[]"), 1):
        kind.put(f"m/prod/env-{number}/1.json", data)
    kind.put("README.md", b"not a record")
    record_deployment(kind.open(), MADE, nobody_waits)
    found = {one.place.env: one for one in kind.open().newest(None)}
    assert sorted(found) == ["env-1", "env-2", "env-3", "env-4", "env-5", "eu-1"]
    assert found.pop("eu-1").deployment == MADE
    assert all(one.deployment is None and one.problem for one in found.values())
    spoiled = replace(EU, env="env-1")
    assert record_deployment(kind.open(), replace(MADE, place=spoiled), nobody_waits).name == spoiled.path(2)


def test_ten_environments_at_once_all_get_their_record(kind: Kind) -> None:
    made = [replace(MADE, place=replace(EU, env=f"env-{number}")) for number in range(5)]
    errors: list[Exception] = []

    def one(deployment: Deployment) -> None:
        try:
            record_deployment(kind.open(), deployment, lambda attempt: time.sleep(0.02 * attempt))
        except Exception as error:  # noqa: BLE001 - told below
            errors.append(error)

    threads = [threading.Thread(target=one, args=(deployment,)) for deployment in made * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert errors == []
    assert sorted((one.place.env, one.number) for one in kind.open().newest(None)) == [
        (f"env-{number}", 1) for number in range(5)
    ]


def test_a_clone_keeps_its_index_its_work_tree_and_its_branch(hub: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", str(hub), "clone")
    clone = tmp_path / "clone"
    (clone / "registry.yaml").write_text("edited")
    (clone / "new.txt").write_text("staged")
    git(clone, "add", "new.txt")
    before = git(clone, "status", "--porcelain=v2", "--branch"), git(clone, "rev-parse", "HEAD")
    runner = GitRunner(clone)
    record_deployment(BranchRecords(runner, GitRemote(runner, "origin"), "deployments"), MADE, nobody_waits)
    assert (git(clone, "status", "--porcelain=v2", "--branch"), git(clone, "rev-parse", "HEAD")) == before
    assert git(hub, "ls-tree", "-r", "--name-only", "deployments") == EU.path(1)
    assert git(hub, "rev-list", "--count", "deployments") == "1", "it shares no commit with main"


def test_a_registry_without_a_remote_keeps_the_branch_itself(tmp_path: Path) -> None:
    root = new_repository(tmp_path / "alone", "--template=")
    commit(root, {"registry.yaml": POLICY})
    runner = GitRunner(root)
    records = BranchRecords(runner, GitRemote(runner, None), "deployments")
    for text in ("1", "2"):
        record_deployment(records, replace(MADE, version=v(text)), nobody_waits)
    assert git(root, "ls-tree", "-r", "--name-only", "deployments").split() == [EU.path(1), EU.path(2)]


def test_records_are_never_mixed_into_the_registry_itself(hub: Path) -> None:
    before = git(hub, "rev-parse", "main")
    with Scratch(str(hub)) as scratch, pytest.raises(Refused, match="the branch main is the registry itself"):
        record_deployment(scratch.records("main"), MADE, nobody_waits)
    assert git(hub, "rev-parse", "main") == before


def test_without_a_clone_the_past_of_the_branch_is_not_fetched(hub: Path, tmp_path: Path) -> None:
    for number in range(1, 4):
        put_commit(hub, tmp_path, EU.path(number), write_deployment(replace(MADE, version=v(str(number)))))
    with Scratch(str(hub)) as scratch:
        records = scratch.records("deployments")
        assert records.last(EU) is not None
        folder = Path(scratch._folder.name)
        assert git(folder, "rev-list", "--count", "--all") == "1"


def test_a_machine_that_git_does_not_know_signs_for_itself(
    hub: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modelmark.adapters.git_writer.GitWriter.identity", _nobody)
    with Scratch(str(hub)) as scratch:
        record_deployment(scratch.records("deployments"), MADE, nobody_waits)
    assert git(hub, "log", "-1", "--format=%an <%ae> %s", "deployments") == (
        "modelmark <deployed@web-1> m@prod in eu-1 runs 3"
    )


def _nobody(_: object) -> None:
    raise InvalidInput("Git does not know who you are")


def test_an_address_that_is_none_is_unreachable(tmp_path: Path) -> None:
    with Scratch(str(tmp_path / "nothing")) as scratch, pytest.raises(CouldNot):
        scratch.records("deployments")


@pytest.mark.parametrize(
    "name", ["", "-x", "a..b", "a/", "a//b", "x.lock", "a b", "a~1", "@{u}", ":main", "a" * 101]
)
def test_only_plain_names_are_branches(name: str) -> None:
    with pytest.raises(InvalidInput):
        parse_branch(name)
    assert parse_branch("ops/deployments-2.eu") == "ops/deployments-2.eu"


def test_a_webhook_gets_the_record_signed_and_its_double_has_the_same_id() -> None:
    with receiver() as there:
        records = find_records(there.environ, None)
        first = record_deployment(records, MADE, nobody_waits)
        again = record_deployment(records, replace(MADE, at=NOON.replace(hour=13)), nobody_waits)
        assert (first.name, again.name, first.where) == (event_id(MADE), event_id(MADE), "webhook")
        assert [one["id"] for one in there.events] == [event_id(MADE)] * 2
        assert there.events[0]["data"] == json.loads(write_deployment(MADE))
        by_address = find_records(there.environ, there.url)
        assert record_deployment(by_address, MADE, nobody_waits).name == event_id(MADE)
        with pytest.raises(Refused, match="cannot be read back"):
            records.newest(None)
        there.secret = "other"
        with pytest.raises(Denied):
            record_deployment(records, MADE, nobody_waits)


def test_a_webhook_that_nobody_named_or_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidInput, match="MODELMARK_WEBHOOK_URL is not set"):
        find_records({}, None)
    monkeypatch.setattr("modelmark.adapters.http._PAUSES", (0.0, 0.0, 0.0))
    gone = find_records({"MODELMARK_WEBHOOK_SECRET": "s"}, "http://127.0.0.1:9/x")
    with pytest.raises(Unreachable):
        record_deployment(gone, MADE, nobody_waits)
