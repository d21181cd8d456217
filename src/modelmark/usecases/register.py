"""Make an immutable version of a directory: manifest and pointer on a branch, bytes in the storage."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from modelmark.domain import layout
from modelmark.domain.collected import collect
from modelmark.domain.forge import labels_of
from modelmark.domain.manifest import Compression, Manifest, ManifestFile, file_type
from modelmark.domain.names import ModelName, check_path_set, shown
from modelmark.domain.policy import Card
from modelmark.domain.versions import FIRST, Version
from modelmark.errors import InvalidInput, Refused
from modelmark.usecases import state
from modelmark.usecases.submit import Proposal, Submitted, submit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from modelmark.domain.artifacts import Source, Stored
    from modelmark.domain.history import ModelHistory
    from modelmark.usecases.ports import Directories, Workspace

_PLAIN_PROFILE = "generic"


@dataclass(frozen=True)
class Request:
    """What a person asks to register.

    Attributes:
        version: None = the next one.
        profile: for a new model's card; None = what the card says, or `generic`.
        compression: how the version was made smaller, if it was.
    """

    source: Path
    model: ModelName
    version: Version | None = None
    profile: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    note: str | None = None
    compression: Compression | None = None


@dataclass(frozen=True)
class Registration:
    """What was registered.

    Attributes:
        same_as: these bytes are that version already, and nothing was made.
        waits: it is on main, and has no tag yet.
    """

    model: ModelName
    version: Version
    manifest: Manifest | None
    uploaded: int
    submitted: Submitted | None
    same_as: Version | None = None
    waits: bool = False


def register(workspace: Workspace, directories: Directories, request: Request) -> Registration:
    """Register a directory.

    Raises:
        InvalidInput: the directory, a name or a file in it is not well formed.
        Refused: the version exists, or its number does not fit those of the model.
        StorageError: the bytes could not be stored; a rerun goes on where it stopped.
    """
    source = directories.inspect(request.source)
    _check_source(source, request)
    main = state.fetched_main(workspace, state.tag_patterns(request.model))
    _check_profile(workspace, main, request)
    workspace.remote.fetch_branches(f"register/{request.model}-")
    storage = workspace.storage()
    stored = storage.add(request.source, source.files)
    same = _same_bytes(workspace, main, request.model, stored)
    if same is not None:
        if request.version not in (None, same):
            raise Refused(
                f"these bytes are already {request.model}@{same}, so they cannot be {request.version}",
                f"use it: modelmark promote {request.model}@{same} --to …",
            )
        waits = same not in state.history_of(workspace, main, request.model).versions
        return Registration(request.model, same, None, 0, None, same, waits)
    uploaded = storage.push(stored)
    built: list[Manifest] = []

    def build(main: state.Main) -> Proposal:
        history = state.history_of(workspace, main, request.model)
        version = _choose_version(workspace, main, history, request, stored)
        manifest = _manifest(request, version, source, stored, workspace.now())
        built.append(manifest)
        return _proposal(workspace, main, request, manifest, stored)

    submitted = submit(workspace, build, state.tag_patterns(request.model), main)
    return Registration(request.model, built[-1].version, built[-1], uploaded, submitted)


def _check_source(source: Source, request: Request) -> None:
    if not source.files:
        raise InvalidInput(f"{request.source} has no files", "name the directory that the training wrote")
    try:
        check_path_set(source.files)
    except InvalidInput as error:
        raise InvalidInput(f"{request.source}: {error.message}", error.hint) from error
    for key, value in request.tags.items():
        if not key or len(key) > 64 or len(value) > 256 or not (key + value).isprintable():
            raise InvalidInput(
                f"the tag {shown(key)} is not a short printable key=value", "for example language=en"
            )


def _check_profile(workspace: Workspace, main: state.Main, request: Request) -> None:
    card = state.card_at(workspace, main.commit, request.model)
    known = ", ".join(main.policy.profiles)
    if request.profile is not None and request.profile not in main.policy.profiles:
        raise InvalidInput(f"registry.yaml has no profile {shown(request.profile)}", f"it has: {known}")
    if card is not None and request.profile not in (None, card.profile):
        raise Refused(
            f"the card of {request.model} says profile {card.profile}, not {request.profile}",
            f"change {layout.card_path(request.model)} by a reviewed change first",
        )


def _same_bytes(workspace: Workspace, main: state.Main, model: ModelName, stored: Stored) -> Version | None:
    """The version of the model, registered or on main, that has exactly these files and is not archived."""
    ours = workspace.documents.write_pointer(stored.pointer)
    versions = state.versions_at(workspace, main.commit, model)
    pointers = workspace.reader.read(
        [(main.commit, layout.pointer_path(model, version)) for version in versions]
    )
    history = state.history_of(workspace, main, model).versions.items()
    same = [version for version, found in history if found.artifacts == stored.pointer.md5]
    same += [version for version, data in zip(versions, pointers, strict=True) if data == ours]
    return next((one for one in same if not state.is_archived(workspace, main.commit, model, one)), None)


def _choose_version(
    workspace: Workspace, main: state.Main, history: ModelHistory, request: Request, stored: Stored
) -> Version:
    """The version asked for, or the next after all that are registered, on main, or on a branch.

    A branch that already carries these bytes is an earlier run of this command: its version is taken again.
    """
    branches = workspace.reader.branches(f"register/{request.model}-")
    pending = dict(_pending(branches, request.model))
    taken = {*history.versions, *state.versions_at(workspace, main.commit, request.model)}
    ours = workspace.documents.write_pointer(stored.pointer)
    for version, oid in pending.items():
        pointer = workspace.reader.read([(oid, layout.pointer_path(request.model, version))])[0]
        if pointer == ours and request.version in (None, version) and version not in taken:
            return version
    wanted = request.version
    if wanted is None:
        return max((*taken, *pending)).next() if taken or pending else FIRST
    if wanted in taken:
        raise Refused(
            f"{request.model}@{wanted} exists, and a version never changes",
            f"the next one is {max(taken).next()}",
        )
    if taken and len(max(taken).numbers) != len(wanted.numbers):
        raise Refused(
            f"{wanted} has another count of numbers than {max(taken)}, so the two have no order",
            f"the next version of {request.model} is {max(taken).next()}",
        )
    return wanted


def _pending(branches: Mapping[str, str], model: ModelName) -> Iterable[tuple[Version, str]]:
    for name, oid in branches.items():
        place = layout.classify(
            f"{layout.model_dir(model)}/{name.removeprefix(f'register/{model}-')}/manifest.yaml"
        )
        if place.version is not None:
            yield place.version, oid


def _manifest(request: Request, version: Version, source: Source, stored: Stored, now: datetime) -> Manifest:
    collected = collect(source.documents, source.texts, source.git_commit, source.git_dirty)
    notes = {"general": request.note} if request.note else {}
    return Manifest(
        model=request.model,
        version=version,
        created_at=now,
        files=tuple(
            ManifestFile(file.path, file.sha256, file.size, file_type(file.path)) for file in stored.files
        ),
        signature=collected.signature,
        lineage=collected.lineage,
        metrics=collected.metrics,
        tags=dict(request.tags),
        notes=notes,
        compression=request.compression,
    )


def _proposal(
    workspace: Workspace, main: state.Main, request: Request, manifest: Manifest, stored: Stored
) -> Proposal:
    model, version = manifest.model, manifest.version
    pointer = layout.pointer_path(model, version)
    files = {
        layout.manifest_path(model, version): workspace.documents.write_manifest(manifest),
        pointer: workspace.documents.write_pointer(stored.pointer),
    }
    if state.card_at(workspace, main.commit, model) is None:
        default = _PLAIN_PROFILE if _PLAIN_PROFILE in main.policy.profiles else None
        card = Card(model, profile=request.profile or default)
        files[layout.card_path(model)] = workspace.documents.write_card(card)
    message = f"Register {model}@{version}\n\n{len(manifest.files)} files, {manifest.size} bytes."
    # The same bytes under another profile are another change, and whoever asked for the profile would not notice.
    card_path = layout.card_path(model)
    identity = (pointer, card_path) if request.profile and card_path in files else (pointer,)
    labels = labels_of("registration", model)
    return Proposal(f"register/{model}-{version}", files, message, identity, labels)
