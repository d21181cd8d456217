"""Tags below a name of the registry: which are found, and which bar nothing."""

from __future__ import annotations

from modelmark.usecases.blocked import blocked, blocking
from tests.support.desk import Desk


def put(desk: Desk, *names: str) -> None:
    desk.git.refs |= {f"refs/tags/{name}": "a" * 40 for name in names}


def test_what_stands_below_a_name_of_the_registry_is_found(desk: Desk) -> None:
    put(desk, "m#prod#1/x", "m@v2/a/b")
    found = list(blocked(desk.git, "tags"))
    assert [one.message.partition(":")[0] for one in found] == [
        "the tag 'm#prod#1/x' bars m#prod#1",
        "the tag 'm@v2/a/b' bars m@v2",
    ]
    assert "deleted on the remote" in found[0].hint
    assert blocking(desk.git, "m#prod#1") == ("m#prod#1/x",)


def test_what_bars_no_name_of_ours_is_nobodys_business(desk: Desk) -> None:
    put(desk, "m#prod#1", "m@v1", "releases/1", "M#prod#1/x", "m#prod#x/1", "team/m#prod#1")
    assert list(blocked(desk.git, "tags")) == []
    assert blocking(desk.git, "m#prod#1") == ()
