"""`modelmark.pull` and `modelmark.resolve`: by an address, by a path, by an open clone; by text and by value."""

from __future__ import annotations

from pathlib import Path

import pytest

import modelmark
from modelmark.errors import InvalidInput, NotFound, Refused, Unreachable
from tests.support.trained import trained
from tests.support.world import World, files_below


def test_a_release_says_what_it_is_and_lies_where_no_swap_reaches_it(world: World, tmp_path: Path) -> None:
    first = modelmark.pull("m@prod", registry=world.hub, to=tmp_path)
    assert (first.model, str(first.version), first.tag, first.assignment) == ("m", "1", "m@v1", "m#prod#1")
    assert first.verified
    assert first.assigned_at is not None
    assert files_below(first.path) == trained("one")
    assert {file.path for file in first.manifest.files} == set(trained("one"))
    assert first.current == tmp_path / "current"

    world.release("two", "staging", "canary", "prod")
    second = modelmark.pull("m@prod", registry=world.hub, to=tmp_path)
    assert (str(second.version), second.current.resolve()) == ("2", second.path)
    assert files_below(first.path) == trained("one"), "the folder of a release that is still read was swapped"


def test_what_is_there_already_says_that_it_was_not_read_again(world: World, tmp_path: Path) -> None:
    modelmark.pull("m@prod", registry=world.hub, to=tmp_path)
    again = modelmark.pull("m@prod", registry=world.hub, to=tmp_path)
    assert not again.verified
    assert again.manifest.files


@pytest.mark.parametrize("by", ["address", "clone"])
def test_what_the_command_has_options_for_a_program_may_ask_too(
    world: World, tmp_path: Path, by: str
) -> None:
    registry = world.hub if by == "address" else world.registry("consumer")
    cache = tmp_path / "cache"
    some = modelmark.PullOptions(only=("*.json",), keep=1, cache=cache)
    part = modelmark.pull("m@prod", registry=registry, to=tmp_path / "part", options=some)
    assert files_below(part.path).keys() == {name for name in trained("one") if name.endswith(".json")}
    assert list((cache / "objects").glob("??/*"))
    offline = modelmark.PullOptions(offline=True)
    with pytest.raises(Unreachable, match="offline nobody is asked"):
        modelmark.pull("m@prod", registry=world.hub, to=tmp_path / "none", options=offline)


def test_a_version_that_was_named_by_its_number_came_by_no_assignment(world: World, tmp_path: Path) -> None:
    found = modelmark.pull(modelmark.parse_reference("m@1"), registry=str(world.hub), to=str(tmp_path))
    assert (found.assignment, found.assigned_at, found.tag) == (None, None, "m@v1")


def test_an_open_clone_is_asked_by_its_own_main(world: World, tmp_path: Path) -> None:
    clone = world.registry("consumer")
    assert str(modelmark.resolve("m@prod", registry=clone).version) == "1"
    assert str(modelmark.pull("m@prod", registry=clone, to=tmp_path).version) == "1"
    # A tag that nobody reviewed: by its address alone it counts, by main it does not.
    forged = world.tag_text("m#prod#1").replace("m#prod#1", "m#staging#2")
    world.push_tag(
        "m#staging#2", forged.replace("Previous-Tag: none", f"Previous-Tag: {world.tags()['m#staging#1']}")
    )
    world.git("consumer", "fetch", "-q", "origin", "refs/tags/*:refs/tags/*")
    with pytest.raises(Refused):
        modelmark.resolve("m#staging#2", registry=clone)


def test_what_is_not_well_formed_and_what_is_not_there_are_told_apart(world: World, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        modelmark.pull("m", registry=world.hub, to=tmp_path)
    with pytest.raises(NotFound) as caught:
        modelmark.pull("m@nowhere", registry=world.hub, to=tmp_path)
    assert caught.value.hint
    assert not (tmp_path / "current").exists()


def test_its_places_hold_for_a_program_that_goes_elsewhere(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = modelmark.pull("m@prod", registry=world.hub, to="srv")
    monkeypatch.chdir("/")
    assert found.path == found.current.resolve()
    assert files_below(found.path) == trained("one")
