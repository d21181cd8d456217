"""A training that registers what it made: `with modelmark.run("m") as run`.

Notes are taken while the block runs; everything that leaves a trace happens at its end, and only at a good one. So an
exception registers nothing, and a kill leaves the directory as the training wrote it.
"""

from __future__ import annotations

import logging
import os
import shlex
import time
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, NoReturn, SupportsFloat, TypedDict, Unpack

from modelmark.adapters import surroundings
from modelmark.adapters.git_writer import now
from modelmark.adapters.run_files import RunFiles
from modelmark.domain.json_values import plain
from modelmark.domain.metrics import normalise_metrics, thing
from modelmark.domain.names import parse_model_name, shown
from modelmark.domain.training import Training, parse_commit, parse_data_version, plan_files
from modelmark.errors import InvalidInput, ModelmarkError, Refused
from modelmark.registry.asked import as_request
from modelmark.registry.local import Registry
from modelmark.usecases.run import lacks, write_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from types import TracebackType

    from modelmark.domain.metrics import Metric, Thing
    from modelmark.registry.asked import About
    from modelmark.usecases.propose import Proposed
    from modelmark.usecases.register import Registration, Request

_log = logging.getLogger("modelmark")
_log.addHandler(logging.NullHandler())  # a program that asks for no logs gets none, on stderr neither


class Measured(TypedDict, total=False):
    """What may be said of a metric: on what it was measured, and how sure it is."""

    dataset: str
    split: str
    slice: Mapping[str, object]
    where: Mapping[str, object]
    n: int
    ci95: Sequence[SupportsFloat]


class Run:
    """One training. Make one with `modelmark.run`; any thread may log."""

    def __init__(self, model: str, registry: Registry | None, training: Training) -> None:
        self.model = parse_model_name(model)
        self._registry = registry
        self._training = training
        self._began = 0.0
        self._open = False
        self._process: int | None = None
        self._lock = RLock()
        self._metrics: dict[Thing, Metric] = {}
        self._directory: Path | None = None
        self._request: Request | None = None
        self._made: Registration | None = None
        self._proposed: Proposed | None = None

    @property
    def lacks(self) -> tuple[str, ...]:
        """What the gate's check `lineage` would refuse, as far as it is known now; empty = nothing."""
        found = {} if self._directory is None else RunFiles().read(self._directory)
        return tuple(one.message for one in lacks(self.model, self._known(), found))

    @property
    def registration(self) -> Registration | None:
        """What was registered; None before the end of the block, and where nothing was asked for."""
        return self._made

    @property
    def proposed(self) -> Proposed | None:
        """The pull request of what was registered; None where there is none to be: no forge, or nothing new."""
        return self._proposed

    def log_metric(self, name: str, value: SupportsFloat, **measured: Unpack[Measured]) -> None:
        """Note a metric; the same one on the same data again replaces it, as an epoch does the one before.

        Raises:
            InvalidInput: it is no finite number, or what is said of it is not well formed.
        """
        self.log_metrics([{"name": name, "value": value, **measured}])

    def log_metrics(self, metrics: Mapping[str, object] | Iterable[Mapping[str, object]]) -> None:
        """Note many: a number by each name, or records as a metrics.json has them.

        Raises:
            InvalidInput: as for `log_metric`; then none is noted.
        """
        many = metrics if isinstance(metrics, Mapping) else list(metrics)
        records = normalise_metrics(plain(many, "metrics", finite=False), "log_metrics")
        with self._notes():
            self._metrics.update((thing(one), one) for one in records)

    def log_params(self, params: Mapping[str, object]) -> None:
        """Note hyperparameters; a name again replaces its value.

        Raises:
            InvalidInput: one is nothing that JSON can hold.
        """
        told = {str(name): plain(value, str(name)) for name, value in params.items()}
        with self._notes():
            told = {**self._training.hyperparameters, **told}
            self._training = replace(self._training, hyperparameters=told)

    def log_data(
        self,
        version: str | None = None,
        *,
        path: str | Path | None = None,
        feature_pipeline_commit: str | None = None,
    ) -> None:
        """Note what it is trained on.

        Args:
            version: a hash or a tag.
            path: else the data itself, which is hashed now, or the `.dvc` file that DVC keeps of it.
            feature_pipeline_commit: full id of the commit that made the features.

        Raises:
            InvalidInput: both are given, there is no such data, or the commit is not named in full.
        """
        named = _data_version(path, version)
        features = parse_commit(feature_pipeline_commit) if feature_pipeline_commit is not None else None
        with self._notes():
            self._training = replace(
                self._training,
                data_version=named or self._training.data_version,
                feature_pipeline_commit=features or self._training.feature_pipeline_commit,
            )

    def register(self, directory: str | Path, **about: Unpack[About]) -> None:
        """Have the directory registered at the end of the block, with what the run knows, and its pull request opened.

        `registration` and `proposed` have the result. What stops the pull request (NotProposed) is raised at the end of
        the block, when the version is registered and its branch is pushed.

        Args:
            directory: what the training writes.
            about: as for `Registry.register`.

        Raises:
            InvalidInput: there is no such directory, or a file in it says what the run was told, too.
            NotFound: there is no registry.
        """
        request = as_request(Path(directory).absolute(), self.model, about)
        self._registry = self._registry or Registry.open()
        self._ask(request.source, request)

    def save(self, directory: str | Path) -> None:
        """Have what the run knows written into the directory at the end of the block, for a later `register`.

        Raises:
            InvalidInput: as for `register`.
        """
        self._ask(Path(directory).absolute(), None)

    def _ask(self, directory: Path, request: Request | None) -> None:
        with self._notes():
            if self._directory is not None:
                raise Refused("this run writes into one directory, and has one already", "start another run")
            plan_files(
                self._known(), RunFiles().read(directory)
            )  # what is wrong now will be wrong at the end
            self._directory, self._request = directory, request

    def _known(self) -> Training:
        with self._lock:
            seconds = time.monotonic() - self._began if self._open else 0.0
            return replace(self._training, metrics=tuple(self._metrics.values()), seconds=seconds)

    def __getstate__(self) -> NoReturn:
        """Refuse to be sent to a worker: its notes would stay there."""
        raise _other_process()

    @contextmanager
    def _notes(self) -> Iterator[None]:
        """Take a note, where it is not lost."""
        if self._process not in (None, os.getpid()):  # before its lock: in a fork nobody may ever let it go
            raise _other_process()
        with self._lock:
            if not self._open:
                raise Refused(
                    "this run has not begun, or is over: what it is told now would be lost",
                    "use it inside its block: with modelmark.run(…) as run",
                )
            yield

    def __enter__(self) -> Run:
        """Begin.

        Raises:
            Refused: it has begun before.
        """
        if self._process is not None:
            raise Refused(
                "this run has begun before, and is of one training", "make another: modelmark.run(…)"
            )
        self._began, self._open, self._process = time.monotonic(), True, os.getpid()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write and register, unless the block failed."""
        if self._process != os.getpid():
            return  # a forked child that leaves the block, too: the training is its parent's
        with self._lock:
            training, self._open = self._known(), False
        if kind is not None or self._directory is None:
            return
        # Once more: by now the process has imported what it trained with.
        write_files(RunFiles(), self._directory, replace(training, environment=surroundings.environment()))
        if self._request is not None and self._registry is not None:
            try:
                self._made = self._registry.register(self._request)
                if self._made.submitted is not None:
                    self._proposed = self._registry.propose(self._made.submitted)
            except ModelmarkError as problem:
                again = f"modelmark register {shlex.quote(str(self._directory))} --model {self.model}"
                problem.add_note(f"→ what was trained is whole; without training again: {again}")
                raise


def run(
    model: str,
    *,
    registry: str | Path | Registry | None = None,
    code: str | Path | None = None,
    data: str | Path | None = None,
    data_version: str | None = None,
    strict: bool = False,
) -> Run:
    """A training, from here to the end of its `with` block.

    Args:
        model: the model's name.
        registry: a clone of it; None = the one around this directory, looked for by `register`.
        code: the folder with the code that trains; its commit, and whether it has changes, are taken now. None = the whole
            work tree around this directory.
        data: the training data, hashed now; or the `.dvc` file that DVC keeps of it.
        data_version: else a hash or a tag of it.
        strict: refuse to begin what the gate's check `lineage` would refuse in the end.

    Raises:
        InvalidInput: a name, or the data, is not well formed; or `code` is no folder.
        NotFound: the registry is none.
        Refused: `strict`, and the lineage lacks something; without it `Run.lacks` says so, and the log of `modelmark`.
    """
    opened = Registry.open(registry) if isinstance(registry, str | Path) else registry
    where = Path(code or ".")
    if not where.is_dir():
        raise InvalidInput(
            f"{shown(str(where), 400)} is not a folder", "name the one with the code that trains: code='src'"
        )
    training = Training(
        now(),
        surroundings.code_of(where, below=code is not None),
        surroundings.environment(),
        surroundings.hardware(),
        data_version=_data_version(data, data_version),
    )
    made = Run(model, opened, training)
    problems = lacks(made.model, training, {})
    if problems and strict:
        raise Refused("; ".join(one.message for one in problems), problems[0].hint)
    for one in problems:
        _log.warning("%s: %s", made.model, one.message)
    return made


def _other_process() -> Refused:
    return Refused(
        "a run is of one process: what another one tells it would be lost",
        "return the values to the process where its block began, and log them there",
    )


def _data_version(path: str | Path | None, version: str | None) -> str | None:
    if path is not None and version is not None:
        raise InvalidInput("the data is given twice, by a path and by a version", "give one of them")
    if path is not None:
        return surroundings.data_version_of(Path(path))
    return None if version is None else parse_data_version(version)
