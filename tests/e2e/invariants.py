"""The invariants of DESIGN.md, section 4, held against a bare remote by plain Git: nothing of Modelmark is used here."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.support.world import World, git

_TRAILER = re.compile(r"^([A-Z][A-Za-z0-9-]*): (.+)$", re.MULTILINE)
_SEPARATOR = "\x01"
_KNOWN: dict[tuple[str, str], str | None] = {}


@dataclass(frozen=True)
class Tag:
    """A tag as `git for-each-ref` prints it."""

    name: str
    oid: str
    kind: str
    commit: str
    trailers: dict[str, str]


def read_tags(repository: Path) -> dict[str, Tag]:
    form = f"%(refname:strip=2)%00%(objectname)%00%(objecttype)%00%(*objectname)%00%(contents){_SEPARATOR}"
    found = {}
    for row in git(repository, "for-each-ref", f"--format={form}", "refs/tags/").split(_SEPARATOR):
        if row.strip():
            name, oid, kind, commit, contents = row.strip("\n").split("\0")
            block = contents.strip().rpartition("\n\n")[2]
            found[name] = Tag(name, oid, kind, commit, dict(_TRAILER.findall(block)))
    return found


def version_of(tag: Tag, tags: dict[str, Tag]) -> str:
    """What an assignment means: its trailer says so, or the one version tag on the same commit."""
    if "Version" in tag.trailers:
        return tag.trailers["Version"]
    model = tag.name.partition("#")[0]
    there = [
        one.name for one in tags.values() if one.name.startswith(f"{model}@v") and one.commit == tag.commit
    ]
    assert len(there) == 1, f"{tag.name} could mean {there}"
    return there[0].partition("@v")[2]


def meanings(tags: dict[str, Tag]) -> dict[str, str]:
    """`model#alias` to the version of its highest assignment."""
    highest: dict[str, Tag] = {}
    for name, tag in tags.items():
        head, _, number = name.rpartition("#")
        if head and (head not in highest or int(number) > int(highest[head].name.rpartition("#")[2])):
            highest[head] = tag
    return {head: version_of(tag, tags) for head, tag in highest.items()}


def check_invariants(world: World) -> dict[str, Tag]:
    """Hold everything that can be seen on the remote against the invariants 1 to 3; returns the tags."""
    hub = world.hub
    tags = read_tags(hub)
    parents = _first_parents(hub)
    assert all(tag.kind == "tag" for tag in tags.values()), "every tag is annotated"
    assert all(tag.commit in parents for tag in tags.values()), (
        "every tag points at a first-parent commit of main"
    )
    _check_frozen(hub)
    for tag in tags.values():
        if "#" in tag.name:
            _check_assignment(hub, tag, tags, parents)
        else:
            _check_version(hub, tag, parents)
    return tags


def _first_parents(hub: Path) -> dict[str, str]:
    """First-parent commits of main, each with the one before it (or empty)."""
    rows = [line.split() for line in git(hub, "rev-list", "--first-parent", "--parents", "main").splitlines()]
    return {row[0]: row[1] if len(row) > 1 else "" for row in rows}


def _check_frozen(hub: Path) -> None:
    """1: what main has of a version, it keeps."""
    changed = git(
        hub, "log", "--first-parent", "-m", "--no-renames", "--diff-filter=a", "--format=", "--name-only", "main",
        "--", "models/*/*/manifest.yaml", "models/*/*/artifacts.dvc", "models/*/*/archived.yaml", "models/*/incidents/*",
        "models/*/*/evaluations/*",
    )  # fmt: skip
    assert changed == "", "an immutable file was changed on main"


def _check_version(hub: Path, tag: Tag, parents: dict[str, str]) -> None:
    """1: the tag pins the manifest and the pointer, on the commit that brought them."""
    model, _, version = tag.name.partition("@v")
    folder = f"models/{model}/{version}"
    data = _show(hub, tag.commit, f"{folder}/manifest.yaml")
    assert data is not None, tag.name
    assert _show(hub, parents[tag.commit], f"{folder}/manifest.yaml") is None, f"{tag.name} is late"
    blob = b"blob %d\0" % len(data.encode()) + data.encode()
    assert tag.trailers["Manifest"] == hashlib.sha1(blob).hexdigest()
    assert tag.trailers["Manifest-SHA256"] == hashlib.sha256(data.encode()).hexdigest()
    pointer = yaml.safe_load(_show(hub, tag.commit, f"{folder}/artifacts.dvc") or "")
    assert tag.trailers["Artifacts"] == pointer["outs"][0]["md5"]


def _check_assignment(hub: Path, tag: Tag, tags: dict[str, Tag], parents: dict[str, str]) -> None:
    model, alias, number = tag.name.split("#")
    before = tags.get(f"{model}#{alias}#{int(number) - 1}")
    assert number == "1" or before is not None, f"{tag.name} has no predecessor"
    version = version_of(tag, tags)
    registered = tags[f"{model}@v{version}"]
    if tag.trailers.keys() - {"Version"}:
        # 2: a hash chain
        assert tag.trailers["Previous-Tag"] == (before.oid if before else "none"), tag.name
        assert tag.trailers["Previous-Version"] == (version_of(before, tags) if before else "none"), tag.name
        assert tag.trailers["Version-Tag"] == registered.oid, tag.name
    if tag.commit == registered.commit:  # a rollback: nothing on main asked for it
        earlier = [tags[f"{model}#{alias}#{one}"] for one in range(1, int(number))]
        assert version in {version_of(one, tags) for one in earlier}, tag.name
        return
    # 3: a reviewed assignment is what aliases.yaml says at its commit, and did not say before
    path = f"models/{model}/aliases.yaml"
    wish = _entry(_show(hub, tag.commit, path), alias)
    assert wish == (version, int(number)), f"{tag.name} means {version}, aliases.yaml asks for {wish}"
    assert _entry(_show(hub, parents[tag.commit], path), alias) != wish, f"{tag.name} is late"


def _entry(text: str | None, alias: str) -> tuple[str, int] | None:
    entries = yaml.safe_load(text) if text else None
    entry = (entries or {}).get(alias)
    return (str(entry["version"]), int(entry["assignment"])) if entry else None


def _show(hub: Path, commit: str, path: str) -> str | None:
    """A file at a commit, with its last line break; None where it is not there. Asked once: a commit never changes."""
    if (commit, path) not in _KNOWN:
        there = bool(commit) and bool(git(hub, "ls-tree", commit, "--", path))
        _KNOWN[commit, path] = (
            git(hub, "cat-file", "blob", f"{commit}:{path}", strip=False) if there else None
        )
    return _KNOWN[commit, path]
