"""A version has every kind of file that the profile of its model requires."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.domain import layout
from modelmark.domain.checks import Check
from modelmark.domain.findings import Finding, Level
from modelmark.domain.formats import Content, Formats
from modelmark.domain.manifest import FILE_TYPES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from modelmark.domain.change import Candidate, NewVersion
    from modelmark.domain.manifest import Manifest

RULE = "required-artifacts"
_WEIGHTS = "weights"
_FACTS = ("signature", "metrics", "lineage")
# A pointer of Git LFS is text, a half-finished download is often empty.
_NO_WEIGHTS = frozenset(
    {
        Content.TEXT,
        Content.EMPTY,
        Content.JSON,
        Content.YAML,
        Content.CSV,
        Content.PYTHON,
        Content.IMAGE,
        Content.EXECUTABLE,
        Content.GIT,
        Content.CREDENTIALS,
    }
)
# Boosted trees are often written as text.
_WRITTEN = {"json": Content.JSON, "txt": Content.TEXT}
# A name by which the registry knows the kind: who reads the hint asks what to call the file.
_SUCH = {
    "weights": "model.safetensors",
    "config": "config.json",
    "tokenizer": "tokenizer.json",
    "vocabulary": "vocab.txt",
    "labels": "labels.json",
    "preprocessing": "preprocess.py",
    "postprocessing": "postprocess.py",
    "environment": "requirements.txt",
    "training-args": "train_args.json",
    "data-version": "data_version.txt",
    "prompt": "prompt.txt",
    "parameters": "parameters.json",
    "test": "test_preprocess.py",
    "fixture": "fixtures/requests.json",
    "card": "README.md",
    "signature": "signature.json",
    "metrics": "metrics.json",
    "lineage": "train_args.json with git_commit",
}
# Formats that are known by their bytes, so that one of unknown bytes is none of them.
_KNOWN = frozenset(
    ["safetensors", "onnx", "gguf", "pt", "pth", "pkl", "pickle", "joblib", "h5", "keras", "npz", "npy"]
)


def check(candidate: Candidate) -> Iterator[Finding]:
    """Judge each version that the change adds by the profile in its model's card."""
    for new in candidate.versions:
        card = candidate.cards.get(new.model)
        if card is None or card.profile is None or new.manifest is None:
            continue
        required = candidate.policy.profiles.get(card.profile)
        if required is None:
            known = ", ".join(candidate.policy.profiles)
            yield Finding(
                RULE,
                Level.ERROR,
                f"registry.yaml has no profile {card.profile!r}",
                layout.card_path(new.model),
                hint=f"it has: {known}",
            )
            continue
        fakes = dict(_fakes(new, candidate))
        have = _present(new.manifest, fakes)
        for kind in required:
            if kind not in have:
                yield Finding(
                    RULE,
                    Level.ERROR,
                    f"the profile {card.profile} requires {kind}, and {new.model}@{new.version} has none"
                    + (_said(fakes) if kind == _WEIGHTS and fakes else ""),
                    layout.manifest_path(new.model, new.version),
                    hint=_hint(kind),
                )


def _fakes(new: NewVersion, candidate: Candidate) -> Iterator[tuple[str, Content]]:
    """Files that are weights by their name and not by their bytes, where somebody has looked at these."""
    for subject in candidate.subjects:
        formats = subject.inspection.facts.get(Formats)
        ours = (subject.model, subject.version) == (new.model, new.version)
        if ours and new.manifest is not None and isinstance(formats, Formats):
            for file in new.manifest.files:
                found = formats.files.get(file.path)
                if file.type == _WEIGHTS and found is not None and _is_fake(file.path, found.content):
                    yield file.path, found.content


def _is_fake(path: str, content: Content) -> bool:
    """What cannot be weights, or is not the well-known format that it is called; `scan` judges other binaries."""
    ending = path.rpartition(".")[2].lower()
    if content is _WRITTEN.get(ending):
        return False
    return content in _NO_WEIGHTS or (content is Content.UNKNOWN and ending in _KNOWN)


def _said(fakes: Mapping[str, Content]) -> str:
    """The first of them; one is enough to know what went wrong."""
    path, content = next(iter(fakes.items()))
    return f": {path} is {_WEIGHTS} by its name, and its bytes say {content}"


def _hint(kind: str) -> str:
    """What to do; a kind that no file ever has is a mistake in the profile."""
    known = [name for name, _ in FILE_TYPES]
    if kind in known or kind in _FACTS:
        such = f", such as {_SUCH[kind]}," if kind in _SUCH else ""
        return f"add the file{such} to the source directory and register again"
    return f"no file is ever {kind}: correct the profile in registry.yaml; there are {', '.join(sorted({*known, *_FACTS}))}"


def _present(manifest: Manifest, fakes: Collection[str]) -> set[str]:
    """Kinds of files, and the facts that may come from elsewhere than a file."""
    have = {file.type for file in manifest.files if file.path not in fakes}
    if manifest.signature is not None:
        have.add("signature")
    if manifest.metrics:
        have.add("metrics")
    if manifest.lineage.data_version or manifest.lineage.git_commit:
        have.add("lineage")
    return have


CHECK = Check(
    RULE,
    "A version has every kind of file that the profile of its model requires.",
    check,
    "the profile text-classifier requires tokenizer, and nlp-sentiment@1 has none",
)
