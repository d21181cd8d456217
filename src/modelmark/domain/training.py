"""A training as its run saw it, and the small files that `register` collects from: which are written, and which are left.

A file that the user's own code wrote is never changed. `run.json` says which files a run wrote, with their SHA-256, so that
the next run may replace those and no others.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from modelmark.domain.collected import collect
from modelmark.domain.manifest import SHA256, Lineage
from modelmark.domain.names import shown
from modelmark.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from modelmark.domain.json_values import Json
    from modelmark.domain.metrics import Metric

RUN = "run.json"
ARGUMENTS, METRICS, DATA = "train_args.json", "metrics.json", "data_version.txt"
FILES = (RUN, ARGUMENTS, METRICS, DATA)
_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_FORM = 1
_WAYS_OUT = {
    ARGUMENTS: "leave log_params to that file, or have the training write no train_args.json",
    METRICS: "leave log_metric to that file, or have the training write no metrics.json",
    DATA: "give the run no data version, or have the training write no data_version.txt",
    RUN: "rename it: a run says there what it wrote",
}


@dataclass(frozen=True)
class Code:
    """The work tree of the training code; outside of Git nothing of it is known.

    Attributes:
        commit: full id.
        dirty: whether tracked files had changes.
        diff_sha256: SHA-256 of those changes as `git diff HEAD` writes them; empty = there are none.
        remote: its address, without credentials.
    """

    commit: str | None = None
    dirty: bool | None = None
    diff_sha256: str = ""
    remote: str = ""


@dataclass(frozen=True)
class Training:
    """What is known of a training.

    Attributes:
        started_at: in UTC.
        environment: Python, operating system, packages.
        hardware: processor, memory, GPU.
        data_version: hash or tag of the data.
    """

    started_at: datetime
    code: Code = field(default_factory=Code)
    environment: Mapping[str, Json] = field(default_factory=dict)
    hardware: Mapping[str, Json] = field(default_factory=dict)
    hyperparameters: Mapping[str, Json] = field(default_factory=dict)
    metrics: tuple[Metric, ...] = ()
    data_version: str | None = None
    feature_pipeline_commit: str | None = None
    seconds: float = 0.0


@dataclass(frozen=True)
class Written:
    """What to do in a directory; whatever it does not name stays as it is.

    Attributes:
        write: contents by name, the record of what was written first.
        remove: files that an earlier run wrote.
    """

    write: Mapping[str, bytes]
    remove: tuple[str, ...]


def parse_data_version(text: str) -> str:
    """One line, as a manifest has it; whether it means the same for ever is judged by the gate."""
    if not text.strip() or not text.isprintable():
        raise InvalidInput(
            f"{shown(text)} is no version of data", "give a hash or a tag, such as v1.2 or 2026-11-01"
        )
    return text


def parse_commit(text: str) -> str:
    """The full id of a commit, as a manifest has it."""
    if not _COMMIT.fullmatch(text):
        raise InvalidInput(f"{shown(text)} is no full commit id", "give what `git rev-parse HEAD` says")
    return text


def arguments_of(training: Training) -> dict[str, Json]:
    """train_args.json. A commit that is not known is written as empty, so that nobody takes that of another repository."""
    code = training.code
    about: dict[str, Json] = {
        "started_at": training.started_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "git_remote": code.remote,
        "git_diff_sha256": code.diff_sha256,
    }
    found: dict[str, Json] = {
        "hyperparameters": dict(training.hyperparameters),
        "duration_seconds": round(training.seconds, 3),
        "environment": {**training.environment, **{key: value for key, value in about.items() if value}},
        "hardware": dict(training.hardware),
        "git_commit": code.commit or "",
        "git_dirty": code.dirty,
    }
    if training.feature_pipeline_commit:
        found["feature_pipeline_commit"] = training.feature_pipeline_commit
    return found


def lineage_of(training: Training, theirs: Mapping[str, Json], data: str | None) -> Lineage:
    """The lineage that `register` will collect.

    Args:
        training: what the run knows.
        theirs: what the user's own train_args.json says; empty = there is none.
        data: what the user's own data_version.txt says.
    """
    version = data or training.data_version
    texts = {DATA: version} if version else {}
    arguments = dict(theirs) if theirs else arguments_of(training)
    return collect({ARGUMENTS: arguments}, texts, training.code.commit, training.code.dirty).lineage


def plan_files(training: Training, found: Mapping[str, bytes]) -> Written:
    """Which of `FILES` a run writes into a directory.

    Args:
        training: what the run knows.
        found: those of `FILES` that are there.

    Raises:
        InvalidInput: the run and a file that is not of a run both say the same thing.
    """
    ours = _ours(found)
    mine = {
        ARGUMENTS: _json(arguments_of(training)),
        METRICS: _records(training.metrics) if training.metrics else None,
        DATA: f"{training.data_version}\n".encode() if training.data_version else None,
    }
    write: dict[str, bytes] = {}
    for name, content in mine.items():
        if name in found and name not in ours:
            if content is not None and _says_it_again(training, name, found[name], content):
                raise InvalidInput(
                    f"{name} was written by the training, and the run was told the same things; one of them would be lost",
                    _WAYS_OUT[name],
                    path=name,
                )
        elif content is not None:
            write[name] = content
    record: dict[str, Json] = {
        "run": _FORM,
        "wrote": {name: hashlib.sha256(content).hexdigest() for name, content in write.items()},
    }
    return Written({RUN: _json(record), **write}, tuple(sorted(ours)))


def _says_it_again(training: Training, name: str, theirs: bytes, mine: bytes) -> bool:
    """Whether the run would have something to say in a file that is the user's."""
    if (
        name == ARGUMENTS
    ):  # commit and machine alone do not make a quarrel: the file says what its owner wants said
        return bool(training.hyperparameters or training.feature_pipeline_commit)
    return theirs.strip() != mine.strip()


def _ours(found: Mapping[str, bytes]) -> set[str]:
    """The files that an earlier run wrote and nobody changed since."""
    if RUN not in found:
        return set()
    try:
        record = json.loads(found[RUN])
    except ValueError:
        record = None
    wrote = record.get("wrote") if isinstance(record, dict) and record.get("run") == _FORM else None
    if not isinstance(wrote, dict) or not all(_is_digest(one) for one in wrote.values()):
        raise InvalidInput(f"{RUN} is there, and is not of a run", _WAYS_OUT[RUN], path=RUN)
    return {
        name for name in FILES if name in found and wrote.get(name) == hashlib.sha256(found[name]).hexdigest()
    }


def _is_digest(value: object) -> bool:
    return isinstance(value, str) and SHA256.fullmatch(value) is not None


def _json(value: Json) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def _records(metrics: tuple[Metric, ...]) -> bytes:
    """metrics.json: one record a line, without what was not said."""
    kept = (
        {key: value for key, value in asdict(one).items() if value not in (None, "", {})} for one in metrics
    )
    lines = ",\n".join("  " + json.dumps(one, ensure_ascii=False) for one in kept)
    return f"[\n{lines}\n]\n".encode()
