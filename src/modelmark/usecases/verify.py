"""Is everything what its tags say? Reads tags against files, files against listings, and listings against storage."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from modelmark.domain import layout
from modelmark.domain.findings import Finding, Level, Verdict, judge
from modelmark.domain.fold import fold
from modelmark.domain.history import TagClaim, claim_of
from modelmark.domain.manifest import Manifest, compare_listing
from modelmark.domain.plan import State, compare
from modelmark.domain.references import ByAlias, ByVersion
from modelmark.domain.tags import NONE
from modelmark.errors import Corrupt, InvalidInput, Missing, Refused
from modelmark.usecases import state
from modelmark.usecases.bad_tags import TAGS, bad_tag
from modelmark.usecases.blocked import blocked
from modelmark.usecases.resolve import LocalTags, resolve
from modelmark.usecases.unapproved import RULE as APPROVALS
from modelmark.usecases.unapproved import unapproved

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from modelmark.domain.history import Assignment, ModelHistory, RawTag, Registered
    from modelmark.domain.names import ModelName
    from modelmark.domain.references import Reference
    from modelmark.usecases.ports import Storage, Workspace

FILES, STORED, CONTENT = "files", "storage", "content"


@dataclass(frozen=True)
class Depth:
    """How deep to look: `storage` asks for every object, `content` reads every byte, `approvals` asks the forge about one assignment."""

    storage: bool = False
    content: bool = False
    approvals: bool = False


@dataclass(frozen=True)
class Verified:
    """The verdict, and how much was looked at.

    Attributes:
        asked: the tag that the reference meant, with what it says of itself; None = the whole registry.
    """

    verdict: Verdict
    models: int
    versions: int
    assignments: int
    objects: int
    asked: TagClaim | None = None


def verify(
    workspace: Workspace, reference: Reference | None, depth: Depth, *, fetch: bool = False
) -> Verified:
    """Verify one version, or with None the whole registry; `fetch` brings main and their tags from the remote first.

    Raises:
        CouldNot: Git or the storage could not be read, so there is no verdict.
    """
    pattern = state.tag_patterns(reference.model) if reference else state.ALL_TAGS
    main = state.fetched_main(workspace, pattern) if fetch else state.find_main(workspace)
    tags = state.by_model(workspace.reader.tags(pattern))
    facts = state.facts_of(workspace, main)
    auditor = _Auditor(workspace, main, depth)
    findings: list[Finding] = []
    asked: TagClaim | None = None
    if reference is not None:
        raw = tags.get(reference.model, [])
        tags = {reference.model: raw}
        asked = _asked(workspace, reference, fold(raw, facts), raw)
        findings += auditor.one(fold(raw, facts), asked)
    else:
        for model, found in sorted(tags.items()):
            findings += auditor.model(model, fold(found, facts), found)
        findings += [*auditor.untagged(tags), *blocked(workspace.reader, TAGS)]
    named = {STORED: depth.storage or depth.content, CONTENT: depth.content, APPROVALS: depth.approvals}
    rules = (TAGS, FILES, *(rule for rule, ran in named.items() if ran))
    counts = (len(tags), auditor.versions, auditor.assignments, auditor.objects)
    return Verified(judge(rules, findings), *counts, asked)


def _asked(
    workspace: Workspace, reference: Reference, history: ModelHistory, raw: Sequence[RawTag]
) -> TagClaim:
    """The tag that a reference means; one that is named outright also where it does not count.

    Raises:
        NotFound: there is none.
    """
    name = None
    if isinstance(reference, ByVersion):
        name = f"{reference.model}@v{reference.version}"
    elif isinstance(reference, ByAlias):
        last = history.now(reference.alias)
        number = reference.number or (last.tag.number if last else 0)
        name = f"{reference.model}#{reference.alias}#{number}"
    found = next((tag for tag in raw if tag.name == name), None)
    if found is None:
        resolved = resolve(LocalTags(workspace), reference).registered  # the newest version, or a sentence
        found = next(tag for tag in raw if tag.name == str(resolved.tag))
    return claim_of(found)


class _Auditor:
    def __init__(self, workspace: Workspace, main: state.Main, depth: Depth) -> None:
        self._workspace = workspace
        self._main = main
        self._depth = depth
        self._storage: Storage | None = workspace.storage() if depth.storage or depth.content else None
        self.versions = self.assignments = self.objects = 0

    def model(self, model: ModelName, history: ModelHistory, raw: Sequence[RawTag]) -> Iterator[Finding]:
        """Everything about one model."""
        claims = {tag.name: claim_of(tag) for tag in raw}
        for bad in history.bad:
            yield bad_tag(bad, claims[bad.name], history)
        for assignments in history.aliases.values():
            for one in assignments:
                yield from self._assignment(one)
        yield from self._wishes(model, history)
        for _, registered in sorted(history.versions.items()):
            yield from self._version(registered)

    def one(self, history: ModelHistory, asked: TagClaim) -> Iterator[Finding]:
        """One tag, and the version that it stands for; what else is wrong in its model does not make it wrong."""
        for bad in history.bad:
            if bad.name == asked.name:
                yield bad_tag(bad, asked, history)
        assigned = [one for found in history.aliases.values() for one in found if one.oid == asked.oid]
        for one in assigned:
            yield from self._assignment(one)
            if self._depth.approvals:
                yield from unapproved(self._workspace, one, Level.ERROR)
        for version, registered in history.versions.items():
            if registered.oid == asked.oid or version in [one.version for one in assigned]:
                yield from self._version(registered)

    def untagged(self, tags: Iterable[ModelName]) -> Iterator[Finding]:
        """Versions on main that have no tag."""
        known = self._workspace.reader.tag_names("*@v*")
        for path in self._workspace.reader.entries(self._main.commit, layout.MODELS):
            place = layout.classify(path)
            if place.kind is layout.Kind.STRAY:
                yield Finding(FILES, Level.ERROR, f"this file may not stand there: {place.problem}", path)
            if place.kind is layout.Kind.MANIFEST and f"{place.model}@v{place.version}" not in known:
                yield Finding(
                    TAGS,
                    Level.WARNING,
                    "this version is on main and has no tag",
                    path,
                    hint="run `modelmark apply`",
                )

    def _assignment(self, one: Assignment) -> Iterator[Finding]:
        self.assignments += 1
        try:
            state.confirm(self._workspace, one)
        except Refused as error:
            yield Finding(TAGS, Level.ERROR, error.message, hint=error.hint)
        except InvalidInput as error:
            yield Finding(
                TAGS, Level.ERROR, f"{one.tag}: {error.message}", error.path, error.line, error.hint
            )
        said = one.trailers.get("Previous-Version")
        meant = NONE if one.previous is None else str(one.previous)
        if said not in (None, meant):
            yield Finding(
                TAGS, Level.ERROR, f"the tag {one.tag} says it replaced {said}; it replaced {meant}"
            )

    def _wishes(self, model: ModelName, history: ModelHistory) -> Iterator[Finding]:
        path = layout.aliases_path(model)
        try:
            aliases = state.aliases_at(self._workspace, self._main.commit, model)
        except InvalidInput as error:
            yield Finding(FILES, Level.ERROR, error.message, error.path, error.line, error.hint)
            return
        for alias, wish in aliases.entries.items():
            found, line = compare(wish, history, alias), aliases.lines.get(alias, 0)
            if found is not State.DONE:
                level = Level.ERROR if found in (State.CONFLICT, State.GAP) else Level.WARNING
                hint = {State.WAITS: "modelmark apply", State.BEHIND: f"modelmark record {model}"}.get(
                    found, ""
                )
                means = history.meaning(alias) or "nothing"
                words = f"{alias} asks for {wish.version or 'nothing'} by assignment {wish.number}, and means {means}"
                yield Finding(TAGS, level, f"{words} by {history.observed(alias)}: {found}", path, line, hint)

    def _version(self, registered: Registered) -> Iterator[Finding]:
        """The tag against the manifest and pointer on main, then against the storage."""
        self.versions += 1
        tag, reader = registered.tag, self._workspace.reader
        path, pointer_path = (
            layout.manifest_path(tag.model, tag.version),
            layout.pointer_path(tag.model, tag.version),
        )
        for commit, where in ((registered.commit, "its commit"), (self._main.commit, "main")):
            data, pointer = reader.read([(commit, path), (commit, pointer_path)])
            if data is None or hashlib.sha256(data).hexdigest() != registered.manifest_sha256:
                yield Finding(
                    FILES, Level.ERROR, f"the manifest at {where} is not the one that {tag} pins", path
                )
            if self._directory_in(pointer, pointer_path) != registered.artifacts:
                yield Finding(
                    FILES, Level.ERROR, f"the pointer at {where} is not the one that {tag} pins", pointer_path
                )
        data = reader.blob(registered.manifest_blob)
        if data is None:
            yield Finding(FILES, Level.ERROR, f"the blob that {tag} names as its manifest is not here", path)
            return
        if hashlib.sha256(data).hexdigest() != registered.manifest_sha256:
            yield Finding(
                FILES, Level.ERROR, f"the blob that {tag} names has another SHA-256 than it says", path
            )
        if self._storage is not None:
            try:
                manifest = self._workspace.documents.manifest(data, path)
            except InvalidInput as error:
                yield Finding(FILES, Level.ERROR, error.message, path, error.line, error.hint)
                return
            yield from self._stored(self._storage, registered, manifest)

    def _directory_in(self, pointer: bytes | None, path: str) -> str:
        """The DVC id that a pointer names; empty where there is none, or none that can be read."""
        try:
            return "" if pointer is None else self._workspace.documents.pointer(pointer, path).md5
        except InvalidInput:
            return ""

    def _stored(self, storage: Storage, registered: Registered, manifest: Manifest) -> Iterator[Finding]:
        path = layout.pointer_path(registered.tag.model, registered.tag.version)
        try:
            listing = storage.listing(registered.artifacts)
        except (Missing, Corrupt) as error:
            yield Finding(
                STORED, Level.ERROR, error.message, path, hint=f"from a clone that has it: dvc push {path}"
            )
            return
        self.objects += 1 + len(listing)
        for sentence in compare_listing(manifest, listing):
            yield Finding(STORED, Level.ERROR, sentence, path)
        missing = storage.missing(file.md5 for file in listing)
        for file in listing:
            if file.md5 in missing:
                hint = f"from a clone that has it: dvc push {path}"
                yield Finding(
                    STORED, Level.ERROR, f"{file.path} ({file.md5}) is not in the storage", path, hint=hint
                )
        if self._depth.content:
            md5s = {file.path: file.md5 for file in listing if file.md5 not in missing}
            yield from _content(storage, manifest, md5s, path)


def _content(storage: Storage, manifest: Manifest, md5s: dict[str, str], path: str) -> Iterator[Finding]:
    """Every byte of the storage, by SHA-256."""
    with tempfile.TemporaryDirectory(prefix="modelmark-") as folder:
        for file in manifest.files:
            if file.path not in md5s:
                continue
            place = Path(folder) / "object"
            try:
                right = storage.fetch(md5s[file.path], place, file.size) == file.sha256
            except Corrupt:
                right = False
            finally:
                place.unlink(missing_ok=True)
            if not right:
                said = f"{file.path} has other bytes in the storage than the manifest lists"
                yield Finding(
                    CONTENT, Level.ERROR, said, path, hint="restore the object from a clone or a backup"
                )
