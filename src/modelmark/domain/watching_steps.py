"""The steps of a watch, one for each outcome; the rules are in `watching`."""

from __future__ import annotations

from dataclasses import replace

from modelmark.domain.watching import Pace, Rejected, Seen, Trouble, Watched, shows_rejected
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
    Step,
    Wait,
    Waited,
)

_MIRROR = "ask who deleted or moved the tag, or whether this address is an old mirror"


def step(state: Watched, event: Event, at: At, pace: Pace) -> Step:  # noqa: C901, PLR0911 - one line for each outcome
    """The state after an outcome, and what to do next."""
    match event:
        case Waited():
            return Step(state, _report(state, polling=True) or _next(state, at))
        case Reported():
            return _reported(state, event, at, pace)
        case Asked():
            return _asked(state, event, at, pace)
        case Found():
            return _found(state, event, at, pace)
        case Nothing():
            return _nothing(state, event, at, pace)
        case Pulled():
            return _pulled(state, event, at, pace)
        case Hooked():
            return _hooked(state, event, at, pace)
        case Restored():
            return _restored(state)
        case Gone():
            return _gone(state, event, at, pace)
        case Failed():
            return _failed(state, event, at, pace)


def first(state: Watched) -> Action:
    """What a watch does when it starts: look, unless it was killed before a release was taken back, and the hook told so."""
    return _owed(state, state.tell_due) or Look()


def _owed(state: Watched, now: float) -> Action | None:
    """What must be put right before anything is asked."""
    accepted = state.accepted
    if accepted is not None and shows_rejected(state):
        return Restore(accepted)
    if accepted is not None and state.untold and state.visible == accepted and now >= state.tell_due:
        return RunHook(accepted, None, restored=True)
    return None


def remembered(done: Step, trouble: Trouble | None = None) -> Step:
    """A step whose memory was written, or could not be: that is told once and tried again, and delays nothing."""
    if trouble is None:
        return replace(done, state=replace(done.state, unwritten=""))
    said = () if done.state.unwritten else (f"{trouble.message} ({trouble.hint})",)
    state = replace(_counted(done.state, trouble.kind), unwritten=trouble.message)
    return Step(state, done.action, (*done.said, *said))


def _next(state: Watched, at: At) -> Action:
    owed = _owed(state, at.now)
    if owed is not None:
        return owed
    again = state.rejected is not None and at.now >= state.rejected.due
    if not state.settled or again or at.now >= state.look_due:
        return Look()
    return Ask((f"{state.chain}#{state.newest}", f"{state.chain}#{state.newest + 1}"))


def _report(state: Watched, *, polling: bool = False) -> Action | None:
    """What must still be written down elsewhere."""
    owed = state.live if state.reports else None
    return Report(owed, polling) if owed is not None and owed != state.reported else None


def _reported(state: Watched, event: Reported, at: At, pace: Pace) -> Step:
    """Polls go on, whether it was taken or not; it is tried again after the next pause."""
    said: tuple[str, ...] = ()
    if event.why is None:
        pass
    elif not event.why:
        state = replace(state, reported=state.accepted, unreported="")
    else:
        said = () if state.unreported else (f"what is live here could not be reported: {event.why}",)
        state = replace(_counted(state, "report"), unreported=event.why)
    return Step(state, _next(state, at) if event.polling else _pause(state, at, pace), said)


def _asked(state: Watched, event: Asked, at: At, pace: Pace) -> Step:
    if not event.same:
        return Step(_answered(state, at), Look())
    well, said = _well(_answered(state, at))
    return Step(well, _pause(well, at, pace), said)


def _found(state: Watched, event: Found, at: At, pace: Pace) -> Step:
    state = _answered(state, at)
    seen = state.seen or Seen(0, "")
    if event.number < seen.number:
        message = f"the newest assignment that counts is {state.chain}#{event.number}, and {seen.number} was seen before"
        return _failed(state, Failed(Trouble("stale", message, _MIRROR)), at, pace)
    if event.number == seen.number and event.oid != seen.oid:
        message = f"{state.chain}#{event.number} was moved: it was {seen.oid[:12]} and is {event.oid[:12]}"
        return _failed(state, Failed(Trouble("moved", message, _MIRROR)), at, pace)
    state, said = _ignoring(state, event)
    state = replace(state, seen=Seen(event.number, event.oid), newest=event.newest)
    rejected = state.rejected if state.visible else None
    if rejected is not None and rejected.assignment_id == event.oid and at.now < rejected.due:
        well, over = _well(_looked(state, at, pace))
        return Step(well, _pause(well, at, pace), (*said, *over))
    live = state.live
    if live is not None and live.assignment_id == event.oid and at.now < state.look_due:
        well, over = _well(replace(state, settled=_all_count(state)))
        return Step(well, _pause(well, at, pace), (*said, *over))
    return Step(state, Pull(state.accepted), said)


def _nothing(state: Watched, event: Nothing, at: At, pace: Pace) -> Step:
    """Nothing moves. Where people unassigned it that is no failure of the registry: it is looked at as often as before."""
    state = replace(_answered(state, at), newest=event.newest, settled=False)
    if state.seen is not None and event.newest < state.seen.number:
        there = f"ends at {event.newest}" if event.newest else "has no assignment"
        message = f"{state.chain} {there}, and {state.seen.number} was seen before"
        return _failed(state, Failed(Trouble("stale", message, _MIRROR)), at, pace)
    told: tuple[str, ...] = ()
    if state.trouble != event.trouble:
        told, state = (_sentence(state, event.trouble),), _counted(state, event.trouble.kind)
    state = replace(state, failures=0, trouble=event.trouble)
    return Step(state, _pause(state, at, pace), told)


def _ignoring(state: Watched, event: Found) -> tuple[Watched, tuple[str, ...]]:
    """Take note of newer assignments that do not count: counted and told once, and nothing else."""
    if not event.ignored or event.ignored == state.ignored:
        return replace(state, ignored=event.ignored), ()
    return replace(_counted(state, "invalid"), ignored=event.ignored), (event.ignored,)


def _pulled(state: Watched, event: Pulled, at: At, pace: Pace) -> Step:
    release, before = event.release, state.visible
    swapped = before is None or before.name != release.name
    other = state.rejected is None or state.rejected.assignment_id != release.assignment_id
    well, said = _well(_looked(state, at, pace))
    state = replace(
        well,
        visible=release,
        swaps=state.swaps + swapped,
        rejected=None if other else state.rejected,
    )
    if state.untold or state.accepted is None or state.accepted.name != release.name:
        return Step(replace(state, untold=True, tellings=0), RunHook(release, state.accepted), said)
    news = before is not None and before.assignment_id != release.assignment_id
    told = (*said, f"{release} is what was live already") if news else said
    state = replace(state, accepted=release, rejected=None)
    return Step(state, _report(state) or _pause(state, at, pace), told)


def _hooked(state: Watched, event: Hooked, at: At, pace: Pace) -> Step:
    visible, accepted = state.visible, state.accepted
    assert visible is not None, "the hook is told of a release that is visible"
    if event.restored:
        return _told_again(state, event.why, at, pace)
    if not event.why:
        state = replace(state, accepted=visible, rejected=None, untold=False, tellings=0)
        return Step(state, _report(state) or _pause(state, at, pace), (f"{visible} is live",))
    before = state.rejected
    again = before is not None and before.assignment_id == visible.assignment_id
    tries = before.tries + 1 if before is not None and again else 1
    rejected = Rejected(
        visible.assignment,
        visible.assignment_id,
        visible.version,
        tries,
        event.why,
        at.now + pace.retry(tries),
    )
    state = replace(_counted(state, "hook"), rejected=rejected)
    failed = f"the hook failed for {visible}: {event.why}"
    later = f"it is tried again in {pace.retry(tries):.0f} s"
    if accepted is None or accepted.name == visible.name:
        said = f"{failed}; there is no release before it, so it stays; {later}"
        return Step(state, _pause(state, at, pace), (said,))
    return Step(state, Restore(accepted), (f"{failed}; back to {accepted}; {later}",))


def _told_again(state: Watched, why: str, at: At, pace: Pace) -> Step:
    """The hook heard that the release before is back. Until it takes that, nobody knows what is in use."""
    if not why:
        told = (f"{state.visible} is live again",) if state.tellings else ()
        state = replace(state, untold=False, tellings=0)
        return Step(state, _report(state) or _pause(state, at, pace), told)
    tries = state.tellings + 1
    told = () if state.tellings else (
        f"the hook failed, too, when it was told of {state.visible}: {why}; it is told again in {pace.retry(tries):.0f} s",
    )  # fmt: skip
    state = replace(_counted(state, "hook"), tellings=tries, tell_due=at.now + pace.retry(tries))
    return Step(state, _pause(state, at, pace), told)


def _gone(state: Watched, event: Gone, at: At, pace: Pace) -> Step:
    """Then there is no release before: what is visible stays, the hook is tried again, and polls go on."""
    state = replace(_counted(state, event.trouble.kind), accepted=None)
    return Step(state, _pause(state, at, pace), (_sentence(state, event.trouble),))


def _restored(state: Watched) -> Step:
    assert state.accepted is not None, "only an accepted release is restored"
    before = state.visible
    well, said = _well(
        replace(state, visible=state.accepted, swaps=state.swaps + 1, restored=state.restored + 1)
    )
    return Step(well, RunHook(state.accepted, before, restored=True), said)


def _failed(state: Watched, event: Failed, at: At, pace: Pace) -> Step:
    trouble = event.trouble
    known = state.trouble is not None and state.trouble.kind == trouble.kind
    state = replace(
        _counted(state, trouble.kind),
        trouble=trouble,
        failures=state.failures + 1,
        settled=state.settled and event.asking,
    )
    told = () if known else (_sentence(state, trouble),)
    return Step(state, _pause(state, at, pace), told)


def _sentence(state: Watched, trouble: Trouble) -> str:
    live = f"; {state.visible} stays" if state.visible else ""
    hint = f" ({trouble.hint})" if trouble.hint else ""
    return f"{trouble.message}{live}{hint}"


def _answered(state: Watched, at: At) -> Watched:
    return replace(state, polls=state.polls + 1, answered_at=at.now)


def _looked(state: Watched, at: At, pace: Pace) -> Watched:
    return replace(state, settled=_all_count(state), look_due=at.now + pace.look)


def _all_count(state: Watched) -> bool:
    """Whether the newest that is there is the newest that counts: else another object may take its place at any time."""
    return state.seen is not None and state.seen.number == state.newest


def _well(state: Watched) -> tuple[Watched, tuple[str, ...]]:
    """The state when something went well, and the sentence that ends the trouble before."""
    said = (f"well again, after {state.failures} in a row that failed",) if state.failures else ()
    return replace(state, failures=0, trouble=None), said


def _counted(state: Watched, kind: str) -> Watched:
    return replace(state, failed={**state.failed, kind: state.failed.get(kind, 0) + 1})


def _pause(state: Watched, at: At, pace: Pace) -> Wait:
    return Wait(pace.pause(state.failures, at.chance))
