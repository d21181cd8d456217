"""Tags that do not count: ignored, counted, listed by `verify`, never resolved."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.crash import NO, says
from tests.support.world import World, git, refs


def _by_hand(world: World, name: str, *args: str) -> None:
    git(world.clone("consumer"), "tag", *args[:-1], name, args[-1])
    git(world.clone("consumer"), "push", "-q", "origin", f"refs/tags/{name}")


def _next_tag(world: World, **changes: str) -> str:
    """What a right third assignment of prod would look like, with changes."""
    prod2 = refs(world.hub, "refs/tags/")["m#prod#2"]
    text = world.tag_text("m#prod#2").replace("tag m#prod#2", "tag m#prod#3")
    one, two = (refs(world.hub, "refs/tags/")[f"m@v{version}"] for version in (1, 2))
    old = world.tag_text("m#prod#2").partition("Previous-Tag: ")[2].partition("\n")[0]
    text = text.replace(f"Previous-Tag: {old}", f"Previous-Tag: {prod2}")
    text = text.replace(two, one).replace("\nVersion: 2\n", "\nVersion: 1\n")
    text = text.replace("Previous-Version: 1", "Previous-Version: 2")
    at = git(world.hub, "rev-parse", "m@v1^{commit}")
    text = f"object {at}\n{text.partition(chr(10))[2]}"
    for old, new in changes.items():
        key = old.replace("_", "-")
        line = next(one for one in text.splitlines() if one.startswith(f"{key}: "))
        text = text.replace(line, f"{key}: {new}")
    return text


def _renamed(world: World) -> None:
    git(world.clone("consumer"), "push", "-q", "origin", f"{world.tags()['m#prod#1']}:refs/tags/m#prod#3")


def _off_main(world: World) -> None:
    git(world.clone("consumer"), "commit", "-q", "--allow-empty", "-m", "Aside")
    _by_hand(world, "m#prod#3", "-a", "-m", "off main", "HEAD")


def _second_parent(world: World) -> None:
    aside = git(world.hub, "rev-parse", "m#prod#1^{commit}^2")
    _by_hand(world, "m#prod#3", "-a", "-m", "the branch, not its merge", aside)


def _never_live(world: World) -> None:
    world.release("three")
    git(world.clone("consumer"), "fetch", "-q", "--tags", "origin")
    _by_hand(world, "m#prod#3", "-a", "-m", "try it", "m@v3^{}")


BAD_TAGS: dict[str, tuple[Callable[[World], None], str]] = {
    "lightweight": (lambda world: _by_hand(world, "m#prod#3", "m@v1^{}"), "lightweight"),
    "renamed": (_renamed, "somebody renamed it"),
    "nested": (lambda world: _by_hand(world, "m#prod#3", "-a", "-m", "of a tag", "m@v1"), "points at a 'tag'"),
    "of a blob": (
        lambda world: _by_hand(world, "m#prod#3", "-a", "-m", "a file", "main:registry.yaml"),
        "points at a 'blob'",
    ),
    "off main": (_off_main, "not a first-parent commit of main"),
    "of a second parent": (_second_parent, "not a first-parent commit of main"),
    "of a version that was never live": (
        _never_live,
        "no version that held the alias before has its tag on that commit",
    ),
    "with a trailer twice": (
        lambda world: world.push_tag("m#prod#3", _next_tag(world) + "Version: 2\n"),
        "gives Version twice",
    ),
    "with a trailer in the reason": (
        lambda world: world.push_tag("m#prod#3", _next_tag(world).replace("\nbecause\n", "\nbecause\nVersion: 2\n")
        ),
        "two ways",
    ),
    "with another line among its trailers": (
        lambda world: world.push_tag("m#prod#3", _next_tag(world) + "and so on\n"),
        "mixes trailers",
    ),
    "with another predecessor": (
        lambda world: world.push_tag("m#prod#3", _next_tag(world, Previous_Tag="0" * 40)),
        "the chain is broken",
    ),
    "of another registry": (
        lambda world: world.push_tag("m#prod#3", _next_tag(world, Registry="somebody-else")),
        "belongs to another registry",
    ),
    "of a version that is not registered": (
        lambda world: world.push_tag("m#prod#3", _next_tag(world, Version="9")),
        "9, which is not registered",
    ),
    "two signatures": (
        lambda world: world.push_tag("m#prod#3", _next_tag(world) + "-----BEGIN PGP SIGNATURE-----\n\nx\n-----END PGP SIGNATURE-----\n" * 2
        ),
        "more than one signature",
    ),
}  # fmt: skip


def test_the_tag_that_the_bad_ones_are_made_of_would_be_right(live: World) -> None:
    live.push_tag("m#prod#3", _next_tag(live))
    assert live.meaning("prod") == "1"
    assert live.cli("ci", "verify").code == 0


@pytest.mark.parametrize("kind", BAD_TAGS)
def test_a_bad_tag_is_ignored_and_counted_and_named(kind: str, live: World) -> None:
    make, why = BAD_TAGS[kind]
    make(live)
    assert live.meaning("prod") == "2"
    says(live.cli("ci", "verify", "--all"), NO, "m#prod#3", why)
    says(live.cli("ci", "resolve", "m#prod#3"), NO, "m#prod#3", why)
    says(live.cli("ci", "list"), 0, "prod=2", "m#prod#3", why)
    if kind not in ("off main", "of a second parent", "of another registry"):
        # Without history and without registry.yaml a reader cannot know these; its trust is in who may push tags.
        says(live.cli("consumer", "resolve", "m#prod#3", "--registry", str(live.hub)), NO, "m#prod#3")
    # Its number is used up: the next rollback is the fourth assignment, and the chain names the bad tag.
    done = live.rollback("the real one")
    assert (str(done.assignment.tag), str(done.assignment.version)) == ("m#prod#4", "1")
    assert live.meaning("prod") == "1"
    assert f"Previous-Tag: {live.tags()['m#prod#3']}" in live.tag_text("m#prod#4")


@pytest.mark.parametrize(
    "name", ["m#prod#03", "m#prod#0", "m#prod", "M#prod#1", "m#latest#1", "m@v01", "m@v1.2.3.4"]
)
def test_a_malformed_name_is_listed_and_harms_nobody(name: str, live: World) -> None:
    _by_hand(live, name, "-a", "-m", "odd", "main")
    assert live.meaning("prod") == "2"
    says(live.cli("ci", "verify"), NO, name)
    assert live.cli("ci", "apply").code == 0
    assert live.cli("ci", "list").code == 0


@pytest.mark.parametrize("name", ["v1.0", "release@2026", "nightly", "x/y"])
def test_tags_of_other_people_are_none_of_our_business(name: str, live: World) -> None:
    _by_hand(live, name, "-a", "-m", "theirs", "main")
    live.git("ci", "fetch", "-q", "--tags", "origin")
    live.git("consumer", "tag", "-f", "-m", "theirs, moved", name, "main~1")
    live.git("consumer", "push", "-q", "-f", "origin", f"refs/tags/{name}")
    assert live.cli("ci", "apply").code == 0
    assert live.cli("ci", "list").out == live.cli("author", "list").out
    assert live.cli("ci", "verify").code == 0


def test_a_moved_tag_stops_whoever_knew_where_it_was(live: World) -> None:
    live.meaning("prod")
    live.git("consumer", "fetch", "-q", "--tags", "origin")
    live.git("consumer", "tag", "-f", "-a", "m#prod#2", "-m", "moved", "m@v1^{}")
    live.git("consumer", "push", "-q", "-f", "origin", "refs/tags/m#prod#2")
    says(live.cli("ci", "apply"), NO, "m#prod#2", "moved", "git ls-remote")
    says(live.cli("author", "rollback", "m", "--reason", "x"), NO, "m#prod#2", "moved")
    assert live.cli("ci", "resolve", "m@prod").out.startswith("m@2 "), "an existing clone is not misled"


def test_a_moved_version_tag_is_found_by_who_sees_it_for_the_first_time(live: World) -> None:
    text = live.tag_text("m@v1")
    old = text.partition("\n")[0]
    text = text.replace(old, f"object {git(live.hub, 'rev-parse', 'm@v2^{commit}')}")
    live.on_hub("update-ref", "-d", "refs/tags/m@v1")
    live.push_tag("m@v1", text)
    live.new_clone("guest")
    says(live.cli("guest", "verify"), NO, "m#prod#1", "Version-Tag", "chain is broken")
    says(live.cli("guest", "resolve", "m#prod#1"), NO, "m#prod#1")


def test_a_tag_that_takes_the_name_of_a_version_is_said_by_apply(live: World) -> None:
    live.register(live.train("three"))
    live.merge("register/m-3")
    _by_hand(live, "m@v3", "main")
    says(live.cli("ci", "apply"), NO, "m@3", "m@v3", "lightweight")
    says(live.cli("ci", "resolve", "m@3"), NO, "m@3 is not registered", "lightweight")
    assert live.cli("ci", "resolve", "m@latest").out.startswith("m@2 ")
    live.git("consumer", "push", "-q", "origin", "--delete", "refs/tags/m@v3")
    live.git("ci", "tag", "-d", "m@v3")
    assert live.cli("ci", "apply").code == 0
    assert live.cli("ci", "resolve", "m@latest").out.startswith("m@3 ")


def test_a_forged_assignment_that_nobody_reviewed_is_not_resolved(live: World) -> None:
    text = _next_tag(live)
    tip = git(live.hub, "rev-parse", "main")
    live.push_tag("m#prod#3", f"object {tip}\n{text.partition(chr(10))[2]}")
    live.git("ci", "fetch", "-q", "--tags", "origin")
    says(live.cli("ci", "resolve", "m@prod"), NO, "m#prod#3", "nobody reviewed it")
    says(live.cli("ci", "verify"), NO, "m#prod#3", "nobody reviewed it")
