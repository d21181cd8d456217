"""Writing commits, tags and refs: byte for byte what plain Git makes, and nothing of the user's is touched."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from modelmark.adapters.git import GitRunner
from modelmark.adapters.git_writer import GitWriter, now
from modelmark.domain.plan import NewTag
from modelmark.domain.tags import Message, Person, VersionTag, object_id, parse_tag_object
from modelmark.errors import CouldNot, InvalidInput
from tests.support.domain import MODEL, version
from tests.support.git_repos import (
    Repos,
    commit,
    git,
    hook,
    new_repos,
    new_repository,
    snapshot,
)

ADA = Person("Ada", "ada@example.org", datetime(2025, 10, 9, 10, 53, 20, tzinfo=timezone(timedelta(hours=2))))
PATH = "models/m/3/manifest.yaml"


@pytest.fixture
def repos(tmp_path: Path) -> Repos:
    return new_repos(tmp_path / "repos")


def local(root: Path) -> GitWriter:
    return GitWriter(GitRunner(root))


# --- who ----------------------------------------------------------------------------------------------------------


def test_the_identity_is_the_users(repos: Repos, monkeypatch: pytest.MonkeyPatch) -> None:
    found = repos.writer.identity()
    assert str(found) == "Ada <ada@example.org>"
    assert abs((now() - found.at).total_seconds()) < 60
    monkeypatch.setenv("GIT_COMMITTER_NAME", "Grace <Hopper>\nAdmiral")
    assert repos.writer.identity().name == "Grace HopperAdmiral"


def test_a_date_from_the_environment_is_not_believed(repos: Repos, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", "1000000000 +0000")
    assert repos.writer.identity().at.year > 2020


def test_without_an_identity_the_error_says_how_to_set_one(tmp_path: Path) -> None:
    root = new_repository(tmp_path)
    git(root, "config", "user.useConfigOnly", "true")
    with pytest.raises(InvalidInput, match="who you are") as caught:
        local(root).identity()
    assert "user.email" in caught.value.hint


# --- commits ------------------------------------------------------------------------------------------------------


def test_a_commit_is_byte_for_byte_what_plain_git_makes(repos: Repos) -> None:
    root = repos.clone
    files = {
        PATH: b"three\n",
        "models/m/model.yaml": b"card\n",
        "registry.yaml": b"new\n",
        "tool.sh": b"#!\n",
    }
    git(root, "update-index", "--add", "--cacheinfo", f"160000,{repos.main},models/m/sub")
    (root / "models/m/sub").mkdir()
    parent = commit(
        root, {"models/m/link-target": b"", "models/m/a b": b"", 'models/ü\n\t"': b"", "models.txt": b""}
    )
    ours = repos.writer.commit_files(parent, files, "Change", ADA)
    theirs = commit(root, files, at=int(ADA.at.timestamp()))
    assert GitRunner(root).run(["cat-file", "commit", ours]) == GitRunner(root).run(
        ["cat-file", "commit", theirs]
    )
    assert ours == theirs
    assert "160000 commit" in git(root, "ls-tree", "-r", ours)
    assert "120000 blob" in git(root, "ls-tree", ours)
    assert "100755 blob" in git(root, "ls-tree", ours)
    git(root, "fsck", "--strict")


def test_a_commit_touches_neither_head_nor_index_nor_work_tree_nor_refs(repos: Repos) -> None:
    root = repos.clone
    (root / "README.md").write_text("staged")
    git(root, "add", "README.md")
    (root / "README.md").write_text("dirty")
    (root / "untracked").write_text("mine")
    (root / "tool.sh").unlink()
    before = snapshot(root)
    made = repos.writer.commit_files(repos.main, {PATH: b"x", "README.md": b"ours"}, "Add", ADA)
    assert snapshot(root) == before
    assert git(root, "diff", "--name-only", repos.main, made).split() == ["README.md", PATH]


def test_a_first_commit_needs_no_parent(tmp_path: Path) -> None:
    root = new_repository(tmp_path)
    made = local(root).commit_files(None, {PATH: b"x", "a": b""}, "Start", ADA)
    assert git(root, "ls-tree", "-r", "--name-only", made).split() == ["a", PATH]
    assert git(root, "rev-list", "--parents", made) == made


def test_a_folder_replaces_a_file_or_a_link_of_its_name_and_the_reverse(repos: Repos) -> None:
    made = repos.writer.commit_files(
        repos.main, {"link/x": b"1", "README.md/y": b"2", "models": b"3"}, "Swap", ADA
    )
    listed = git(repos.clone, "ls-tree", "-r", "--name-only", made).split()
    assert listed == ["README.md/y", "link/x", "models", "registry.yaml", "tool.sh"]
    git(repos.clone, "fsck", "--strict")


def test_bytes_are_stored_as_they_are_whatever_the_attributes_say(repos: Repos) -> None:
    root = repos.clone
    git(root, "config", "core.autocrlf", "true")
    git(root, "config", "filter.spoil.clean", "tr a-z A-Z")
    parent = commit(root, {".gitattributes": b"* text eol=crlf filter=spoil ident\n"})
    data = b"one\r\ntwo\n$Id$\n\x00\xff"
    made = repos.writer.commit_files(parent, {PATH: data, "empty": b""}, "Add", ADA)
    assert GitRunner(root).run(["cat-file", "blob", f"{made}:{PATH}"]) == data
    assert GitRunner(root).run(["cat-file", "blob", f"{made}:empty"]) == b""


def test_no_signature_no_template_no_hook_changes_a_commit(repos: Repos) -> None:
    root = repos.clone
    plain = repos.writer.commit_files(repos.main, {PATH: b"x"}, "# kept\n\nbody", ADA)
    for key, value in (
        ("commit.gpgSign", "true"), ("tag.gpgSign", "true"), ("gpg.program", "false"), ("commit.template", "/gone"),
        ("i18n.commitEncoding", "ISO-8859-1"), ("core.commentChar", "b"), ("commit.cleanup", "strip"),
        ("core.hooksPath", str(root / ".git/hooks")),
    ):  # fmt: skip
        git(root, "config", key, value)
    for name in ("pre-commit", "commit-msg", "post-commit", "reference-transaction"):
        hook(root, name, "exit 1")
    assert repos.writer.commit_files(repos.main, {PATH: b"x"}, "# kept\n\nbody", ADA) == plain
    assert git(root, "log", "-1", "--format=%B", plain) == "# kept\n\nbody\n"


def test_a_parent_that_is_not_there_is_an_error(repos: Repos) -> None:
    with pytest.raises(CouldNot):
        repos.writer.commit_files("f" * 40, {PATH: b"x"}, "Add", ADA)


# --- tags ---------------------------------------------------------------------------------------------------------


def new_tag(commit: str, reason: str = "it is better\n# not a comment", name: str = "1") -> NewTag:
    return NewTag(VersionTag(MODEL, version(name)), commit, ADA, Message("It is registered", reason, {}))


def test_a_tag_is_an_object_without_a_ref_and_the_same_every_time(repos: Repos) -> None:
    refs = git(repos.clone, "for-each-ref")
    oid = repos.writer.make_tag(new_tag(repos.main))
    assert oid == repos.writer.make_tag(new_tag(repos.main))
    assert git(repos.clone, "for-each-ref") == refs
    data = GitRunner(repos.clone).run(["cat-file", "tag", oid])
    assert object_id(data, repos.main) == oid
    found = parse_tag_object(data)
    assert (found.target, found.tagger, found.message) == (
        repos.main,
        ADA,
        "It is registered\n\nit is better\n# not a comment\n",
    )


def test_a_tag_is_readable_by_plain_git(repos: Repos) -> None:
    oid = repos.writer.make_tag(new_tag(repos.main))
    repos.writer.create_refs({"refs/tags/nlp-sentiment@v1": oid})
    shown = git(
        repos.clone,
        "tag",
        "-l",
        "nlp-sentiment@v1",
        "--format=%(taggername) %(contents:subject) %(*objectname)",
    )
    assert shown == f"Ada It is registered {repos.main}"
    git(repos.clone, "fsck", "--strict")


def test_a_tag_of_something_else_than_a_commit_is_not_made(repos: Repos) -> None:
    for oid in ("f" * 40, git(repos.clone, "rev-parse", "main:README.md")):
        with pytest.raises(CouldNot):
            repos.writer.make_tag(new_tag(oid))


def test_tags_and_commits_have_sha256_ids_in_such_a_repository(tmp_path: Path) -> None:
    root = new_repository(tmp_path, "--object-format=sha256")
    first = commit(root, {"f": b"1\n"})
    made = local(root).commit_files(first, {"g": b"2"}, "Add", ADA)
    assert git(root, "ls-tree", "--name-only", made).split() == ["f", "g"]
    oid = local(root).make_tag(new_tag(made))
    local(root).create_refs({"refs/tags/x@v1": oid})
    local(root).move_branch("new", None, made)
    assert git(root, "rev-parse", "x@v1^{}", "new").split() == [made, made]


def test_the_clock_is_utc_in_whole_seconds() -> None:
    assert now().tzinfo is UTC
    assert now().microsecond == 0
