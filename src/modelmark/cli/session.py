"""What every command shares: the registry that `-C` names, output, and how errors end."""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from modelmark.errors import InvalidInput, ModelmarkError
from modelmark.registry import Registry
from modelmark.render.data import json_text
from modelmark.render.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modelmark.domain.findings import Verdict
    from modelmark.domain.threads import Topic
    from modelmark.usecases.propose import Proposed
    from modelmark.usecases.submit import Submitted

NO = 1
COULD_NOT = 3
BUG = 70
INTERRUPTED = 130
_LAST_SECONDS = 8.0


def open_registry(context: typer.Context) -> Registry:
    """The registry that `-C` names, or the one around this directory."""
    return Registry.open(context.obj or ".")


def say(text: str) -> None:
    """Talk: goes to stderr, so that stdout is data. Where nobody can hear it (a full disk), what is done is done."""
    with suppress(OSError):
        print(text, file=sys.stderr)  # noqa: T201


def show(text: str) -> None:
    """Data: goes to stdout."""
    print(text)  # noqa: T201


def show_json(value: object) -> None:
    """Data as JSON, for programs."""
    show(json_text(value))


def append_to_summary(page: str) -> None:
    """Put a page where GitHub shows it below the run: into the file that the runner names."""
    place = os.environ.get("GITHUB_STEP_SUMMARY")
    if place:
        with Path(place).open("a", encoding="utf-8") as summary:
            summary.write(page)


def tell_issue(
    registry: Registry,
    token: str | None,
    topic: Topic,
    verdict: Verdict,
    facts: Mapping[str, str] | None = None,
) -> None:
    """Keep the rolling issue of a topic, and say what was done.

    Args:
        registry: whose repository it is in.
        token: what the command was given for GitHub.
        topic: what it is about.
        verdict: what was found; an issue that nothing was found for is closed.
        facts: who and what, for the top of the page.
    """
    from modelmark.render.issue_page import issue_page  # noqa: PLC0415 - only these commands need it

    hosted = registry.hosted(token)
    kept = hosted.keep_issue(topic, issue_page(topic, verdict, facts))
    if kept is not None:
        say(f"issue {kept.outcome}: {hosted.repository.issue_url(kept.number)}")


def tell_submitted(registry: Registry, token: str | None, *told: tuple[Submitted, str]) -> None:
    """Say where changes went and what to do next; the URL of a pull request, or else the branch, alone is data.

    Args:
        registry: where they were handed in.
        token: what the command was given for its pull request.
        told: each change, and what it was in a few words.

    Raises:
        NotProposed: a forge did not open a pull request; the other changes are told before.
    """
    from modelmark.usecases.propose import NotProposed  # noqa: PLC0415 - only these commands need it

    broken: list[ModelmarkError] = []
    for sent, what in told:
        try:
            _tell_one(registry, token, sent, what)
        except NotProposed as error:
            broken.append(error)
    for one in broken[:-1]:
        _explain(one)
    if broken:
        raise broken[-1]


def _tell_one(registry: Registry, token: str | None, sent: Submitted, what: str) -> None:
    main = sent.default_branch
    if sent.branch is None:
        say(f"{what}, on {main} at once (this registry says `promotion: direct`)")
        for decision in sent.applied.plan.decisions if sent.applied else ():
            say("created " + ", ".join(str(tag.name) for tag in decision.tags))
        return
    was = "was there already" if sent.already else f"pushed to {sent.remote}" if sent.remote else "made"
    say(f"{what}: branch {sent.branch} {was}")
    _tell_verdict(sent)
    proposed = registry.propose(sent, token)
    _tell_next(sent, proposed)
    show(proposed.url if proposed and proposed.url else sent.branch)


def _tell_next(sent: Submitted, proposed: Proposed | None) -> None:
    main = sent.default_branch
    if proposed is not None and proposed.url:
        say(f"pull request {'opened' if proposed.opened else 'was open already, and is up to date'}")
        for warning in proposed.warnings:
            say(f"warning: {clean(warning)}")
    elif proposed is not None:
        say(f"no token for a pull request (--token, GH_TOKEN, `gh auth login`); open it: {proposed.compare}")
    if sent.verdict is not None and not sent.verdict.passed:
        away = (
            f"git push {sent.remote} --delete {sent.branch}"
            if sent.remote
            else f"git branch -D {sent.branch}"
        )
        say(f"next: do not merge it; mend what the gate names. To give this branch up: {away}")
    elif proposed is not None:
        say("next: have it reviewed and merged there, then modelmark apply")
    else:
        push = f" && git push {sent.remote} {main}" if sent.remote else ""
        merge = f"git checkout {main} && git merge --no-ff {sent.place}{push}"
        say(f"next: have it reviewed, merge it ({merge}), then modelmark apply")


def _tell_verdict(sent: Submitted) -> None:
    """What the gate says now: the errors, or that there are none."""
    from modelmark.domain.findings import Level  # noqa: PLC0415 - only a change that was handed in needs these
    from modelmark.render.terminal import findings  # noqa: PLC0415

    if sent.verdict is None:
        say(f"the gate could not be asked here: modelmark check --head {sent.place}")
        return
    say(
        f"the gate says: {'passed' if sent.verdict.passed else 'not passed'} (modelmark check --head {sent.place})"
    )
    if sent.left_out:
        say(f"left to that command, because they take longer: {', '.join(sent.left_out)}")
    if not sent.verdict.passed:
        say(findings(sent.verdict, [Level.ERROR]))


class _Interrupted(BaseException):
    """Ctrl-C; not a KeyboardInterrupt, which the library that parses the command line would turn into exit code 1."""


def _interrupt(*_: object) -> NoReturn:
    raise _Interrupted


class _Terminated(BaseException):
    """SIGTERM or SIGHUP: for what runs until it is stopped, this is the good end."""


def until_stopped(program: Callable[[], object]) -> None:
    """Run what does not end by itself: SIGTERM and a terminal that goes end it with 0, Ctrl-C with 130, within seconds.

    What it is in the middle of is given up, as a kill would do it, but cleans up behind itself.
    """

    def stop(number: int, _: object) -> NoReturn:
        for one in handled:
            signal.signal(one, signal.SIG_IGN)  # the clean-up is not interrupted
        code = INTERRUPTED if number == signal.SIGINT else 0
        end = threading.Timer(_LAST_SECONDS, os._exit, [code])  # a download in a thread may not end in time
        end.daemon = True
        end.start()
        raise _Interrupted if number == signal.SIGINT else _Terminated

    # `nohup` says that a terminal which goes is no reason to end.
    hung_up = () if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else (signal.SIGHUP,)
    handled = (signal.SIGTERM, signal.SIGINT, *hung_up)
    for one in handled:
        signal.signal(one, stop)
    try:
        program()
    except _Terminated:
        say("stopped")


def guarded(program: Callable[[], object]) -> NoReturn:
    """Run the command line, and end with the right exit code; a traceback is only ever for a bug of ours."""
    signal.signal(signal.SIGINT, _interrupt)
    code = _outcome(program)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads: nothing more to say
    sys.exit(code)


def _outcome(program: Callable[[], object]) -> int:
    """Run it, explain what went wrong, and return the exit code."""
    try:
        program()
    except SystemExit as ended:
        # The parser of the command line turns a closed pipe into 1, which would say "no".
        return COULD_NOT if isinstance(ended.__context__, BrokenPipeError) else int(ended.code or 0)
    except ModelmarkError as error:
        _explain(error)
        return error.exit_code
    except _Interrupted:
        say("interrupted; run the command again to finish it")
        return INTERRUPTED
    except OSError as error:
        # A reader that goes away before the answer is whole has got no yes and no no, and is not there to be told.
        if not isinstance(error, BrokenPipeError):
            say(f"error: {clean(error.strerror or error)}: {clean(error.filename or 'a file')}")
        return COULD_NOT
    except Exception:  # noqa: BLE001 - the one place that tells a bug from an error
        traceback.print_exc()
        say("this is a bug in Modelmark; please report it with the lines above")
        return BUG
    return 0


def _explain(error: ModelmarkError) -> None:
    from modelmark.render.terminal import finding  # noqa: PLC0415 - only an error needs it, and the gate behind it
    from modelmark.usecases.submit import NotPassed  # noqa: PLC0415

    say(f"error: {clean(error, 1000)}")
    if isinstance(error, NotPassed):
        for found in error.findings:
            say(finding(found))
    if error.hint:
        say(f"  → {clean(error.hint, 1000)}")


def key_values(pairs: list[str], option: str) -> dict[str, str]:
    """`k=v` options as a mapping.

    Raises:
        InvalidInput: one has no `=`, or a key is given twice.
    """
    found: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key or key in found:
            raise InvalidInput(
                f"{option} {pair!r} is not a new KEY=VALUE", f"for example {option} language=en"
            )
        found[key] = value
    return found
