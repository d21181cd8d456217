"""The formats of `check` and `compare`: what goes where, and that the published JSON Schemas hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import modelmark
from tests.cli.conftest import Run
from tests.support.desk import PROD, STAGING, Desk

SCHEMAS = Path(modelmark.__file__).parent / "schemas"
FIGURES = [
    {"name": "f1", "value": 0.95, "dataset": "reviews", "split": "test", "n": 100, "ci95": [0.94, 0.96]},
    {"name": "f1", "value": 0.9, "dataset": "reviews", "split": "test", "slice": {"domain": "travel"}},
    {"name": "ms", "value": 40, "where": {"device": "cpu"}},
]


def validator(name: str) -> Draft202012Validator:
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def asked(desk: Desk, f1: float = 0.97) -> str:
    """Version 1 is live, and 2 is asked for; its figures, files and signature differ."""
    signature = {"version": "1.0", "inputs": {"text": "string"}, "outputs": {"label": "string"}}
    better = [{**FIGURES[0], "value": f1, "ci95": [f1, f1]}, *FIGURES[1:]]
    for version, metrics, outputs in (("1", FIGURES, {"label": "string"}), ("2", better, {"tag": "string"})):
        files = {
            "signature__json": json.dumps({**signature, "outputs": outputs}),
            "train_args__json": json.dumps({"lr": version}),
        }
        done = desk.register(desk.source(version, metrics, **files), version)
        assert done.submitted is not None
        desk.accept(done.submitted.branch)
        desk.promoted(version, STAGING)
        if version == "1":
            desk.promoted(version, PROD)
    return f"origin/{desk.promote('2', PROD).submitted.branch}"


def closed(schema: Any) -> bool:
    """Whether every object in a schema names all its keys, so that a new key cannot slip in unseen."""
    if isinstance(schema, list):
        return all(map(closed, schema))
    if not isinstance(schema, dict):
        return True
    if "properties" in schema and schema.get("type") == "object":
        named = sorted(schema["properties"]) == sorted(schema.get("required", []))
        if not named or schema.get("additionalProperties") is not False:
            return False
    return all(map(closed, schema.values()))


def test_a_head_that_adds_nothing_is_told_that_nothing_was_judged(desk: Desk, run: Run) -> None:
    desk.git.refs[desk.git.head] = desk.main or ""
    words = "HEAD adds nothing to main, so there was nothing to judge; did you mean --head origin/…?"
    ended = run("check")
    assert words in ended.err
    assert words not in run("check", "--head", asked(desk)).err


@pytest.mark.parametrize("name", ["check", "compare"])
def test_a_published_schema_leaves_nothing_open(name: str) -> None:
    assert closed(validator(name).schema)


def test_the_json_of_check_is_what_its_schema_says(desk: Desk, run: Run) -> None:
    head = asked(desk)
    for words in (["--json"], ["--format", "json"]):
        found = json.loads(run("check", "--head", head, *words).out)
        validator("check").validate(found)
    (one,) = found["subjects"]
    assert (found["passed"], one["version"], one["current"]) == (True, "2", "1")
    for part in ("metrics", "criteria", "history", "signature", "origins"):
        assert one[part], f"{part} is empty, so the schema of its items was not tried"
    assert one["files"]["changed"]
    assert len(found["moves"]) == 2


def test_the_json_of_a_registration_and_of_findings_is_what_the_schema_says(desk: Desk, run: Run) -> None:
    desk.registered("1", {"f1": 0.1})
    refused = json.loads(
        run("check", "--head", f"origin/{desk.promote('1', STAGING).submitted.branch}", "--json").out
    )
    made = desk.register(desk.source("2"), "2").submitted
    assert made is not None
    new = json.loads(run("check", "--head", f"origin/{made.branch}", "--json").out)
    for found in (refused, new):
        validator("check").validate(found)
    assert refused["findings"]
    assert new["subjects"][0]["alias"] is None


def test_the_json_of_compare_is_what_its_schema_says(desk: Desk, run: Run) -> None:
    asked(desk)
    for words in ([], ["--for", "prod"]):
        found = json.loads(run("compare", "m@1", "m@2", *words, "--json").out)
        validator("compare").validate(found)
        assert found["lines"]
        assert found["dossiers"]
    assert (found["recommended"], len(found["contenders"])) == ("2", 1)


def test_the_page_is_data_and_nothing_is_said(desk: Desk, run: Run) -> None:
    ended = run("check", "--head", asked(desk), "--format", "markdown")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("## ✅ Passed: `m@2 → prod`\n")
    assert "modelmark rollback m --alias prod" in ended.out


def test_sarif_parses_and_a_no_is_still_1(desk: Desk, run: Run) -> None:
    ended = run("check", "--head", asked(desk, 0.5), "--format", "sarif")
    assert (ended.code, json.loads(ended.out)["version"]) == (1, "2.1.0")


def test_github_gets_annotations_and_the_page_where_the_runner_wants_it(
    desk: Desk, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head, summary = asked(desk, 0.5), tmp_path / "summary.md"
    summary.write_text("before\n", encoding="utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    ended = run("check", "--head", head, "--format", "github")
    assert ended.code == 1
    assert ended.out.startswith("::error file=models/m/aliases.yaml,title=modelmark metrics,line=")
    assert summary.read_text(encoding="utf-8").startswith("before\n## ❌ Not passed: `m@2 → prod`")
    monkeypatch.delenv("GITHUB_STEP_SUMMARY")
    assert run("check", "--head", head, "--format", "github").out == ended.out


def test_the_page_of_another_format_is_written_nowhere(
    desk: Desk, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.live("1")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    run("check", "--head", "origin/main", "--format", "markdown")
    assert not (tmp_path / "summary.md").exists()


def test_compare_says_which_one_and_why_or_that_there_is_none(desk: Desk, run: Run) -> None:
    asked(desk)
    yes = run("compare", "m@1", "m@2", "--for", "prod")
    assert (yes.code, yes.out.split("\n")[-2]) == (
        0,
        "recommended for prod: m@2, because it is the only one that passes",
    )
    desk.registered("3", {"f1": 0.1})
    no = run("compare", "m@3", "--for", "prod")
    assert (no.code, no.out.split("\n")[-2]) == (
        1,
        "recommended for prod: none, because none of them passes; prod stays at 1",
    )
    assert run("compare", "m@1", "m@3").code == 0
    assert run("compare", "m@1", "m@2", "--for", "prod", "--format", "markdown").out.startswith(
        "## `m`: `1`, `2`\n"
    )


@pytest.mark.parametrize(
    "words",
    [
        ["compare"],
        ["compare", "m@1"],
        ["compare", "m@1", "n@1"],
        ["compare", "m"],
        ["compare", "m@1", "--for", "latest"],
        ["compare", "m@1", "--for", "prev_prod"],
        ["compare", "m@1", "--format", "sarif"],
        ["check", "--format", "html"],
    ],
)
def test_a_wrong_command_line_is_2(words: list[str], desk: Desk, run: Run) -> None:
    desk.live("1")
    assert run(*words).code == 2
