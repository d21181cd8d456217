"""Which commits are on main: only its first-parent commits, and the kept list never says anything else than Git."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from modelmark.adapters import first_parents as adapter
from modelmark.adapters.first_parents import FirstParents
from modelmark.adapters.git import GitRunner
from modelmark.errors import CouldNot
from tests.support.git_repos import Repos, commit, git, new_repos, new_repository

CACHE = ".git/modelmark/first-parents"


@pytest.fixture
def repos(tmp_path: Path) -> Repos:
    return new_repos(tmp_path / "repos")


@pytest.fixture
def kept(repos: Repos, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let even the smallest history be worth keeping."""
    monkeypatch.setattr(adapter, "_WORTH_KEEPING", 1)
    return repos.clone / CACHE


def fresh(root: Path) -> FirstParents:
    return FirstParents(GitRunner(root))


def assert_right(root: Path, tip: str) -> None:
    """For every commit of the repository, the answer is Git's."""
    on_main = fresh(root).of(tip)
    first = set(git(root, "rev-list", "--first-parent", tip).split())
    every = set(git(root, "rev-list", "--all", "--reflog").split()) | {tip}
    assert {oid for oid in every if on_main(oid)} == first


def history(root: Path, count: int) -> str:
    """Add commits to main quickly; the tip's id."""
    tip = git(root, "rev-parse", "--verify", "HEAD")
    lines = [f"reset refs/heads/main\nfrom {tip}\n"]
    lines += [
        f"commit refs/heads/main\ncommitter A <a@b.org> {1_760_001_000 + n} +0000\ndata 1\nx\n"
        for n in range(count)
    ]
    git(root, "fast-import", "--quiet", "--force", stdin="".join(lines).encode())
    return git(root, "rev-parse", "refs/heads/main")


def test_commits_of_a_merged_branch_and_of_other_branches_are_not_on_main(repos: Repos) -> None:
    side = git(repos.clone, "rev-parse", "main^2")
    git(repos.clone, "checkout", "-q", "-b", "other", "main~1")
    other = commit(repos.clone, {"other": b""})
    on_main = repos.reader.on_main(repos.main)
    assert not on_main(side)
    assert not on_main(other)
    for name in ("main", "main^1", "main~2"):
        assert on_main(git(repos.clone, "rev-parse", name))


def test_objects_that_are_no_commits_are_not_on_main(repos: Repos) -> None:
    on_main = repos.reader.on_main(repos.main)
    for name in ("main^{tree}", "main:README.md", "refs/tags/m@v1"):
        assert not on_main(git(repos.clone, "rev-parse", name))
    assert not on_main("0" * 40)
    assert not on_main("f" * 40)


def test_an_id_of_another_length_is_never_on_main(repos: Repos) -> None:
    # A tag can name anything, for example what two ids look like end to end.
    ids = sorted(git(repos.clone, "rev-list", "--first-parent", "main").split())
    on_main = repos.reader.on_main(repos.main)
    row = "".join(ids)
    assert not any(on_main(row[start : start + 64]) for start in range(0, len(row) - 63, 2))


def test_a_small_history_leaves_nothing_behind(repos: Repos) -> None:
    assert_right(repos.clone, repos.main)
    assert not (repos.clone / ".git/modelmark").exists()


def test_a_large_history_is_kept_and_read_again(tmp_path: Path) -> None:
    root = new_repository(tmp_path)
    commit(root, {"f": b""})
    tip = history(root, 2_500)
    assert_right(root, tip)
    assert (root / CACHE).stat().st_size > 2_500 * 20
    assert_right(root, tip)


def test_the_list_grows_with_main_and_over_merges(repos: Repos, kept: Path) -> None:
    assert_right(repos.clone, repos.main)
    for number in range(3):
        git(repos.clone, "checkout", "-q", "-b", f"side{number}")
        commit(repos.clone, {f"side{number}": b""})
        git(repos.clone, "checkout", "-q", "main")
        git(repos.clone, "merge", "-q", "--no-ff", "-m", "Merge", f"side{number}")
        before = kept.read_bytes()
        assert_right(repos.clone, git(repos.clone, "rev-parse", "main"))
        assert kept.read_bytes() != before


def test_the_list_is_made_anew_when_main_was_rewritten(repos: Repos, kept: Path) -> None:
    tip = commit(repos.clone, {"new": b""})
    assert_right(repos.clone, tip)
    git(repos.clone, "reset", "-q", "--hard", "main~2")
    assert_right(repos.clone, git(repos.clone, "rev-parse", "main"))
    assert_right(repos.clone, commit(repos.clone, {"rewritten": b""}))
    assert not fresh(repos.clone).of(git(repos.clone, "rev-parse", "main"))(tip)


def test_a_main_that_merged_the_old_main_from_the_side_is_read_anew(repos: Repos, kept: Path) -> None:
    """A merge the wrong way round: what was main is now a side branch."""
    old = commit(repos.clone, {"old": b""})
    assert_right(repos.clone, old)
    git(repos.clone, "checkout", "-q", "-b", "feature", "main~2")
    commit(repos.clone, {"feature": b""})
    git(repos.clone, "merge", "-q", "--no-ff", "-m", "Merge main into feature", "main")
    turned = git(repos.clone, "rev-parse", "feature")
    assert_right(repos.clone, turned)
    assert not fresh(repos.clone).of(turned)(old)


def test_another_branch_and_back_are_both_right(repos: Repos, kept: Path) -> None:
    git(repos.clone, "checkout", "-q", "--orphan", "alone")
    alone = commit(repos.clone, {})
    for tip in (repos.main, alone, repos.main, git(repos.clone, "rev-parse", "main~1")):
        assert_right(repos.clone, tip)


def damages() -> list[int]:
    return [0, 1, 20, 40, -1, -20, -32, -33]


@pytest.mark.parametrize("cut", damages())
def test_a_list_that_was_cut_off_is_made_anew(repos: Repos, kept: Path, cut: int) -> None:
    assert_right(repos.clone, repos.main)
    whole = kept.read_bytes()
    kept.write_bytes(whole[:cut])
    assert_right(repos.clone, repos.main)
    assert kept.read_bytes() == whole


def test_a_list_with_any_changed_byte_is_made_anew(repos: Repos, kept: Path) -> None:
    assert_right(repos.clone, repos.main)
    whole = kept.read_bytes()
    for place in random.Random(7).sample(range(len(whole)), 5):
        kept.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert_right(repos.clone, repos.main)
        assert kept.read_bytes() == whole


def test_a_list_of_another_repository_is_not_believed(repos: Repos, kept: Path) -> None:
    alien = new_repository(repos.base / "alien", "--object-format=sha256")
    tip = commit(alien, {"f": b""})
    assert_right(alien, tip)
    kept.parent.mkdir()
    kept.write_bytes((alien / CACHE).read_bytes())
    assert_right(repos.clone, repos.main)
    assert_right(alien, commit(alien, {"g": b""}))


@pytest.mark.parametrize("what", ["a file for the folder", "a folder for the file"])
def test_a_repository_that_cannot_be_written_is_only_slower(repos: Repos, kept: Path, what: str) -> None:
    if what == "a file for the folder":
        kept.parent.write_text("in the way")
    else:
        kept.mkdir(parents=True)
        (kept / "x").touch()
    assert_right(repos.clone, repos.main)
    left = [path.name for path in kept.parent.rglob("*")] if kept.parent.is_dir() else []
    assert left in ([], ["first-parents", "x"])


def test_a_linked_work_tree_shares_the_list(repos: Repos, kept: Path) -> None:
    git(repos.clone, "worktree", "add", "-q", "--detach", "../linked", "main")
    assert_right(repos.base / "linked", repos.main)
    assert kept.exists()
    assert not (repos.clone / ".git/worktrees/linked/modelmark").exists()


def test_a_bare_repository_keeps_its_own_list(repos: Repos, kept: Path) -> None:
    assert_right(repos.remote, repos.main)
    assert (repos.remote / "modelmark/first-parents").exists()
    assert git(repos.remote, "for-each-ref", "--format=%(refname:short)").split() == ["main", "m@v1"]


def test_a_directory_name_with_a_line_break_is_no_trouble(repos: Repos, kept: Path) -> None:
    odd = repos.clone.rename(repos.base / "two\nlines")
    assert_right(odd, git(odd, "rev-parse", "main"))


def test_a_shallow_clone_cannot_tell_and_says_so(repos: Repos, kept: Path) -> None:
    git(repos.base, "clone", "-q", "--depth=1", f"file://{repos.remote}", "shallow")
    with pytest.raises(CouldNot, match="shallow") as caught:
        fresh(repos.base / "shallow").of(repos.main)
    assert "--unshallow" in caught.value.hint
    git(repos.base / "shallow", "fetch", "-q", "--unshallow")
    assert_right(repos.base / "shallow", repos.main)


def test_a_tip_that_is_not_there_is_an_error(repos: Repos, kept: Path) -> None:
    assert_right(repos.clone, repos.main)
    with pytest.raises(CouldNot):
        fresh(repos.clone).of("f" * 40)
    assert_right(repos.clone, repos.main)


def test_many_processes_at_once_leave_one_whole_list(repos: Repos, kept: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from modelmark.adapters import first_parents as f;"
        "from modelmark.adapters.git import GitRunner; f._WORTH_KEEPING = 1;"
        "[f.FirstParents(GitRunner(Path('.'))).of(tip) for tip in sys.argv[1:]]"
    )
    tips = git(repos.clone, "rev-list", "--first-parent", "main").split()
    commands = [[sys.executable, "-c", program, *tips[turn:], *tips[:turn]] for turn in range(3)]
    running = [subprocess.Popen(command, cwd=repos.clone) for command in commands]
    assert [one.wait(60) for one in running] == [0, 0, 0]
    assert [path.name for path in kept.parent.iterdir()] == ["first-parents"]
    assert_right(repos.clone, repos.main)
