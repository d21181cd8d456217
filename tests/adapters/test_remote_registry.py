"""A registry by its address alone: over every transport the same answers, from a few small requests."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from modelmark.adapters.git import Completed
from modelmark.adapters.remote_registry import RemoteRegistry
from modelmark.domain.aliases import Desired
from modelmark.domain.fold import fold
from modelmark.domain.history import Facts
from modelmark.domain.names import AliasName
from modelmark.domain.plan import NewTag, VersionEvidence, assignment_message, version_message
from modelmark.domain.references import parse_reference
from modelmark.domain.tags import AssignmentTag, VersionTag
from modelmark.errors import CouldNot, Denied, InvalidInput, NotFound, Unreachable
from modelmark.usecases.resolve import resolve
from tests.support.domain import ADA, MODEL, PROD, REGISTRY_ID, version
from tests.support.git_repos import (
    POLICY,
    Repos,
    commit,
    git,
    new_repos,
    new_repository,
    tag,
)
from tests.support.git_servers import free_port, http_backend, served

REF = parse_reference(f"{MODEL}@prod")
MANIFEST = b"version: 1\n"


def register(repos: Repos, text: str) -> str:
    name, data = VersionTag(MODEL, version(text)), f"version: {text}\n".encode()
    made = commit(repos.clone, {f"models/{MODEL}/{text}/manifest.yaml": data}, f"Register {text}")
    blob = git(repos.clone, "rev-parse", f"{made}:models/{MODEL}/{text}/manifest.yaml")
    evidence = VersionEvidence(blob, hashlib.sha256(data).hexdigest(), f"{'0' * 32}.dir")
    new = NewTag(name, made, ADA, version_message(REGISTRY_ID, name, evidence))
    repos.writer.create_refs({f"refs/tags/{name}": repos.writer.make_tag(new)})
    return blob


def assign(repos: Repos, text: str, number: int) -> None:
    name = AssignmentTag(MODEL, PROD, number)
    made = commit(repos.clone, {f"models/{MODEL}/aliases.yaml": f"{number}: {text}\n".encode()}, str(name))
    history = fold(repos.reader.tags([f"{MODEL}*"]), Facts(REGISTRY_ID, lambda _: True, lambda *_: True))
    message = assignment_message(REGISTRY_ID, name, Desired(version(text), number, "better"), history, {})
    new = NewTag(name, made, ADA, message)
    repos.writer.create_refs({f"refs/tags/{name}": repos.writer.make_tag(new)})


@pytest.fixture(scope="module")
def _told(tmp_path_factory: pytest.TempPathFactory) -> Repos:
    """Two versions, both were live in turn; then prod was rolled back by plain Git."""
    repos = new_repos(tmp_path_factory.mktemp("told") / "repos")
    for number, text in enumerate(("1", "2"), start=1):
        register(repos, text)
        assign(repos, text, number)
    tag(repos.clone, f"{MODEL}#prod#3", f"{MODEL}@v1^{{}}", "latency regression")
    git(repos.clone, "push", "-q", "origin", "main", "--tags")
    return repos


@pytest.fixture
def told(_told: Repos) -> Repos:
    return _told


@pytest.mark.parametrize("how", ["path", "file", "git", "http"])
def test_a_reference_and_its_manifest_are_found_over_every_transport(told: Repos, how: str) -> None:
    with served(told.base, how) as url, RemoteRegistry(url) as remote:
        found = resolve(remote, REF)
        assert (str(found.version), found.assignment and found.assignment.reason) == (
            "1",
            "latency regression",
        )
        assert remote.manifest(found.registered.manifest_blob) == MANIFEST
        assert str(resolve(remote, parse_reference(f"{MODEL}@latest")).version) == "2"
        with pytest.raises(NotFound):
            resolve(remote, parse_reference(f"{MODEL}@v7"))


@pytest.mark.parametrize("how", ["file", "git", "http"])
def test_a_manifest_comes_with_the_newest_commit_and_nothing_else(told: Repos, how: str) -> None:
    blob = git(told.remote, "rev-parse", f"main:models/{MODEL}/1/manifest.yaml")
    git(told.remote, "config", "uploadpack.allowFilter", "true")  # as forges do
    with served(told.base, how) as url, RemoteRegistry(url) as remote:
        assert remote.manifest(blob) == MANIFEST
        listed = git(remote._repository.runner.directory, "cat-file", "--batch-all-objects", "--batch-check")
        main = git(told.remote, "rev-parse", "main")
        assert [line.split()[:2] for line in listed.splitlines()] == sorted(
            [[blob, "blob"], [main, "commit"]]
        )


def test_a_server_that_sends_no_single_objects_is_asked_for_its_newest_commit(told: Repos) -> None:
    blob = git(told.remote, "rev-parse", f"main:models/{MODEL}/1/manifest.yaml")
    with served(told.base, "old http") as url:
        with RemoteRegistry(url) as remote:
            assert remote.manifest(blob) == MANIFEST
        with RemoteRegistry(url) as remote:
            assert str(resolve(remote, parse_reference(f"{MODEL}@v2")).version) == "2"
        with RemoteRegistry(url) as remote, pytest.raises(InvalidInput, match="relative"):
            remote.storage()  # it has read the policy, and a relative path means nothing over http


@pytest.mark.parametrize("how", ["path", "git", "http", "old http"])
def test_a_manifest_that_is_not_there_is_none(told: Repos, how: str) -> None:
    tree = git(told.remote, "rev-parse", "main^{tree}")
    with served(told.base, how) as url:
        for oid in ("1" * 40, tree):
            with RemoteRegistry(url) as remote:
                assert remote.manifest(oid) is None


def test_only_tags_of_the_pattern_come(told: Repos) -> None:
    with RemoteRegistry(str(told.remote)) as remote:
        assert [one.name for one in remote.tags([f"{MODEL}@v1"])] == [f"{MODEL}@v1"]
        assert [one.name for one in remote.tags([f"{MODEL}#prod#*"])] == [
            f"{MODEL}#prod#{n}" for n in (1, 2, 3)
        ]
        assert remote.tags([]) == remote.tags(["gone@v*"]) == []
        assert all(one.data for one in remote.tags([f"{MODEL}@v*"]))
        assert "m@v1" not in git(remote._repository.runner.directory, "tag", "-l")


def test_a_relative_path_is_counted_from_here(told: Repos, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(told.clone)
    for url in ("../remote.git", ".", "../other/../remote.git/"):
        with RemoteRegistry(url) as remote:
            assert str(resolve(remote, REF).version) == "1"


def test_a_clone_with_its_own_files_is_a_remote_too(told: Repos) -> None:
    with RemoteRegistry(str(told.clone)) as remote:
        assert str(resolve(remote, REF).version) == "1"
        assert remote.storage().location == str(told.clone / "storage")


def test_a_storage_with_a_relative_path_is_beside_a_folder_and_unknown_elsewhere(told: Repos) -> None:
    with RemoteRegistry(str(told.remote)) as remote:
        assert remote.storage().location == str(told.remote / "storage")
    with (
        served(told.base, "git") as url,
        RemoteRegistry(url) as remote,
        pytest.raises(InvalidInput, match="relative"),
    ):
        remote.storage()


def test_whether_a_rollback_may_be_direct_is_read_at_the_commit(told: Repos) -> None:
    before = git(told.remote, "rev-parse", "main")
    with RemoteRegistry(f"file://{told.remote}") as remote:
        direct = remote.facts().direct
        assert direct(before, PROD)
        assert not direct(before, AliasName("staging"))
        assert not direct(before, AliasName("gone"))
        with pytest.raises(CouldNot):
            direct("1" * 40, PROD)


@pytest.mark.parametrize("policy", [b"", b"broken: [", POLICY.replace(b"direct}", b"sideways}")])
def test_a_policy_that_cannot_be_read_allows_nothing(tmp_path: Path, policy: bytes) -> None:
    made = commit(new_repository(tmp_path), {"registry.yaml": policy})
    with RemoteRegistry(str(tmp_path)) as remote:
        assert not remote.facts().direct(made, PROD)
        with pytest.raises(InvalidInput):
            remote.storage()


def test_a_repository_that_is_no_registry_says_so(tmp_path: Path) -> None:
    root = new_repository(tmp_path)
    with RemoteRegistry(str(root)) as remote:
        assert remote.tags(["m@v*"]) == []
        with pytest.raises(NotFound, match="no commits yet"):
            remote.storage()
    commit(root, {"README.md": b""})
    with RemoteRegistry(str(root)) as remote, pytest.raises(NotFound, match=r"no registry\.yaml"):
        remote.storage()


def test_a_registry_with_sha256_ids_is_read(tmp_path: Path) -> None:
    root = new_repository(tmp_path, "--object-format=sha256")
    commit(root, {"registry.yaml": POLICY, "m": MANIFEST})
    oid = tag(root, "m@v1")
    with RemoteRegistry(f"file://{root}") as remote:
        assert [one.oid for one in remote.tags(["m@v*"])] == [oid]
        assert remote.manifest(git(root, "rev-parse", "HEAD:m")) == MANIFEST
        assert remote.facts().direct(git(root, "rev-parse", "HEAD"), PROD)


@pytest.mark.parametrize(
    "url", ["ext::sh -c true", "--upload-pack=touch x", "http://example.org/x", "", "a\nb"]
)
def test_an_address_that_is_none_is_refused_before_anything_is_made(url: str) -> None:
    before = set(Path(tempfile.gettempdir()).glob("modelmark-*"))
    with pytest.raises(InvalidInput):
        RemoteRegistry(url)
    assert set(Path(tempfile.gettempdir()).glob("modelmark-*")) <= before


def test_no_repository_unreachable_and_denied_are_kept_apart(told: Repos, tmp_path: Path) -> None:
    def ask(url: str) -> None:
        with RemoteRegistry(url) as remote:
            remote.tags(["m@v*"])

    with pytest.raises(Unreachable, match="is not a Git repository"):
        ask(str(tmp_path))
    with pytest.raises(Unreachable, match="is not a Git repository"):
        ask(str(tmp_path / "gone"))
    with pytest.raises(Unreachable):
        ask(f"http://ada:secret@127.0.0.1:{free_port()}/x")
    with http_backend(told.base, password="Basic YWRhOnNlY3JldA==") as url:
        place = url.removeprefix("http://")
        with pytest.raises(Denied) as caught:
            ask(f"http://ada:wr0ng@{place}/remote.git")
        assert "wr0ng" not in caught.value.message
        ask(f"http://ada:secret@{place}/remote.git")
        with pytest.raises(Unreachable, match="is not a Git repository"):
            ask(f"http://ada:secret@{place}/gone.git")


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("fatal: write error: No space left on device\nfatal: index-pack failed", CouldNot),
        ("error: cannot update ref 'refs/tags/m@v1': couldn't write '/srv/m@v1.lock'", CouldNot),
        ("error: failed to write new configuration file /srv/config.lock", CouldNot),
        ("remote: fatal: No space left on device\nfatal: early EOF", Unreachable),
    ],
)
def test_a_full_disk_here_is_not_a_registry_that_cannot_be_reached(
    told: Repos, monkeypatch: pytest.MonkeyPatch, said: str, kind: type[CouldNot]
) -> None:
    monkeypatch.setattr(RemoteRegistry, "_run", lambda *_: Completed(128, b"", said))
    with RemoteRegistry(str(told.remote)) as remote, pytest.raises(CouldNot) as caught:
        remote.tags(["m@v1"])
    assert type(caught.value) is kind


def test_the_address_is_shown_without_password_and_nothing_is_left_behind(told: Repos) -> None:
    with RemoteRegistry("https://ada:secret@example.org/x") as remote:
        assert remote.address == "https://example.org/x"
    with RemoteRegistry(str(told.remote)) as remote:
        folder = remote._repository.runner.directory
        resolve(remote, REF)
        assert folder.stat().st_uid == os.getuid()
    assert not folder.exists()


def test_the_environment_of_a_hook_and_the_users_settings_change_nothing(
    told: Repos, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    config.write_text(
        "[fetch]\nprune = true\npruneTags = true\nfsckObjects = true\n[init]\ndefaultBranch = odd name\n"
        "[protocol]\nversion = 0\nallow = never\n[safe]\nbareRepository = explicit\n[core]\nhooksPath = /gone\n"
        f"[init]\ntemplateDir = {tmp_path}\n[clone]\nfilterSubmodules = true\n[transfer]\nadvertiseSID = true\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_OBJECT_DIRECTORY", "GIT_INDEX_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "nowhere"))
    with RemoteRegistry(str(told.remote)) as remote:
        assert str(resolve(remote, REF).version) == "1"


def test_a_person_of_the_tags_is_who_made_them(told: Repos) -> None:
    with RemoteRegistry(str(told.remote)) as remote:
        found = resolve(remote, parse_reference(f"{MODEL}@v1"))
    assert found.registered.by == str(replace(ADA))
