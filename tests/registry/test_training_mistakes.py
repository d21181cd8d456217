"""What people do with a run that they should not: each mistake is said when it is made, and none costs a training."""

from __future__ import annotations

import math
import os
import pickle
import traceback
from pathlib import Path

import pytest

import modelmark
from modelmark.errors import CouldNot, InvalidInput, ModelmarkError, Refused
from tests.support.world import World


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("code", ["scr", __file__])
def test_a_folder_of_code_that_is_none_is_said_and_not_taken_for_code_outside_of_git(code: str) -> None:
    with pytest.raises(InvalidInput, match="is not a folder"):
        modelmark.run("m", code=code)


def test_an_address_is_no_clone_and_its_password_is_not_shown() -> None:
    for ask in (lambda url: modelmark.run("m", registry=url), modelmark.Registry.open):
        with pytest.raises(InvalidInput, match=r"'https://git.example.org/m.git' is an address") as refused:
            ask("https://ada:t0ken@git.example.org/m.git")
        assert "git clone" in refused.value.hint


def test_what_no_manifest_can_hold_is_refused_when_it_is_said(tmp_path: Path) -> None:
    with modelmark.run("m", code=tmp_path) as run:
        with pytest.raises(InvalidInput, match="the metric 'loss' is nan, which is not a finite number"):
            run.log_metric("loss", math.nan, split="train")
        for name in ("", " ", "f1\n", "f\x1b[31m", "f\udcff"):
            with pytest.raises(InvalidInput):
                run.log_metric(name, 1)
        with pytest.raises(InvalidInput, match="which is no UTF-8"):
            run.log_params({"data": "/data/caf\udce9"})
        for version in ("", "v1\nv2"):
            with pytest.raises(InvalidInput, match="no version of data"):
                run.log_data(version)
        with pytest.raises(InvalidInput, match="no full commit id"):
            run.log_data(feature_pipeline_commit="main")
        with pytest.raises(InvalidInput, match="no version of data"):
            modelmark.run("m", code=tmp_path, data_version="")


def test_a_training_that_goes_elsewhere_still_writes_where_it_was_told(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with modelmark.run("m", code=tmp_path) as run:
        run.save("out")
        monkeypatch.chdir(out)
    assert "run.json" in names(out)


def test_a_run_is_of_one_training(out: Path, tmp_path: Path) -> None:
    run = modelmark.run("m", code=tmp_path)
    with run:
        run.save(out)
    with pytest.raises(Refused, match="has begun before"):
        run.__enter__()


def test_a_forked_worker_is_told_that_its_notes_would_be_lost_and_ends_no_run(
    out: Path, tmp_path: Path
) -> None:
    with modelmark.run("m", code=tmp_path) as run:
        run.save(out)
        with pytest.raises(Refused, match="of one process"):
            pickle.dumps(run)
        child = os.fork()
        if child == 0:
            try:
                run.log_metric("f1", 0.9)
            except Refused as error:
                run.__exit__(None, None, None)
                os._exit(7 if "of one process" in error.message else 8)
            os._exit(9)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
        assert names(out) == {"model.safetensors"}
    assert "run.json" in names(out)


def test_where_the_registry_fails_in_the_end_the_training_is_told_how_to_go_on_without_training_again(
    world: World, out: Path, tmp_path: Path
) -> None:
    run = modelmark.run("m", registry=world.clone("author"), code=tmp_path)

    def train() -> None:
        with run:
            run.register(out)
            world.hub.rename(world.hub.with_name("gone"))

    with pytest.raises(CouldNot) as failed:
        train()
    said = "".join(traceback.format_exception(failed.value))
    assert f"modelmark register {out} --model m" in said
    assert "run.json" in names(out)


def test_an_error_that_nobody_catches_says_what_to_do() -> None:
    assert "→ git pull" in "".join(traceback.format_exception(ModelmarkError("it is old", "git pull")))
    assert not hasattr(ModelmarkError("it is old"), "__notes__")
