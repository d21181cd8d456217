"""Every file is what it says it is, and none of them runs code, hides files or gives a secret away."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from modelmark.domain.checks import Check
from modelmark.domain.findings import Level
from modelmark.domain.formats import Content, FileFormat, Formats, Safety
from modelmark.domain.inspection import Reach
from modelmark.domain.names import shown
from modelmark.domain.pickled import safety_of, worse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modelmark.domain.change import Candidate, Subject
    from modelmark.domain.findings import Finding
    from modelmark.domain.manifest import ManifestFile

RULE = "scan"
_TEXTS = frozenset(
    {Content.TEXT, Content.JSON, Content.YAML, Content.PYTHON, Content.CSV, Content.EMPTY, Content.EXECUTABLE}
)
_MISPLACED = frozenset({Content.CREDENTIALS, Content.GIT})
_PICKLED = frozenset({Content.PICKLE, Content.TORCH_ZIP})
# What a name promises, by its last suffix. A program opens a file by its name, and then meets what the bytes are.
_PROMISES: dict[str, frozenset[Content]] = {
    ".safetensors": frozenset({Content.SAFETENSORS}),
    ".onnx": frozenset({Content.ONNX}),
    ".gguf": frozenset({Content.GGUF}),
    **dict.fromkeys((".json", ".ipynb"), frozenset({Content.JSON})),
    **dict.fromkeys((".yaml", ".yml"), frozenset({Content.YAML})),
    ".py": frozenset({Content.PYTHON, Content.EMPTY}),
    **dict.fromkeys((".txt", ".md", ".jsonl", ".csv", ".tsv", ".toml", ".cfg", ".ini"), _TEXTS),
    ".parquet": frozenset({Content.PARQUET}),
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".gif", ".webp"), frozenset({Content.IMAGE})),
    **dict.fromkeys((".npy", ".npz"), frozenset({Content.NUMPY})),
    **dict.fromkeys((".pkl", ".pickle", ".joblib"), _PICKLED),
    **dict.fromkeys((".pt", ".pth"), _PICKLED | {Content.ZIP}),
    **dict.fromkeys((".h5", ".hdf5"), frozenset({Content.HDF5})),
    **dict.fromkeys((".zip", ".whl", ".keras", ".skops"), frozenset({Content.ZIP})),
    ".tar": frozenset({Content.TAR}),
    **dict.fromkeys((".gz", ".bz2", ".xz", ".zst"), frozenset({Content.COMPRESSED, Content.PICKLE})),
}
# Formats that run nothing by themselves; the pickles among them are judged by what they name.
_PASSES = _PICKLED | {
    *(Content.SAFETENSORS, Content.ONNX, Content.ONNX_DATA, Content.GGUF, Content.NUMPY),
    *(Content.JSON, Content.YAML, Content.PYTHON, Content.TEXT, Content.CSV),
    *(Content.PARQUET, Content.IMAGE, Content.EMPTY),
}
# All others a reviewer has to look into, and this is why.
_REVIEWED = {
    Content.ZIP: "holds other files, which programs unpack to wherever the archive says",
    Content.TAR: "holds other files, which programs unpack to wherever the archive says",
    Content.SEVEN_ZIP: "holds files that nobody looked at",
    Content.COMPRESSED: "hides what it holds from every other check",
    Content.EXECUTABLE: "is a program, and a model needs none",
    Content.HDF5: "may hold layers with Python code in them, which loading it would run",
}
_WAIVE = (
    "use safetensors, ONNX or JSON instead; or have it reviewed, and merge a waiver into model.yaml first:"
    " check: scan, reason, owner, expires, and about: "
)


def check(candidate: Candidate) -> Iterator[Finding]:
    """Judge each file by what was found in it."""
    for subject in candidate.asked(RULE):
        formats = subject.inspection.of(Formats).files
        files = subject.manifest.files if subject.manifest is not None else ()
        if not files:
            yield subject.finding(RULE, Level.ERROR, "nothing was scanned: the version has no files")
        good: Counter[Content] = Counter()
        for file in files:
            found = formats.get(file.path)
            if found is None:
                words = f"{shown(file.path)} was not looked at, and what nobody looked at is not clean"
                yield subject.finding(RULE, Level.ERROR, words, "run the check again")
                continue
            findings = list(_judged(subject, file, found))
            yield from findings
            if not findings:
                good[found.content] += 1
        if good:
            kinds = ", ".join(f"{count} {content}" for content, count in good.most_common())
            yield subject.finding(
                RULE, Level.NOTE, f"{len(files)} files looked at, {good.total()} are clean: {kinds}"
            )


def _judged(subject: Subject, file: ManifestFile, found: FileFormat) -> Iterator[Finding]:
    name = shown(file.path)
    for problem in found.problems:
        yield subject.finding(RULE, Level.ERROR, f"{name} {problem}", _hint(found.content))
    if found.content in _MISPLACED:  # whatever else is true of it, it goes
        if not found.problems:
            words = f"{name} is of the kind: {found.content}; such a file has no place in a version"
            yield subject.finding(RULE, Level.ERROR, words, _hint(found.content))
        return
    promised = _PROMISES.get(PurePosixPath(file.path).suffix.lower())
    if promised is not None and found.content not in promised and not found.problems:
        words = f"{name} is called one thing and is another: by its bytes it is of the kind: {found.content}"
        yield subject.finding(RULE, Level.ERROR, words, "give it the name of what it is, and register again")
    for unseen in found.unseen:
        yield subject.finding(RULE, Level.ERROR, f"{name} {unseen}", _WAIVE + file.sha256, file.sha256)
    for secret in found.secrets:
        words = f"{name}, line {secret.line}: this looks like a secret ({secret.kind})"
        hint = (
            "revoke it first, since it was published with the file; then take it out and register again. "
            f"If it is none, have the file waived by its SHA-256: {file.sha256}"
        )
        yield subject.finding(RULE, Level.ERROR, words, hint, file.sha256)
    yield from _pickles(subject, file, found)
    if found.content not in _PASSES:
        why = _REVIEWED.get(found.content, "is of no format that can be judged")
        words = f"{name} is of the kind: {found.content}; it {why}"
        yield subject.finding(RULE, Level.ERROR, words, _WAIVE + file.sha256, file.sha256)


def _pickles(subject: Subject, file: ManifestFile, found: FileFormat) -> Iterator[Finding]:
    """Every name in a pickle is judged twice, here and by picklescan; the worse opinion counts."""
    name = shown(file.path)
    opinions = {one: worse(safety_of(one), found.safety.get(one, Safety.SUSPICIOUS)) for one in found.globals}
    dangerous = [one for one, safety in opinions.items() if safety is Safety.DANGEROUS]
    unknown = [one for one, safety in opinions.items() if safety is Safety.SUSPICIOUS]
    if dangerous:
        yield subject.finding(
            RULE,
            Level.ERROR,
            f"{name} has a pickle that names {_listed(dangerous)}: loading it can do anything on the machine",
            "do not load this file; no waiver excuses it. Find out where it came from",
        )
    if unknown:
        yield subject.finding(
            RULE,
            Level.ERROR,
            f"{name} has a pickle that names {_listed(unknown)}: loading it runs that code",
            _WAIVE + file.sha256,
            file.sha256,
        )


def _listed(names: list[str]) -> str:
    first = ", ".join(shown(one.replace(" ", ".", 1)) for one in names[:6])
    return first + (f" and {len(names) - 6} more" if len(names) > 6 else "")


def _hint(content: Content) -> str:
    if content is Content.CREDENTIALS:
        return "revoke these credentials first, since they were published with the file; then take it out"
    if content is Content.GIT:
        return "export the files without their repository, and register again"
    return "make the file again from its source; if it was made by a known tool, report it"


CHECK = Check(
    RULE,
    "Every file is what it says it is, and none of them runs code, hides files or gives a secret away.",
    check,
    "'model.pkl' has a pickle that names 'posix.system': loading it can do anything on the machine",
    named=True,
    needs=(Formats,),
    reach=Reach.READ,
    waivable=True,
)
