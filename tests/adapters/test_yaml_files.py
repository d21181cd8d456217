from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmark.adapters.yaml_files import YamlFiles
from modelmark.domain.artifacts import Pointer
from modelmark.domain.names import AliasName, ModelName
from modelmark.domain.policy import AnyOf, Card, Criterion
from modelmark.domain.records import Archived, Incident
from modelmark.domain.versions import Version, parse_version
from modelmark.errors import InvalidInput
from modelmark.usecases.ports import Documents

FILES: Documents = YamlFiles()
MODEL = ModelName("nlp-sentiment")
PROD = AliasName("prod")
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
POINTER = """\
outs:
- md5: 22e3f61e52c0ba45334d973244efc155.dir
  size: 12
  nfiles: 1
  hash: md5
  path: artifacts
"""


def v(text: str) -> Version:
    return parse_version(text)


VERSIONS = st.sampled_from(["7", "1.10", "1.0.2", "3+gpu", "0"]).map(v)
TIMES = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize("data", [b"", b"# nothing\n", b"- a\n", b"text\n"])
def test_a_file_that_is_no_mapping_is_refused(data: bytes) -> None:
    for read in (FILES.policy, FILES.manifest, FILES.pointer, FILES.archived, FILES.incident):
        with pytest.raises(InvalidInput, match=r"^f\.yaml:1: the file (is empty|must be a mapping)"):
            read(data, "f.yaml")


def test_a_card_is_read_with_its_model() -> None:
    text = """\
description: Says whether a review is kind.
owners: ["@acme/nlp", ann@example.org]
profile: text-classifier
tags: {language: no, tier: 1.10}
criteria:
  production: [{metric: f1, min: 0.93}]
"""
    assert FILES.card(text.encode(), "models/m/model.yaml", MODEL) == Card(
        MODEL,
        "Says whether a review is kind.",
        ("@acme/nlp", "ann@example.org"),
        "text-classifier",
        {"language": "no", "tier": "1.10"},
        {"production": (Criterion("f1", min=0.93),)},
    )


def test_a_card_says_where_its_gates_and_waivers_stand() -> None:
    text = """\
criteria:
  production:
    - {metric: f1, min: 0.93}
checks: {staging: [scan],
  prodution: [scan]}
waivers:
  - {check: scan, about: x, reason: y, owner: z, expires: 2030-01-01}
  - check: scan
    about: "inputs.lang: required"
    reason: y
    owner: z
    expires: 2030-01-01
"""
    card = FILES.card(text.encode(), "models/m/model.yaml", MODEL)
    assert card.lines == {
        "criteria.production": 2,
        "checks.staging": 4,
        "checks.prodution": 5,
        "waivers.0": 7,
        "waivers.1": 8,
    }
    assert card.waivers[1].about == "inputs.lang: required"


CRITERIA = st.builds(
    Criterion,
    st.sampled_from(["f1", "latency ms", "no", "1e5"]),
    min=st.none() | st.floats(-1, 1),
    max=st.floats(2, 3),
    over=st.sampled_from(["overall", "worst-slice"]),
    against=st.just("current"),
    max_drop=st.floats(0, 1),
    bound=st.sampled_from([None, "lower", "upper"]),
    where=st.dictionaries(st.sampled_from(["device", "no"]), st.text(max_size=3), max_size=2),
)
LINES = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=12)
CARDS = st.builds(
    Card,
    st.just(MODEL),
    st.text(max_size=30),
    st.lists(LINES, max_size=3).map(tuple),
    st.sampled_from([None, "text-classifier", "no", "1e5"]),
    st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3),
    st.dictionaries(
        st.sampled_from(["production", "no", "123"]),
        st.lists(CRITERIA | st.builds(AnyOf, st.tuples(CRITERIA, CRITERIA)), max_size=2).map(tuple),
        max_size=2,
    ),
)


@given(CARDS)
def test_a_card_reads_back_as_it_was_written(card: Card) -> None:
    assert FILES.card(FILES.write_card(card), "model.yaml", MODEL) == card


def test_a_pointer_is_read_and_written_as_dvc_writes_it() -> None:
    pointer = Pointer("22e3f61e52c0ba45334d973244efc155.dir", 12, 1)
    assert FILES.pointer(POINTER.encode(), "artifacts.dvc") == pointer
    assert FILES.write_pointer(pointer) == POINTER.encode()


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("outs:", "cmd: rm -rf /\nouts:", 1, "cmd: the key 'cmd' is unknown here"),
        ("outs:", "deps: []\nouts:", 1, "'deps' is unknown"),
        ("outs:", "wdir: ..\nouts:", 1, "'wdir' is unknown"),
        ("outs:", "frozen: true\nouts:", 1, "'frozen' is unknown"),
        ("outs:", "meta: {}\nouts:", 1, "'meta' is unknown"),
        ("outs:", "md5: x\nouts:", 1, "'md5' is unknown"),
        ("  hash: md5\n", "  hash: md5\n  remote: evil\n", 6, "outs[0].remote: the key 'remote' is unknown"),
        ("  hash: md5\n", "  hash: md5\n  cache: false\n", 6, "'cache' is unknown"),
        ("  hash: md5\n", "", 2, "outs[0]: the key 'hash' is missing"),
        ("path: artifacts", "path: ../artifacts", 6, "outs[0].path must be artifacts"),
        (".dir", "", 2, "outs[0].md5 must be 32 hex digits and .dir"),
        ("22e3", "22E3", 2, "outs[0].md5 must be"),
        ("nfiles: 1", "nfiles: one", 4, "outs[0].nfiles must be a whole number"),
        ("outs:\n", "outs: []\nx:\n", 2, "'x' is unknown"),
    ],
)  # fmt: skip
def test_a_pointer_that_says_more_is_refused_with_its_line(old: str, new: str, line: int, says: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        FILES.pointer(POINTER.replace(old, new).encode(), "artifacts.dvc")
    assert says in caught.value.message
    assert (caught.value.path, caught.value.line) == ("artifacts.dvc", line)


def test_a_pointer_has_exactly_one_directory() -> None:
    for data in (b"outs: []\n", POINTER.encode() + POINTER.partition("\n")[2].encode()):
        with pytest.raises(InvalidInput, match="outs must have exactly one entry"):
            FILES.pointer(data, "artifacts.dvc")


@given(st.text(min_size=1, max_size=40).filter(str.strip), st.none() | VERSIONS, TIMES)
def test_an_archiving_reads_back_as_it_was_written(
    reason: str, replaced_by: Version | None, at: datetime
) -> None:
    archived = Archived(reason, "Ann <ann@example.org>", at, replaced_by)
    assert FILES.archived(FILES.write_archived(archived), "archived.yaml") == archived


@given(st.text(min_size=1, max_size=40).filter(str.strip), st.none() | VERSIONS, st.none() | VERSIONS, TIMES)
def test_an_incident_reads_back_as_it_was_written(
    reason: str, before: Version | None, after: Version | None, at: datetime
) -> None:
    incident = Incident(MODEL, PROD, 13, before, after, reason, "Ann", at)
    assert FILES.incident(FILES.write_incident(incident), "incident.yaml") == incident


def test_an_incident_is_readable() -> None:
    incident = Incident(MODEL, PROD, 13, v("7"), None, "latency: 3 s", "Ann <ann@example.org>", NOON)
    assert FILES.write_incident(incident).decode() == (
        "model: nlp-sentiment\nalias: prod\nassignment: 13\n"
        'from: "7"\nto: none\nreason: "latency: 3 s"\nby: Ann <ann@example.org>\nat: "2026-11-20T12:00:00Z"\n'
    )


def test_records_need_a_reason() -> None:
    for text in ('reason: ""\nby: ann\nat: 2026-11-20T12:00:00Z\n', "by: ann\nat: 2026-11-20T12:00:00Z\n"):
        with pytest.raises(InvalidInput, match="reason"):
            FILES.archived(text.encode(), "archived.yaml")
