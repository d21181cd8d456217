"""What a manifest takes from the small files that a training leaves, and where it says something else than they do.

`register` collects by `collect`, and the gate collects again by the same function from the bytes in the storage: a manifest
is text that anybody can edit, and what it says of signature, metrics and lineage is what promotions are judged by.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from itertools import zip_longest
from operator import attrgetter
from typing import TYPE_CHECKING

from modelmark.domain.manifest import Lineage
from modelmark.domain.metrics import normalise_metrics
from modelmark.domain.names import shown
from modelmark.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modelmark.domain.json_values import Json
    from modelmark.domain.manifest import Manifest
    from modelmark.domain.metrics import Metric

_SIGNATURE, _METRICS = "signature.json", "metrics.json"
_ARGUMENTS, _DATA = "train_args.json", "data_version.txt"
DOCUMENTS = (_SIGNATURE, _METRICS, _ARGUMENTS)
TEXTS = (_DATA,)
_HARDWARE = ("hardware",)
_ENVIRONMENT = ("environment", "python", "python_version", "platform", "os")
_NOT_HYPERPARAMETERS = frozenset({*_HARDWARE, *_ENVIRONMENT, "duration_seconds", "git_commit", "git_dirty"})
_TRAINING = ("feature_pipeline_commit", "environment", "hyperparameters", "hardware", "duration_seconds")
_COMMIT = ("git_commit", "git_dirty")
_NOTHING = object()  # JSON has a null, which is something
_LISTS = (list, tuple)


@dataclass(frozen=True)
class Collected:
    """What the files say, in the words of a manifest.

    Attributes:
        sources: the file that each part comes from, by the part's name in a manifest (`metrics`, `lineage.git_commit`);
            a part that is not in it comes from elsewhere, or from nowhere.
    """

    signature: Mapping[str, Json] | None = None
    metrics: tuple[Metric, ...] = ()
    lineage: Lineage = field(default_factory=Lineage)
    sources: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Claim:
    """A part of a manifest that is not what its file says.

    Attributes:
        at: the first place that differs, such as `metrics[0].value`.
        said: what the manifest has there, as text that is safe to show.
        found: what the file has there.
    """

    part: str
    file: str
    at: str
    said: str
    found: str


def collect(
    documents: Mapping[str, Json],
    texts: Mapping[str, str],
    git_commit: str | None = None,
    git_dirty: bool | None = None,
) -> Collected:
    """Take from well-known files what a manifest says of them.

    Args:
        documents: parsed JSON of those of `DOCUMENTS` that are there; others are not looked at.
        texts: the same of `TEXTS`, without the space around them.
        git_commit: the commit of the directory's own work tree, for where the files name none.
        git_dirty: whether that work tree had changes.

    Raises:
        InvalidInput: a signature that is no mapping, or metrics that are none.
    """
    signature = documents.get(_SIGNATURE)
    if signature is not None and not isinstance(signature, dict):
        raise InvalidInput("a signature is a mapping with inputs and outputs", path=_SIGNATURE)
    found = documents.get(_ARGUMENTS)
    arguments: dict[str, Json] = dict(found) if isinstance(found, dict) else {}
    commit, dirty = (arguments.get(key) for key in _COMMIT)
    if isinstance(commit, str):
        git_commit, git_dirty = commit or None, dirty if isinstance(dirty, bool) else None
    return Collected(
        signature,
        normalise_metrics(documents[_METRICS]) if _METRICS in documents else (),
        _lineage(arguments, texts.get(_DATA) or None, git_commit, git_dirty),
        dict(_sources(documents, texts, isinstance(commit, str))),
    )


def _sources(
    documents: Mapping[str, Json], texts: Mapping[str, str], names_commit: bool
) -> Iterator[tuple[str, str]]:
    if _SIGNATURE in documents:
        yield "signature", _SIGNATURE
    if _METRICS in documents:
        yield "metrics", _METRICS
    if _DATA in texts:
        yield "lineage.data_version", _DATA
    if _ARGUMENTS in documents:
        for name in (*(_COMMIT if names_commit else ()), *_TRAINING):
            yield f"lineage.{name}", _ARGUMENTS


def _lineage(
    arguments: dict[str, Json], data: str | None, git_commit: str | None, git_dirty: bool | None
) -> Lineage:
    pipeline, duration = arguments.pop("feature_pipeline_commit", None), arguments.get("duration_seconds")
    return Lineage(
        git_commit=git_commit,
        git_dirty=git_dirty,
        data_version=data,
        feature_pipeline_commit=pipeline or None if isinstance(pipeline, str) else None,
        environment=_merged(arguments, _ENVIRONMENT),
        hyperparameters=_hyperparameters(arguments),
        hardware=_merged(arguments, _HARDWARE),
        duration_seconds=float(duration)
        if isinstance(duration, int | float) and not isinstance(duration, bool)
        else None,
    )


def _hyperparameters(arguments: Mapping[str, Json]) -> dict[str, Json]:
    """What is left of the training arguments; a mapping called hyperparameters is taken apart."""
    own = arguments.get("hyperparameters")
    others = {key: value for key, value in arguments.items() if key not in _NOT_HYPERPARAMETERS}
    if not isinstance(own, dict):
        return others
    return {**own, **{key: value for key, value in others.items() if key != "hyperparameters"}}


def _merged(arguments: Mapping[str, Json], keys: tuple[str, ...]) -> dict[str, Json]:
    """The values under some keys as one mapping; a mapping among them is taken apart."""
    found: dict[str, Json] = {}
    for key in keys:
        value = arguments.get(key)
        if isinstance(value, dict):
            found.update(value)
        elif value is not None:
            found[key] = value
    return found


def claims(manifest: Manifest, collected: Collected) -> Iterator[Claim]:
    """The parts of a manifest that are not what their files say, each with the first place that differs."""
    for part, file in collected.sources.items():
        said, found = (_plain(attrgetter(part)(one)) for one in (manifest, collected))
        different = next(_differences(part, said, found), None)
        if different is not None:
            yield Claim(part, file, *different)


def _plain(value: object) -> object:
    """Metrics as mappings, so that the field which differs has a name; None in a manifest = not recorded."""
    if isinstance(value, tuple):
        return [asdict(one) for one in value]
    return _NOTHING if value is None else value


def _differences(at: str, said: object, found: object) -> Iterator[tuple[str, str, str]]:
    if isinstance(said, Mapping) and isinstance(found, Mapping):
        for key in dict.fromkeys((*found, *said)):
            yield from _differences(f"{at}.{key}", said.get(key, _NOTHING), found.get(key, _NOTHING))
    elif isinstance(said, _LISTS) and isinstance(found, _LISTS):
        for index, (ours, theirs) in enumerate(zip_longest(said, found, fillvalue=_NOTHING)):
            yield from _differences(f"{at}[{index}]", ours, theirs)
    elif said != found or isinstance(said, bool) is not isinstance(found, bool):  # 1 is 1.0, and is not true
        yield at, _text(said), _text(found)


def _text(value: object) -> str:
    if value is _NOTHING:
        return "nothing"
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, Mapping):
        return "a mapping"
    return "a list" if isinstance(value, _LISTS) else json.dumps(value)[:60]
