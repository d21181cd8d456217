"""What the use-cases need of the world; `adapters/` has the real things, the tests have fakes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

    from modelmark.domain.advisories import Advisories
    from modelmark.domain.aliases import Aliases, Desired
    from modelmark.domain.approvals import Provenance
    from modelmark.domain.artifacts import ListedFile, Nearby, Pointer, Source, Stored
    from modelmark.domain.change import Move
    from modelmark.domain.commits import Commit, FileChange
    from modelmark.domain.evaluations import Evaluation
    from modelmark.domain.history import RawTag
    from modelmark.domain.inspection import Inspection
    from modelmark.domain.json_values import Json
    from modelmark.domain.manifest import Manifest
    from modelmark.domain.names import AliasName, ModelName
    from modelmark.domain.plan import NewTag
    from modelmark.domain.policy import Card, Policy
    from modelmark.domain.records import Archived, Incident
    from modelmark.domain.tags import Person
    from modelmark.usecases.forge_ports import TagRefs
    from modelmark.usecases.state import Main


class GitReader(Protocol):
    """Objects, refs and history of one repository; nothing is written, nothing executed."""

    def default_branches(self, guesses: Sequence[str]) -> dict[str, str]:
        """Commits of the branches that may be main, the likeliest first, as last fetched.

        That is what the remote's HEAD names (without a remote: the branch checked out), then those of `guesses`.
        """

    def find_commit(self, text: str) -> str | None:
        """Commit that a person names: a full id, a branch, a remote branch, a tag, or HEAD."""

    def commit(self, oid: str) -> Commit:
        """Read one commit."""

    def first_parents(self, tip: str, paths: Sequence[str]) -> list[Commit]:
        """First-parent commits of `tip` that change one of the paths against their first parent; oldest first."""

    def on_main(self, tip: str) -> Callable[[str], bool]:
        """A test for being a first-parent commit of `tip`."""

    def read(self, places: Sequence[tuple[str, str]]) -> list[bytes | None]:
        """Contents of (commit, path) pairs; None where there is no such file."""

    def blob(self, oid: str) -> bytes | None:
        """Content of a blob by its id."""

    def blobs(self, oids: Sequence[str]) -> list[bytes | None]:
        """Contents of many blobs by id; without a path to find, ten times as fast as `read`."""

    def entries(self, commit: str, folder: str) -> dict[str, str]:
        """Blob ids of all files below a folder, by path; symbolic links and submodules are left out."""

    def children(self, commit: str, folder: str) -> dict[str, dict[str, str]]:
        """What lies directly in each folder of a folder: object ids of files and folders by name.

        Two levels and no more: a tenth of the work of `entries` where there are 100,000 versions.
        """

    def diff(self, base: str | None, head: str) -> tuple[FileChange, ...]:
        """What differs between two commits; `base` None = everything in `head` is new."""

    def merge_base(self, one: str, other: str) -> str | None:
        """The best common ancestor, or None.

        Raises:
            Refused: there are several, so no single difference says what a merge would change.
        """

    def tag_names(self, pattern: str = "*") -> dict[str, str]:
        """Short name to object id of the tags whose name matches the glob."""

    def tags(self, patterns: Sequence[str]) -> list[RawTag]:
        """Tags whose names match one of the globs, with the bytes of their tag objects."""

    def tags_named(self, names: Mapping[str, str]) -> list[RawTag]:
        """The tags of these names and object ids, with their bytes."""

    def branches(self, prefix: str) -> dict[str, str]:
        """Commits of the remote's branches (the local ones without a remote) that start with `prefix`."""


class GitWriter(Protocol):
    """Everything that changes the repository or its remote. Each method is all or nothing."""

    def identity(self) -> Person:
        """Who commits here; `at` is now."""

    def commit_files(
        self, parent: str | None, files: Mapping[str, bytes], message: str, author: Person
    ) -> str:
        """Make a commit that adds or replaces files, without touching index, work tree or refs."""

    def make_tag(self, tag: NewTag) -> str:
        """Write a tag object; no ref yet."""

    def create_refs(self, refs: Mapping[str, str]) -> None:
        """Create local refs, all or none; one that is there with the same object is fine."""

    def move_branch(self, branch: str, old: str | None, new: str) -> None:
        """Move a local branch that nobody has checked out (registries without a remote)."""


class GitRemote(Protocol):
    """The remote that holds the truth; `name` is None where the repository has none."""

    name: str | None

    @property
    def url(self) -> str:
        """Its address, without password; empty where there is none."""

    @property
    def push_url(self) -> str:
        """The address that pushes go to, without password; empty where there is none."""

    def learn_head(self) -> str | None:
        """The branch that the remote's HEAD names, asked there and remembered; None where this clone knows it, or nobody does."""

    def fetch_main(self, branch: str, tags: Sequence[str] = ()) -> None:
        """Bring the default branch up to date with all of its history, and the tags whose names match one of the globs."""

    def fetch_commit(self, oid: str) -> None:
        """Bring one commit by its full id, whichever branch it is on; a remote that does not have it sends nothing."""

    def fetch_tags(self, patterns: Sequence[str]) -> None:
        """Bring tags whose names match the globs."""

    def fetch_branches(self, prefix: str) -> None:
        """Bring the branches that start with `prefix`, and forget those that are gone."""

    def push(self, refs: Mapping[str, str]) -> None:
        """Create or fast-forward refs, all or none.

        Raises:
            Lost: somebody else was faster.
            CouldNot: the remote cannot be reached, or refuses.
        """


class Storage(Protocol):
    """The DVC remote and the cache before it."""

    @property
    def location(self) -> str:
        """The storage's address, without credentials."""

    def add(self, source: Path, files: Sequence[str]) -> Stored:
        """Hash files and put them into the cache."""

    def push(self, stored: Stored) -> int:
        """Copy from the cache what the storage lacks; returns how many objects."""

    def within(self, silence: float, unwanted: Callable[[], bool]) -> Storage:
        """The same storage, given up on after so many seconds without a byte, or when nobody wants it any more."""

    def near(self, md5: str) -> Nearby | None:
        """Where an object is on this machine, if the storage is a folder here."""

    def reading(
        self, md5: str, size: int, start: int = 0
    ) -> AbstractContextManager[Callable[[memoryview], int]]:
        """An object as a stream from one of its bytes on: a function that fills buffers, and says 0 at the end."""

    def listing(self, pointer_md5: str) -> tuple[ListedFile, ...]:
        """The directory listing, checked against its id."""

    def missing(self, md5s: Iterable[str]) -> frozenset[str]:
        """Those of the objects that the storage does not have."""

    def fetch(self, md5: str, target: Path, size: int) -> str:
        """Stream one object into a new file; returns its SHA-256."""


class Inspector(Protocol):
    """Looks into the files of a version."""

    def inspect(self, manifest: Manifest, pointer: Pointer, kinds: frozenset[type]) -> Inspection:
        """Gather facts of these kinds; what cannot be looked at stands among the failed ones, with its reason."""


class Documents(Protocol):
    """The YAML files of a registry, as values; every error is an `InvalidInput` with path and line."""

    def policy(self, data: bytes, path: str) -> Policy:
        """registry.yaml."""

    def advisories(self, data: bytes, path: str) -> Advisories:
        """advisories.yaml."""

    def card(self, data: bytes, path: str, model: ModelName) -> Card:
        """model.yaml."""

    def owners(self, data: bytes, path: str) -> tuple[str, ...]:
        """The owners that model.yaml names, each one that a code owners file can hold."""

    def aliases(self, data: bytes, path: str) -> Aliases:
        """aliases.yaml."""

    def manifest(self, data: bytes, path: str) -> Manifest:
        """manifest.yaml."""

    def pointer(self, data: bytes, path: str) -> Pointer:
        """artifacts.dvc."""

    def archived(self, data: bytes, path: str) -> Archived:
        """archived.yaml."""

    def incident(self, data: bytes, path: str) -> Incident:
        """incidents/*.yaml."""

    def evaluation(self, data: bytes, path: str) -> Evaluation:
        """evaluations/*.yaml; the path must be the one that its content asks for."""

    def write_manifest(self, manifest: Manifest) -> bytes:
        """Text of manifest.yaml."""

    def write_card(self, card: Card) -> bytes:
        """Text of model.yaml."""

    def write_archived(self, archived: Archived) -> bytes:
        """Text of archived.yaml."""

    def write_incident(self, incident: Incident) -> bytes:
        """Text of an incident."""

    def write_evaluation(self, evaluation: Evaluation) -> bytes:
        """Text of an evaluation."""

    def write_pointer(self, pointer: Pointer) -> bytes:
        """Text of artifacts.dvc, byte for byte what `dvc add` writes."""

    def set_aliases(self, data: bytes | None, model: ModelName, wishes: Mapping[AliasName, Desired]) -> bytes:
        """Text of aliases.yaml with these entries changed, and every other line as it was."""

    def remotes(self, dvc_config: bytes) -> tuple[dict[str, str], tuple[str, ...]]:
        """Remotes of a `.dvc/config` by name, and the names of its other keys."""


class Directories(Protocol):
    """Plain directories outside the registry, as sources to register."""

    def inspect(self, source: Path) -> Source:
        """List regular files without following links, and read what the well-known ones say."""

    def document(self, path: Path) -> Json:
        """One JSON file that a person names; what cannot be used is an `InvalidInput`."""


class Provenances(Protocol):
    """Says where assignments come from."""

    def of(
        self, commit: Commit, moves: Sequence[Move], rules: Sequence[Main]
    ) -> Mapping[ModelName, Provenance]:
        """Who asked for what a commit of main moves and who approved it, by model.

        Args:
            commit: a first-parent commit of main.
            moves: what it asks for and the tags do not say yet.
            rules: those before it, and those of main now; what any of them asks for is needed.
        """


@dataclass(frozen=True)
class Workspace:
    """One registry, open for work: its repository, its storage and the clock."""

    reader: GitReader
    writer: GitWriter
    remote: GitRemote
    documents: Documents
    storage: Callable[[], Storage]
    now: Callable[[], datetime]
    inspector: Inspector
    provenances: Callable[[], Provenances]
    tag_refs: Callable[[], TagRefs | None]
