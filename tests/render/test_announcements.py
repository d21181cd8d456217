"""What was told, and what was not and why; hostile text in it is harmless."""

from __future__ import annotations

import pytest

from modelmark.domain.announcements import Announced, Failure, Told, Unannounced
from modelmark.domain.tags import AssignmentTag
from modelmark.render.announcements import sent, unsent
from tests.render.values import HOSTILE, PROD, V2, M
from tests.support.goldens import Golden

ALL = ("dispatch", "webhook", "workflow")


def value(text: str = "", *, dry: bool = False) -> Announced:
    names = [AssignmentTag(M, PROD, number) for number in range(1, 6)]
    broken = Failure("webhook", f"the host says 404{text}", f"look there{text}")
    return Announced(
        (
            Told(names[0], "a" * 40, V2, ALL),
            Told(names[1], "b" * 40, None, ("dispatch",), ("workflow",), (broken,)),
            Told(names[2], "c" * 40, V2, (), ALL),
            Told(names[3], "d" * 40, V2, (), (), (Failure("memory", "nobody knows", ""),)),
        ),
        (Unannounced(names[4], f"it does not count{text}", f"modelmark verify{text}"),),
        dry,
    )


def test_it_reads_as_it_was_reviewed(golden: Golden) -> None:
    golden("announced.txt", f"{sent(value())}\n\n" + "\n".join(unsent(value())) + "\n")


def test_a_dry_run_says_would() -> None:
    assert all(line.startswith("would announce ") for line in sent(value(dry=True)).split("\n"))


def test_where_nothing_is_new_it_says_so() -> None:
    nothing = Announced((), (), dry_run=False)
    assert (sent(nothing), list(unsent(nothing))) == ("", ["nothing to announce"])


def test_a_failure_asks_for_another_run_and_a_refusal_does_not() -> None:
    again = "run the command again: it does what is left"
    assert again in list(unsent(value()))
    refused = Announced((), value().refused, dry_run=False)
    assert again not in list(unsent(refused))


@pytest.mark.parametrize(
    "show", [lambda text: sent(value(text)), lambda text: "\n".join(unsent(value(text)))]
)
def test_hostile_text_never_reaches_the_terminal(show: object) -> None:
    assert callable(show)
    text = show(HOSTILE)
    assert all(char.isprintable() or char == "\n" for char in text)
    assert not any(line.startswith("::") for line in text.split("\n"))
