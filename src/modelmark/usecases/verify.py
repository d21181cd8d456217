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
from modelmark.domain.manifest import Manifest, compare_listing
from modelmark.domain.plan import State, compare
from modelmark.domain.tags import NONE
from modelmark.errors import Corrupt, InvalidInput, Missing, Refused
from modelmark.usecases import state
from modelmark.usecases.resolve import LocalTags, resolve

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from modelmark.domain.history import ModelHistory, Registered
    from modelmark.domain.names import ModelName
    from modelmark.domain.references import Reference
    from modelmark.domain.versions import Version
    from modelmark.usecases.ports import Storage, Workspace

TAGS, FILES, STORED, CONTENT = "tags", "files", "storage", "content"


@dataclass(frozen=True)
class Depth:
    """How deep to look: `storage` asks for every object, `content` reads every byte."""

    storage: bool = False
    content: bool = False


@dataclass(frozen=True)
class Verified:
    """The verdict, and how much was looked at."""

    verdict: Verdict
    models: int
    versions: int
    assignments: int
    objects: int


def verify(
    workspace: Workspace, reference: Reference | None, depth: Depth, *, fetch: bool = False
) -> Verified:
    """Verify one version, or with None the whole registry; `fetch` brings main and their tags from the remote first.

    Raises:
        CouldNot: Git or the storage could not be read, so there is no verdict.
    """
    pattern = state.tag_patterns(reference.model) if reference else state.ALL_TAGS
    main = (
        state.fetched_main(workspace, pattern if reference else ["*"])
        if fetch
        else state.find_main(workspace)
    )
    tags = state.by_model(workspace.reader.tags(pattern))
    facts = state.facts_of(workspace, main)
    auditor = _Auditor(workspace, main, depth)
    only: Version | None = None
    if reference is not None:
        only = resolve(LocalTags(workspace), reference).version
        tags = {model: found for model, found in tags.items() if model == reference.model}
    findings: list[Finding] = []
    for model, found in sorted(tags.items()):
        findings += auditor.model(model, fold(found, facts), only)
    if reference is None:
        findings += auditor.untagged(tags)
    rules = (
        TAGS,
        FILES,
        *([STORED] if depth.storage or depth.content else []),
        *([CONTENT] if depth.content else []),
    )
    return Verified(judge(rules, findings), len(tags), auditor.versions, auditor.assignments, auditor.objects)


class _Auditor:
    def __init__(self, workspace: Workspace, main: state.Main, depth: Depth) -> None:
        self._workspace = workspace
        self._main = main
        self._depth = depth
        self._storage: Storage | None = workspace.storage() if depth.storage or depth.content else None
        self.versions = self.assignments = self.objects = 0

    def model(self, model: ModelName, history: ModelHistory, only: Version | None) -> Iterator[Finding]:
        """Everything about one model, or about one version of it."""
        for bad in history.bad:
            hint = (
                "it is ignored, and its number stays used up: find out who pushed it"
                if "#" in bad.name
                else "have it deleted on the remote, then run `modelmark apply`"
            )
            yield Finding(TAGS, Level.ERROR, f"the tag {bad.name} does not count: {bad.why}", hint=hint)
        yield from self._assignments(history)
        yield from self._wishes(model, history)
        for version, registered in sorted(history.versions.items()):
            if only in (None, version):
                self.versions += 1
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

    def _assignments(self, history: ModelHistory) -> Iterator[Finding]:
        for assignments in history.aliases.values():
            for one in assignments:
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
