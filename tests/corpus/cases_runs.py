"""Bad versions that only a network, a sandbox or the storage can tell; what would be found there is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from modelmark.domain.advisories import Audit, Vulnerability
from modelmark.domain.json_values import Json
from modelmark.domain.licenses import Licensed, PackageLicenses
from modelmark.domain.runs import Answer, BundledTestRun, Call, ContractRun, Run
from tests.corpus.bundles import text_classifier
from tests.corpus.cases import Bad, Make
from tests.corpus.cases_changes import spoilt
from tests.corpus.edits import Edit, together, without
from tests.corpus.scene import Scene
from tests.support.fake_storage import FakeStorage

_SAME = together()
_RUN = Run(python="3.11.7", seconds=0.4)
_PINS = ("numpy", "safetensors", "tokenizers")
TESTED = BundledTestRun(_RUN, ("test_preprocess.py",), collected=1, passed=1)
_REQUEST: dict[str, Json] = {"text": "Fine."}
_ANSWER = Answer({"label": "positive", "score": 0.9})
ASKED = ContractRun(
    _RUN, "predict:predict", (Call("example 1 of the signature", _REQUEST, (_ANSWER, _ANSWER)),)
)


def versions() -> dict[str, str]:
    """The pins of the good bundle."""
    lines = text_classifier()["requirements.txt"].decode().split()
    return dict(line.split("==") for line in lines)


def licensed(**other: str) -> PackageLicenses:
    said = {**dict.fromkeys(_PINS, "MIT"), **other}
    return PackageLicenses(tuple(Licensed(name, versions()[name], text) for name, text in said.items()))


def audited() -> Audit:
    return Audit(tuple(f"{name}=={number}" for name, number in versions().items()))


def given() -> dict[type, object]:
    """What is found of the good version."""
    return {Audit: audited(), PackageLicenses: licensed(), BundledTestRun: TESTED, ContractRun: ASKED}


_CARD = (
    b"profile: text-classifier\nchecks: {registration: [dependencies, licenses, bundled-tests, contract]}\n"
)


def running(*facts: object, edit: Edit = _SAME) -> Make:
    """The next version where the model's card asks for the checks that run something; some facts are bad."""

    def make(scene: Scene) -> str:
        scene.commit({"models/reviews/model.yaml": _CARD})
        scene.look.given = {**given(), **{type(one): one for one in facts}}
        return scene.bring(edit(text_classifier(4)))

    return make


def _answered(answer: Answer) -> ContractRun:
    return replace(ASKED, calls=(replace(ASKED.calls[0], answers=(_ANSWER, answer)),))


def _vulnerable() -> Audit:
    found = Vulnerability("numpy", versions()["numpy"], "PYSEC-2026-1", "reads beyond an array")
    return replace(audited(), vulnerabilities=(found,))


RUNS = (
    Bad(
        "a known vulnerability",
        "dependencies",
        "has the known vulnerability PYSEC-2026-1",
        running(_vulnerable()),
    ),
    Bad(
        "a requirement of which nobody knows",
        "dependencies",
        "knows nothing of acme-numpy==1",
        running(replace(audited(), unknown=(("acme-numpy==1", "not found"),))),
    ),
    Bad(
        "a licence that is not allowed",
        "licenses",
        "'GPL-3.0-only', which",
        running(licensed(numpy="GPL-3.0-only")),
    ),
    Bad(
        "a licence that nobody can tell", "licenses", "nobody here can tell", running(licensed(tokenizers=""))
    ),
    Bad(
        "preprocessing whose tests fail",
        "bundled-tests",
        "test_spaces' fails: 'AssertionError",
        running(
            replace(TESTED, passed=0, failures=(("test_preprocess.py::test_spaces", "AssertionError: 1"),))
        ),
    ),
    Bad(
        "no tests where the gate asks for them",
        "bundled-tests",
        "has no tests",
        running(BundledTestRun(_RUN), edit=without("test_preprocess.py")),
    ),
    Bad(
        "tests that end the program that runs them",
        "bundled-tests",
        "came to no end that counts",
        running(replace(TESTED, run=replace(_RUN, broken="it ended with status 0 before its end"))),
    ),
    Bad(
        "tests of which all are skipped",
        "bundled-tests",
        "no test of reviews@4 passed",
        running(replace(TESTED, passed=0, skipped=1)),
    ),
    Bad(
        "an answer that the signature does not promise",
        "contract",
        "gets no answer that the signature promises when it is sent again: score is",
        running(_answered(Answer({"label": "positive", "score": 7}))),
    ),
    Bad(
        "an answer that is an error",
        "contract",
        "KeyError",
        running(_answered(Answer(error="KeyError: 'text'"))),
    ),
    Bad(
        "no entry point",
        "contract",
        "has no entry point",
        running(ContractRun(_RUN), edit=without("predict.py")),
    ),
)


def _lost(choose: Callable[[FakeStorage, str], list[str]]) -> Make:
    """Objects of a good version that are not in the storage any more."""

    def spoil(scene: Scene, branch: str) -> None:
        pointer = scene.file("models/reviews/4/artifacts.dvc", scene.refs[f"refs/heads/{branch}"])
        listing = pointer.split("md5: ")[1].split()[0]
        for md5 in choose(scene.storage, listing):
            del scene.storage.remote[md5]

    return spoilt(spoil)


def _spoilt_listing(scene: Scene, branch: str) -> None:
    pointer = scene.file("models/reviews/4/artifacts.dvc", scene.refs[f"refs/heads/{branch}"])
    scene.storage.remote[pointer.split("md5: ")[1].split()[0]] = b"[]"


def _spoilt_weights(scene: Scene, branch: str) -> None:
    del branch
    weights = text_classifier(4)["model.safetensors"]
    md5 = next(md5 for md5, data in scene.storage.remote.items() if data == weights)
    scene.storage.remote[md5] = weights[:-1] + b"x"


STORED = (
    Bad(
        "a version whose listing is not in the storage",
        "contents",
        "the listing .* is not in the storage memory:storage",
        _lost(lambda _, listing: [listing]),
    ),
    Bad(
        "a version whose bytes are not in the storage",
        "contents",
        "README.md .* is not in the storage",
        _lost(
            lambda storage, _: [
                md5 for md5, data in storage.remote.items() if data.startswith(b"# Sentiment")
            ]
        ),
    ),
    Bad(
        "a version whose listing has other bytes",
        "contents",
        "the directory listing .* has other bytes",
        spoilt(_spoilt_listing),
    ),
    Bad(
        "a version whose weights have other bytes",
        "scan",
        "model.safetensors in the storage is not the file that the manifest lists",
        spoilt(_spoilt_weights),
        also=("environment", "labels", "tokenizer"),
    ),
)
CASES = (*RUNS, *STORED)
