"""Reading files, differences and tags: every byte and every path, whatever its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelmark.adapters.git import GitRunner
from modelmark.adapters.git_reader import GitReader
from modelmark.domain.layout import Kind
from modelmark.errors import CouldNot, ModelmarkError
from tests.support.git_repos import Repos, commit, git, new_repos, new_repository, tag


@pytest.fixture
def repos(tmp_path: Path) -> Repos:
    return new_repos(tmp_path / "repos")


def local(root: Path) -> GitReader:
    return GitReader(GitRunner(root), None)


# --- files --------------------------------------------------------------------------------------------------------


def test_files_are_read_in_order_and_none_where_there_is_none(repos: Repos) -> None:
    commit(repos.clone, {"a 7": b"blank\n", "ends in blob 5": b"", "q?[*]": b"glob\n"})
    tip = git(repos.clone, "rev-parse", "HEAD")
    paths = [
        "gone",
        "a 7",
        "ends in blob 5",
        "models",
        "models/m/2/manifest.yaml",
        "q?[*]",
        "x blob 3",
        "README.md",
    ]
    found = repos.reader.read([(tip, path) for path in paths])
    assert found == [None, b"blank\n", b"", None, b"two\n", b"glob\n", None, b"hello\n"]
    assert repos.reader.read([]) == []
    assert repos.reader.read([("f" * 40, "README.md")]) == [None]


def test_a_path_with_a_line_break_is_refused_and_does_not_shift_the_answers(repos: Repos) -> None:
    with pytest.raises(CouldNot, match="line break"):
        repos.reader.read([(repos.main, f"gone\n{repos.main}:README.md"), (repos.main, "README.md")])


def test_a_blob_is_read_by_its_full_id_alone(repos: Repos) -> None:
    oid = git(repos.clone, "rev-parse", "main:README.md")
    assert repos.reader.blob(oid) == b"hello\n"
    for text in (oid[:12], oid.upper(), f"{oid}\n{oid}", "main:README.md", repos.main, "0" * 40):
        assert repos.reader.blob(text) is None


def test_a_damaged_object_is_an_error_and_not_an_absent_file(repos: Repos) -> None:
    oid = git(repos.clone, "rev-parse", "main:README.md")
    place = repos.clone / ".git/objects" / oid[:2] / oid[2:]
    place.chmod(0o644)
    place.write_bytes(b"damage")
    with pytest.raises(CouldNot):
        repos.reader.blob(oid)


def test_entries_are_the_regular_files_below_a_folder(repos: Repos) -> None:
    git(repos.clone, "update-index", "--add", "--cacheinfo", f"160000,{repos.main},models/sub")
    git(
        repos.clone,
        "update-index",
        "--add",
        "--cacheinfo",
        f"100644,{git(repos.clone, 'rev-parse', 'main:README.md')},models2",
    )
    git(repos.clone, "commit", "-q", "-m", "sub")
    tip = git(repos.clone, "rev-parse", "HEAD")
    below = repos.reader.entries(tip, "models")
    assert set(below) == {
        f"models/m/{name}" for name in ("1/manifest.yaml", "1/artifacts.dvc", "2/manifest.yaml")
    }
    assert set(repos.reader.entries(tip, "")) == {*below, "models2", "README.md", "registry.yaml", "tool.sh"}
    assert repos.reader.entries(tip, "mod*") == repos.reader.entries(tip, "gone") == {}


def test_a_difference_has_every_path_with_its_mode_and_both_ids(repos: Repos) -> None:
    root = repos.clone
    (root / "link").unlink()
    (root / "tool.sh").chmod(0o644)
    (root / "models/m/1/manifest.yaml").rename(root / "models/m/1/archived.yaml")
    git(root, "config", "core.fileMode", "true")
    odd = {"link": b"now a file\n", "a\tb\nc": b"odd\n"}
    tip = commit(root, odd)
    found = {change.path: change for change in local(root).diff(repos.main, tip)}
    assert {path: (one.status, one.mode) for path, one in found.items()} == {
        "a\tb\nc": ("A", "100644"),
        "link": ("T", "100644"),
        "models/m/1/archived.yaml": ("A", "100644"),
        "models/m/1/manifest.yaml": ("D", "000000"),
        "tool.sh": ("M", "100644"),
    }
    assert found["a\tb\nc"].old == ""
    assert found["models/m/1/manifest.yaml"].new == ""
    assert found["models/m/1/manifest.yaml"].place.kind is Kind.MANIFEST


def test_a_submodule_is_seen_in_a_difference_though_its_own_file_hides_it(repos: Repos) -> None:
    root = repos.clone
    hides = b'[submodule "x"]\n\tpath = models/m/3\n\turl = ./x\n\tignore = all\n'
    before = commit(root, {".gitmodules": hides})
    git(root, "update-index", "--add", "--cacheinfo", f"160000,{repos.main},models/m/3")
    git(root, "commit", "-q", "-m", "sub")
    (change,) = local(root).diff(before, git(root, "rev-parse", "HEAD"))
    assert (change.path, change.mode) == ("models/m/3", "160000")


def test_names_that_are_not_utf8_do_not_break_reading(repos: Repos) -> None:
    git(repos.clone, "update-ref", b"refs/tags/m@v\xff".decode("utf-8", "surrogateescape"), "main")
    blob = git(repos.clone, "rev-parse", "main:README.md")
    tree = git(repos.clone, "mktree", "-z", stdin=b"100644 blob " + blob.encode() + b"\tmod\xff\0")
    tip = git(repos.clone, "commit-tree", tree, "-m", "odd")
    assert [one.status for one in repos.reader.diff(None, tip)] == ["A"]
    assert list(repos.reader.entries(tip, "").values()) == [blob]
    assert sorted(repos.reader.tag_names("m@*")) == ["m@v1", "m@v\ufffd"]


# --- tags ---------------------------------------------------------------------------------------------------------


def test_tags_come_with_their_bytes_and_lightweight_ones_without(repos: Repos) -> None:
    git(repos.clone, "tag", "m@v2")
    annotated = git(repos.clone, "rev-parse", "refs/tags/m@v1")
    first, second = repos.reader.tags(["m@v*"])
    assert (first.name, first.oid, second.name, second.data) == ("m@v1", annotated, "m@v2", None)
    assert first.data == GitRunner(repos.clone).run(["cat-file", "tag", annotated])


def test_a_pattern_without_a_star_is_one_tag(repos: Repos) -> None:
    for name in ("m@v10", "m@v1+gpu", "mm@v1", "deep/m@v1"):
        tag(repos.clone, name)
    assert [one.name for one in repos.reader.tags(["m@v1"])] == ["m@v1"]
    assert set(repos.reader.tag_names("m@v*")) == {"m@v1", "m@v10", "m@v1+gpu"}
    assert repos.reader.tags(["m#prod#*"]) == []


def test_the_same_answers_from_packed_refs_and_from_a_linked_work_tree(repos: Repos) -> None:
    before = repos.reader.tags(["*"])
    git(repos.clone, "worktree", "add", "-q", "--detach", "../linked", "main~1")
    git(repos.clone, "pack-refs", "--all")
    git(repos.clone, "gc", "-q")
    reader = GitReader(GitRunner(repos.base / "linked"), "origin")
    assert reader.tags(["*"]) == before
    assert reader.default_branches(["main"]).get("main") == repos.main
    assert reader.find_commit("HEAD") == git(repos.clone, "rev-parse", "main~1")


def test_what_is_no_commit_cannot_be_read_as_one(repos: Repos) -> None:
    for oid in (git(repos.clone, "rev-parse", "main:README.md"), "f" * 40):
        with pytest.raises(ModelmarkError):
            repos.reader.commit(oid)


def test_everything_works_with_sha256_ids(tmp_path: Path) -> None:
    root = new_repository(tmp_path, "--object-format=sha256")
    first = commit(root, {"f": b"1\n"})
    second = commit(root, {"f": b"2\n"}, "Second")
    oid = tag(root, "m@v1")
    reader = local(root)
    assert len(first) == 64
    assert [one.oid for one in reader.first_parents(second, ["f"])] == [first, second]
    assert reader.find_commit(first) == first
    assert reader.find_commit(first[:40]) is None
    assert [one.path for one in reader.diff(None, second)] == ["f"]
    assert [one.status for one in reader.diff(first, second)] == ["M"]
    assert reader.read([(second, "f")]) == [reader.blob(git(root, "rev-parse", "HEAD:f"))] == [b"2\n"]
    assert [one.oid for one in reader.tags(["m@v*"])] == [oid]
    assert reader.on_main(second)(first)
