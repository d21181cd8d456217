"""A registry whose tags are kept between two questions: one request where nothing is new, and never an old answer."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from modelmark.adapters import kept_repository
from modelmark.adapters.git import Completed
from modelmark.adapters.remote_registry import RemoteRegistry
from modelmark.domain.references import parse_reference
from modelmark.errors import NotFound, Unreachable
from modelmark.usecases.resolve import Resolved, resolve
from tests.adapters.test_remote_registry import MANIFEST, assign, register
from tests.support.domain import MODEL
from tests.support.git_repos import Repos, git, new_repos, new_repository, tag
from tests.support.git_servers import http_backend

REF = parse_reference(f"{MODEL}@prod")


@pytest.fixture
def told(tmp_path: Path) -> Repos:
    repos = new_repos(tmp_path / "repos")
    for number, text in enumerate(("1", "2"), start=1):
        register(repos, text)
        assign(repos, text, number)
    return push(repos)


def push(repos: Repos) -> Repos:
    git(repos.clone, "push", "-q", "origin", "main", "--tags")
    return repos


def ask(url: str, kept: Path, *, offline: bool = False) -> Resolved:
    with RemoteRegistry(url, kept, offline=offline) as remote:
        found = resolve(remote, REF)
        assert remote.manifest(found.registered.manifest_blob) == f"version: {found.version}\n".encode()
        return found


def posts(trace: Path) -> int:
    """Requests to the server's upload-pack; each one is a question or a fetch."""
    found = trace.read_text(errors="replace").count("=> Send header: POST") if trace.exists() else 0
    trace.unlink(missing_ok=True)
    return found


def test_nothing_new_costs_one_question_and_something_new_a_few(
    told: Repos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace, kept = tmp_path / "trace", tmp_path / "kept"
    monkeypatch.setenv("GIT_TRACE_CURL", str(trace))
    with http_backend(told.base) as url:
        assert str(ask(f"{url}/remote.git", kept).version) == "2"
        assert posts(trace) > 2
        assert str(ask(f"{url}/remote.git", kept).version) == "2"
        assert posts(trace) == 1
        register(told, "3")
        push(told)
        assert str(ask(f"{url}/remote.git", kept).version) == "2"
        assert posts(trace) == 1, "what else happens in the registry costs nothing"
        assign(told, "3", 3)
        push(told)
        assert str(ask(f"{url}/remote.git", kept).version) == "3"
        assert posts(trace) > 2
        assert str(ask(f"{url}/remote.git", kept).version) == "3"
        assert posts(trace) == 1


def test_a_password_in_the_address_is_written_nowhere(told: Repos, tmp_path: Path) -> None:
    with http_backend(told.base, password="Basic YWRhOnNlY3JldA==") as url:
        for _ in range(2):
            ask(f"{url}/remote.git".replace("//", "//ada:secret@"), tmp_path / "kept")
    kept = [path.read_bytes() for path in (tmp_path / "kept").rglob("*") if path.is_file()]
    assert kept
    assert not [data for data in kept if b"secret" in data]


def test_a_rollback_by_hand_is_judged_by_what_is_kept_too(told: Repos, tmp_path: Path) -> None:
    tag(told.clone, f"{MODEL}#prod#3", f"{MODEL}@v1^{{}}", "latency regression")
    push(told)
    for offline in (False, False, True):
        assert str(ask(str(told.remote), tmp_path / "kept", offline=offline).version) == "1"


@pytest.mark.parametrize("how", ["path", "http"])
def test_tags_that_are_deleted_or_moved_on_the_remote_are_not_answered_from_memory(
    told: Repos, tmp_path: Path, how: str
) -> None:
    kept = tmp_path / "kept"
    with http_backend(told.base) as served:
        url = str(told.remote) if how == "path" else f"{served}/remote.git"
        assert str(ask(url, kept).version) == "2"
        git(told.remote, "tag", "-d", f"{MODEL}#prod#2")
        assert str(ask(url, kept).version) == "1"
        git(told.remote, "update-ref", f"refs/tags/{MODEL}#prod#1", "main")
        with pytest.raises(NotFound):
            ask(url, kept)
        git(told.remote, "tag", "-d", f"{MODEL}#prod#1")
        with pytest.raises(NotFound, match="no version was ever assigned"):
            ask(url, kept)


def test_another_registry_at_the_same_place_is_another_registry(told: Repos, tmp_path: Path) -> None:
    assert str(ask(str(told.remote), tmp_path / "kept").version) == "2"
    other = new_repository(tmp_path / "other")
    git(other, "commit", "-q", "--allow-empty", "-m", "x")
    with pytest.raises(NotFound):
        ask(str(other), tmp_path / "kept")


def test_offline_answers_what_was_seen_last_and_says_when_there_is_nothing(
    told: Repos, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    with pytest.raises(NotFound):
        ask(str(told.remote), kept, offline=True)
    ask(str(told.remote), kept)
    told.remote.rename(tmp_path / "gone")
    assert str(ask(str(told.remote), kept, offline=True).version) == "2"
    with RemoteRegistry(str(told.remote), kept, offline=True) as remote:
        assert remote.manifest("0" * 40) is None
        with pytest.raises(Unreachable, match="was never fetched, and offline nothing is"):
            remote.storage()


def lock(repository: Path) -> None:
    for name in ("shallow.lock", "packed-refs.lock", "config.lock", "HEAD.lock"):
        (repository / name).write_text("")
    folder = repository / "refs/tags"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{MODEL}#prod#3.lock").write_text("")
    (repository / "objects/pack/tmp_pack_abc").write_bytes(b"half")


def tear_packs(repository: Path) -> None:
    for pack in (repository / "objects/pack").glob("*.pack"):
        pack.chmod(0o644)
        os.truncate(pack, 20)


def lose_objects(repository: Path) -> None:
    for pack in (repository / "objects/pack").iterdir():
        pack.unlink()


def no_repository(repository: Path) -> None:
    (repository / "HEAD").unlink()


def spoil_head(repository: Path) -> None:
    (repository / "HEAD").write_text("nonsense")


def spoil_config(repository: Path) -> None:
    (repository / "config").write_text("[core\n")


@pytest.mark.parametrize("damage", [lock, tear_packs, lose_objects, no_repository, spoil_head, spoil_config])
def test_whatever_a_kill_or_a_power_cut_left_the_answer_is_the_registrys(
    told: Repos, tmp_path: Path, damage: object
) -> None:
    kept = tmp_path / "kept"
    ask(str(told.remote), kept)
    assert callable(damage)
    damage(kept / "sha1")
    register(told, "3")
    assign(told, "3", 3)
    push(told)
    assert str(ask(str(told.remote), kept).version) == "3"
    assert str(ask(str(told.remote), kept).version) == "3"
    assert not list((kept / "sha1").glob("*.lock"))


def test_a_place_that_may_not_be_written_is_read(
    told: Repos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "kept"
    ask(str(told.remote), kept)
    before = {path: path.stat().st_mtime_ns for path in kept.rglob("*")}
    monkeypatch.setattr(kept_repository, "_writable", lambda _: False)  # the tests may run as root
    assert str(ask(str(told.remote), kept, offline=True).version) == "2"
    register(told, "3")
    assign(told, "3", 3)
    push(told)
    assert str(ask(str(told.remote), kept).version) == "3"
    assert {path: path.stat().st_mtime_ns for path in kept.rglob("*")} == before


def test_what_cleans_up_temporary_files_does_not_end_whoever_lives_for_months(
    told: Repos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    names = [f"{MODEL}#prod#2", f"{MODEL}#prod#3"]
    with RemoteRegistry(str(told.base / "remote.git")) as remote:
        assert remote.first_missing(names) == names[1]
        (lost,) = tmp_path.glob("modelmark-*/sha1")
        for gone in (lost, lost.parent):
            shutil.rmtree(gone)
            assert remote.first_missing(names) == names[1]


def test_many_packs_are_too_many(told: Repos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "kept"
    monkeypatch.setattr(kept_repository, "_MOST_PACKS", 1)
    for _ in range(3):
        assert str(ask(str(told.remote), kept).version) == "2"
    assert len(list(kept.glob("sha1/objects/pack/*.pack"))) < 5
    told.remote.rename(tmp_path / "gone")
    assert str(ask(str(told.remote), kept, offline=True).version) == "2", "also of what is too much"
    assert MANIFEST == b"version: 1\n"


@pytest.mark.parametrize("killed", [False, True])
@pytest.mark.parametrize("answered", [0, 1, 2])
def test_a_registry_that_falls_silent_in_the_middle_takes_nothing_of_what_was_kept(
    told: Repos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answered: int, killed: bool
) -> None:
    kept, run, left = tmp_path / "kept", RemoteRegistry._run, [answered]
    ask(str(told.remote), kept)
    register(told, "3")
    assign(told, "3", 3)
    push(told)

    def cut(
        self: RemoteRegistry, options: Sequence[str], specs: Sequence[str], *more: Sequence[str]
    ) -> Completed:
        left[0] -= 1
        if left[0] >= 0:
            return run(self, options, specs, *more)
        if killed:
            raise KeyboardInterrupt
        return Completed(128, b"", "fatal: unable to access: Connection refused")

    with monkeypatch.context() as patch:
        patch.setattr(RemoteRegistry, "_run", cut)
        with pytest.raises((Unreachable, KeyboardInterrupt)):
            ask(str(told.remote), kept)
    told.remote.rename(tmp_path / "gone")
    with RemoteRegistry(str(told.remote), kept, offline=True) as remote:
        assert str(resolve(remote, REF).version) in ("2", "3")
        names = {tag.name for tag in remote.tags([f"{MODEL}#prod#*"])}
        assert {f"{MODEL}#prod#1", f"{MODEL}#prod#2"} <= names
