"""Tell the world about assignments: a `repository_dispatch`, a webhook, a workflow that is started by its name.

Without names it reconciles, so a run that was killed between a tag and its event loses nothing: it takes what each alias
means now, where the tag is of the last days. What was told is remembered for each assignment and each channel by a status
of the tag's commit, written right after the channel has taken the event. So every channel gets every event at least once;
one comes twice only where a run ends between those two requests, and a receiver that is down makes no other hear doubles.
An assignment that was replaced before anybody was told is no news any more. Without GitHub there is no memory, so only
what is named is told, each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelmark.domain import events
from modelmark.domain.announcements import Announced, Failure, Told, Unannounced
from modelmark.errors import CouldNot, InvalidInput, ModelmarkError, NotFound, Refused
from modelmark.usecases import state
from modelmark.usecases.listing import names_by_model
from modelmark.usecases.newest import newest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from modelmark.domain.history import Assignment
    from modelmark.domain.tags import AssignmentTag
    from modelmark.usecases.forge_ports import Events, Webhook
    from modelmark.usecases.ports import Workspace

DISPATCH, WEBHOOK, WORKFLOW = "dispatch", "webhook", "workflow"
_MEMORY = "memory"


@dataclass(frozen=True)
class Receivers:
    """Whom to tell, and where we speak from.

    Attributes:
        events: the registry's repository on GitHub, or None.
        webhook: somebody outside, or None.
        address: where the registry is, for people and programs; may be empty.
        workflow: the file of a workflow that is to be started for each assignment, or None.
        run: the page of the run that tells; may be empty.
    """

    events: Events | None = None
    webhook: Webhook | None = None
    address: str = ""
    workflow: str | None = None
    run: str = ""


@dataclass(frozen=True)
class Asked:
    """What to tell.

    Attributes:
        names: assignments; none = what each alias means now and was not told yet.
        again: tell it even where it was told.
        days: without names, how old a tag may be by its date.
    """

    names: tuple[AssignmentTag, ...] = ()
    again: bool = False
    dry_run: bool = False
    days: float = 7.0


def announce(workspace: Workspace, receivers: Receivers, asked: Asked) -> Announced:
    """Tell every receiver; one that fails stops no other.

    Raises:
        InvalidInput: nobody is there to be told, or nobody can remember what was told.
        CouldNot: the remote or the history cannot be read; nobody was told.
    """
    _check(receivers, asked)
    globs = [glob for name in asked.names for glob in state.tag_patterns(name.model)]
    main = state.fetched_main(workspace, list(dict.fromkeys(globs)) or state.ALL_TAGS)
    names = asked.names or tuple(_recent(workspace, main, asked.days))
    teller = _Teller(receivers, main, asked)
    told, refused = [], []
    for name in dict.fromkeys(names):
        try:
            one = _current(workspace, main, name)
        except (Refused, InvalidInput) as error:
            refused.append(Unannounced(name, str(error), error.hint))
        else:
            told += [outcome] if (outcome := teller.tell(one)).is_news or asked.names else []
    return Announced(tuple(told), tuple(refused), asked.dry_run)


def _check(receivers: Receivers, asked: Asked) -> None:
    if receivers.workflow is not None:
        events.parse_workflow(receivers.workflow)
    if receivers.events is not None:
        return
    if receivers.workflow is not None:
        raise InvalidInput(
            "this registry is not on GitHub, so there is no workflow to start", "leave --workflow out"
        )
    if receivers.webhook is None:
        raise InvalidInput(
            "there is nobody to tell: this registry is not on GitHub, and MODELMARK_WEBHOOK_URL is not set",
            "set it, and MODELMARK_WEBHOOK_SECRET",
        )
    if not asked.names:
        raise InvalidInput(
            "without GitHub nobody remembers what was told",
            "name it: modelmark announce 'nlp-sentiment#prod#12'",
        )


def _recent(workspace: Workspace, main: state.Main, days: float) -> Iterator[AssignmentTag]:
    """What each alias means now, where its tag is of the last days."""
    names = names_by_model(workspace.reader.tag_names())
    now = workspace.now()
    for _, history in sorted(newest(workspace, names, state.facts_of(workspace, main)).items()):
        for alias in history.aliases:
            one = history.now(alias)
            if one is not None and events.is_recent(one, now, days):
                yield one.tag


def _current(workspace: Workspace, main: state.Main, name: AssignmentTag) -> Assignment:
    """The assignment of this name, if it counts and is what the alias means now.

    Raises:
        Refused: it is not, and nobody is to act on it.
    """
    history = state.history_of(workspace, main, name.model)
    if all(one.tag != name for one in history.aliases.get(name.alias, ())):
        why = next((bad.why for bad in history.bad if bad.name == str(name)), "")
        if not why:
            raise NotFound(f"there is no assignment {name}", f"modelmark history {name.model}")
        raise Refused(f"{name} does not count: {why}", "modelmark verify")
    now = history.now(name.alias)
    assert now is not None
    if now.tag != name:
        raise Refused(
            f"{name} is not what {name.alias} of {name.model} means now: that is {now.tag}",
            f"modelmark announce '{now.tag}'",
        )
    state.confirm(workspace, now)
    return now


class _Teller:
    """Tells all channels of one assignment after the other, and remembers it."""

    def __init__(self, receivers: Receivers, main: state.Main, asked: Asked) -> None:
        self._receivers = receivers
        self._asked = asked
        self._channels = _channels(receivers, main)
        self._seen: dict[str, frozenset[str]] = {}

    def tell(self, one: Assignment) -> Told:
        """Tell whoever was not told yet."""
        try:
            already = self._already(one)
        except ModelmarkError as error:
            why = f"what was told of it cannot be read: {error}"
            return Told(one.tag, one.oid, one.version, failed=(Failure(_MEMORY, why, error.hint),))
        sent, failed = [], []
        for channel, send in self._channels.items():
            if channel in already:
                continue
            try:
                if not self._asked.dry_run:
                    send(one)
                sent.append(channel)
                self._remember(one, channel)
            except ModelmarkError as error:
                failed.append(Failure(channel, str(error), error.hint))
        return Told(one.tag, one.oid, one.version, tuple(sent), already, tuple(failed))

    def _already(self, one: Assignment) -> tuple[str, ...]:
        """The channels that were told before; none where it is to be told again."""
        memory = self._receivers.events
        if memory is None or self._asked.again:
            return ()
        if one.commit not in self._seen:
            self._seen[one.commit] = memory.announced(one.commit)
        told = self._seen[one.commit]
        return tuple(name for name in self._channels if events.remembered_as(name, one.tag) in told)

    def _remember(self, one: Assignment, channel: str) -> None:
        memory = self._receivers.events
        if memory is None or self._asked.dry_run:
            return
        about = f"announced: {one.tag.alias} means {one.version or 'nothing'}"
        try:
            memory.mark(one.commit, events.remembered_as(channel, one.tag), about, self._receivers.run)
        except ModelmarkError as error:
            raise CouldNot(f"it was told, and that cannot be remembered: {error}", error.hint) from error


def _channels(receivers: Receivers, main: state.Main) -> Mapping[str, Callable[[Assignment], None]]:
    """How each receiver is told, in the order in which they are."""
    found: dict[str, Callable[[Assignment], None]] = {}
    forge, webhook, workflow = receivers.events, receivers.webhook, receivers.workflow
    source = events.source_of(receivers.address, main.policy.registry_id)
    if forge is not None:
        found[DISPATCH] = lambda one: forge.dispatch(events.DISPATCH, events.facts(one))
    if webhook is not None:
        found[WEBHOOK] = lambda one: webhook.send(events.cloud_event(one, source))
    if forge is not None and workflow is not None:
        branch = main.policy.default_branch
        found[WORKFLOW] = lambda one: forge.start_workflow(workflow, branch, events.inputs_of(one.tag))
    return found
