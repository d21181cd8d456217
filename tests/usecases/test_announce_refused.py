"""What nobody is told of, and what a registry without GitHub can tell."""

from __future__ import annotations

import pytest

from modelmark.domain.names import ModelName
from modelmark.errors import CouldNot, InvalidInput
from modelmark.usecases.announce import Asked, Receivers, announce
from tests.support.desk import PROD, Desk
from tests.support.outside import Outside, named, tell


@pytest.fixture
def outside() -> Outside:
    return Outside()


def refused(desk: Desk, outside: Outside, name: str) -> str:
    done = tell(desk, outside, name, "m#staging#1")
    (found,) = done.refused
    assert (str(found.tag), done.failed) == (name, False)
    assert {tag for _, tag in outside.sent} == {"m#staging#1"}, "the others are told"
    assert found.hint
    return found.why


def test_an_assignment_that_is_not_there(desk: Desk, outside: Outside) -> None:
    desk.live("1")
    assert refused(desk, outside, "m#prod#9") == "there is no assignment m#prod#9"
    assert tell(desk, outside, "other#prod#1").refused[0].why == "there is no assignment other#prod#1"


def test_an_assignment_that_was_replaced(desk: Desk, outside: Outside) -> None:
    desk.live("1")
    desk.by_hand("1")
    assert refused(desk, outside, "m#prod#1") == "m#prod#1 is not what prod of m means now: that is m#prod#2"


def test_a_tag_that_does_not_count(desk: Desk, outside: Outside) -> None:
    desk.live("1")
    desk.plant("m#prod#2", b"anything")
    assert "m#prod#2 does not count: it is not an annotated tag" in refused(desk, outside, "m#prod#2")
    assert [str(one.tag) for one in tell(desk, outside).told] == ["m#prod#1"]


def test_a_whole_assignment_that_nobody_reviewed(desk: Desk, outside: Outside) -> None:
    desk.live("1")
    desk.registered("2")
    name = desk.forge("2")
    assert "nobody reviewed it" in refused(desk, outside, name)
    assert [str(one.tag) for one in tell(desk, outside).refused] == [name]
    assert all(tag != name for _, tag in outside.sent)


def test_a_broken_file_of_one_model_stops_no_other(desk: Desk, outside: Outside) -> None:
    desk.live("1")
    desk.live("1", model=ModelName("n"))
    found = desk.history(ModelName("n")).now(PROD)
    assert found is not None
    commit = desk.git.objects.commits[found.commit]
    desk.git.objects.commits[found.commit] = type(commit)(
        {**commit.files, "models/n/aliases.yaml": b"[broken"},
        commit.parents,
        commit.author,
        commit.committer,
        "x",
    )
    done = tell(desk, outside)
    assert [str(one.tag) for one in done.refused] == ["n#prod#1"]
    assert ("webhook", "m#prod#1") in outside.sent


# --- without GitHub -----------------------------------------------------------------------------------------------


def test_by_plain_git_the_webhook_is_told_what_is_named_each_time(desk: Desk, outside: Outside) -> None:
    desk.live("1")
    for _ in range(2):
        done = announce(desk.workspace, Receivers(webhook=outside, address=""), Asked((named("m#prod#1"),)))
        assert done.told[0].sent == ("webhook",)
    assert outside.sent == [("webhook", "m#prod#1")] * 2
    assert outside.bodies[0]["source"] == "urn:modelmark:6f0c"


@pytest.mark.parametrize(
    ("receivers", "names", "words"),
    [
        (Receivers(), ("m#prod#1",), "there is nobody to tell"),
        (Receivers(webhook=Outside()), (), "nobody remembers what was told"),
        (Receivers(webhook=Outside(), workflow="x.yml"), ("m#prod#1",), "no workflow to start"),
        (Receivers(Outside(), workflow="../x.yml"), ("m#prod#1",), "is not the name of a workflow's file"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_done(
    desk: Desk, receivers: Receivers, names: tuple[str, ...], words: str
) -> None:
    assert desk.git.server is not None
    desk.git.server.failure = CouldNot("the network is down")
    with pytest.raises(InvalidInput, match=words) as caught:
        announce(desk.workspace, receivers, Asked(tuple(map(named, names))))
    assert caught.value.hint


def test_only_the_models_that_are_named_are_fetched(desk: Desk, outside: Outside) -> None:
    desk.live("1")
    desk.live("1", model=ModelName("n"))
    other = desk.other_clone()
    announce(other, Receivers(outside, outside), Asked((named("m#prod#1"),)))
    assert set(other.reader.tag_names()) == {"m@v1", "m#staging#1", "m#prod#1"}
