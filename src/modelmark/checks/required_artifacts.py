"""A version has every kind of file that the profile of its model requires."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.domain import layout
from modelmark.domain.checks import Check
from modelmark.domain.findings import Finding, Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modelmark.domain.change import Candidate
    from modelmark.domain.manifest import Manifest

RULE = "required-artifacts"


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
        have = _present(new.manifest)
        for kind in required:
            if kind not in have:
                yield Finding(
                    RULE,
                    Level.ERROR,
                    f"the profile {card.profile} requires {kind}, and {new.model}@{new.version} has none",
                    layout.manifest_path(new.model, new.version),
                    hint="add the file to the source directory and register again",
                )


def _present(manifest: Manifest) -> set[str]:
    """Kinds of files, and the facts that may come from elsewhere than a file."""
    have = {file.type for file in manifest.files}
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
