"""What the hook heard last is what is visible: it is told of the release that came back until it takes it, whatever is killed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.desk import Desk
from tests.support.watching import Stage


class Killed(BaseException):
    pass


class Server:
    """A hook that loads what it is told of, and answers by a script; `serves` is what it loaded last."""

    def __init__(self, *answers: str | type[BaseException]) -> None:
        self.answers = list(answers)
        self.serves: object = None

    def __call__(self, message: object) -> str:
        assert isinstance(message, dict)
        answer = self.answers.pop(0) if self.answers else ""
        self.serves = message["version"]
        if isinstance(answer, str):
            return answer
        raise answer


@pytest.fixture
def stage(desk: Desk) -> Stage:
    desk.live("1")
    return Stage.new(desk)


def restarted(stage: Stage, hook: Server) -> Stage:
    return Stage(stage.desk, stage.source, stage.shelf, hook)


def killed(stage: Stage, server: Server, *script: Callable[[], object] | None) -> None:
    stage.hook = server
    with pytest.raises(Killed):
        stage.play(*script)


def told(stage: Stage) -> list[tuple[object, object]]:
    return [(one["event"], one["version"]) for one in stage.hooks]


def test_a_hook_that_fails_at_the_way_back_is_told_again_until_it_takes_it(stage: Stage) -> None:
    stage.hook = Server("", "smoke test", "no answer", "no answer", "smoke test", "no answer", "")
    stage.play(lambda: stage.desk.live("2"), *[None] * 11)
    assert [str(what) for what, _ in told(stage)[1:]] == [
        *("changed", "restored", "restored"),  # and then 2 is tried again, and is not taken
        *("changed", "restored", "restored"),
    ]
    failed = [line for line in stage.told if "the hook failed, too" in line]
    assert (len(failed), stage.told[-1]) == (2, "m@1 (m#prod#1) is live again")
    assert stage.state.live == stage.state.visible


def test_polls_go_on_while_the_hook_does_not_take_the_way_back(stage: Stage) -> None:
    stage.hook = Server("", "smoke test", *["no answer"] * 3)
    stage.play(lambda: stage.desk.live("2"), *[None] * 6, lambda: stage.desk.live("3"), None)
    assert (stage.live, stage.state.live, stage.state.untold) == (b"m 3", stage.state.visible, False)


def test_killed_before_the_hook_heard_that_a_release_came_back_it_is_told_first(stage: Stage) -> None:
    killed(stage, Server("", "smoke test", Killed), lambda: stage.desk.live("2"))
    assert stage.live == b"m 1"
    server = Server()
    server.serves = "2"
    again = restarted(stage, server).play(None)
    assert (told(again), server.serves) == ([("restored", "1")], "1")
    assert restarted(stage, server).play(None).hooks == []


def test_killed_in_the_hook_of_a_release_that_is_rolled_back_meanwhile_it_is_told_of_the_one_before(
    stage: Stage,
) -> None:
    killed(stage, Server("", Killed), lambda: stage.desk.live("2"))
    stage.desk.by_hand("1")
    server = Server()
    server.serves = "2"
    again = restarted(stage, server).play(None)
    assert (again.live, server.serves, told(again)) == (b"m 1", "1", [("changed", "1")])


def test_what_the_hook_has_not_heard_of_again_is_not_reported_as_live(stage: Stage) -> None:
    reported: list[str] = []

    def report(release: object) -> bool:
        reported.append(str(release))
        return True

    stage.reporter = report
    stage.hook = Server("smoke test", "", "no answer")
    stage.play(*[None] * 2)
    assert reported == []


def test_the_release_to_go_back_to_is_kept_by_a_pull_that_comes_before_the_hook_took_another(
    stage: Stage,
) -> None:
    killed(stage, Server("", Killed), lambda: stage.desk.live("2"))
    stage.desk.live("3")
    again = restarted(stage, Server("bad", "")).play(None)
    assert stage.shelf.kept[-1].startswith("m-1-"), "and not the newer one, which nobody took"
    assert (again.live, again.told[0].partition("; it is tried")[0]) == (
        b"m 1",
        "the hook failed for m@3 (m#prod#3): bad; back to m@1 (m#prod#1)",
    )
