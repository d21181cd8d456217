"""A push over HTTP is held against the rules of the repository before Git takes it, as GitHub does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakehub.clients import SECRET
from tests.fakehub.pushes import ZERO, Push
from tests.fakehub.server import Hub
from tests.fakehub.state import Hosted, User
from tests.support.git_repos import GitSaidNo, git


def test_a_rule_sees_who_pushes_what_and_its_words_reach_the_pusher(
    hub: Hub, served: Hosted, tmp_path: Path
) -> None:
    clone, seen = tmp_path / "clone", []

    def no_tags(user: User, push: Push) -> str:
        seen.append((user.login, [(one.old, one.ref) for one in push.refs]))
        assert push.git("cat-file", "-t", push.refs[0].new) in ("commit", "tag")
        return "GH013: no tags today" if any(one.ref.startswith("refs/tags/") for one in push.refs) else ""

    served.push_rules.append(no_tags)
    address = f"{hub.address.replace('//', f'//x:{SECRET}@')}/acme/models.git"
    git(clone, "push", "-q", address, "HEAD:refs/heads/new")
    git(clone, "tag", "-a", "m@v1", "-m", "one")
    with pytest.raises(GitSaidNo, match="GH013: no tags today"):
        git(clone, "push", "-q", address, "m@v1")
    assert seen == [("ada", [(ZERO, "refs/heads/new")]), ("ada", [(ZERO, "refs/tags/m@v1")])]
    assert served.tip("new")
    git(clone, "push", "-q", str(served.bare), "m@v1")
    assert len(seen) == 2, "who pushes to the folder asks nobody"
