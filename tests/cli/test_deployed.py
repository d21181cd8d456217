"""`deployed` and `status` as people and programs see them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import modelmark
from tests.cli.conftest import Run
from tests.support.desk import Desk
from tests.support.goldens import Golden

SCHEMAS = Path(modelmark.__file__).parent / "schemas"


def validator(name: str) -> Draft202012Validator:
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.fixture
def where(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> str:
    desk.live("1", "2")
    monkeypatch.setattr("platform.node", lambda: "web-1")
    monkeypatch.setattr("modelmark.registry.deployments.now", lambda: desk.at[0])
    return f"folder:{desk.folder / 'records'}"


def test_an_environment_agrees_until_the_alias_moves_on(
    desk: Desk, run: Run, where: str, golden: Golden
) -> None:
    said = run("deployed", "m@prod", "--env", "eu-1", "--records", where)
    assert (said.code, said.out) == (0, "m/prod/eu-1/1.json\n")
    assert "nobody looked at the bytes" in said.err
    again = run("deployed", "m@prod", "--env", "eu-1", "--records", where)
    assert (again.code, again.out) == (0, said.out)
    assert "recorded already" in again.err
    desk.by_hand("1")
    shown = run("status", "m", "--records", where)
    assert shown.code == 1
    desk.wait(48)
    silent = run("status", "--records", where)
    golden("what-runs.txt", f"{shown.out}\n{silent.out}\n{silent.err}")


def test_the_json_is_what_the_published_schemas_say(desk: Desk, run: Run, where: str) -> None:
    run("deployed", "m@prod", "--env", "eu-1", "--records", where)
    folder = desk.folder / "records" / "m" / "prod"
    record: dict[str, Any] = json.loads((folder / "eu-1" / "1.json").read_text("utf-8"))
    validator("deployment").validate(record)
    for env, change in (
        ("us-1", {"verified": True}),
        ("us-2", {"version": "9", "tag": "m@v9"}),
        ("us-3", {"more": 1}),
    ):
        (folder / env).mkdir()
        (folder / env / "1.json").write_text(json.dumps({**record, "env": env, **change}), "utf-8")
    assert not validator("deployment").is_valid({**record, "more": 1})
    done = run("status", "m", "--records", where, "--json")
    found = json.loads(done.out)
    validator("status").validate(found)
    assert (done.code, found["agrees"]) == (1, False)
    assert {one["env"]: one["standing"] for one in found["running"]} == {
        "eu-1": "unverified",
        "us-1": "agrees",
        "us-2": "undeclared",
    }
    assert len(found["problems"]) == 1
    assert found["unheard"]


def test_what_everybody_agrees_on_is_a_yes(desk: Desk, run: Run, where: str) -> None:
    run("deployed", "m@prod", "--env", "eu-1", "--records", where)
    path = desk.folder / "records" / "m" / "prod" / "eu-1" / "1.json"
    path.write_text(path.read_text("utf-8").replace('"verified": false', '"verified": true'), "utf-8")
    done = run("status", "m", "--records", where)
    assert (done.code, "✓ agrees" in done.out) == (0, True)


def test_hostile_text_of_a_record_reaches_no_terminal(desk: Desk, run: Run, where: str) -> None:
    run("deployed", "m@prod", "--env", "eu-1", "--records", where)
    path = desk.folder / "records" / "m" / "prod" / "eu-1" / "1.json"
    record = json.loads(path.read_text("utf-8"))
    for key in ("host", "version", "registry", "env"):
        path.write_text(json.dumps({**record, key: "\x1b[2J\n::error::pwned"}), "utf-8")
        shown = run("status", "--records", where)
        assert "\x1b" not in shown.out + shown.err
        assert "\n::error" not in shown.out + shown.err


def test_a_directory_without_a_release_and_a_place_that_is_none_are_said(
    desk: Desk, run: Run, where: str
) -> None:
    nothing = run("deployed", "m@prod", "--env", "eu-1", "--records", where, "--to", str(desk.folder / "srv"))
    assert (nothing.code, nothing.out) == (1, "")
    assert "has no release" in nothing.err
    assert run("status", "--records", "somewhere").code == 2
    for hours in ("nan", "1e300", "-1"):
        done = run("status", "--records", where, f"--silent-after={hours}")
        assert (done.code, "is no time between" in done.err) == (2, True)
    assert run("status", "--records", f"folder:{desk.folder / 'nothing'}").code == 2
    assert run("deployed", "m@7", "--env", "eu-1", "--records", where).code == 2
    assert run("deployed", "m@prod", "--env", "EU", "--records", where).code == 2


def test_a_webhook_cannot_be_asked(desk: Desk, run: Run, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELMARK_WEBHOOK_URL", "https://hooks.example.org/t0ken")
    monkeypatch.setenv("MODELMARK_WEBHOOK_SECRET", "s")
    done = run("status", "--records", "webhook")
    assert (done.code, "cannot be read back" in done.err, "t0ken" in done.err) == (1, True, False)
    monkeypatch.delenv("MODELMARK_WEBHOOK_URL")
    assert run("status", "--records", "webhook").code == 2
