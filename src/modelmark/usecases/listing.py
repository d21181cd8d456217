"""What is registered and what is live: `list`."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from modelmark.domain import layout
from modelmark.domain.aliases import Aliases
from modelmark.domain.history import Assignment, ModelHistory
from modelmark.domain.names import AliasName, ModelName, parse_model_name
from modelmark.domain.plan import State, compare
from modelmark.domain.stages import stage_of
from modelmark.domain.tags import VersionTag
from modelmark.domain.versions import Version, parse_version
from modelmark.errors import InvalidInput, NotFound
from modelmark.usecases import state
from modelmark.usecases.newest import newest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from modelmark.domain.policy import Stage
    from modelmark.usecases.ports import Workspace


@dataclass(frozen=True)
class AliasState:
    """What an alias means, and whether its file agrees; `state` and `wish` None = it does."""

    alias: AliasName
    now: Assignment | None
    state: State | None = None
    wish: Version | None = None


@dataclass(frozen=True)
class Summary:
    """One model in a line.

    Attributes:
        waiting: versions on main whose tag is not made yet.
        problems: sentences about tags and files that do not count.
    """

    model: ModelName
    versions: int
    latest: Version | None
    aliases: tuple[AliasState, ...]
    waiting: tuple[Version, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class VersionRow:
    """One version of one model, newest first in a list."""

    version: Version
    stage: Stage
    at: datetime
    by: str
    held_by: tuple[AliasName, ...]


def list_models(workspace: Workspace) -> tuple[Summary, ...]:
    """All models, by tags and by what main asks for."""
    main = state.find_main(workspace)
    facts = state.facts_of(workspace, main)
    names = names_by_model(workspace.reader.tag_names())
    histories = newest(workspace, names, facts)
    files = _files(workspace, main)
    return tuple(
        _summary(
            model, names.get(model, {}), histories.get(model, ModelHistory()), files.get(model, _Files())
        )
        for model in sorted({*names, *files})
    )


@dataclass(frozen=True)
class _Files:
    """What main says of one model."""

    versions: tuple[Version, ...] = ()
    aliases: Aliases = field(default_factory=Aliases)
    problem: str = ""


def names_by_model(names: Mapping[str, str]) -> dict[ModelName, dict[str, str]]:
    """Names and object ids of tags by the model that each name starts with; other tags are left out."""
    found: dict[ModelName, dict[str, str]] = {}
    for name, oid in names.items():
        model, mark, _ = name.partition("#" if "#" in name else "@v")
        if mark:
            found.setdefault(ModelName(model), {})[name] = oid
    return found


def _files(workspace: Workspace, main: state.Main) -> dict[ModelName, _Files]:
    """Versions and desired aliases of every model on main.

    A folder named like a version counts as one: the gate lets no other in, and 100,000 need not be opened.
    """
    versions: dict[ModelName, tuple[Version, ...]] = {}
    places: dict[ModelName, tuple[str, str]] = {}
    for name, children in workspace.reader.children(main.commit, layout.MODELS).items():
        try:
            model = parse_model_name(name)
        except InvalidInput:
            continue  # the gate refuses it, and `verify` lists it
        versions[model] = tuple(sorted(filter(None, map(_version, children))))
        path = layout.aliases_path(model)
        if path.rpartition("/")[2] in children:
            places[model] = path, children[path.rpartition("/")[2]]
    texts = workspace.reader.blobs([oid for _, oid in places.values()])
    aliases: dict[ModelName, Aliases] = {}
    problems: dict[ModelName, str] = {}
    for (model, (path, _)), text in zip(places.items(), texts, strict=True):
        try:
            aliases[model] = workspace.documents.aliases(text or b"", path)
        except InvalidInput as error:
            problems[model] = str(error)
    return {
        model: _Files(found, aliases.get(model, Aliases()), problems.get(model, ""))
        for model, found in versions.items()
    }


@functools.lru_cache(4096)
def _version(name: str) -> Version | None:
    try:
        return parse_version(name)
    except InvalidInput:
        return None  # aliases.yaml and its like


def _summary(model: ModelName, names: Mapping[str, str], history: ModelHistory, files: _Files) -> Summary:
    registered = [name for name in names if "#" not in name]
    waiting = tuple(version for version in files.versions if str(VersionTag(model, version)) not in names)
    known = [version for version in files.versions if version not in waiting]
    latest = max(known, default=None) or history.latest()
    aliases = tuple(
        alias_state(alias, history, files.aliases) for alias in all_aliases(history, files.aliases)
    )
    bad = (f"the tag {one.name} does not count: {one.why}" for one in history.bad)
    problems = (*bad, *([files.problem] if files.problem else []))
    return Summary(model, len(registered), latest, aliases, waiting, problems)


def all_aliases(history: ModelHistory, desired: Aliases) -> list[AliasName]:
    """Aliases that were assigned or are asked for."""
    return sorted({*history.aliases, *desired.entries})


def alias_state(alias: AliasName, history: ModelHistory, desired: Aliases) -> AliasState:
    """What an alias means, and how its file stands to that."""
    wish, now = desired.entries.get(alias), history.now(alias)
    if wish is None:
        return AliasState(alias, now, State.BEHIND if now else None)
    found = compare(wish, history, alias)
    return AliasState(alias, now) if found is State.DONE else AliasState(alias, now, found, wish.version)


def list_versions(workspace: Workspace, model: ModelName) -> tuple[Summary, tuple[VersionRow, ...]]:
    """One model: its summary and all its versions.

    Raises:
        NotFound: there is no such model.
    """
    main = state.find_main(workspace)
    names = workspace.reader.tag_names(f"{model}@v*") | workspace.reader.tag_names(f"{model}#*")
    history = state.history_of(workspace, main, model)
    entries = workspace.reader.entries(main.commit, layout.model_dir(model))
    if not names and not entries:
        raise NotFound(f"there is no model {model}", "see `modelmark list`")
    versions = state.versions_at(workspace, main.commit, model)
    try:
        files = _Files(versions, state.aliases_at(workspace, main.commit, model))
    except InvalidInput as error:
        files = _Files(versions, problem=str(error))
    summary = _summary(model, names, history, files)
    holders = history.holders()
    rows = [
        VersionRow(
            version,
            stage_of(
                version,
                history,
                main.policy.aliases,
                archived=layout.archived_path(model, version) in entries,
            ),
            found.at,
            found.by,
            tuple(sorted(alias for alias, held in holders.items() if held == version)),
        )
        for version, found in sorted(history.versions.items(), reverse=True)
    ]
    return summary, tuple(rows)
