"""Reads of a model's tags only those that answer what is asked, where 30,000 tags say no more than five.

Whether an assignment counts depends on itself, on the object id before it and on its version's tag, so the two newest
names and one version tag are enough to know what an alias means. Where that does not end in a reviewed assignment (a
rollback must be held against the whole chain), the model's tags are read in full.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from modelmark.domain.evidence import PAST
from modelmark.domain.fold import fold
from modelmark.domain.history import Facts, ModelHistory, Origin, RawTag
from modelmark.domain.tags import AssignmentTag, VersionTag, parse_tag_name
from modelmark.domain.versions import Version, parse_version
from modelmark.errors import InvalidInput
from modelmark.usecases import state

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from modelmark.domain.names import AliasName, ModelName
    from modelmark.usecases.ports import Workspace

_NUMBER = re.compile(r"[1-9][0-9]{0,8}")


@dataclass(frozen=True)
class Wanted:
    """What somebody asks of a model's past, beside what each alias means now.

    Attributes:
        versions: they are in the history if they are registered; so are the newest ones.
        aliases: those whose assignments are all there.
    """

    versions: frozenset[Version] = frozenset()
    aliases: frozenset[AliasName] = frozenset()


def history_for(workspace: Workspace, main: state.Main, model: ModelName, wanted: Wanted) -> ModelHistory:
    """The history of one model, as far as it is asked for; it lists no bad tags."""
    reader = workspace.reader
    names = {name: oid for glob in state.tag_patterns(model) for name, oid in reader.tag_names(glob).items()}
    wanted = replace(wanted, versions=wanted.versions | set(_latest(names)))
    return newest(workspace, {model: names}, state.facts_of(workspace, main), wanted)[model]


def _latest(names: Iterable[str]) -> list[Version]:
    """The newest versions, for a page that draws how a metric went."""
    found = []
    for name in names:
        if "#" in name:
            continue
        try:
            found.append(parse_version(name.partition("@v")[2]))
        except InvalidInput:
            continue  # it does not count
    return sorted(found)[-PAST:]


def newest(
    workspace: Workspace,
    names: Mapping[ModelName, Mapping[str, str]],
    facts: Facts,
    wanted: Wanted | None = None,
) -> dict[ModelName, ModelHistory]:
    """Histories of models by the names and object ids of their tags; what was not asked for is not in them."""
    asked = wanted or Wanted()
    read_named = workspace.reader.tags_named
    tops = {model: _top_names(of_model) for model, of_model in names.items()}
    chains = {model: _chains(of_model, asked.aliases) for model, of_model in names.items()}
    assigned = {model: {*tops[model], *chains[model]} for model in names}
    read = {
        tag.name: tag
        for tag in read_named({name: names[model][name] for model in names for name in assigned[model]})
    }
    versions = {
        name: names[model][name]
        for model in names
        for name in (
            *(f"{model}@v{one}" for tag in assigned[model] for one in _version_named(read[tag])),
            *(str(VersionTag(model, version)) for version in asked.versions),
        )
        if name in names[model]
    }
    of_model = state.by_model(read_named(versions))
    result = {}
    for model, top in tops.items():
        tags = [*of_model.get(model, []), *(read[name] for name in assigned[model])]
        befores = {before for before in top.values() if before in names[model]} - assigned[model]
        found = fold([*tags, *(RawTag(name, names[model][name], None) for name in befores)], facts)
        settled = all(name in chains[model] or _is_settled(found, name) for name in top)
        # In the short reading the tag before the newest is not loaded, so it must not be reported as bad.
        result[model] = replace(found, bad=()) if settled else fold(read_named(names[model]), facts)
    return result


def _chains(names: Mapping[str, str], aliases: frozenset[AliasName]) -> set[str]:
    """All assignments of some aliases."""
    return (
        {name for name in names if name.count("#") == 2 and name.split("#")[1] in aliases}
        if aliases
        else set()
    )


def _top_names(names: Mapping[str, str]) -> dict[str, str]:
    """The tag with the highest number of each alias, and the name before it."""
    top: dict[str, tuple[int, str]] = {}
    for name in names:
        if "#" not in name:
            continue
        head, _, number = name.rpartition("#")
        if _NUMBER.fullmatch(number) and head.count("#") == 1:
            top[head] = max(top.get(head, (0, "")), (int(number), name))
    return {name: f"{head}#{number - 1}" for head, (number, name) in top.items()}


def _version_named(tag: RawTag) -> Iterator[str]:
    for line in (tag.data or b"").split(b"\n"):
        if line.startswith(b"Version: "):
            yield line.removeprefix(b"Version: ").decode("utf-8", "replace")


def _is_settled(history: ModelHistory, name: str) -> bool:
    try:
        tag = parse_tag_name(name)
    except InvalidInput:
        return True
    now = history.now(tag.alias) if isinstance(tag, AssignmentTag) else None
    return now is not None and now.tag == tag and now.origin is Origin.REVIEWED
