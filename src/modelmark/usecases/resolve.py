"""What a reference means: by tags alone, from a clone or straight from a remote."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from modelmark.domain.fold import fold
from modelmark.domain.history import Assignment, Facts, ModelHistory, Origin, RawTag, Registered
from modelmark.domain.references import ByAlias, Latest, Reference
from modelmark.domain.tags import parse_message, parse_tag_object
from modelmark.domain.versions import Version, parse_version
from modelmark.errors import InvalidInput, NotFound
from modelmark.usecases import state

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modelmark.domain.names import ModelName
    from modelmark.usecases.ports import Workspace

_NUMBER = re.compile(r"[1-9][0-9]{0,8}")


class TagSource(Protocol):
    """Where tags come from."""

    def tags(self, patterns: Sequence[str]) -> list[RawTag]:
        """Tags whose names match one of the globs, with their bytes."""

    def facts(self) -> Facts:
        """What the fold must know; asked after `tags`."""

    def confirm(self, assignment: Assignment) -> None:
        """Hold an assignment against the reviewed file it comes from, where the source has that file.

        Raises:
            Refused: the file at that commit does not say so.
        """


@dataclass(frozen=True)
class LocalTags:
    """The tags of a clone, judged by its main."""

    workspace: Workspace

    def tags(self, patterns: Sequence[str]) -> list[RawTag]:
        """See `TagSource`."""
        return self.workspace.reader.tags(patterns)

    def facts(self) -> Facts:
        """See `TagSource`."""
        return state.facts_of(self.workspace, state.find_main(self.workspace))

    def confirm(self, assignment: Assignment) -> None:
        """See `TagSource`."""
        state.confirm(self.workspace, assignment)


@dataclass(frozen=True)
class Resolved:
    """One version, and how it was found; `assignment` None where it was not by an alias."""

    reference: Reference
    version: Version
    registered: Registered
    assignment: Assignment | None


def resolve(source: TagSource, reference: Reference) -> Resolved:
    """Find the version that a reference means now.

    Raises:
        NotFound: nothing does; the sentence says what there is.
    """
    if isinstance(reference, ByAlias):
        return _by_alias(source, reference)
    pattern = (
        f"{reference.model}@v*"
        if isinstance(reference, Latest)
        else f"{reference.model}@v{reference.version}"
    )
    history = fold(source.tags([pattern]), source.facts())
    version = history.latest() if isinstance(reference, Latest) else reference.version
    if version is None or version not in history.versions:
        raise _unknown(source, reference, f"{reference} is not registered", "@v", _why(history))
    return Resolved(reference, version, history.versions[version], None)


def _unknown(source: TagSource, reference: Reference, message: str, kind: str, why: str = "") -> NotFound:
    """That it is not there, how to see what is, and how a clone learns of more tags of this kind (`@v`, `#`)."""
    ask = f"modelmark list {reference.model}"
    if not isinstance(source, LocalTags):
        return NotFound(message + why, f"in a clone: {ask}")
    theirs = f"refs/tags/{reference.model}{kind}*"
    return NotFound(
        f"{message}, as far as this clone knows{why}", f"{ask}, and `git fetch origin '{theirs}:{theirs}'`"
    )


def _by_alias(source: TagSource, reference: ByAlias) -> Resolved:
    assignments = source.tags([f"{reference.model}#{reference.alias}#*"])
    if not assignments:
        never = f"{reference.model} has no {reference.alias}: no version was ever assigned to it"
        raise _unknown(source, reference, never, "#")
    history = _newest(source, reference, assignments)
    if history is None:
        history = fold(
            [*assignments, *source.tags(_versions_in(reference.model, assignments))], source.facts()
        )
    found = history.aliases.get(reference.alias, ())
    chosen = [one for one in found if reference.number in (None, one.tag.number)]
    if not chosen:
        raise NotFound(
            f"{reference} is not a valid assignment{_why(history)}", "modelmark verify lists every tag"
        )
    last = chosen[-1]
    source.confirm(last)
    if last.version is None:
        raise NotFound(
            f"{reference} means nothing since {last.tag}: {last.reason}",
            f"modelmark history {reference.model}",
        )
    return Resolved(reference, last.version, history.versions[last.version], last)


def _newest(source: TagSource, reference: ByAlias, assignments: Sequence[RawTag]) -> ModelHistory | None:
    """The history with the two newest assignments right, from their versions' tags alone; else None.

    Whether a reviewed assignment counts depends on itself, on the object id before it and on its version's tag, and
    what it replaced is what the one before it says. Anything else (a rollback, a tag that does not count among the
    two, a number that was asked for) must be held against the whole chain.
    """
    ours = sorted((tag for tag in assignments if _NUMBER.fullmatch(tag.name.rpartition("#")[2])), key=_number)
    newest = ours[-2:]
    if reference.number is not None or not newest:
        return None
    older = [RawTag(tag.name, tag.oid, None) for tag in ours[:-2]]
    versions = source.tags(_versions_in(reference.model, newest))
    history = fold([*older, *newest, *versions], source.facts())
    settled = {
        str(one.tag) for one in history.aliases.get(reference.alias, ()) if one.origin is Origin.REVIEWED
    }
    return history if {tag.name for tag in newest} <= settled else None


def _number(tag: RawTag) -> int:
    return int(tag.name.rpartition("#")[2])


def _versions_in(model: ModelName, assignments: Sequence[RawTag]) -> list[str]:
    """Names of the version tags that assignments speak of; all of the model where one was made by hand."""
    names = set()
    for tag in assignments:
        try:
            trailers = parse_message(parse_tag_object(tag.data or b"").message).trailers
            if "Version-Tag" not in trailers:
                continue  # made by hand: it may only mean a version that held the alias before
            if trailers.get("Version", "none") != "none":
                names.add(f"{model}@v{parse_version(trailers['Version'])}")
        except InvalidInput:
            continue  # the fold says what is wrong with it
    return sorted(names)


def _why(history: ModelHistory) -> str:
    """What is wrong with the tags that did not count, if any."""
    return "".join(f"; the tag {bad.name} does not count: {bad.why}" for bad in history.bad[:3])
