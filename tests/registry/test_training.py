"""A training that registers what it made: what its version says of its origin, and what it leaves when it fails."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import modelmark
from modelmark.errors import InvalidInput, NotFound, Refused
from tests.support.git_repos import commit, git, new_repository
from tests.support.world import World


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """A work tree of training code, clean, with a remote whose address holds a token."""
    root = new_repository(tmp_path / "code", "--template=")
    commit(root, {"train.py": b"print('training')\n"})
    git(root, "remote", "add", "origin", "https://ada:t0ken@git.example.org/acme/training.git")
    return root


def read(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text())


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_version_says_where_it_comes_from_without_a_word_of_the_training(
    world: World, code: Path, out: Path
) -> None:
    with modelmark.run("m", registry=world.clone("author"), code=code, data_version="reviews-2026-01") as run:
        run.log_params({"lr": 0.001, "layers": (2, 3), "out": out / "x"})
        run.log_metric("f1", 0.93, dataset="reviews", split="test", n=400, ci95=(0.92, 0.94))
        run.log_metric("f1", 0.88, dataset="reviews", split="test", slice={"domain": "books"})
        run.register(out, tags={"language": "en"}, note="No personal data.")
        assert run.registration is None
        assert run.lacks == ()
    made = run.registration
    assert made is not None
    assert made.manifest is not None
    lineage = made.manifest.lineage
    assert (lineage.git_commit, lineage.git_dirty) == (git(code, "rev-parse", "HEAD"), False)
    assert lineage.data_version == "reviews-2026-01"
    assert lineage.hyperparameters == {"lr": 0.001, "layers": [2, 3], "out": str(out / "x")}
    assert lineage.environment["python"] == sys.version.split()[0]
    assert lineage.environment["git_remote"] == "https://git.example.org/acme/training.git"
    packages = lineage.environment["packages"]
    assert isinstance(packages, dict)
    assert packages["pytest"] == pytest.__version__
    assert {"cpu", "cores", "machine", "memory_gb", "gpu"} <= set(lineage.hardware)
    assert lineage.duration_seconds is not None
    assert 0 <= lineage.duration_seconds < 60
    assert [str(one) for one in made.manifest.metrics] == ["f1 = 0.93", "f1 [domain=books] = 0.88"]
    assert (made.manifest.tags, made.manifest.notes) == ({"language": "en"}, {"general": "No personal data."})
    assert made.submitted is not None
    verdict = made.submitted.verdict
    assert verdict is not None
    assert [
        found.rule for found in verdict.findings if found.rule == "lineage" and found.level == "error"
    ] == []


def test_changes_that_were_not_committed_are_said_with_their_digest_and_before_the_training(
    code: Path, out: Path
) -> None:
    (code / "train.py").write_text("print('something else')\n")
    with modelmark.run("m", code=code, data_version="v1") as run:
        assert ["work tree with changes" in one for one in run.lacks] == [True]
        (code / "train.py").write_text("print('edited while it trained')\n")
        run.save(out)
    first = read(out, "train_args.json")
    assert first["git_dirty"] is True
    with modelmark.run("m", code=code, data_version="v1") as run:
        run.save(out)
    again = read(out, "train_args.json")["environment"]["git_diff_sha256"]
    assert len(again) == 64
    assert again != first["environment"]["git_diff_sha256"], "it is the code that the training began with"
    with pytest.raises(Refused, match="work tree with changes"):
        modelmark.run("m", code=code, data_version="v1", strict=True)


def test_outside_of_git_it_works_and_says_at_once_what_the_gate_will_miss(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    with caplog.at_level(logging.WARNING, "modelmark"):
        run = modelmark.run("m", code=plain)
    assert [one.partition(",")[0] for one in run.lacks] == [
        "lineage.git_commit is not given",
        "lineage.data_version is not given",
    ]
    assert "git_commit is not given" in caplog.text
    # The directory is inside the registry's own clone: its commit is not that of the training, and must not look like it.
    inside = world.clone("author") / "out"
    inside.mkdir()
    (inside / "model.safetensors").write_bytes(b"\x02\0\0\0\0\0\0\0{}")
    with modelmark.run("m", registry=world.clone("author"), code=plain, data_version="v1") as run:
        run.register(inside)
    assert run.registration is not None
    assert run.registration.manifest is not None
    assert run.registration.manifest.lineage.git_commit is None


@pytest.mark.parametrize("error", [RuntimeError("out of memory"), KeyboardInterrupt(), SystemExit(1)])
def test_an_exception_registers_nothing_and_leaves_no_file(
    world: World, code: Path, out: Path, error: BaseException
) -> None:
    before = world.branches()
    run = modelmark.run("m", registry=world.clone("author"), code=code, data_version="v1")

    def train() -> None:
        with run:
            run.log_metric("f1", 0.9)
            run.register(out)
            raise error

    with pytest.raises(type(error)):
        train()
    assert (world.branches(), names(out), run.registration) == (before, {"model.safetensors"}, None)


def test_a_killed_run_leaves_the_directory_as_the_training_wrote_it(code: Path, out: Path) -> None:
    program = (
        "import sys, time, modelmark\n"
        "with modelmark.run('m', code=sys.argv[1], data_version='v1') as run:\n"
        "    run.log_metric('f1', 0.9); run.save(sys.argv[2]); print('ready', flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(code), str(out)], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        child.send_signal(signal.SIGKILL)
    assert names(out) == {"model.safetensors"}


def test_a_file_that_the_training_wrote_is_never_changed(code: Path, out: Path) -> None:
    theirs = b'{"learning_rate": 1,\n "git_commit": ""}'
    (out / "train_args.json").write_bytes(theirs)
    (out / "data_version.txt").write_bytes(b"v1")
    with modelmark.run("m", code=code, data_version="v1") as run:
        run.log_metric("f1", 0.9)
        run.save(out)
        assert ["git_commit is not given" in one for one in run.lacks] == [True], (
            "their file says it has none"
        )
    assert (out / "train_args.json").read_bytes() == theirs
    assert (out / "data_version.txt").read_bytes() == b"v1"
    assert read(out, "metrics.json") == [{"name": "f1", "value": 0.9}]


@pytest.mark.parametrize(
    ("name", "tell"),
    [
        ("metrics.json", lambda run: run.log_metric("f1", 0.9)),
        ("train_args.json", lambda run: run.log_params({"lr": 1})),
        ("data_version.txt", lambda run: run.log_data("v2")),
        ("run.json", lambda _: None),
    ],
)
def test_where_both_have_something_to_say_it_refuses_before_the_training_has_cost_anything(
    code: Path, out: Path, name: str, tell: Any
) -> None:
    (out / name).write_text('{"f1": 0.5}')
    with modelmark.run("m", code=code) as run:
        tell(run)
        with pytest.raises(InvalidInput, match=name):
            run.save(out)
    assert names(out) == {"model.safetensors", name}


def test_training_again_into_the_same_directory_replaces_what_the_run_before_wrote(
    code: Path, out: Path
) -> None:
    for value in (0.8, 0.9):
        with modelmark.run("m", code=code, data_version=f"v{value}") as run:
            run.log_metric("f1", value)
            run.save(out)
    assert read(out, "metrics.json") == [{"name": "f1", "value": 0.9}]
    with modelmark.run("m", code=code) as run:
        run.save(out)
    assert names(out) == {"model.safetensors", "run.json", "train_args.json"}, (
        "an old figure would be registered"
    )
    (out / "train_args.json").write_text("{}")  # since then it is the user's
    with modelmark.run("m", code=code) as run:
        run.save(out)
    assert read(out, "train_args.json") == {}


def test_callbacks_of_many_threads_lose_nothing(code: Path, out: Path) -> None:
    with modelmark.run("m", code=code, data_version="v1") as run:

        def log(thread: int) -> None:
            for step in range(50):
                run.log_metric("loss", step, slice={"thread": thread})
                run.log_params({f"{thread}-{step}": step})
                assert isinstance(run.lacks, tuple)

        threads = [threading.Thread(target=log, args=(number,)) for number in range(4)]
        for one in threads:
            one.start()
        for one in threads:
            one.join(60)
        run.save(out)
    records = read(out, "metrics.json")
    assert sorted((one["slice"]["thread"], one["value"]) for one in records) == [
        (str(n), 49) for n in range(4)
    ]
    assert len(read(out, "train_args.json")["hyperparameters"]) == 200


def test_what_is_logged_outside_of_the_block_is_refused_and_not_lost_in_silence(
    code: Path, out: Path
) -> None:
    run = modelmark.run("m", code=code)
    with pytest.raises(Refused, match="has not begun, or is over"):
        run.log_metric("f1", 0.9)
    with run:
        run.save(out)
        with pytest.raises(Refused, match="has one already"):
            run.save(out)
    late: list[Callable[[], object]] = [
        lambda: run.log_metric("f1", 1),
        lambda: run.log_params({}),
        lambda: run.register(out),
    ]
    for one in late:
        with pytest.raises(Refused):
            one()


def test_what_cannot_work_in_the_end_fails_at_the_beginning(
    world: World, code: Path, out: Path, tmp_path: Path
) -> None:
    with pytest.raises(NotFound):
        modelmark.run("m", registry=tmp_path / "nothing", code=code)
    with pytest.raises(InvalidInput, match="model name"):
        modelmark.run("M", code=code)
    with pytest.raises(InvalidInput, match="given twice"):
        modelmark.run("m", code=code, data=out, data_version="v1")
    with modelmark.run("m", registry=world.clone("author"), code=code) as run:
        with pytest.raises(InvalidInput, match="is not a version"):
            run.register(out, version="one")
        with pytest.raises(TypeError, match="no keyword 'notes'"):
            run.register(out, notes="x")  # type: ignore[call-arg]
        with pytest.raises(InvalidInput, match="not a directory"):
            run.register(tmp_path / "nothing")
        with pytest.raises(InvalidInput):
            run.log_metric("f1", float("nan"))
    assert run.registration is None


def test_the_time_of_a_training_is_that_of_its_block(
    code: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([100.0, *[1000.0] * 9])
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    with modelmark.run("m", code=code) as run:
        run.save(out)
    assert read(out, "train_args.json")["duration_seconds"] == 900.0


def test_the_data_is_hashed_when_the_run_begins(code: Path, out: Path, tmp_path: Path) -> None:
    data = tmp_path / "reviews.csv"
    data.write_text("good\n")
    with modelmark.run("m", code=code, data=os.fspath(data)) as run:
        data.write_text("changed while it trained\n")
        run.log_data(feature_pipeline_commit="2" * 40)
        run.save(out)
    digest = hashlib.sha256(b"good\n").hexdigest()
    assert (out / "data_version.txt").read_text() == f"sha256:{digest}\n"
    assert read(out, "train_args.json")["feature_pipeline_commit"] == "2" * 40
