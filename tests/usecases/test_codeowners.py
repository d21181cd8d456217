"""The code owners file of a registry: written from its cards, judged at a commit."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from modelmark.domain.codeowners import END, PLACE, Agreement, parse_codeowners
from modelmark.errors import InvalidInput, NotFound
from modelmark.usecases.codeowners import check_codeowners, write_codeowners
from tests.support.desk import POLICY, Desk
from tests.support.fakes import Link

OWNED = POLICY.replace("default_branch: main}", 'default_branch: main, owners: ["@acme/platform"]}').encode()
CARDS: dict[str, bytes | None] = {
    "registry.yaml": OWNED,
    "models/m/model.yaml": b'owners: ["@ada", bob@example.org]\n',
    "models/n/model.yaml": b"description: nobody's\n",
    "models/o/aliases.yaml": b"",
}


@dataclass
class FakeTree:
    """A work tree that holds no more than its files."""

    files: dict[str, bytes] = field(default_factory=dict)
    writes: int = 0

    def read(self, path: str) -> bytes | None:
        return self.files.get(path)

    def write(self, path: str, data: bytes) -> None:
        self.files[path] = data
        self.writes += 1


@pytest.fixture
def tree() -> FakeTree:
    return FakeTree()


def test_what_was_written_and_committed_agrees(desk: Desk, tree: FakeTree) -> None:
    at = desk.commit(CARDS)
    made = write_codeowners(desk.workspace, tree, at)
    assert (made.commit, made.written, made.agreement) == (at, True, Agreement())
    assert list(tree.files) == [PLACE]
    assert check_codeowners(desk.workspace, desk.commit(dict(tree.files))).agreement == Agreement()


def test_each_model_gets_the_owners_of_its_card_and_the_rest_those_of_the_registry(
    desk: Desk, tree: FakeTree
) -> None:
    write_codeowners(desk.workspace, tree, desk.commit(CARDS))
    read = parse_codeowners(tree.files[PLACE])
    assert read.owners_of("models/m/aliases.yaml") == ("@ada", "bob@example.org")
    for path in ("models/n/aliases.yaml", "models/o/1/manifest.yaml", "registry.yaml", PLACE):
        assert read.owners_of(path) == ("@acme/platform",), path


def test_a_second_time_writes_nothing(desk: Desk, tree: FakeTree) -> None:
    at = desk.commit(CARDS)
    write_codeowners(desk.workspace, tree, at)
    assert not write_codeowners(desk.workspace, tree, at).written
    assert tree.writes == 1


def test_lines_of_somebody_stay_in_the_work_tree(desk: Desk, tree: FakeTree) -> None:
    tree.files[PLACE] = b"* @acme/all\r\n"
    write_codeowners(desk.workspace, tree, desk.commit(CARDS))
    assert tree.files[PLACE].startswith(b"* @acme/all\r\n# modelmark")


def test_the_check_reads_the_commit_that_it_is_given_and_writes_nothing(desk: Desk, tree: FakeTree) -> None:
    before = desk.commit(CARDS)
    write_codeowners(desk.workspace, tree, before)
    agreeing = desk.commit(dict(tree.files))
    other = desk.commit({"models/m/model.yaml": b'owners: ["@eve"]\n'})
    assert check_codeowners(desk.workspace, before).agreement.problems == (f"there is no {PLACE}",)
    assert check_codeowners(desk.workspace, agreeing).agreement.agrees
    assert check_codeowners(desk.workspace, other).agreement == Agreement(
        ("/models/m/ @eve",), ("/models/m/ @ada bob@example.org",)
    )
    assert tree.writes == 1


def test_a_rule_below_the_block_is_kept_and_said(desk: Desk, tree: FakeTree) -> None:
    at = desk.commit(CARDS)
    write_codeowners(desk.workspace, tree, at)
    tree.files[PLACE] += b"/models/m/ @eve\n"
    done = write_codeowners(desk.workspace, tree, at)
    assert tree.files[PLACE].endswith(END.encode() + b"\n/models/m/ @eve\n")
    assert "stands below the block" in done.agreement.problems[0]


def test_a_symbolic_link_in_its_place_is_no_file(desk: Desk, tree: FakeTree) -> None:
    write_codeowners(desk.workspace, tree, desk.commit(CARDS))
    at = desk.commit({PLACE: Link(tree.files[PLACE])})
    assert check_codeowners(desk.workspace, at).agreement.problems == (f"there is no {PLACE}",)


def test_models_and_registries_without_owners_are_named(desk: Desk) -> None:
    found = check_codeowners(desk.workspace, desk.commit(CARDS)).warnings
    assert found == (
        "models/n/model.yaml names no owners: @acme/platform must review it",
        "models/o/model.yaml names no owners: @acme/platform must review it",
    )
    found = check_codeowners(desk.workspace, desk.commit({"registry.yaml": POLICY.encode()})).warnings
    assert "registry.yaml names no owners, so nobody must review a change of the rules" in found[0]
    assert found[1:] == tuple(
        f"models/{one}/model.yaml names no owners: nobody must review it" for one in "no"
    )


def test_a_file_that_github_stops_reading_and_lines_that_it_skips_are_named(desk: Desk) -> None:
    others = {"CODEOWNERS": b"* @a\n", "docs/CODEOWNERS": b"* @b\n", PLACE: b"* @a\n[x] @b\n"}
    found = check_codeowners(desk.workspace, desk.commit({"registry.yaml": OWNED, **others})).warnings
    assert found == (
        ".github/CODEOWNERS:2: '[x]' is not a pattern that GitHub knows: it skips the line",
        "GitHub reads .github/CODEOWNERS and then nothing of CODEOWNERS: move its lines, and remove it",
        "GitHub reads .github/CODEOWNERS and then nothing of docs/CODEOWNERS: move its lines, and remove it",
    )


@pytest.mark.parametrize("owner", ["eve", "@ada @eve", "@ada\\n* @eve", "#", "@\\u0430da", "", "*"])
def test_a_hostile_owner_is_refused_with_file_and_line(desk: Desk, tree: FakeTree, owner: str) -> None:
    card = f'description: x\nowners:\n  - "@ada"\n  - "{owner}"\n'.encode()
    at = desk.commit({**CARDS, "models/n/model.yaml": card})
    with pytest.raises(InvalidInput, match="is not an owner that GitHub knows") as caught:
        write_codeowners(desk.workspace, tree, at)
    assert (caught.value.path, caught.value.line) == ("models/n/model.yaml", 4)
    assert tree.writes == 0


def test_a_hostile_owner_of_the_registry_is_refused_with_file_and_line(desk: Desk, tree: FakeTree) -> None:
    at = desk.commit({"registry.yaml": OWNED.replace(b"@acme/platform", b"@ada @eve")})
    with pytest.raises(InvalidInput, match="is not an owner that GitHub knows") as caught:
        write_codeowners(desk.workspace, tree, at)
    assert (caught.value.path, caught.value.line) == ("registry.yaml", 1)


def test_folders_that_are_no_models_get_no_line(desk: Desk, tree: FakeTree) -> None:
    hostile: dict[str, bytes | None] = {
        "models/M @eve/model.yaml": b"",
        "models/README.md": b"",
        "models/x y/a": b"",
    }
    write_codeowners(desk.workspace, tree, desk.commit({**CARDS, **hostile}))
    assert b"@eve" not in tree.files[PLACE]
    assert b"/models/x" not in tree.files[PLACE]


def test_a_commit_that_is_not_there_or_no_registry_is_refused(desk: Desk) -> None:
    with pytest.raises(NotFound, match="there is no commit 'nowhere'"):
        check_codeowners(desk.workspace, "nowhere")
    at = desk.commit({"registry.yaml": None}, branch="other")
    with pytest.raises(NotFound, match=r"has no registry\.yaml"):
        check_codeowners(desk.workspace, at)
