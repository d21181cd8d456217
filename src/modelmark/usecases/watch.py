"""Follow an alias: what it means is pulled, verified, shown, told to the hook, and taken back if the hook fails.

What to do next is decided in `domain/watching_steps`; here it is done, and every outcome handed back. A release on this
disk is only ever replaced by one that was verified, and what must survive a kill is written down before the next action.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

from modelmark.domain.watching import Release, Trouble, begin
from modelmark.domain.watching_moves import (
    Action,
    Ask,
    Asked,
    At,
    Event,
    Failed,
    Found,
    Gone,
    Hooked,
    Look,
    Nothing,
    Pull,
    Pulled,
    Report,
    Reported,
    Restore,
    Restored,
    RunHook,
    Wait,
    Waited,
)
from modelmark.domain.watching_steps import first, remembered, step
from modelmark.errors import (
    Corrupt,
    CouldNot,
    Denied,
    Missing,
    ModelmarkError,
    NotFound,
    Refused,
    Stale,
    Unreachable,
)
from modelmark.usecases.pull import pull_locked
from modelmark.usecases.resolve import resolve
from modelmark.usecases.watch_look import OneLook, newest_number, what_counts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modelmark.domain.json_values import Json
    from modelmark.usecases.watch_ports import Order, Surroundings

# The word for each error in metrics, the first that fits.
_KINDS: tuple[tuple[type[Exception], str], ...] = (
    (Unreachable, "unreachable"),
    (Denied, "denied"),
    (Missing, "missing"),
    (Corrupt, "corrupt"),
    (Stale, "stale"),
    (Refused, "refused"),
    (OSError, "disk"),
    (CouldNot, "could-not"),
)
# How many seconds each action may take before somebody should think that this process hangs.
_PATIENCE: Mapping[type[Action], float] = {
    Wait: 30,
    Ask: 120,
    Look: 1200,
    Pull: 4 * 3600,
    RunHook: 60,
    Restore: 60,
    Report: 600,
}


def watch(around: Surroundings, order: Order) -> NoReturn:
    """Follow an alias until an exception from outside ends it (a signal, say); whatever happens is left whole.

    Raises:
        CouldNot: the target cannot be written at all, or another watch follows an alias there.
    """
    with around.shelf.alone(order.target):
        _follow(around, order)


def _follow(around: Surroundings, order: Order) -> NoReturn:
    shelf, clock = around.shelf, around.clock
    written = shelf.recall(order.target)
    state = begin(order.chain, shelf.visible(order.target), written, order.pace, clock.now())
    state = replace(state, reports=around.report is not None)
    if written is None:
        shelf.remember(order.target, state.memory)
        written = state.memory
    action = first(state)
    with _Hands(around, order) as hands:
        while True:
            around.show(state, _patience(action, order))
            event = hands.do(action)
            now = At(clock.now(), clock.chance())
            done = step(state, event, now, order.pace)
            if done.state.memory != written or done.state.unwritten:
                try:
                    shelf.remember(order.target, done.state.memory)
                    written, done = done.state.memory, remembered(done)
                except CouldNot as error:
                    done = remembered(done, _trouble(error))
            state, action = done.state, done.action
            for sentence in done.said:
                around.tell(sentence)


def _patience(action: Action, order: Order) -> float:
    own = action.seconds if isinstance(action, Wait) else 0.0
    return _PATIENCE[type(action)] + own + (order.hook_seconds if isinstance(action, RunHook) else 0.0)


class _Hands:
    """Does actions; from a look to its pull the target stays locked and the registry open: both see the same tags."""

    def __init__(self, around: Surroundings, order: Order) -> None:
        self._around = around
        self._order = order
        self._open = ExitStack()
        self._source: OneLook | None = None

    def __enter__(self) -> _Hands:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def do(self, action: Action) -> Event:
        """Do one action; what went wrong is an outcome like others."""
        try:
            return self._do(action)
        except (ModelmarkError, OSError) as error:
            return Failed(_trouble(error), asking=isinstance(action, Ask))

    def _do(self, action: Action) -> Event:  # noqa: PLR0911 - one line for each action
        around = self._around
        if not isinstance(action, Pull):
            self._open.close()
        match action:
            case Wait():
                around.clock.wait(action.seconds)
                return Waited()
            case Ask():
                return Asked(same=around.registry.first_missing(action.names) == action.names[1])
            case Look():
                return self._look()
            case Pull():
                return self._pull(action)
            case RunHook():
                return Hooked(self._tell_hook(action), action.restored)
            case Restore():
                return self._restore(action)
            case Report():
                return self._report(action)

    def _look(self) -> Found | Nothing:
        around, order = self._around, self._order
        with ExitStack() as opened:
            opened.enter_context(around.directories.lock(order.target))
            self._source = source = OneLook(opened.enter_context(around.open_source()))
            try:
                found = resolve(source, order.reference)
            except NotFound as error:
                return Nothing(newest_number(source, order.chain), _trouble(error))
            assert found.assignment is not None, "an alias is found by an assignment"
            event = what_counts(found.assignment, source, order.chain)
            self._open = opened.pop_all()
            return event

    def _restore(self, action: Restore) -> Restored | Gone:
        target = self._order.target
        try:
            with self._around.directories.lock(target):
                self._around.shelf.restore(target, action.release)
        except (Missing, Corrupt) as error:
            return Gone(_trouble(error))
        return Restored()

    def _pull(self, action: Pull) -> Pulled:
        assert self._source is not None, "a pull follows a look"
        order = self._order
        if action.keep is not None:
            self._around.shelf.keep(order.target, action.keep)
        with self._open:
            pull_locked(self._source, self._around.directories, order.reference, order.target)
        release = self._around.shelf.visible(order.target)
        if release is None:
            raise CouldNot(f"{order.target}/current was taken away again", "does something else write there?")
        return Pulled(release)

    def _report(self, action: Report) -> Reported:
        assert self._around.report is not None, "only a watch that reports does so"
        try:
            done = self._around.report(action.release)
        except (ModelmarkError, OSError) as error:
            return Reported(_trouble(error).message, action.polling)
        return Reported("" if done else None, action.polling)

    def _tell_hook(self, action: RunHook) -> str:
        if self._around.hook is None:
            return ""
        order, release = self._order, action.release
        return self._around.hook(
            {
                "event": "restored" if action.restored else "changed",
                "reference": str(order.reference),
                **_facts(release),
                "path": str(order.target.absolute() / "current"),
                "release": str(order.target.absolute() / "releases" / release.name),
                "registry": self._around.registry.address,
                "before": None if action.before is None else _facts(action.before),
            }
        )


def _facts(release: Release) -> dict[str, Json]:
    return {
        "model": release.model,
        "version": release.version,
        "tag": release.tag,
        "assignment": release.assignment or None,
        "assignment_id": release.assignment_id or None,
        "manifest_sha256": release.manifest_sha256,
    }


def _trouble(error: ModelmarkError | OSError) -> Trouble:
    # What a port could not do because of a file or its disk says so by its cause.
    cause = error.__cause__ if type(error) is CouldNot and isinstance(error.__cause__, OSError) else error
    kind = next((word for cls, word in _KINDS if isinstance(cause, cls)), "invalid")
    if isinstance(error, OSError):
        return Trouble(kind, f"{error.strerror or error}: {error.filename or 'a file'}", "check the disk")
    return Trouble(kind, str(error), error.hint)
