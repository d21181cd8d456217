"""What every Git does for the use-cases: one suite for the fake and the real one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from modelmark.domain.names import AliasName, ModelName
from modelmark.domain.plan import NewTag
from modelmark.domain.tags import AssignmentTag, Message, object_id, write_tag_object
from modelmark.errors import CouldNot, Lost, NotFound, Refused
from tests.support.clones import ADA, Clone, fake_clone, git, real_clone
from tests.support.fakes import Link, Server

MAIN = "refs/heads/main"


@dataclass(frozen=True)
class Bench:
    ada: Clone
    bob: Clone
    alone: Clone

    def pushed(self, files: Mapping[str, bytes], parents: Sequence[str] = ()) -> str:
        """A commit of Ada's that is main on the remote, and known to both."""
        oid = self.ada.commit(files, parents)
        self.ada.remote.push({MAIN: oid})
        self.bob.remote.fetch_main("main")
        return oid


@pytest.fixture(params=["fake", "git"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    if request.param == "fake":
        server = Server()
        return Bench(fake_clone(server), fake_clone(server), fake_clone(None))
    git(tmp_path, "init", "-q", "--bare", "-b", "main", "server.git")
    place = tmp_path / "server.git"
    return Bench(
        real_clone(tmp_path / "ada", place),
        real_clone(tmp_path / "bob", place),
        real_clone(tmp_path / "alone", None),
    )


def tag(commit: str, number: int = 1, reason: str = "why") -> NewTag:
    name = AssignmentTag(ModelName("m"), AliasName("prod"), number)
    return NewTag(name, commit, ADA, Message("m prod means 1", reason, {"Registry": "6f0c"}))


def test_files_are_read_by_commit_and_path_and_by_blob_id(bench: Bench) -> None:
    one = bench.ada.commit({"a/b.txt": b"text", "link": Link(b"a/b.txt")}, [])
    reader = bench.ada.reader
    assert reader.read([(one, "a/b.txt"), (one, "a"), (one, "no"), ("0" * 40, "a")]) == [
        b"text",
        None,
        None,
        None,
    ]
    oid = reader.entries(one, "a")["a/b.txt"]
    assert reader.blob(oid) == b"text"
    assert reader.blob("0" * 40) is None
    assert reader.blob(one) is None


def test_entries_are_regular_files_below_a_folder(bench: Bench) -> None:
    one = bench.ada.commit({"a/b": b"1", "a/c/d": b"2", "ab": b"3", "a/link": Link(b"b")}, [])
    assert list(bench.ada.reader.entries(one, "a")) == ["a/b", "a/c/d"]
    assert list(bench.ada.reader.entries(one, "")) == ["a/b", "a/c/d", "ab"]
    assert bench.ada.reader.entries(one, "nothing") == {}


def test_a_difference_has_letters_modes_and_blob_ids(bench: Bench) -> None:
    one = bench.ada.commit({"a": b"1", "b": b"2", "c": b"3", "same": b"4"}, [])
    two = bench.ada.commit({"a": b"1!", "c": Link(b"3"), "d": b"5", "same": b"4"}, [one])
    found = bench.ada.reader.diff(one, two)
    assert [(one.path, one.status, one.mode) for one in found] == [
        ("a", "M", "100644"),
        ("b", "D", "000000"),
        ("c", "T", "120000"),
        ("d", "A", "100644"),
    ]
    assert [(bool(one.old), bool(one.new)) for one in found] == [
        (True, True),
        (True, False),
        (True, True),
        (False, True),
    ]
    assert found[3].new == bench.ada.reader.entries(two, "")["d"]
    assert {one.status for one in bench.ada.reader.diff(None, one)} == {"A"}


def test_first_parents_are_the_commits_of_main_that_change_a_path_oldest_first(bench: Bench) -> None:
    root = bench.ada.commit({"a": b"1"}, [])
    side = bench.ada.commit({"a": b"2"}, [root])
    other = bench.ada.commit({"a": b"1", "b": b"1"}, [root])
    merge = bench.ada.commit({"a": b"2", "b": b"1"}, [other, side])
    last = bench.ada.commit({"a": b"2", "b": b"3"}, [merge])
    reader = bench.ada.reader
    assert [one.oid for one in reader.first_parents(last, ["a"])] == [root, merge]
    assert [one.oid for one in reader.first_parents(last, ["b"])] == [other, last]
    assert [one.oid for one in reader.first_parents(last, ["a", "b"])] == [root, other, merge, last]
    on_main = reader.on_main(last)
    assert [on_main(oid) for oid in (root, other, merge, last, side)] == [True, True, True, True, False]


def test_a_commit_says_who_and_when_and_its_subject(bench: Bench) -> None:
    root = bench.ada.commit({"a": b"1"}, [])
    one = bench.ada.reader.commit(
        bench.ada.writer.commit_files(root, {"b/c": b"2"}, "A subject\n\nA text", ADA)
    )
    assert (one.parents, one.author, one.committer, one.subject) == ((root,), ADA, ADA, "A subject")
    assert list(bench.ada.reader.entries(one.oid, "")) == ["a", "b/c"]


def test_the_merge_base_is_the_last_common_commit_or_none(bench: Bench) -> None:
    root = bench.ada.commit({"a": b"1"}, [])
    fork = bench.ada.commit({"a": b"2"}, [root])
    left, right = bench.ada.commit({"a": b"3"}, [fork]), bench.ada.commit({"a": b"4"}, [fork])
    assert bench.ada.reader.merge_base(left, right) == fork
    assert bench.ada.reader.merge_base(fork, right) == fork
    assert bench.ada.reader.merge_base(left, bench.ada.commit({"z": b"1"}, [])) is None


def test_of_two_merge_bases_none_is_taken(bench: Bench) -> None:
    """What one of them shows as unchanged, a merge takes back where it came with the other."""
    root = bench.ada.commit({"a": b"1"}, [])
    left, right = bench.ada.commit({"a": b"2"}, [root]), bench.ada.commit({"a": b"1", "b": b"1"}, [root])
    main, twice = (bench.ada.commit({"a": text, "b": b"1"}, [left, right]) for text in (b"2", b"1"))
    with pytest.raises(Refused, match="2 last common ancestors"):
        bench.ada.reader.merge_base(main, twice)


def test_the_children_of_folders_are_two_levels_and_no_more(bench: Bench) -> None:
    one = bench.ada.commit({"m/a/b/c": b"1", "m/a/d": b"2", "m/e": b"3", "m2/a": b"4", "f": b"5"}, [])
    files = bench.ada.reader.entries(one, "")
    found = bench.ada.reader.children(one, "m")
    assert list(found) == ["a"]
    assert list(found["a"]) == ["b", "d"]
    assert found["a"]["d"] == files["m/a/d"]
    assert bench.ada.reader.children(one, "gone") == bench.ada.reader.children(one, "f") == {}


def test_main_is_what_was_fetched_from_the_remote(bench: Bench) -> None:
    assert bench.bob.reader.default_branches(["main"]).get("main") is None
    with pytest.raises(NotFound, match=r"has no branch main"):
        bench.bob.remote.fetch_main("main")
    one = bench.pushed({"a": b"1"})
    assert (
        bench.ada.reader.default_branches(["main"]).get("main")
        == bench.bob.reader.default_branches(["main"]).get("main")
        == one
    )
    assert bench.bob.reader.read([(one, "a")]) == [b"1"]


def test_a_commit_is_found_by_the_names_that_people_use(bench: Bench) -> None:
    one = bench.pushed({"a": b"1"})
    bench.ada.ref("refs/heads/topic", one)
    bench.ada.writer.create_refs({"refs/tags/m#prod#1": bench.ada.writer.make_tag(tag(one))})
    for name in (one, "topic", "origin/main", "m#prod#1", "refs/heads/topic"):
        assert bench.ada.reader.find_commit(name) == one, name
    for name in ("nothing", "", "-x", "topic^", "topic~1", "m#prod#1^{}", "HEAD", "0" * 40, "m#prod#2"):
        assert bench.ada.reader.find_commit(name) is None, name


def test_a_tag_has_the_bytes_and_the_id_that_the_plan_foresaw(bench: Bench) -> None:
    one = bench.pushed({"a": b"1"})
    oid = bench.ada.writer.make_tag(tag(one))
    data = write_tag_object(one, tag(one).name, ADA, tag(one).message)
    assert oid == object_id(data, one)
    assert bench.ada.reader.tags(["*#*"]) == [], "no ref yet"
    bench.ada.writer.create_refs({"refs/tags/m#prod#1": oid})
    (found,) = bench.ada.reader.tags(["*#*"])
    assert (found.name, found.oid, found.data) == ("m#prod#1", oid, data)


def test_tags_are_listed_by_globs_and_a_lightweight_one_has_no_bytes(bench: Bench) -> None:
    one = bench.pushed({"a": b"1"})
    for name in ("m@v1", "m@v2", "m2@v1", "m#prod#1", "release/m@v1"):
        bench.ada.ref(f"refs/tags/{name}", one)
    reader = bench.ada.reader
    assert list(reader.tag_names("m@v*")) == ["m@v1", "m@v2"]
    assert [found.name for found in reader.tags(["m#*", "m2@v*"])] == ["m#prod#1", "m2@v1"]
    assert [found.name for found in reader.tags(["m@v1"])] == ["m@v1"]
    assert reader.tags(["m@v1"])[0].data is None
    assert reader.tags_named({"m@v1": one})[0].oid == one
    assert "release/m@v1" not in reader.tag_names("*@v*"), "a star does not cross a slash"


def test_refs_are_created_together_and_never_moved(bench: Bench) -> None:
    one = bench.pushed({"a": b"1"})
    two = bench.ada.commit({"a": b"2"}, [one])
    bench.ada.writer.create_refs({"refs/tags/a": one})
    bench.ada.writer.create_refs({"refs/tags/a": one, "refs/tags/b": one})
    with pytest.raises(Lost, match=r"exists here with another object"):
        bench.ada.writer.create_refs({"refs/tags/a": two, "refs/tags/c": one})
    assert bench.ada.reader.tag_names() == {"a": one, "b": one}


def test_a_push_creates_tags_and_forwards_branches_all_or_none(bench: Bench) -> None:
    one = bench.pushed({"a": b"1"})
    two = bench.ada.commit({"a": b"2"}, [one])
    bench.ada.remote.push({MAIN: two, "refs/tags/t": two})
    bench.ada.remote.push({"refs/tags/t": two})
    bench.bob.remote.fetch_main("main")
    three, rival = (
        clone.commit({"a": text}, [two]) for clone, text in ((bench.ada, b"3"), (bench.bob, b"4"))
    )
    bench.bob.remote.push({MAIN: rival})
    with pytest.raises(Lost, match=r"somebody else was faster"):
        bench.ada.remote.push({MAIN: three})
    with pytest.raises(Lost, match=r"somebody else was faster"):
        bench.ada.remote.push({"refs/tags/new": two, "refs/tags/t": one})
    bench.bob.remote.fetch_tags(["*"])
    assert bench.bob.reader.tag_names() == {"t": two}, "the tag beside the lost one was not made either"
    assert bench.ada.reader.default_branches(["main"]).get("main") == two, "a lost push moves nothing here"


def test_branches_are_those_of_the_remote_and_forgotten_when_they_are_gone(bench: Bench) -> None:
    one = bench.pushed({"a": b"1"})
    bench.ada.remote.push({"refs/heads/register/m-1": one, "refs/heads/register/m2-1": one})
    assert bench.ada.reader.branches("register/m-") == {"register/m-1": one}
    assert bench.bob.reader.branches("register/") == {}
    bench.bob.remote.fetch_branches("register/m-")
    assert bench.bob.reader.branches("register/") == {"register/m-1": one}
    bench.bob.ref("refs/remotes/origin/register/m-7", one)
    bench.bob.remote.fetch_branches("register/m-")
    assert bench.bob.reader.branches("register/m-") == {"register/m-1": one}


def test_tags_are_fetched_by_globs_and_a_moved_one_is_refused(bench: Bench) -> None:
    one = bench.pushed({"a": b"1"})
    bench.ada.remote.push({"refs/tags/m@v1": one, "refs/tags/n@v1": one})
    bench.bob.remote.fetch_tags(["m@v*", "m#*"])
    assert list(bench.bob.reader.tag_names()) == ["m@v1"]
    bench.bob.ref("refs/tags/n@v1", bench.bob.commit({"a": b"2"}, [one]))
    with pytest.raises(Refused, match=r"n@v1 means another object on origin than in this clone"):
        bench.bob.remote.fetch_tags(["*"])


def test_a_repository_without_a_remote_works_on_its_own_branches(bench: Bench) -> None:
    alone = bench.alone
    one = alone.commit({"a": b"1"}, [])
    alone.ref(MAIN, one)
    assert alone.remote.name is None
    assert alone.reader.find_commit("HEAD") == one
    assert alone.reader.default_branches([]) == alone.reader.default_branches(["main", "x"]) == {"main": one}
    alone.remote.fetch_main("main")
    alone.remote.fetch_tags(["*"])
    alone.remote.fetch_branches("register/")
    alone.writer.create_refs({"refs/heads/register/m-1": one})
    assert alone.reader.branches("register/") == {"register/m-1": one}


def test_a_branch_moves_only_from_where_it_was(bench: Bench) -> None:
    alone = bench.alone
    one = alone.commit({"a": b"1"}, [])
    two = alone.commit({"a": b"2"}, [one])
    alone.writer.move_branch("topic", None, one)
    alone.writer.move_branch("topic", one, two)
    with pytest.raises(Lost, match=r"the branch topic has moved"):
        alone.writer.move_branch("topic", one, two)
    assert alone.reader.find_commit("topic") == two


def test_a_commit_that_is_not_there_cannot_be_walked(bench: Bench) -> None:
    with pytest.raises(CouldNot):
        bench.ada.reader.first_parents("0" * 40, ["a"])
    with pytest.raises(CouldNot):
        bench.ada.reader.diff(None, "0" * 40)


def test_the_branch_that_is_main_is_asked_once_and_known_from_then_on(bench: Bench) -> None:
    assert bench.ada.remote.learn_head() is None, "the remote has no branch yet"
    bench.pushed({"a": b"1"})
    assert [bench.ada.remote.learn_head() for _ in range(2)] == ["main", None]
    assert bench.alone.remote.learn_head() is None


def test_a_commit_is_fetched_by_its_id_whatever_branch_it_is_on(bench: Bench) -> None:
    one = bench.pushed({"a": b"1"})
    two = bench.ada.commit({"a": b"2"}, [one])
    bench.ada.remote.push({"refs/heads/topic": two})
    bench.bob.remote.fetch_commit(two)
    assert bench.bob.reader.find_commit(two) == two
    bench.bob.remote.fetch_commit("1" * 40)
    assert bench.bob.reader.find_commit("1" * 40) is None
    bench.alone.remote.fetch_commit(two)
