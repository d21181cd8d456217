"""Probes are asked one after the other, and none keeps the next from being asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from modelmark.domain.findings import Finding, Level
from modelmark.errors import CouldNot, InvalidInput, ModelmarkError
from modelmark.usecases.doctor import Probe, doctor


def finds(name: str, *levels: Level, after: tuple[str, ...] = ()) -> Probe:
    return Probe(
        name, f"{name} is well", lambda: [Finding(name, one, f"{name} is off") for one in levels], after
    )


def raises(name: str, error: ModelmarkError) -> Probe:
    def look() -> Iterable[Finding]:
        yield Finding(name, Level.NOTE, "first")
        raise error

    return Probe(name, f"{name} is well", look)


def test_every_probe_is_asked_whatever_the_others_find() -> None:
    found = doctor([finds("a", Level.ERROR), raises("b", CouldNot("b broke", "mend b")), finds("c")])
    assert [(one.name, one.level) for one in found.probes] == [
        ("a", Level.ERROR),
        ("b", Level.ERROR),
        ("c", None),
    ]
    assert found.count(Level.ERROR) == 2


def test_an_error_is_a_finding_with_its_mend_and_place_beside_those_before_it() -> None:
    (one,) = doctor([raises("b", InvalidInput("wrong", "mend it", path="registry.yaml", line=7))]).probes
    assert [found.message for found in one.findings] == ["first", "wrong"]
    assert one.findings[1] == Finding("b", Level.ERROR, "wrong", "registry.yaml", 7, "mend it")


def test_what_builds_on_something_that_failed_is_not_asked_nor_what_builds_on_that() -> None:
    asked = []

    def never() -> Iterable[Finding]:
        asked.append(1)
        return ()

    found = doctor([finds("a", Level.ERROR), Probe("b", "", never, ("a",)), Probe("c", "", never, ("b",))])
    assert [one.waits_for for one in found.probes] == ["", "a", "b"]
    assert asked == []


def test_a_warning_keeps_nobody_waiting_and_is_healthy() -> None:
    found = doctor([finds("a", Level.WARNING), finds("b", after=("a",))])
    assert (found.probes[1].waits_for, found.healthy) == ("", True)
    assert not doctor([finds("a", Level.WARNING, Level.ERROR)]).healthy


def test_the_next_probe_is_made_when_the_one_before_was_asked() -> None:
    opened: list[str] = []

    def opens() -> Iterable[Finding]:
        opened.append("x")
        return ()

    def probes() -> Iterator[Probe]:
        yield Probe("open", "", opens)
        if opened:
            yield finds("inside")

    assert [one.name for one in doctor(probes()).probes] == ["open", "inside"]
