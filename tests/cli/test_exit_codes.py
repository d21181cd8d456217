"""The table of exit codes: 0 yes, 1 no, 2 usage, 3 could not, 70 a bug, 130 interrupted."""

from __future__ import annotations

import pytest

from modelmark.cli.session import _Interrupted, guarded
from modelmark.errors import Corrupt, Denied, Lost, Missing, Unreachable
from tests.cli.conftest import Run
from tests.support.desk import STAGING, Desk


def test_yes_and_done_are_0(desk: Desk, run: Run) -> None:
    desk.live("1")
    for words in (
        ["list"],
        ["resolve", "m@prod"],
        ["check", "--head", "origin/main"],
        ["verify"],
        ["apply"],
        ["record"],
    ):
        assert run(*words).code == 0, words


def test_no_is_1(desk: Desk, run: Run) -> None:
    desk.live("1")
    desk.registered("2", {"f1": 0.1})
    branch = desk.promote("2", STAGING).submitted.branch
    words: list[list[str]] = [
        ["resolve", "m@7"],
        ["resolve", "m@canary"],
        ["show", "n@prod"],
        ["history", "n"],
        ["list", "n"],
        ["check", "--head", f"origin/{branch}"],
        ["check", "--head", "nothing"],
        ["rollback", "m", "--reason", "why"],
        ["promote", "m@1", "--to", "prod", "--reason", "why"],
        ["archive", "m@1", "--reason", "why"],
    ]
    for one in words:
        assert run(*one).code == 1, one
    desk.merge(branch)
    assert run("apply").code == 1
    desk.commit({"models/m/1/manifest.yaml": b"other"})
    assert run("verify").code == 1


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["nothing"],
        ["promote"],
        ["promote", "m@1"],
        ["promote", "m@1", "--to", "prod"],
        ["promote", "m@prod", "--to", "prod", "--reason", "why"],
        ["promote", "m@1", "--to", "latest", "--reason", "why"],
        ["promote", "m@1", "--to", "production", "--reason", "why"],
        ["resolve"],
        ["resolve", "m"],
        ["resolve", "m@01"],
        ["resolve", "M@1"],
        ["resolve", "m#prod#0"],
        ["resolve", "m@prod", "--registry", "--upload-pack=x"],
        ["resolve", "m@prod", "--registry", "ext::sh -c true"],
        ["list", "--nothing"],
        ["list", "m", "n"],
        ["history", "m", "--as-of", "yesterday"],
        ["verify", "m@1", "--all"],
        ["evaluate", "m@1"],
        ["evaluate", "m@prod", "--metrics", "/etc/hostname"],
        ["evaluate", "m@1", "--metrics", "/nowhere"],
        ["evaluate", "m@1", "--metrics", "/dev/null"],
        ["evaluate", "m@1", "--metrics", "/etc/hostname", "--kind", "good"],
        ["evaluate", "m@1", "--metrics", "/etc/hostname", "--at", "yesterday"],
        ["register", "."],
        ["register", "/nowhere", "--model", "m"],
        ["register", ".", "--model", "M"],
        ["register", ".", "--model", "m", "--tag", "novalue"],
        ["register", ".", "--model", "m", "--tag", "a=1", "--tag", "a=2"],
        ["register", ".", "--model", "m", "--version", "v7"],
        ["pull", "m@prod"],
        ["pull", "m@prod", "--to", ""],
        ["watch", "m@prod", "--to", ""],
        ["deployed", "m@prod", "--env", "eu-1", "--to", ""],
        ["rollback", "m"],
        ["rollback", "m", "--alias", "production", "--reason", "why"],
    ],
)
def test_a_wrong_command_line_is_2_and_never_a_traceback(words: list[str], desk: Desk, run: Run) -> None:
    desk.live("1")
    ended = run(*words)
    assert ended.code == 2
    assert "Traceback" not in ended.err
    assert ended.err.count("\n") >= 2, "a sentence and what to do"


def test_what_could_not_be_done_is_3(desk: Desk, run: Run) -> None:
    made = desk.register(desk.source())
    desk.storage.failure = Unreachable("the storage cannot be reached", "check the network")
    ended = run("check", "--head", f"origin/{made.submitted.branch}" if made.submitted else "")
    assert (ended.code, ended.out) == (3, "")
    assert ended.err == "error: the storage cannot be reached\n  → check the network\n"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Lost("x"), 1),
        (Missing("x"), 3),
        (Denied("x"), 3),
        (Corrupt("x"), 3),
        (PermissionError(13, "Permission denied", "/etc/x"), 3),
        (OSError(28, "No space left on device"), 3),
        (MemoryError(), 70),
        (ZeroDivisionError("oops"), 70),
        (RecursionError(), 70),
        (_Interrupted(), 130),
        (SystemExit(2), 2),
        (SystemExit(), 0),
    ],
)
def test_every_end_has_its_code(error: BaseException, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    def program() -> None:
        raise error

    with pytest.raises(SystemExit) as ended:
        guarded(program)
    assert ended.value.code == code
    shown = capsys.readouterr()
    assert shown.out == ""
    assert ("Traceback" in shown.err) == (code == 70)
    assert ("please report it" in shown.err) == (code == 70)


def test_a_full_disk_is_said_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    def program() -> None:
        raise OSError(28, "No space left on device", "/srv/model")

    with pytest.raises(SystemExit):
        guarded(program)
    assert capsys.readouterr().err == "error: No space left on device: /srv/model\n"
