"""A version answers the requests that its signature allows with the responses that its signature promises.

The requests were sent before this check looks, each twice, as the fact `ContractRun`; here the answers are judged.
Two answers to one request need not be the same, but both must keep the promise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.domain.checks import Check
from modelmark.domain.findings import Finding, Level
from modelmark.domain.inspection import Reach
from modelmark.domain.instances import mistakes
from modelmark.domain.names import shown
from modelmark.domain.runs import ContractRun, described, unsandboxed
from modelmark.domain.signature import Signature, parse_signature
from modelmark.errors import CouldNot, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modelmark.domain.change import Candidate, Subject
    from modelmark.domain.runs import Call

RULE = "contract"
_TIMES = 2
_MOST = 10


def check(candidate: Candidate) -> Iterator[Finding]:
    """Judge the answers of each version; what passed is a note with its figures."""
    for subject in candidate.asked(RULE):
        if subject.manifest is None or subject.manifest.signature is None:
            words = f"{subject.model}@{subject.version} has no signature, so no answer can be judged"
            yield subject.finding(RULE, Level.ERROR, words, "add a signature.json and register again")
            continue
        try:
            result = subject.inspection.of(ContractRun)
            signature = parse_signature(subject.manifest.signature)
        except (CouldNot, InvalidInput) as error:
            yield subject.finding(
                RULE, Level.ERROR, f"it was not asked anything: {error.message}", error.hint
            )
            continue
        found = list(_errors(subject, result, signature))
        yield from found
        yield from unsandboxed(subject, RULE, result.run)
        if not found:
            words = (
                f"{result.entry_point} keeps the signature's promise on {_requests(result)}, each sent twice "
                f"(Python {result.run.python}, {result.run.seconds:.1f} s)"
            )
            yield subject.finding(RULE, Level.NOTE, words)


def _requests(result: ContractRun) -> str:
    count = len(result.calls)
    return f"{count} request{'' if count == 1 else 's'}"


def _errors(subject: Subject, result: ContractRun, signature: Signature) -> Iterator[Finding]:
    name = f"{subject.model}@{subject.version}"
    if not result.entry_point:
        words = f"{name} has no entry point that a client could be tried on"
        yield subject.finding(
            RULE,
            Level.ERROR,
            words,
            "add predict.py with predict(request) -> response, or name `entry_point: module:function` in signature.json",
        )
        return
    if result.run.broken:
        words = f"{name} was not asked to the end: {result.run.broken}"
        yield subject.finding(RULE, Level.ERROR, words, described(result.run))
        return
    if not result.calls:
        words = (
            f"there is no request to send {name}: its signature has no examples, and none could be made up"
        )
        yield subject.finding(
            RULE, Level.ERROR, words, "add `examples: [{request: …, response: …}]` to signature.json"
        )
        return
    broken = [sentence for call in result.calls for sentence in _broken(call, signature)]
    for sentence in broken[:_MOST]:
        yield subject.finding(
            RULE, Level.ERROR, sentence, "a client that trusts the signature breaks on this"
        )
    if len(broken) > _MOST:
        yield subject.finding(RULE, Level.ERROR, f"and {len(broken) - _MOST} more promises are broken")


def _broken(call: Call, signature: Signature) -> Iterator[str]:
    """What is wrong with a request or its answers, each sentence once."""
    wrong = next(mistakes(signature.inputs, call.request), None)
    if wrong is not None:
        yield f"{call.origin} is no request that the signature allows: {wrong}"
        return
    if len(call.answers) != _TIMES:
        yield f"{call.origin} was answered {len(call.answers)} times of {_TIMES}"
    seen: set[str] = set()
    for number, answer in enumerate(call.answers, 1):
        why = (
            shown(answer.error, 300) if answer.error else next(mistakes(signature.outputs, answer.value), "")
        )
        if why and why not in seen:
            seen.add(why)
            again = " when it is sent again" if number > 1 else ""
            yield f"{call.origin} gets no answer that the signature promises{again}: {why}"


CHECK = Check(
    RULE,
    "A version answers the requests that its signature allows with the responses that its signature promises.",
    check,
    'example 1 of the signature gets no answer that the signature promises: score is "high", and must be of type number',
    named=True,
    needs=(ContractRun,),
    reach=Reach.RUN,
)
