"""Makes registries of any size that are really valid: every tag is in its chain, every manifest is pinned.

A registry of M models and V versions has 2·M·V commits on main (one brings a version, one assigns it) and 3·M·V tags:
the version's, and its assignments to `staging` and `prod`. Objects are written in bulk, and their ids are computed here.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bench.git_text import WHO, Importer, blob_id, run, write_packed_refs, write_tag_pack
from modelmark.adapters.dvc_files import init_workspace, pointer_bytes
from modelmark.adapters.yaml_files import YamlFiles
from modelmark.domain import layout
from modelmark.domain.aliases import Desired
from modelmark.domain.artifacts import Pointer
from modelmark.domain.history import Assignment, ModelHistory, Origin, Registered
from modelmark.domain.json_values import Json
from modelmark.domain.manifest import Lineage, Manifest, ManifestFile, file_type
from modelmark.domain.metrics import Metric
from modelmark.domain.names import AliasName, ModelName
from modelmark.domain.plan import VersionEvidence, assignment_message, version_message
from modelmark.domain.policy import Way
from modelmark.domain.tags import (
    AssignmentTag,
    Message,
    Person,
    TagName,
    VersionTag,
    object_id,
    write_tag_object,
)
from modelmark.domain.versions import Version, parse_version
from modelmark.scaffold import Choices, scaffold_files

ALIASES = (AliasName("staging"), AliasName("prod"))
FILES = (
    "MODEL_CARD.md", "config.json", "labels.json", "metrics.json", "model.safetensors", "preprocess.py",
    "requirements.txt", "signature.json", "tokenizer.json", "train_args.json",
)  # fmt: skip
_START = 1_700_000_000
_MODEL, _VERSION, _NUMBER = ModelName("model-sentinel"), parse_version("1.999983.0"), 999979
_DIGESTS = tuple(hashlib.sha256(path.encode()).hexdigest() for path in FILES)


@dataclass(frozen=True)
class Shape:
    """How large a registry is."""

    models: int
    versions: int

    @property
    def tags(self) -> int:
        """How many tags it has."""
        return 3 * self.models * self.versions

    def model(self, number: int) -> ModelName:
        """The name of the n-th model, counted from 1."""
        return ModelName(f"model-{number:04}")

    def version(self, number: int) -> Version:
        """The n-th version of every model; three numbers, because GTO knows nothing else."""
        return Version((1, number, 0))


@dataclass(frozen=True)
class Generated:
    """A generated registry.

    Attributes:
        hub: the bare repository, as a forge has it.
        clone: a clone of it without a work tree; shares its objects.
        gto: the same commits with tags as GTO makes them: assignments on the version's own commit.
        storage: the folder that registry.yaml and .dvc/config name.
    """

    hub: Path
    clone: Path
    gto: Path
    storage: Path


def ensure(folder: Path, shape: Shape, promotion: Way = Way.PULL_REQUEST) -> Generated:
    """The registry of a shape, generated where it is not there yet."""
    place = folder / f"registry-{shape.models}x{shape.versions}{'-direct' if promotion is Way.DIRECT else ''}"
    made = Generated(place / "hub.git", place / "clone", place / "gto", place / "storage")
    if not (place / "complete").exists():
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        _generate(made, shape, promotion)
        (place / "complete").touch()
    return made


@dataclass(frozen=True)
class _Released:
    """One version: where it came to main, where it was assigned, and what its tag pins."""

    model: ModelName
    number: int
    version: Version
    brought: int
    assigned: int
    evidence: VersionEvidence


def _generate(made: Generated, shape: Shape, promotion: Way) -> None:
    run(made.hub.parent, "init", "--quiet", "--bare", "--initial-branch=main", str(made.hub))
    run(made.hub, "config", "uploadpack.allowFilter", "true")  # as forges do
    registry_id = hashlib.sha256(str(shape).encode()).hexdigest()[:32]
    importer = Importer(made.hub)
    importer.commit(_START, "A new registry", _registry_files(made, registry_id, promotion))
    released = list(_import(importer, shape))
    commits = importer.close()
    tags = list(_tags(registry_id, released, commits))
    remote = {"refs/heads/main": commits[-1], "refs/remotes/origin/main": commits[-1]}
    _share(made.hub, made.clone)
    _share(made.hub, made.gto)
    refs = _store(made.hub, tags)
    write_packed_refs(made.hub, {"refs/heads/main": commits[-1]}, refs)
    write_packed_refs(made.clone / ".git", remote, refs)
    write_packed_refs(made.gto / ".git", remote, _store(made.gto, list(_gto_tags(released, commits))))


def _store(repository: Path, tags: list[tuple[TagName, bytes, str]]) -> list[tuple[str, str, str]]:
    """Write the objects of tags; their names, ids and commits in the order of the names."""
    rows = sorted((str(name), object_id(data, commit), commit, data) for name, data, commit in tags)
    write_tag_pack(repository, {oid: data for _, oid, _, data in rows})
    return [(name, oid, commit) for name, oid, commit, _ in rows]


def _registry_files(made: Generated, registry_id: str, promotion: Way) -> dict[str, bytes]:
    root, url = made.clone, str(made.storage)
    files = scaffold_files(Choices("bench", "main", "store", url, promotion))
    written = files[layout.POLICY].decode()
    own = next(line for line in written.splitlines() if line.startswith("  id: "))
    policy = written.replace(own, f"  id: {registry_id}")
    return {**init_workspace(root, "store", url), **files, layout.POLICY: policy.encode()}


def _share(hub: Path, clone: Path) -> None:
    """A repository that reads the hub's objects, as `git clone --shared` makes it."""
    run(hub.parent, "init", "--quiet", "--initial-branch=main", str(clone))
    (clone / ".git" / "objects" / "info" / "alternates").write_text(f"{hub / 'objects'}\n")
    run(clone, "remote", "add", "origin", str(hub))
    run(clone, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")


def _import(importer: Importer, shape: Shape) -> Iterator[_Released]:
    """Round by round: every model gets a version, then every version is assigned."""
    texts = _Texts()
    for number in range(1, shape.versions + 1):
        version, brought = shape.version(number), []
        for model in map(shape.model, range(1, shape.models + 1)):
            manifest, pointer = texts.manifest(model, version), texts.pointer(model, version)
            files = {
                layout.manifest_path(model, version): manifest,
                layout.pointer_path(model, version): pointer_bytes(pointer),
            }
            if number == 1:
                files[layout.card_path(model)] = b"profile: generic\n"
            at = _START + 60 * importer.count
            evidence = VersionEvidence(blob_id(manifest), hashlib.sha256(manifest).hexdigest(), pointer.md5)
            brought.append((model, importer.commit(at, f"Register {model}@{version}", files), evidence))
        for model, place, evidence in brought:
            data = {layout.aliases_path(model): texts.aliases(model, version, number)}
            at = _START + 60 * importer.count
            assigned = importer.commit(at, f"{model}: staging and prod mean {version}", data)
            yield _Released(model, number, version, place, assigned, evidence)


@dataclass
class _Texts:
    """Files as Modelmark itself writes them; each is written once, and names, numbers and digests are put in."""

    _manifest: bytes = field(init=False)
    _aliases: bytes = field(init=False)

    def __post_init__(self) -> None:
        files = tuple(
            ManifestFile(path, digest, 1000 + len(path), file_type(path))
            for path, digest in zip(FILES, _DIGESTS, strict=True)
        )
        metrics = tuple(
            Metric(name, 0.9, dataset="reviews", split="test", n=5000, ci95=(0.89, 0.91))
            for name in ("f1", "accuracy", "latency_p95_ms")
        )
        at = datetime.fromtimestamp(_START, UTC)
        lineage = Lineage("0" * 40, False, "v3", hyperparameters={"epochs": 3, "lr": 0.001, "seed": 7})
        schema: dict[str, Json] = {
            "inputs": [{"name": "text", "type": "string"}],
            "outputs": [{"name": "label", "type": "string"}],
        }
        notes = {"general": "Trained on the reviews of the last two years; English only. " * 4}
        manifest = Manifest(_MODEL, _VERSION, at, files, schema, lineage, metrics, {"language": "en"}, notes)
        yaml = YamlFiles()
        self._manifest = yaml.write_manifest(manifest)
        wishes = {alias: Desired(_VERSION, _NUMBER, "better on the new reviews") for alias in ALIASES}
        self._aliases = yaml.set_aliases(None, _MODEL, wishes)

    def manifest(self, model: ModelName, version: Version) -> bytes:
        """manifest.yaml of a version."""
        text = self._manifest.replace(_MODEL.encode(), model.encode())
        text = text.replace(str(_VERSION).encode(), str(version).encode())
        for path, digest in zip(FILES, _DIGESTS, strict=True):
            text = text.replace(digest.encode(), _digest(model, version, path).encode())
        return text

    def pointer(self, model: ModelName, version: Version) -> Pointer:
        """artifacts.dvc of a version."""
        return Pointer(_digest(model, version, "")[:32] + ".dir", 10_000, len(FILES))

    def aliases(self, model: ModelName, version: Version, number: int) -> bytes:
        """aliases.yaml that gives every alias to a version."""
        text = self._aliases.replace(_MODEL.encode(), model.encode())
        text = text.replace(str(_VERSION).encode(), str(version).encode())
        return text.replace(str(_NUMBER).encode(), str(number).encode())


def _digest(model: ModelName, version: Version, path: str) -> str:
    return hashlib.sha256(f"{model} {version} {path}".encode()).hexdigest()


def _tags(
    registry_id: str, released: list[_Released], commits: list[str]
) -> Iterator[tuple[TagName, bytes, str]]:
    """Every tag: its name, its bytes, its commit. Messages are those that `apply` writes."""
    newest: dict[tuple[ModelName, AliasName], Assignment] = {}
    for one in released:
        person = _person(one.brought)
        name, commit = VersionTag(one.model, one.version), commits[one.brought]
        data = write_tag_object(commit, name, person, version_message(registry_id, name, one.evidence))
        yield name, data, commit
        oid, what = object_id(data, commit), one.evidence
        tag = Registered(
            name,
            oid,
            commit,
            str(person),
            person.at,
            what.manifest_blob,
            what.manifest_sha256,
            what.artifacts,
        )
        for alias in ALIASES:
            before = newest.get((one.model, alias))
            made, data = _assign(registry_id, one, tag, (alias, before), commits[one.assigned])
            newest[one.model, alias] = made
            yield made.tag, data, made.commit


def _assign(
    registry_id: str,
    one: _Released,
    tag: Registered,
    chain: tuple[AliasName, Assignment | None],
    commit: str,
) -> tuple[Assignment, bytes]:
    """The next assignment of an alias, from the one before it."""
    (alias, before), person = chain, _person(one.assigned)
    history = ModelHistory(
        {one.version: tag},
        {alias: (before,)} if before else {},
        {alias: (before.tag.number, before.oid)} if before else {},
    )
    name = AssignmentTag(one.model, alias, one.number)
    wish = Desired(one.version, one.number, "better on the new reviews")
    origin = {
        "Requested-By": WHO,
        "Approved-By": "Owner <owner@example.org>",
        "Pull-Request": f"{one.assigned}",
    }
    message = assignment_message(registry_id, name, wish, history, origin)
    data = write_tag_object(commit, name, person, message)
    meant = before.version if before else None
    oid, who = object_id(data, commit), str(person)
    made = Assignment(name, oid, commit, one.version, meant, Origin.REVIEWED, who, person.at, wish.reason)
    return made, data


def _gto_tags(released: list[_Released], commits: list[str]) -> Iterator[tuple[TagName, bytes, str]]:
    """The same decisions as GTO tags them."""
    for one in released:
        commit, person = commits[one.brought], _person(one.brought)
        names: list[TagName] = [VersionTag(one.model, one.version)]
        names += [AssignmentTag(one.model, alias, one.number) for alias in ALIASES]
        for name in names:
            message = Message(f"{name} by GTO", "", {})
            yield name, write_tag_object(commit, name, person, message), commit


def _person(place: int) -> Person:
    name, email = WHO.rstrip(">").split(" <")
    return Person(name, email, datetime.fromtimestamp(_START + 60 * place, UTC))
