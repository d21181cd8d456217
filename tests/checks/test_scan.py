"""Scan refuses what runs code, hides files, gives secrets away or is not what it is called; a waiver excuses some of it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from modelmark.checks.scan import CHECK, check
from modelmark.domain.findings import Finding, Level
from modelmark.domain.formats import Content, FileFormat, Formats, Safety, Secret
from modelmark.domain.pickled import HARMLESS, safety_of, worse
from modelmark.errors import CouldNot
from tests.support.candidates import asking, manifest

SHA = "0" * 64


def findings(files: Mapping[str, FileFormat], *more: str) -> list[Finding]:
    made = manifest(*files, *more)
    return list(check(asking("scan", Formats(files), made=made)))


def errors(path: str, found: FileFormat) -> list[Finding]:
    return [one for one in findings({path: found}) if one.level is Level.ERROR]


def pickled(*names: str, said: Safety = Safety.SUSPICIOUS, content: Content = Content.PICKLE) -> FileFormat:
    return FileFormat(content, pickles=1, globals=names, safety=dict.fromkeys(names, said))


def test_clean_files_are_a_note_with_their_count() -> None:
    clean = {
        "model.safetensors": FileFormat(Content.SAFETENSORS),
        "config.json": FileFormat(Content.JSON),
        "tokenizer.json": FileFormat(Content.JSON),
        "vocab.txt": FileFormat(Content.TEXT),
    }
    (note,) = findings(clean)
    assert (note.level, note.message) == (
        Level.NOTE,
        "4 files looked at, 4 are clean: 2 JSON, 1 safetensors, 1 text",
    )


CLEAN = [
    ("a.safetensors", Content.SAFETENSORS),
    ("a.json", Content.JSON),
    ("a.txt", Content.TEXT),
    ("a.onnx", Content.ONNX),
    ("a.onnx.data", Content.ONNX_DATA),
    ("a.gguf", Content.GGUF),
    ("a.npz", Content.NUMPY),
    ("a.yaml", Content.YAML),
    ("a.py", Content.PYTHON),
    ("__init__.py", Content.EMPTY),
    ("a.csv", Content.CSV),
    ("a.jsonl", Content.JSON),
    ("a.parquet", Content.PARQUET),
    ("a.png", Content.IMAGE),
    ("MLmodel", Content.TEXT),
    ("a.pkl", Content.PICKLE),
    ("pytorch_model.bin", Content.TORCH_ZIP),
]


@pytest.mark.parametrize(("path", "content"), CLEAN)
def test_formats_that_run_nothing_pass(path: str, content: Content) -> None:
    assert [one.level for one in findings({path: FileFormat(content)})] == [Level.NOTE]


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("model.safetensors", Content.PICKLE),
        ("model.safetensors", Content.EMPTY),
        ("model.onnx", Content.TEXT),
        ("config.json", Content.YAML),
        ("config.JSON", Content.PICKLE),
        ("model.pkl", Content.JSON),
        ("plot.png", Content.TEXT),
    ],
)
def test_a_name_that_promises_another_format_is_refused_without_a_waiver(path: str, content: Content) -> None:
    (one,) = errors(path, FileFormat(content))
    assert "is called one thing and is another" in one.message
    assert one.about == ""


@pytest.mark.parametrize(
    "content",
    [
        Content.ZIP,
        Content.TAR,
        Content.SEVEN_ZIP,
        Content.COMPRESSED,
        Content.EXECUTABLE,
        Content.HDF5,
        Content.UNKNOWN,
    ],
)
def test_what_cannot_be_judged_needs_a_waiver_by_its_sha256(content: Content) -> None:
    (one,) = errors("model.bin", FileFormat(content))
    assert one.about == SHA
    assert SHA in one.hint


def test_a_pickle_of_harmless_names_passes() -> None:
    harmless = pickled("collections OrderedDict", "torch FloatStorage", said=Safety.INNOCUOUS)
    assert errors("model.pt", harmless) == []


def test_a_pickle_of_other_names_needs_a_waiver() -> None:
    (one,) = errors("model.pkl", pickled("sklearn.svm SVC"))
    assert one.message == "'model.pkl' has a pickle that names 'sklearn.svm.SVC': loading it runs that code"
    assert one.about == SHA


@pytest.mark.parametrize(
    "name",
    [
        "os system",
        "posix system",
        "builtins eval",
        "__builtin__ exec",
        "builtins getattr",
        "subprocess Popen",
        "importlib import_module",
        "runpy run_path",
        "numpy _distributor_init.os.system",
        "collections OrderedDict.__reduce__.__globals__",
        "unknown unknown",
    ],
)
def test_dangerous_names_are_excused_by_nobody_even_where_the_scanner_knows_nothing(name: str) -> None:
    (one,) = errors("model.pkl", pickled(name, said=Safety.INNOCUOUS))
    assert "loading it can do anything" in one.message
    assert one.about == ""


def test_the_worse_of_two_opinions_counts() -> None:
    harmless, library = "collections OrderedDict", "somewhere Thing"
    assert [one.about for one in errors("m.pkl", pickled(harmless, said=Safety.SUSPICIOUS))] == [SHA]
    assert [one.about for one in errors("m.pkl", pickled(harmless, said=Safety.DANGEROUS))] == [""]
    assert [one.about for one in errors("m.pkl", pickled(library, said=Safety.INNOCUOUS))] == [SHA]
    assert [one.about for one in errors("m.pkl", pickled(library, said=Safety.DANGEROUS))] == [""]


def test_a_name_that_the_scanner_did_not_see_is_not_harmless() -> None:
    unseen = FileFormat(Content.PICKLE, pickles=1, globals=("collections OrderedDict",))
    assert [one.about for one in errors("m.pkl", unseen)] == [SHA]


def test_dangerous_and_unknown_names_are_told_apart() -> None:
    found = errors("m.pkl", pickled("os system", "sklearn.svm SVC"))
    assert [bool(one.about) for one in found] == [False, True]


def test_many_names_are_counted() -> None:
    (one,) = errors("m.pkl", pickled(*(f"library Thing{place}" for place in range(9))))
    assert one.message.count("'library.") == 6
    assert "and 3 more" in one.message


def test_problems_are_refused_without_a_waiver() -> None:
    (one,) = errors(
        "model.safetensors", FileFormat(Content.SAFETENSORS, ("has bytes behind its last tensor",))
    )
    assert one.message == "'model.safetensors' has bytes behind its last tensor"
    assert one.about == ""


def test_what_nobody_saw_needs_a_waiver() -> None:
    (one,) = errors("a.txt", FileFormat(Content.TEXT, unseen=("was not searched for secrets",)))
    assert (one.message, one.about) == ("'a.txt' was not searched for secrets", SHA)


def test_a_secret_is_told_by_its_place_and_may_be_waived() -> None:
    (one,) = errors("a.json", FileFormat(Content.JSON, secrets=(Secret(7, "GitHub Token"),)))
    assert one.message == "'a.json', line 7: this looks like a secret (GitHub Token)"
    assert one.about == SHA
    assert "revoke it first" in one.hint


@pytest.mark.parametrize("content", [Content.CREDENTIALS, Content.GIT])
def test_credentials_and_repositories_are_refused_once_and_without_a_waiver(content: Content) -> None:
    found = FileFormat(content, ("is a private key",), secrets=(Secret(1, "Private Key"),))
    (one,) = errors("server.json", found)
    assert (one.message, one.about) == ("'server.json' is a private key", "")


@pytest.mark.parametrize("content", [Content.CREDENTIALS, Content.GIT])
def test_they_are_refused_also_where_nobody_said_why(content: Content) -> None:
    (one,) = errors("HEAD", FileFormat(content))
    assert "has no place in a version" in one.message
    assert one.about == ""


@pytest.mark.parametrize("content", sorted(set(Content) - {content for _, content in CLEAN}))
def test_every_format_that_is_not_known_to_be_harmless_is_refused(content: Content) -> None:
    assert errors("model.bin", FileFormat(content)) != []


def test_a_file_that_was_not_looked_at_is_not_clean() -> None:
    found = findings({"config.json": FileFormat(Content.JSON)}, "hidden.bin")
    assert [(one.level, "hidden.bin" in one.message) for one in found] == [
        (Level.ERROR, True),
        (Level.NOTE, False),
    ]


def test_facts_that_nobody_could_gather_are_never_a_pass() -> None:
    with pytest.raises(CouldNot):
        list(check(asking("scan")))


def test_hostile_names_are_shown_harmlessly() -> None:
    (one,) = errors("m.pkl", pickled("evil\x1b[2J\n thing"))
    assert "\x1b" not in one.message
    assert "\n" not in one.message


def test_a_gate_that_does_not_name_it_scans_nothing() -> None:
    assert list(check(asking("another", Formats({})))) == []


def test_what_the_check_says_of_itself() -> None:
    assert (CHECK.rule, CHECK.named, CHECK.waivable, CHECK.needs) == ("scan", True, True, (Formats,))


def test_the_reviewed_names_are_harmless_and_the_order_of_opinions_holds() -> None:
    assert {safety_of(name) for name in HARMLESS} == {Safety.INNOCUOUS}
    assert worse(Safety.SUSPICIOUS, Safety.DANGEROUS) is Safety.DANGEROUS
    assert worse(Safety.SUSPICIOUS, Safety.INNOCUOUS) is Safety.SUSPICIOUS
