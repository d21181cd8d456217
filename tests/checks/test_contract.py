"""Which answers keep the promise of a signature."""

from __future__ import annotations

from dataclasses import replace

import pytest

from modelmark.checks.contract import CHECK, RULE, check
from modelmark.domain.change import Candidate
from modelmark.domain.inspection import Reach
from modelmark.domain.json_values import Json
from modelmark.domain.runs import Answer, Call, ContractRun, Run
from tests.support.candidates import asking, found, manifest

PLACE = "models/nlp-sentiment/1/manifest.yaml:0"
SIGNATURE: dict[str, Json] = {
    "version": "1.0",
    "inputs": {"text": "string"},
    "outputs": {"label": "string", "score": "number"},
}
FINE = Answer({"label": "a", "score": 1})
CALL = Call("all inputs", {"text": "a"}, (FINE, Answer({"label": "b", "score": 0.2})))
GOOD = ContractRun(Run("", 0.31, python="3.12.1"), "predict:predict", (CALL,))


def judged(*facts: object) -> Candidate:
    return asking(RULE, *facts, made=replace(manifest(), signature=SIGNATURE))


def test_two_valid_answers_that_differ_are_a_note() -> None:
    assert found(check, judged(GOOD)) == [
        f"note {PLACE} predict:predict keeps the signature's promise on 1 request, each sent twice "
        "(Python 3.12.1, 0.3 s)"
    ]


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (ContractRun(Run()), "nlp-sentiment@1 has no entry point that a client could be tried on"),
        (
            replace(GOOD, calls=()),
            "there is no request to send nlp-sentiment@1: its signature has no examples, and none could be made up",
        ),
        (replace(GOOD, run=Run("it crashed")), "nlp-sentiment@1 was not asked to the end: it crashed"),
        (
            replace(GOOD, calls=(replace(CALL, request={"text": 1}),)),
            "all inputs is no request that the signature allows: text is 1, and must be of type string",
        ),
        (replace(GOOD, calls=(replace(CALL, answers=(FINE,)),)), "all inputs was answered 1 times of 2"),
        (
            replace(GOOD, calls=(replace(CALL, answers=(FINE, Answer({"label": "a"}))),)),
            "all inputs gets no answer that the signature promises when it is sent again: has no score, which is required",
        ),
        (
            replace(GOOD, calls=(replace(CALL, answers=(Answer(error="it raised \x1b[0m"),) * 2),)),
            "all inputs gets no answer that the signature promises: 'it raised \\x1b[0m'",
        ),
    ],
)
def test_everything_else_is_an_error(result: ContractRun, words: str) -> None:
    assert found(check, judged(result)) == [f"error {PLACE} {words}"]


def test_many_broken_promises_are_counted_and_ten_are_shown() -> None:
    bad = replace(CALL, answers=(Answer(1),) * 2)
    lines = found(check, judged(replace(GOOD, calls=(bad,) * 12)))
    assert len(lines) == 11
    assert lines[-1].endswith("and 2 more promises are broken")


def test_a_missing_sandbox_is_a_warning() -> None:
    lines = found(check, judged(replace(GOOD, run=replace(GOOD.run, sandboxed=False))))
    assert [line.partition(" ")[0] for line in lines] == ["warning", "note"]


def test_without_a_signature_or_a_run_nothing_passes() -> None:
    assert found(check, asking(RULE, GOOD)) == [
        f"error {PLACE} nlp-sentiment@1 has no signature, so no answer can be judged"
    ]
    assert found(check, judged()) == [
        f"error {PLACE} it was not asked anything: nobody looked at the ContractRun"
    ]


def test_it_runs_code_and_nobody_may_excuse_it() -> None:
    assert (CHECK.named, CHECK.reach, CHECK.waivable) == (True, Reach.RUN, False)
