"""stdout is data, stderr is talk; `--json` parses; what to do next is said."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from modelmark.errors import NotFound
from modelmark.registry import Registry
from tests.cli.conftest import Run
from tests.support.desk import DIRECT, PROD, STAGING, Desk
from tests.support.fakes import FakeGit

READING = [
    ["list"],
    ["list", "m"],
    ["show", "m@prod"],
    ["history", "m"],
    ["history", "m", "--alias", "prod", "--as-of", "2026-01-02"],
    ["resolve", "m@prod"],
    ["verify"],
    ["verify", "m@1", "--content"],
    ["check", "--head", "origin/main"],
    ["apply", "--dry-run"],
    ["checks"],
]


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_json_parses_and_stands_alone_on_stdout(words: list[str], desk: Desk, run: Run) -> None:
    desk.live("1", "2")
    desk.by_hand("1")
    ended = run(*words, "--json")
    assert json.loads(ended.out)
    assert ended.err == ""


def test_json_of_a_no_is_json_too(desk: Desk, run: Run) -> None:
    desk.live("1")
    desk.commit({"models/m/1/stray.txt": b""})
    ended = run("verify", "--json")
    assert (ended.code, json.loads(ended.out)["passed"]) == (1, False)


def test_pull_as_json_says_where_it_is(desk: Desk, run: Run, tmp_path: Path) -> None:
    desk.live("1")
    ended = run("pull", "m@prod", "--to", str(tmp_path / "target"), "--json")
    assert json.loads(ended.out)["path"] == str(tmp_path / "target" / "current")
    assert (tmp_path / "target" / "current" / "model.safetensors").read_text() == "m 1"


def test_resolve_is_one_line_of_version_tag_and_commit(desk: Desk, run: Run) -> None:
    desk.live("1")
    found = desk.history()
    now = found.now(PROD)
    assert now is not None
    assert run("resolve", "m@prod").out == f"m@1 m#prod#1 {next(iter(found.versions.values())).commit}\n"
    assert run("resolve", "m@latest").out.startswith("m@1 m@v1 ")


def test_what_the_gate_refuses_is_not_to_be_merged(desk: Desk, run: Run) -> None:
    desk.live("1")
    desk.registered("2", {"f1": 0.1})
    ended = run("promote", "m@2", "--to", "prod", "--reason", "too early")
    assert "the gate says: not passed" in ended.err
    assert "git merge" not in ended.err
    assert ended.err.endswith(
        "next: do not merge it; mend what the gate names. To give this branch up: git push origin --delete promote/m-prod-2\n"
    )


def test_register_prints_the_branch_and_says_what_to_do_next(desk: Desk, run: Run) -> None:
    ended = run(
        "register", str(desk.source()), "--model", "m", "--tag", "language=en", "--note", "short texts"
    )
    assert (ended.code, ended.out) == (0, "register/m-1\n")
    assert "registered m@1 (2 files, " in ended.err
    assert "3 objects stored" in ended.err
    assert "branch register/m-1 pushed to origin" in ended.err
    assert "git merge --no-ff origin/register/m-1 && git push origin main), then modelmark apply" in ended.err


def test_register_again_prints_the_version_that_it_is(desk: Desk, run: Run) -> None:
    source = str(desk.source())
    run("register", source, "--model", "m")
    again = run("register", source, "--model", "m")
    assert "every byte was stored already" in again.err
    assert "branch register/m-1 was there already" in again.err
    desk.merge("register/m-1")
    waits = run("register", source, "--model", "m")
    assert waits.out == "m@1\n"
    assert "it is merged, and waits for `modelmark apply`" in waits.err
    desk.apply()
    assert (
        "these bytes are already m@1: nothing was stored, nothing is to be done"
        in run("register", source, "--model", "m").err
    )


def test_promote_says_the_number_and_what_it_replaces(desk: Desk, run: Run) -> None:
    desk.live("1")
    desk.registered("2")
    ended = run("promote", "m@2", "--to", "staging", "--reason", "short texts")
    assert ended.out == "promote/m-staging-2\n"
    assert "asked for m#staging#2 to mean version 2 (it means 1 now)" in ended.err


def test_rollback_says_first_what_is_true_now(desk: Desk, run: Run) -> None:
    desk.live("1", "2")
    ended = run("rollback", "m", "--reason", "p95 doubled")
    assert ended.out == "record/m-prod-3\n"
    assert ended.err.startswith("m@prod is rolled back: m#prod#3 means 1 (it meant 2)\n")
    assert "recorded incident and aliases.yaml: branch record/m-prod-3 pushed to origin" in ended.err


def test_record_prints_each_branch_or_says_that_there_is_nothing(desk: Desk, run: Run) -> None:
    desk.live("1", "2")
    assert (run("record").out, run("record").err) == (
        "",
        "nothing to record: the files say what the tags say\n",
    )
    desk.by_hand("1")
    assert run("record", "m").out == "record/m-prod-3\n"


def test_archive_prints_its_branch(desk: Desk, run: Run) -> None:
    desk.registered("1")
    assert run("archive", "m@1", "--reason", "withdrawn").out == "archive/m-1\n"


def test_evaluate_prints_its_branch_and_says_what_was_appended(desk: Desk, run: Run, tmp_path: Path) -> None:
    desk.registered("1")
    (tmp_path / "new.json").write_text('{"f1": 0.9, "mb": 12}')
    words = ["evaluate", "m@1", "--metrics", str(tmp_path / "new.json")]
    ended = run(*words, "--kind", "drift", "--at", "2026-01-01T09:00:00+02:00")
    assert re.fullmatch(r"evaluate/m-1-20260101T070000Z-[0-9a-f]{8}\n", ended.out)
    assert re.match(r"appended the drift 20260101T070000Z-\w{8} to m@1 \(2 metrics\): branch ", ended.err)
    branch = run(*words).out.strip()
    assert branch.startswith("evaluate/m-1-")
    desk.accept(branch)
    there = run(*words)
    assert re.fullmatch(r"\d{8}T\d{6}Z-\w{8}\n", there.out)
    assert "m@1 has this result already: evaluation 2026" in there.err


def test_checks_lists_what_the_gate_can_ask_inside_and_outside_a_registry(
    desk: Desk, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = run("checks")
    assert "metrics: The measured numbers" in inside.out
    assert "nowhere here" in inside.out
    rows = json.loads(run("checks", "--json").out)
    assert {row["name"]: row["always"] for row in rows}["freshness"] is False

    def nothing(directory: str | Path = ".") -> Registry:
        raise NotFound("this is in no Git repository")

    monkeypatch.setattr(Registry, "open", nothing)
    outside = run("checks")
    assert outside.code == 0
    assert "runs:   where a gate names it" in outside.out
    assert outside.err.startswith("no registry here")
    assert json.loads(run("checks", "--json").out)[0]["gates"] is None


def test_apply_prints_what_became_true_and_tells_what_disagrees(desk: Desk, run: Run) -> None:
    desk.live("1")
    desk.registered("2")
    desk.merge(desk.promote("2", STAGING).submitted.branch)
    assert run("apply", "--dry-run").out.startswith("would create m#staging#2  (m staging means 2, ")
    assert run("apply").out.startswith("created m#staging#2")
    assert run("apply").out == "nothing to do: the tags say what main asks for\n"
    desk.by_hand("1")
    desk.registered("3")
    desk.promoted("3", STAGING)


def test_a_file_behind_a_rollback_is_told_by_every_view(desk: Desk, run: Run) -> None:
    desk.live("1", "2")
    desk.by_hand("1")
    said = "! m@prod means 1, aliases.yaml says 2: the file is behind the tags: `modelmark record`"
    for words in (["list"], ["list", "m"], ["history", "m"], ["apply"]):
        ended = run(*words)
        assert said in ended.err, words
        assert said not in ended.out
    assert run("apply").code == 0


def test_a_merge_that_waits_is_told(desk: Desk, run: Run) -> None:
    desk.registered("1")
    made = desk.register(desk.source("2"))
    desk.merge(made.submitted.branch if made.submitted else None)
    assert "! m@2 is merged and has no tag: `modelmark apply`" in run("list").err


def test_check_prints_findings_and_tells_the_verdict(desk: Desk, run: Run) -> None:
    desk.registered("1", {"f1": 0.1})
    branch = desk.promote("1", STAGING).submitted.branch
    ended = run("check", "--head", f"origin/{branch}")
    assert "✗ metrics: models/m/aliases.yaml:2: f1 = 0.1, must be at least 0.5 (fails staging)" in ended.out
    assert ended.err.startswith("not passed: 1 file of the registry, ")
    assert ended.err.endswith("1 error\n")


def test_an_empty_registry_says_how_to_begin(run: Run) -> None:
    assert run("list").out == "no model is registered yet: modelmark register DIR --model M\n"


def test_history_before_the_beginning_is_nothing(desk: Desk, run: Run) -> None:
    desk.live("1")
    ended = run("history", "m", "--as-of", "2020-01-01")
    assert (ended.code, ended.out) == (0, "nothing was live then\n")


@pytest.mark.parametrize(
    "text", ["2026-01-02", "2026-01-02T12:00", "2026-01-02T13:00+01:00", "2026-01-02 12:00"]
)
def test_a_day_means_its_end_and_a_time_means_itself(text: str, desk: Desk, run: Run) -> None:
    desk.live("1")
    assert "m#prod#1" in run("history", "m", "--alias", "prod", "--as-of", text, "--json").out
    assert run("history", "m", "--as-of", "2026-01-02T11:59").out == "nothing was live then\n"


@pytest.mark.parametrize("text", ["20260102", "2026-W01-5", "2026-1-2", "12:00", "\x1b[31m"])
def test_a_date_of_another_form_is_refused(text: str, desk: Desk, run: Run) -> None:
    desk.live("1")
    ended = run("history", "m", "--as-of", text)
    assert ended.code == 2
    assert "is not a date" in ended.err
    assert "\x1b" not in ended.err


def test_hostile_text_from_a_registry_is_never_obeyed(desk: Desk, run: Run) -> None:
    desk.live("1", "2")
    desk.by_hand("1", message="\x1b[2J\u202eowned\u200b\x9b31m\n")
    for words in READING:
        for ended in (run(*words), run(*words, "--json")):
            assert (ended.out + ended.err).replace("\n", "").isprintable(), words


@pytest.mark.parametrize(
    "reference",
    [
        "\x1b[31m@1",
        "m@\u202e1",
        "m#prod#\x00",
        "m@" + "9" * 5000,
        "models:/\n/1",
        "@",
        "#",
        "../x@1",
        "-1@1",
        "m@{0}",
    ],
)
def test_a_hostile_reference_is_refused_in_a_few_printable_lines(reference: str, run: Run) -> None:
    for command in ("resolve", "show", "verify"):
        ended = run(command, "--", reference)
        assert ended.code == 2
        assert ended.out == ""
        assert ended.err.replace("\n", "").isprintable()
        assert len(ended.err) < 1000


def test_a_direct_registry_tells_what_it_did_and_prints_no_branch(desk: Desk, run: Run) -> None:
    desk.commit({"registry.yaml": DIRECT.encode()})
    ended = run("register", str(desk.source()), "--model", "m")
    assert ended.out == ""
    assert "on main at once (this registry says `promotion: direct`)\ncreated m@v1\n" in ended.err


def test_the_findings_of_a_direct_refusal_are_told(desk: Desk, run: Run) -> None:
    desk.commit({"registry.yaml": DIRECT.encode()})
    run("register", str(desk.source(metrics={"f1": 0.1})), "--model", "m")
    ended = run("promote", "m@1", "--to", "staging", "--reason", "why")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("error: the check refuses this change, and nothing was changed\n✗ metrics: ")


def test_nothing_is_said_to_be_pushed_where_there_is_no_remote(desk: Desk, run: Run) -> None:
    git = desk.workspace.remote
    assert isinstance(git, FakeGit)
    git.refs["refs/heads/main"] = desk.main or ""
    git.name, git.server = None, None
    ended = run("register", str(desk.source()), "--model", "m")
    assert "branch register/m-1 made" in ended.err
    assert "(git checkout main && git merge --no-ff register/m-1), then modelmark apply" in ended.err
