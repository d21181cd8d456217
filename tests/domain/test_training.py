"""Which files a run writes beside those of the user, and what is collected from them again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmark.domain.collected import collect
from modelmark.domain.metrics import Metric
from modelmark.domain.training import FILES, Code, Training, Written, arguments_of, lineage_of, plan_files
from modelmark.errors import InvalidInput

NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
TRAINED = Training(
    NOON,
    Code("1" * 40, True, "2" * 64, "https://git.example.org/acme/training.git"),
    {"python": "3.12.1", "packages": {"torch": "2.4.0"}},
    {"cpu": "AMD EPYC", "gpu": None},
    {"lr": 0.1},
    (
        Metric("f1", 0.9, "reviews", "test", {"domain": "books"}, {"device": "cpu"}, 400, (0.88, 0.92)),
        Metric("ms", 4),
    ),
    "v1",
    "3" * 40,
    12.5,
)


def carried_out(plan: Written, found: dict[str, bytes]) -> dict[str, bytes]:
    kept = {name: data for name, data in found.items() if name not in plan.remove}
    return {**kept, **plan.write}


def test_everything_that_is_written_is_what_register_collects() -> None:
    files = plan_files(TRAINED, {}).write
    assert next(iter(files)) == "run.json", (
        "whoever is killed after it leaves nothing that looks like the user's"
    )
    documents = {name: json.loads(files[name]) for name in ("train_args.json", "metrics.json")}
    found = collect(documents, {"data_version.txt": files["data_version.txt"].decode().strip()})
    assert found.metrics == TRAINED.metrics
    assert found.lineage == lineage_of(TRAINED, {}, None)
    lineage = found.lineage
    assert (lineage.git_commit, lineage.git_dirty, lineage.data_version) == ("1" * 40, True, "v1")
    assert (lineage.hyperparameters, lineage.duration_seconds) == ({"lr": 0.1}, 12.5)
    assert lineage.environment == {
        "python": "3.12.1",
        "packages": {"torch": "2.4.0"},
        "started_at": "2026-01-02T12:00:00Z",
        "git_remote": "https://git.example.org/acme/training.git",
        "git_diff_sha256": "2" * 64,
    }
    assert lineage.feature_pipeline_commit == "3" * 40


def test_a_name_of_a_parameter_means_nothing_else() -> None:
    told: dict[str, Any] = {
        "git_commit": "x",
        "hardware": "y",
        "hyperparameters": {"a": 1},
        "environment": 2,
        "git_dirty": 3,
    }
    lineage = lineage_of(replace(TRAINED, hyperparameters=told), {}, None)
    assert (lineage.hyperparameters, lineage.git_commit, lineage.git_dirty) == (told, "1" * 40, True)


def test_a_commit_that_is_not_known_is_said_to_be_none() -> None:
    outside = replace(TRAINED, code=Code())
    assert arguments_of(outside)["git_commit"] == ""
    found = collect({"train_args.json": arguments_of(outside)}, {}, "9" * 40, False)
    assert found.lineage.git_commit is None, "that of another repository would be taken for it"


@given(
    st.dictionaries(st.sampled_from(FILES[1:]), st.binary(max_size=8)),
    st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), min_size=1, max_size=4),
)
def test_no_byte_of_the_user_is_ever_changed_however_often_it_is_trained(
    theirs: dict[str, bytes], trainings: list[tuple[bool, bool, bool]]
) -> None:
    found = dict(theirs)
    for metrics, params, data in trainings:
        one = Training(
            NOON,
            hyperparameters={"lr": 1} if params else {},
            metrics=TRAINED.metrics if metrics else (),
            data_version="v1" if data else None,
        )
        try:
            found = carried_out(plan_files(one, found), found)
        except InvalidInput:
            assert any(
                (
                    metrics and "metrics.json" in theirs,
                    params and "train_args.json" in theirs,
                    data and "data_version.txt" in theirs,
                )
            )
            continue
        assert {name: found[name] for name in theirs} == theirs
        ours = (
            {"run.json"}
            | ({"metrics.json"} if metrics else set())
            | ({"data_version.txt"} if data else set())
        )
        assert set(found) == set(theirs) | ours | {"train_args.json"}


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"{}",
        b'{"run": 1}',
        b'{"run": 1, "wrote": {"metrics.json": 1}}',
        b'{"run": 2, "wrote": {}}',
    ],
)
def test_a_run_json_of_another_kind_is_not_ours(text: bytes) -> None:
    with pytest.raises(InvalidInput, match="is not of a run"):
        plan_files(TRAINED, {"run.json": text})


def test_a_file_that_was_changed_after_the_run_is_the_users() -> None:
    first: dict[str, Any] = dict(plan_files(TRAINED, {}).write)
    first["metrics.json"] += b"\n"
    with pytest.raises(InvalidInput, match=r"metrics\.json"):
        plan_files(replace(TRAINED, metrics=(Metric("f1", 0.1),)), first)
