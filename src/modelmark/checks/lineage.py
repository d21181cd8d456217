"""Somebody can make the version again: the commit, the data and the arguments are said so that each means one thing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from modelmark.domain.checks import Check
from modelmark.domain.findings import Finding, Level
from modelmark.domain.manifest import file_type
from modelmark.domain.names import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modelmark.domain.change import Candidate, Subject
    from modelmark.domain.manifest import Lineage, Manifest

RULE = "lineage"
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
# A full hash, alone or at the end: sha256:…, dvc:…, a directory's md5 as DVC writes it, name@<commit>.
_HASH = re.compile(r"(.*[@:#=/])?(?P<hash>[0-9a-f]{32,128})(\.dir)?", re.IGNORECASE)
_TAG = re.compile(r"(?=[^0-9]*[0-9])[A-Za-z0-9][A-Za-z0-9._/@+-]{0,99}")
_SHORT_ID = re.compile(r"(?=.*[0-9])(?=.*[a-f])[0-9a-f]{7,31}")
_BRANCH = re.compile(r"(refs/)?(heads|remotes|origin)/.*", re.IGNORECASE)
# Words that mean something else tomorrow, wherever they stand in a name.
_MOVING = frozenset({"latest", "head", "current", "newest", "unknown", "todo", "tbd"})


def check(candidate: Candidate) -> Iterator[Finding]:
    """Judge what each version's manifest says of its origin."""
    for subject in candidate.asked(RULE):
        if subject.manifest is not None:
            yield from judge(subject, subject.manifest)


def judge(subject: Subject, manifest: Manifest) -> Iterator[Finding]:
    """Judge one version; a training asks before it begins, when there is no change yet."""
    lineage = manifest.lineage
    found = [*_commits(subject, lineage), *_data(subject, lineage)]
    if _is_trained(manifest):
        found += [*_absent(subject, manifest), *_dirty(subject, lineage)]
        yield from _unsaid(subject, lineage)
    elif lineage.git_commit is None and lineage.data_version is None:
        found.append(
            _error(
                subject,
                "git_commit",
                "neither a commit nor a data version is given, so nobody can tell where it came from",
                "register it from a Git work tree with all changes committed",
            )
        )
    yield from found
    if not found:
        yield subject.finding(RULE, Level.NOTE, _said(lineage))


def _is_trained(manifest: Manifest) -> bool:
    """A prompt and its parameters are written, not trained; everything else was."""
    types = {kind for file in manifest.files for kind in (file.type, file_type(file.path))}
    return "weights" in types or "prompt" not in types


def _error(subject: Subject, field: str, message: str, hint: str) -> Finding:
    return subject.finding(RULE, Level.ERROR, message, hint, subject.about(field))


def _commits(subject: Subject, lineage: Lineage) -> Iterator[Finding]:
    for name in ("git_commit", "feature_pipeline_commit"):
        commit = getattr(lineage, name)
        if commit is not None and (not _COMMIT.fullmatch(commit) or not commit.strip("0")):
            yield _error(
                subject,
                name,
                f"lineage.{name} is {shown(commit)}, which is no full commit id: a branch moves, a short id gets ambiguous",
                "write what `git rev-parse HEAD` says into train_args.json and register again",
            )


def _data(subject: Subject, lineage: Lineage) -> Iterator[Finding]:
    said = lineage.data_version
    if said is None or _is_fixed(said):
        return
    yield _error(
        subject,
        "data_version",
        f"lineage.data_version is {shown(said)}, which is neither a hash nor a tag: it may mean other data tomorrow",
        "write a hash (sha256:…, the md5 of a .dvc file) or a tag such as v1.2 or 2026-11-01 into data_version.txt",
    )


def _is_fixed(text: str) -> bool:
    """Whether a data version means the same data for ever."""
    found = _HASH.fullmatch(text)
    if found:
        return bool(found["hash"].strip("0"))
    moves = _BRANCH.fullmatch(text) or not _MOVING.isdisjoint(re.split(r"[._/@+-]", text.lower()))
    return bool(_TAG.fullmatch(text)) and not moves and not _SHORT_ID.fullmatch(text)


def _absent(subject: Subject, manifest: Manifest) -> Iterator[Finding]:
    lineage = manifest.lineage
    if lineage.git_commit is None:
        yield _error(
            subject,
            "git_commit",
            "lineage.git_commit is not given, so nobody knows the code that trained it",
            "register it from the work tree that trained it, or write git_commit and git_dirty into train_args.json",
        )
    if lineage.data_version is None:
        yield _error(
            subject,
            "data_version",
            "lineage.data_version is not given, so nobody knows the data that trained it",
            "write a hash or a tag of the training data into data_version.txt and register again",
        )
    if not lineage.hyperparameters and not any(file.type == "training-args" for file in manifest.files):
        yield _error(
            subject,
            "hyperparameters",
            "there are no training arguments, so nobody can train it again",
            "have the training write train_args.json and register again",
        )


def _dirty(subject: Subject, lineage: Lineage) -> Iterator[Finding]:
    if lineage.git_commit is None:
        return
    if lineage.git_dirty:
        yield _error(
            subject,
            "git_dirty",
            "it was trained from a work tree with changes, so the commit is not the code that trained it",
            "commit the changes, train again and register what comes out; or waive it for this version:"
            f' about: "{subject.about("git_dirty")}"',
        )
    elif lineage.git_dirty is None:
        yield _error(
            subject,
            "git_dirty",
            "the lineage does not say whether the work tree had changes",
            "write git_dirty: false beside git_commit in train_args.json, if that is true",
        )


def _unsaid(subject: Subject, lineage: Lineage) -> Iterator[Finding]:
    said = {"duration_seconds": lineage.duration_seconds, "hardware": lineage.hardware}
    missing = [name for name, value in said.items() if not value]
    if missing:
        yield subject.finding(RULE, Level.NOTE, f"the lineage does not say {' and '.join(missing)}")


def _said(lineage: Lineage) -> str:
    commit = f"commit {lineage.git_commit[:12]}" if lineage.git_commit else "no commit"
    data = f"data {shown(lineage.data_version, 90)}" if lineage.data_version else "no data version"
    return f"{commit}, {data}, {len(lineage.hyperparameters)} training arguments"


CHECK = Check(
    RULE,
    "Commit and data are named so that each means one thing for ever, nothing was dirty, and the training arguments are there.",
    check,
    "it was trained from a work tree with changes, so the commit is not the code that trained it",
    named=True,
    waivable=True,
)
