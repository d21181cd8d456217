"""A bundle's entry point is asked what its signature allows; the answers are handed out, and judged outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from modelmark.adapters.inspection import contract
from modelmark.adapters.processes import Limits
from modelmark.checks.contract import RULE, check
from modelmark.domain.json_values import Json
from modelmark.domain.runs import Answer, ContractRun
from modelmark.errors import InvalidInput
from tests.support.bundles import contents_of, here, needs_sandbox
from tests.support.candidates import asking, found, manifest

SIGNATURE: dict[str, Json] = {
    "version": "1.0",
    "inputs": {"text": "string", "explain?": "boolean=false"},
    "outputs": {"label": "string", "score": "number", "reasons?": "string"},
}
GOOD = """
def predict(request):
    answer = {"label": "good", "score": 0.5}
    if request.get("explain"):
        answer["reasons"] = "because"
    return answer
"""


def look(
    folder: Path, files: Mapping[str, str], more: Mapping[str, Json] | None = None, seconds: float = 60
) -> ContractRun:
    with contents_of(folder, files, {**SIGNATURE, **(more or {})}) as contents:
        return contract.look(
            contents, sandboxed=True, build=here, limits=Limits(seconds=seconds, memory_mb=2048)
        )


def errors(result: ContractRun, more: Mapping[str, Json] | None = None) -> list[str]:
    made = replace(manifest(), signature={**SIGNATURE, **(more or {})})
    return [line for line in found(check, asking(RULE, result, made=made)) if line.startswith("error")]


@needs_sandbox
def test_a_client_that_knows_the_signature_alone_gets_its_answers(tmp_path: Path) -> None:
    result = look(tmp_path, {"predict.py": GOOD})
    assert [(call.origin, call.request) for call in result.calls] == [
        ("the required inputs alone", {"text": "text"}),
        ("all inputs", {"text": "text", "explain": True}),
    ]
    plain = Answer({"label": "good", "score": 0.5})
    explained = Answer({"label": "good", "score": 0.5, "reasons": "because"})
    assert [call.answers for call in result.calls] == [(plain, plain), (explained, explained)]
    assert (result.entry_point, result.run.broken, errors(result)) == ("predict:predict", "", [])


@needs_sandbox
def test_examples_and_fixtures_are_sent_too(tmp_path: Path) -> None:
    files = {
        "service/serve.py": GOOD.replace("predict", "answer"),
        "fixtures/requests.json": '[{"text": "from a file"}]',
    }
    more: dict[str, Json] = {
        "entry_point": "service.serve:answer",
        "examples": [{"request": {"text": "fine"}}],
    }
    result = look(tmp_path, files, more)
    assert [call.origin for call in result.calls] == [
        "example 1 of the signature",
        "the required inputs alone",
        "all inputs",
        "request 1 of fixtures/requests.json",
    ]
    assert (len(result.calls[-1].answers), errors(result, more)) == (2, [])


TRICKS = {
    "a wrong type": (
        "def predict(r): return {'label': 'a', 'score': 'high'}",
        'score is "high", and must be of type',
    ),
    "a field left out": ("def predict(r): return {'label': 'a'}", "has no score, which is required"),
    "no mapping": ("def predict(r): return 'passed'", 'is "passed", and must be of type object'),
    "nothing": ("def predict(r): return None", "is null, and must be of type object"),
    "not a number": (
        "def predict(r): return {'label': 'a', 'score': float('nan')}",
        "it returned what JSON cannot hold",
    ),
    "an array of numpy": (
        "import numpy\ndef predict(r): return {'label': 'a', 'score': numpy.float32(1)}",
        "it returned what JSON cannot hold: Object of type float32",
    ),
    "an exception": ("def predict(r): raise KeyError('text')", "it raised KeyError"),
    "a second answer that is worse": (
        "seen = []\ndef predict(r):\n    seen.append(r)\n    return {'label': 'a', 'score': 1 if len(seen) % 2 else None}",
        "gets no answer that the signature promises when it is sent again",
    ),
    "an answer without an end": (
        "def predict(r):\n    x = []\n    x.append(x)\n    return x",
        "it returned what JSON",
    ),
    "too much": ("def predict(r): return {'label': 'a' * (1 << 20), 'score': 1}", "more than 256 KiB"),
    "exit in a call": (
        "import os\ndef predict(r): os._exit(0)",
        "ended before its work was done (exit code 0)",
    ),
    "exit at import": ("import os\nos._exit(0)", "ended before its work was done (exit code 0)"),
    "leaving": ("import sys\ndef predict(r): sys.exit(0)", "ended before its work was done"),
    "a hang": ("import time\ndef predict(r): time.sleep(99)", "it was still running after 5 s"),
    "no such function": ("x = 1", 'predict:predict cannot be loaded: "AttributeError'),
    "a module that is missing": ("import not_there", 'cannot be loaded: "ModuleNotFoundError'),
    "fake answers": (
        "import os\nfor one in range(3, 9):\n    try: os.write(one, b'key {\"end\": 2}\\n')\n    except OSError: pass\n"
        "os._exit(0)",
        "was not asked to the end",
    ),
    "the network": (
        "import socket\ndef predict(r): socket.create_connection(('192.0.2.1', 80))",
        "it raised OSError: [Errno 101] Network is unreachable",
    ),
}


@needs_sandbox
@pytest.mark.parametrize("trick", TRICKS)
def test_a_broken_promise_is_told(tmp_path: Path, trick: str) -> None:
    code, words = TRICKS[trick]
    said = errors(look(tmp_path, {"predict.py": code}, seconds=5 if trick == "a hang" else 60))
    assert any(words in line for line in said), said


@needs_sandbox
def test_a_request_cannot_be_changed_for_the_next_call(tmp_path: Path) -> None:
    code = "def predict(r):\n    assert r.pop('text')\n    return {'label': 'a', 'score': 1}\n"
    assert errors(look(tmp_path, {"predict.py": code})) == []


def test_without_an_entry_point_nothing_is_run(tmp_path: Path) -> None:
    (line,) = errors(look(tmp_path, {"model.txt": "weights"}))
    assert "nlp-sentiment@1 has no entry point" in line


@pytest.mark.parametrize("entry_point", ["json:loads", "os:system", "other:predict"])
def test_only_a_function_of_the_bundle_answers(tmp_path: Path, entry_point: str) -> None:
    with pytest.raises(InvalidInput, match="is not in the bundle"):
        look(tmp_path, {"predict.py": GOOD}, {"entry_point": entry_point})


@pytest.mark.parametrize("text", ['{"text": "a"}', "[" + ",".join(["{}"] * 201) + "]"])
def test_fixtures_are_a_short_list(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidInput, match="must be a list of at most 200 requests"):
        look(tmp_path, {"predict.py": GOOD, "fixtures/requests.json": text})
