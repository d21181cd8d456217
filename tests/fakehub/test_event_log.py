"""What a push starts, by GitHub's rules: nothing of more than three tags at once, and nothing by a workflow's own token."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakehub.clients import SECRET
from tests.fakehub.event_log import Event
from tests.fakehub.pushes import ZERO, Moved
from tests.fakehub.server import Hub
from tests.fakehub.state import Hosted, User
from tests.support.git_repos import GitSaidNo, git

BOT = "ghs_b0t"


@pytest.fixture
def clone(served: Hosted, hub: Hub, tmp_path: Path) -> Path:
    hub.tokens[BOT] = User("github-actions[bot]", actions=True)
    for number in range(1, 10):
        git(tmp_path / "clone", "tag", "-a", f"m#prod#{number}", "-m", "why")
    return tmp_path / "clone"


def push(hub: Hub, clone: Path, *refs: str, token: str = SECRET) -> None:
    address = f"{hub.address.replace('//', f'//x:{token}@')}/acme/models.git"
    git(clone, "push", "-q", address, *refs)


def told(served: Hosted) -> list[tuple[str, str]]:
    found = [(one.name, one.ref.removeprefix("refs/")) for one in served.events]
    served.events.clear()
    return found


def test_a_new_tag_is_created_and_pushed(hub: Hub, served: Hosted, clone: Path) -> None:
    push(hub, clone, "m#prod#1")
    sha = git(clone, "rev-parse", "refs/tags/m#prod#1")
    ref = "refs/tags/m#prod#1"
    assert served.events == [Event("create", ref, sha, "ada"), Event("push", ref, sha, "ada")]


def test_a_branch_that_moves_is_pushed_and_one_that_goes_is_deleted(
    hub: Hub, served: Hosted, clone: Path
) -> None:
    push(hub, clone, "HEAD:refs/heads/new")
    assert told(served) == [("create", "heads/new"), ("push", "heads/new")]
    push(hub, clone, "HEAD:main")
    assert told(served) == [("push", "heads/main")]
    push(hub, clone, ":new")
    assert told(served) == [("delete", "heads/new")]


def test_three_tags_at_once_are_told_and_four_are_not(hub: Hub, served: Hosted, clone: Path) -> None:
    push(hub, clone, *(f"m#prod#{number}" for number in (1, 2, 3)))
    assert len(told(served)) == 6
    push(hub, clone, *(f"m#prod#{number}" for number in (4, 5, 6, 7)))
    assert told(served) == []
    assert git(served.bare, "tag", "-l") == "\n".join(f"m#prod#{number}" for number in range(1, 8))
    push(hub, clone, "m#prod#8", "m#prod#9")
    assert len(told(served)) == 4, "what counts is one push"


def test_a_branch_beside_four_tags_is_told(hub: Hub, served: Hosted, clone: Path) -> None:
    push(hub, clone, *(f"m#prod#{number}" for number in (1, 2, 3, 4)), "HEAD:main")
    assert told(served) == [("push", "heads/main")]


def test_a_workflows_own_token_starts_nothing(hub: Hub, served: Hosted, clone: Path) -> None:
    push(hub, clone, "m#prod#1", "HEAD:main", token=BOT)
    assert told(served) == []
    assert git(served.bare, "tag", "-l") == "m#prod#1"


def test_a_push_that_is_refused_is_none(hub: Hub, served: Hosted, clone: Path) -> None:
    served.push_rules.append(lambda *_: "GH013: no")
    with pytest.raises(GitSaidNo):
        push(hub, clone, "m#prod#1")
    served.push_rules.clear()
    git(clone, "commit", "-q", "--allow-empty", "-m", "one more")
    push(hub, clone, "HEAD:main")
    told(served)
    git(clone, "reset", "-q", "--hard", "HEAD~1")
    git(clone, "commit", "-q", "--allow-empty", "-m", "another")
    git(served.bare, "config", "receive.denyNonFastForwards", "true")
    with pytest.raises(GitSaidNo):
        push(hub, clone, "+HEAD:main")
    assert told(served) == []


def test_a_ref_that_is_moved_by_a_request_follows_the_same_rules(served: Hosted) -> None:
    made = Moved(ZERO, "1" * 40, "refs/tags/m#prod#1")
    served.moved(User("ada"), [made])
    assert told(served) == [("create", "tags/m#prod#1"), ("push", "tags/m#prod#1")]
    served.moved(User("github-actions[bot]", actions=True), [made])
    assert told(served) == []
