"""What a reference means, by tags alone; what does not count is never resolved."""

from __future__ import annotations

import pytest

from modelmark.domain.references import parse_reference
from modelmark.errors import NotFound, Refused
from modelmark.usecases.resolve import LocalTags, Resolved, resolve
from modelmark.usecases.rollback import rollback
from tests.support.desk import PROD, Desk, M, v


def ask(desk: Desk, reference: str) -> Resolved:
    desk.sync()
    return resolve(LocalTags(desk.workspace), parse_reference(reference))


@pytest.mark.parametrize(
    ("reference", "version"),
    [
        ("m@1", "1"),
        ("m@v1", "1"),
        ("m@latest", "2"),
        ("m@prod", "2"),
        ("m#prod", "2"),
        ("m#prod#1", "1"),
        ("m@prev_prod", "1"),
        ("models:/m@prod", "2"),
        ("models:/m/1", "1"),
    ],
)
def test_every_form_of_a_reference_finds_its_version(desk: Desk, reference: str, version: str) -> None:
    desk.live("1", "2")
    found = ask(desk, reference)
    assert found.version == v(version)
    assert found.registered.tag.version == v(version)
    assert (found.assignment is None) == (reference in ("m@1", "m@v1", "m@latest", "models:/m/1"))


def test_after_a_rollback_by_hand_the_alias_means_the_older_version(desk: Desk) -> None:
    desk.live("1", "2")
    desk.by_hand("1")
    assert (ask(desk, "m@prod").version, ask(desk, "m#prod#2").version) == (v("1"), v("2"))


@pytest.mark.parametrize("reference", ["m@7", "m@latest", "n@1"])
def test_what_is_not_registered_is_not_found(desk: Desk, reference: str) -> None:
    with pytest.raises(NotFound, match=r"is not registered") as caught:
        ask(desk, reference)
    theirs = f"refs/tags/{reference[0]}@v*"
    assert caught.value.hint == f"modelmark list {reference[0]}, and `git fetch origin '{theirs}:{theirs}'`"


def test_an_alias_without_any_assignment_is_not_found_and_says_how_to_fetch(desk: Desk) -> None:
    desk.registered("1")
    with pytest.raises(
        NotFound, match=r"m has no prod: no version was ever assigned to it, as far as"
    ) as caught:
        ask(desk, "m@prod")
    assert "git fetch origin 'refs/tags/m#*:refs/tags/m#*'" in caught.value.hint


def test_a_number_that_is_not_there_is_not_found(desk: Desk) -> None:
    desk.live("1")
    with pytest.raises(NotFound, match=r"m#prod#7 is not a valid assignment"):
        ask(desk, "m#prod#7")


def test_an_alias_that_means_nothing_says_since_when_and_why(desk: Desk) -> None:
    desk.live("1")
    desk.emptied()
    with pytest.raises(NotFound, match=r"m@prod means nothing since m#prod#2: sunset"):
        ask(desk, "m@prod")


def test_a_planted_tag_is_ignored_and_named_where_nothing_else_is_left(desk: Desk) -> None:
    desk.registered("1")
    desk.registered("2")
    desk.by_hand("2")
    with pytest.raises(NotFound, match=r"the tag m#prod#1 does not count: it was made by hand"):
        ask(desk, "m@prod")


def test_a_planted_tag_does_not_shadow_the_assignment_before_it(desk: Desk) -> None:
    desk.live("1")
    desk.registered("2")
    desk.by_hand("2")
    assert ask(desk, "m@prod").version == v("1")


def test_an_assignment_that_nobody_reviewed_is_refused(desk: Desk) -> None:
    desk.live("1")
    desk.registered("2")
    desk.forge("2")
    with pytest.raises(Refused, match=r"the tag m#prod#2 says 2, and aliases.yaml at its commit") as caught:
        ask(desk, "m@prod")
    assert "nobody reviewed it" in caught.value.message
    assert "Bob <bob@example.org>" in caught.value.hint


def test_a_forged_assignment_is_left_behind_by_the_rollback_that_the_error_names(desk: Desk) -> None:
    desk.live("1", "2")
    desk.registered("3")
    desk.forge("3")
    with pytest.raises(Refused) as caught:
        ask(desk, "m@prod")
    assert "modelmark rollback m --alias prod --reason …" in caught.value.hint
    rollback(desk.workspace, M, PROD, None, "forged")
    assert ask(desk, "m@prod").version == v("2")
