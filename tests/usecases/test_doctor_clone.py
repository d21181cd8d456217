"""What is asked of a machine and a clone, with each of them in memory; `tests/cli/test_doctor.py` breaks real ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

import pytest

from modelmark.domain.diagnosis import Diagnosis
from modelmark.domain.findings import Level
from modelmark.errors import CouldNot, Unreachable
from modelmark.usecases.doctor import doctor
from modelmark.usecases.doctor_clone import clone_probes, machine_probes
from tests.support.desk import POLICY, Desk

CONFIG = b"[core]\n    remote = store\n['remote \"store\"']\n    url = memory:storage\n"


@dataclass
class FakeMachine:
    version: tuple[int, ...] = (2, 39, 5)
    lacks: tuple[str, ...] = ()

    def git_version(self) -> tuple[int, ...]:
        return self.version

    def sandbox(self) -> None:
        self._has("sandbox")

    def audit(self) -> None:
        self._has("audit")

    def _has(self, what: str) -> None:
        if what in self.lacks:
            raise CouldNot(f"no {what}", "install it")


@dataclass
class FakeClone:
    desk: Desk
    shallow: bool = False
    down: bool = False
    asked: list[str] = field(default_factory=list)

    def is_shallow(self) -> bool:
        return self.shallow

    def remote_tips(self, *refs: str) -> Mapping[str, str]:
        if self.down:
            raise Unreachable("the remote cannot be reached", "check the network")
        self.asked += refs
        return {ref: oid for ref, oid in self.desk.refs.items() if any(fnmatchcase(ref, one) for one in refs)}


def looked(
    desk: Desk, machine: FakeMachine | None = None, clone: FakeClone | None = None
) -> dict[str, Level | None]:
    return {
        one.name: one.level for one in diagnosed(desk, machine, clone).probes if one.failed or one.findings
    }


def diagnosed(desk: Desk, machine: FakeMachine | None = None, clone: FakeClone | None = None) -> Diagnosis:
    machine = machine or FakeMachine()
    return doctor(
        [*machine_probes(machine), *clone_probes(desk.workspace, machine, clone or FakeClone(desk))]
    )


@pytest.fixture
def desk(desk: Desk) -> Desk:
    desk.commit({".dvc/config": CONFIG})
    desk.sync()
    return desk


def test_nothing_is_off_where_nothing_is_broken(desk: Desk) -> None:
    clone = FakeClone(desk)
    assert looked(desk, clone=clone) == {}
    assert clone.asked == ["HEAD", "refs/heads/main", "refs/tags/*@v*", "refs/tags/*#*"]


@pytest.mark.parametrize(
    ("version", "old"), [((2, 33, 9), True), ((2, 34), False), ((2, 34, 0), False), ((3, 0), False)]
)
def test_git_is_as_new_as_what_is_asked_of_it(desk: Desk, version: tuple[int, ...], *, old: bool) -> None:
    assert looked(desk, FakeMachine(version)) == ({"git": Level.ERROR} if old else {})


def test_a_remote_that_is_down_is_said_once(desk: Desk) -> None:
    found = diagnosed(desk, clone=FakeClone(desk, down=True))
    assert [(one.name, one.waits_for) for one in found.probes if one.failed] == [
        ("remote", ""),
        ("newest", "remote"),
        ("tags", "remote"),
    ]


def test_programs_are_missed_where_a_gate_needs_them(desk: Desk) -> None:
    bare = FakeMachine(lacks=("sandbox", "audit"))
    assert looked(desk, bare) == {}
    gate = "production: {checks: [dependencies, contract], criteria:"
    desk.commit({"registry.yaml": POLICY.replace("production: {criteria:", gate).encode()})
    desk.sync()
    assert looked(desk, bare) == {"sandbox": Level.ERROR, "audit": Level.ERROR}


def test_a_registration_that_runs_code_needs_the_sandbox_too(desk: Desk) -> None:
    desk.commit({"registry.yaml": f"{POLICY}registration: {{checks: [bundled-tests]}}\n".encode()})
    desk.sync()
    assert looked(desk, FakeMachine(lacks=("sandbox",))) == {"sandbox": Level.ERROR}


def test_a_shallow_clone_and_no_remote_are_warnings(desk: Desk) -> None:
    assert looked(desk, clone=FakeClone(desk, shallow=True)) == {"history": Level.WARNING}


def test_main_that_moved_on_is_a_warning_until_it_is_fetched(desk: Desk) -> None:
    before = desk.main or ""
    desk.commit({"README.md": b"more"})
    desk.git.refs["refs/remotes/origin/main"] = before
    assert looked(desk) == {"newest": Level.WARNING}
    desk.sync()
    assert looked(desk) == {}


def test_tags_that_are_not_here_or_not_the_same_are_a_warning_until_they_are_fetched(desk: Desk) -> None:
    desk.live("1")
    desk.sync()
    assert looked(desk) == {}
    mine = desk.git.refs.pop("refs/tags/m#prod#1")
    desk.git.refs["refs/tags/m@v1"] = mine
    (found,) = (found for one in diagnosed(desk).probes for found in one.findings)
    assert (found.level, found.hint) == (Level.WARNING, "git fetch origin 'refs/tags/*:refs/tags/*'")
    assert found.message == "2 of the tags on origin are not here, or not the same: 'm#prod#1', 'm@v1'"


def test_an_address_that_is_not_allowed_is_not_repeated(desk: Desk) -> None:
    desk.commit({".dvc/config": CONFIG.replace(b"memory:storage", b"https://ada:s3cret@elsewhere")})
    desk.sync()
    found = diagnosed(desk)
    assert looked(desk) == {"dvc": Level.ERROR}
    assert "s3cret" not in str(found)
