"""A registry on fakehub whose prod asks for two owners, and the people around it."""

from __future__ import annotations

from tests.fakehub.conftest import Run
from tests.fakehub.state import User
from tests.support.world import World

ADA, RITA, BOB, EVE = User("ada"), User("rita"), User("bob"), User("eve")
PROMOTE = ["promote", "m@1", "--to", "prod", "--reason", "it is better"]


def refused(run: Run, world: World, *said: str) -> None:
    """No tag, exit code 1, and every one of the reasons."""
    ended = run("apply")
    assert ended.code == 1, ended.err
    assert world.numbers("prod") == []
    for words in said:
        assert words in ended.out, ended.out
