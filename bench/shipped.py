"""Puts a version with real bytes into a generated registry: stored, on main, tagged and live in prod.

By Git's plumbing, because no gate lets random bytes pass, and what is measured is how they come out again.
"""

from __future__ import annotations

import hashlib
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from bench.registries import Generated
from modelmark.adapters.dvc import DvcStorage
from modelmark.adapters.dvc_files import init_workspace, pointer_bytes
from modelmark.adapters.git import GitRunner
from modelmark.adapters.git_reader import GitReader
from modelmark.adapters.git_writer import GitWriter
from modelmark.adapters.yaml_files import YamlFiles
from modelmark.domain import layout
from modelmark.domain.aliases import Desired
from modelmark.domain.fold import fold
from modelmark.domain.history import Facts
from modelmark.domain.manifest import Manifest, ManifestFile, file_type
from modelmark.domain.names import AliasName, ModelName
from modelmark.domain.plan import NewTag, VersionEvidence, assignment_message, version_message
from modelmark.domain.tags import AssignmentTag, Person, VersionTag
from modelmark.domain.versions import parse_version

PROD = AliasName("prod")
_AT = datetime.fromtimestamp(1_800_000_000, UTC)
_WHO = Person("Bench", "bench@example.org", _AT)


def ship(made: Generated, model: str, number: int, source: Path) -> None:
    """Make a directory version `number` of a model, and prod mean it; nothing where it is there already."""
    runner = GitRunner(made.hub, bare=True)
    reader, writer, yaml = GitReader(runner, None), GitWriter(runner), YamlFiles()
    name, version = ModelName(model), parse_version(str(number))
    tag = VersionTag(name, version)
    if reader.tag_names(str(tag)):
        return
    main = runner.text(["rev-parse", "refs/heads/main"])
    policy = yaml.policy(reader.read([(main, layout.POLICY)])[0] or b"", layout.POLICY)
    files, pointer = _store(made.storage, source)
    manifest = yaml.write_manifest(Manifest(name, version, _AT, files))
    content = {
        layout.manifest_path(name, version): manifest,
        layout.pointer_path(name, version): pointer,
        layout.aliases_path(name): yaml.set_aliases(
            None, name, {PROD: Desired(version, number, "it is here")}
        ),
    }
    commit = writer.commit_files(main, content, f"Ship {model}@{number}", _WHO)
    wish = Desired(version, number, "it is here")
    wishes = {layout.aliases_path(name): yaml.set_aliases(None, name, {PROD: wish})}
    asked = writer.commit_files(commit, wishes, f"{model}: prod means {number}", _WHO)
    runner.run(["update-ref", "refs/heads/main", asked, main])
    blob = runner.text(["rev-parse", f"{commit}:{layout.manifest_path(name, version)}"])
    listing = next(line.split()[-1] for line in pointer.decode().splitlines() if "md5: " in line)
    evidence = VersionEvidence(blob, hashlib.sha256(manifest).hexdigest(), listing)
    made_tag = writer.make_tag(NewTag(tag, commit, _WHO, version_message(policy.registry_id, tag, evidence)))
    writer.create_refs({f"refs/tags/{tag}": made_tag})
    history = fold(reader.tags([f"{model}*"]), Facts(policy.registry_id, lambda _: True, lambda *_: True))
    assigned = AssignmentTag(name, PROD, number)
    message = assignment_message(policy.registry_id, assigned, wish, history, {})
    oid = writer.make_tag(NewTag(assigned, asked, _WHO, message))
    writer.create_refs({f"refs/tags/{assigned}": oid})


def move_storage(made: Generated, url: str) -> None:
    """Say in registry.yaml and in .dvc/config that the bytes are somewhere else."""
    runner = GitRunner(made.hub, bare=True)
    reader, main = GitReader(runner, None), runner.text(["rev-parse", "refs/heads/main"])
    paths = (layout.POLICY, layout.DVC_CONFIG)
    texts = reader.read([(main, path) for path in paths])
    changed = {
        path: (text or b"").replace(str(made.storage).encode(), url.encode())
        for path, text in zip(paths, texts, strict=True)
    }
    if list(changed.values()) == texts:
        return
    commit = GitWriter(runner).commit_files(main, changed, f"The storage is {url}", _WHO)
    runner.run(["update-ref", "refs/heads/main", commit, main])


def _store(storage: Path, source: Path) -> tuple[tuple[ManifestFile, ...], bytes]:
    """Put the bytes where the registry's storage is; the files of a manifest, and the pointer."""
    with tempfile.TemporaryDirectory(dir=storage.parent) as folder:
        root = Path(folder)
        for path, data in init_workspace(root, "store", str(storage)).items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data)
        opened = DvcStorage.open(root, None)
        paths = [path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()]
        stored = opened.add(source, sorted(paths))
        opened.push(stored)
    files = tuple(ManifestFile(one.path, one.sha256, one.size, file_type(one.path)) for one in stored.files)
    return files, pointer_bytes(stored.pointer)
