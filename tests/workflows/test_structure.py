"""What every workflow must be, whoever wrote it: no rights but those that are named, no foreign text in a script."""

from __future__ import annotations

import re

import pytest

from modelmark.scaffold.github import PINS, STORAGES
from tests.workflows.documents import ALL, OF_REGISTRY, REGISTRY, URLS, Json, Workflow, named, of

every = pytest.mark.parametrize("workflow", ALL, ids=named)
every_of_registry = pytest.mark.parametrize("workflow", OF_REGISTRY, ids=named)

READ = {"contents": "read"}
# Of each job, exactly; where the storage has a login, those that ask it have `id-token: write`, too.
RIGHTS = {
    "registry-check": {"gate": READ},
    "registry-comment": {"comment": {**READ, "actions": "read", "pull-requests": "write"}},
    "registry-apply": {
        "apply": {
            "actions": "write",
            "contents": "write",
            "issues": "write",
            "pull-requests": "read",
            "statuses": "write",
        }
    },
    "registry-tag": {
        "start": {"actions": "write"},
        "verify": {**READ, "issues": "write", "pull-requests": "read"},
        "record": {"contents": "write", "pull-requests": "write"},
        "announce": {"contents": "write", "statuses": "write"},
        "deploy": READ,
    },
    "registry-audit": {"audit": {**READ, "issues": "write", "pull-requests": "read"}},
    "ci": {"lint": READ, "test": READ},
}
ASK_THE_STORAGE = {"gate", "apply", "deploy", "audit"}


def test_there_are_all_of_them_for_everybody() -> None:
    assert {len(of(kind)) for kind in REGISTRY} == {len(URLS) + 2}
    assert {one.name.rpartition("/")[2] for one in ALL} == set(RIGHTS)


@every
def test_nothing_is_allowed_but_what_a_job_names(workflow: Workflow) -> None:
    kind, _, name = workflow.name.partition("/")
    assert workflow.document["permissions"] == {}
    wanted = {job: dict(rights) for job, rights in RIGHTS[name].items()}
    if name != "ci" and STORAGES.get(kind) and STORAGES[kind].login:
        for job in ASK_THE_STORAGE & wanted.keys():
            wanted[job]["id-token"] = "write"
    assert {job: told["permissions"] for job, told in workflow.jobs.items()} == wanted


@every
def test_every_job_has_a_name_an_end_and_a_known_machine(workflow: Workflow) -> None:
    assert workflow.document["defaults"] == {"run": {"shell": "bash"}}
    assert "cancel-in-progress" in workflow.document["concurrency"]
    assert "queue" not in workflow.document["concurrency"], "actionlint and act do not know it"
    for told in workflow.jobs.values():
        assert told["name"]
        assert told["runs-on"] == "ubuntu-24.04"
        assert 0 < int(told["timeout-minutes"]) <= 120


@every
def test_the_code_of_others_is_pinned_by_its_commit(workflow: Workflow) -> None:
    for used in workflow.uses():
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", used), used
        assert used in PINS.values(), "one place says which commit was looked at"


@every
def test_no_expression_stands_in_a_script_and_every_variable_in_quotes(workflow: Workflow) -> None:
    """The name of a tag or of a branch is what somebody else chose: as text of a script it would run."""
    for script in workflow.runs():
        assert "${{" not in script
        bare = re.sub(r'"[^"]*"', "", script)
        assert "$" not in bare, script


@every
def test_no_step_leaves_a_login_behind(workflow: Workflow) -> None:
    for _, step in workflow.steps():
        if "actions/checkout@" in step.get("uses", ""):
            assert step["with"]["persist-credentials"] == "false"


@every
def test_a_step_that_calls_the_tool_calls_it_once_and_does_nothing_else(workflow: Workflow) -> None:
    for script in workflow.runs():
        if "modelmark " in script:
            assert re.fullmatch(r"modelmark [^\n;&|]+\n?", script), script


@every_of_registry
def test_a_token_is_in_the_environment_of_the_one_step_that_needs_it(workflow: Workflow) -> None:
    assert "env" not in workflow.document
    for told in workflow.jobs.values():
        assert "env" not in told
    for _, step in workflow.steps():
        holds = any("token" in value for value in step.get("env", {}).values())
        assert holds == step.get("run", "").startswith(("modelmark ", "gh ")), step["name"]


@every
def test_a_secret_is_asked_only_in_an_environment(workflow: Workflow) -> None:
    for told in workflow.jobs.values():
        assert "secrets." not in str(told) or told["environment"] == "registry-write"


@every_of_registry
def test_a_checkout_is_one_commit_of_main(workflow: Workflow) -> None:
    """Tool and rules come from main, whichever commit an event is about; what else is needed, the tool fetches."""
    main = "trunk" if workflow.name.startswith("trunk/") else "main"
    base = "${{ github.event.pull_request.base.sha || github.event.merge_group.base_sha }}"
    wanted = base if workflow.name.endswith("registry-check") else main
    for _, step in workflow.steps():
        if "actions/checkout@" in step.get("uses", ""):
            assert step["with"] == {"ref": wanted, "persist-credentials": "false"}


@every_of_registry
def test_no_cache_that_somebody_else_may_have_filled(workflow: Workflow) -> None:
    assert "actions/cache" not in workflow.text
    assert "cache:" not in workflow.text


@pytest.mark.parametrize("workflow", of("check"), ids=named)
def test_the_gate_always_reports(workflow: Workflow) -> None:
    """A workflow that a filter skips leaves the check pending for ever; a job that an `if` skips counts as green."""
    on = workflow.document["on"]
    assert set(on) == {"pull_request", "merge_group"}
    assert set(on["pull_request"]) == {"branches"}
    assert on["merge_group"] == ""
    (job,) = workflow.jobs.values()
    assert job["name"] == "registry/gate"
    assert not {"if", "needs", "strategy", "continue-on-error", "environment"} & set(job)
    (judge,) = (step for step in job["steps"] if step.get("run", "").startswith("modelmark"))
    assert not {"if", "continue-on-error"} & set(judge)
    assert judge["env"]["HEAD"] == (
        "${{ github.event.pull_request.head.sha || github.event.merge_group.head_sha }}"
    )
    assert judge["env"]["BASE"] == "${{ github.event.merge_group.base_sha }}"
    assert '--base "$BASE" --head "$HEAD"' in judge["run"]
    assert "pull_request_target" not in workflow.text


@pytest.mark.parametrize("workflow", of("check"), ids=named)
def test_a_newer_commit_of_a_pull_request_ends_the_run_of_the_older(workflow: Workflow) -> None:
    concurrency = workflow.document["concurrency"]
    assert concurrency["cancel-in-progress"] == "true"
    assert "github.event.pull_request.number" in concurrency["group"]


@pytest.mark.parametrize("workflow", of("comment"), ids=named)
def test_the_comment_trusts_nothing_of_the_run_before(workflow: Workflow) -> None:
    assert workflow.document["on"]["workflow_run"] == {
        "workflows": ["registry-check"],
        "types": ["completed"],
    }
    steps = [step for _, step in workflow.steps()]
    (download,) = (step for step in steps if "download-artifact@" in step.get("uses", ""))
    assert download["with"]["path"] == "${{ runner.temp }}/evidence", "never into what was checked out"
    installed = next(index for index, step in enumerate(steps) if "pip install" in step.get("run", ""))
    assert installed < steps.index(download)
    assert "head.ref" not in workflow.text
    assert "head_branch" not in workflow.text


@pytest.mark.parametrize("workflow", of("apply"), ids=named)
def test_one_apply_runs_at_a_time_and_none_is_ended(workflow: Workflow) -> None:
    document = workflow.document
    assert document["concurrency"] == {"group": "registry-apply", "cancel-in-progress": "false"}
    assert set(document["on"]) == {"push", "workflow_dispatch", "schedule"}
    assert set(document["on"]["push"]) == {"branches"}


@pytest.mark.parametrize("workflow", [*of("apply"), *of("audit")], ids=named)
def test_a_schedule_keeps_off_the_minutes_that_everybody_takes(workflow: Workflow) -> None:
    (entry,) = workflow.document["on"]["schedule"]
    assert int(entry["cron"].split()[0]) % 5


def _matches(pattern: str, name: str) -> bool:
    """A filter of GitHub's, as far as ours go: a star stops at a slash; `@` and `#` are plain."""
    parts = re.split(r"(\*|\[0-9\])", pattern)
    return bool(
        re.fullmatch(
            "".join({"*": "[^/]*"}.get(one, one if one == "[0-9]" else re.escape(one)) for one in parts), name
        )
    )


@pytest.mark.parametrize("workflow", of("tag"), ids=named)
def test_every_tag_of_ours_starts_it_and_no_other(workflow: Workflow) -> None:
    patterns = workflow.document["on"]["push"]["tags"]
    assert set(workflow.document["on"]["push"]) == {"tags"}
    for name in ("m@v7", "m@v2.1", "m@v1.0.2", "nlp-sentiment@v3+gpu", "m#prod#1", "m#prev_prod#120"):
        assert any(_matches(one, name) for one in patterns), name
    for name in ("v1.0.0", "m@latest", "m#prod", "m#prod#x", "team/m@v1"):
        assert not any(_matches(one, name) for one in patterns), name


@pytest.mark.parametrize("workflow", of("tag"), ids=named)
def test_a_pushed_tag_only_starts_the_run_on_main(workflow: Workflow) -> None:
    """The file at the tagged commit is as old as that: everything else happens on main."""
    jobs = workflow.jobs
    assert jobs["start"]["if"].startswith("github.event_name == 'push'")
    assert [step.get("uses") for step in jobs["start"]["steps"]] == [None]
    assert jobs["verify"]["if"] == "github.event_name == 'workflow_dispatch'"
    assert {job: told.get("needs") for job, told in jobs.items()} == {
        "start": None,
        "verify": None,
        "record": "verify",
        "announce": "verify",
        "deploy": "verify",
    }
    inputs: Json = workflow.document["on"]["workflow_dispatch"]["inputs"]
    assert {name: told["required"] for name, told in inputs.items()} == {"tag": "true"}
