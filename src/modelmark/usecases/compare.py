"""Versions side by side, and which of them to promote: `compare`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from modelmark.domain import layout
from modelmark.domain.change import Subject
from modelmark.domain.evaluations import newest
from modelmark.domain.evidence import Dossier, dossier
from modelmark.domain.inspection import Inspection
from modelmark.domain.policy import Gate, with_card
from modelmark.domain.recommendation import Comparison, contend, recommend
from modelmark.domain.side_by_side import not_compared, side_by_side
from modelmark.errors import InvalidInput, NotFound
from modelmark.usecases import state
from modelmark.usecases.resolve import LocalTags, resolve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modelmark.domain.history import ModelHistory
    from modelmark.domain.manifest import Manifest
    from modelmark.domain.names import AliasName, ModelName
    from modelmark.domain.references import Reference
    from modelmark.domain.versions import Version
    from modelmark.usecases.ports import Workspace


@dataclass(frozen=True)
class _Bar:
    """What an alias asks for, and what it means now."""

    name: str = ""
    rules: Gate = field(default_factory=Gate)
    current: Version | None = None


def compare(workspace: Workspace, references: Sequence[Reference], alias: AliasName | None) -> Comparison:
    """Put versions side by side; with an alias, judge each by its gate against what it means now, and recommend one.

    Raises:
        InvalidInput: versions of several models, too few, or an alias without a gate.
        NotFound: a version is not registered.
    """
    models = {one.model for one in references}
    if len(models) != 1:
        raise InvalidInput(
            "only versions of one model can be compared", "name them: modelmark compare m@5 m@6"
        )
    (model,) = models
    main = state.find_main(workspace)
    history = state.history_of(workspace, main, model)
    bar = _bar(workspace, main, history, model, alias)
    named = [resolve(LocalTags(workspace), one).version for one in references]
    versions = tuple(dict.fromkeys([*([bar.current] if bar.current else []), *named]))
    if len(versions) < 2 and alias is None:
        raise InvalidInput(
            f"there is only {model}@{versions[0]} to compare", "name two versions, or an alias with --for"
        )
    manifests = _manifests(workspace, main, history, model, versions)
    shown = _side_by_side(bar, alias, manifests)
    if alias is None:
        return shown
    now = manifests[0] if bar.current else None
    judged = [one for one in manifests if one is not now]
    contenders = [
        contend(
            bar.rules,
            bar.name,
            one,
            now,
            archived=state.is_archived(workspace, main.commit, model, one.version),
        )
        for one in judged
    ]
    chosen = recommend(bar.rules, contenders, judged, now)
    return replace(shown, contenders=tuple(contenders), recommended=chosen.version, why=chosen.why)


def _bar(
    workspace: Workspace,
    main: state.Main,
    history: ModelHistory,
    model: ModelName,
    alias: AliasName | None,
) -> _Bar:
    if alias is None:
        return _Bar()
    name = main.policy.gate_of(alias)
    if name is None:
        judged = ", ".join(one for one in main.policy.aliases if main.policy.gate_of(one))
        raise InvalidInput(f"no gate in registry.yaml judges {alias}", f"aliases with a gate: {judged}")
    card = state.card_at(workspace, main.commit, model)
    return _Bar(name, with_card(main.policy.gates[name], name, card), history.meaning(alias))


def _manifests(
    workspace: Workspace,
    main: state.Main,
    history: ModelHistory,
    model: ModelName,
    versions: Sequence[Version],
) -> tuple[Manifest, ...]:
    """What their tags name, with the figures that count by now."""
    texts = workspace.reader.blobs([history.versions[one].manifest_blob for one in versions])
    found = []
    for version, text in zip(versions, texts, strict=True):
        if text is None:
            raise NotFound(f"the manifest of {model}@{version} is not in this clone", "git fetch origin")
        manifest = workspace.documents.manifest(text, layout.manifest_path(model, version))
        later = state.evaluations_at(workspace, (main.commit,), model, version)
        figures = newest(manifest.metrics, later)
        found.append(replace(manifest, metrics=tuple(one.metric for one in figures)))
    return tuple(found)


def _side_by_side(bar: _Bar, alias: AliasName | None, manifests: Sequence[Manifest]) -> Comparison:
    lines = side_by_side(bar.rules.criteria, [one.metrics for one in manifests])
    return Comparison(
        manifests[0].model,
        alias,
        bar.name or None,
        bar.current,
        tuple(one.version for one in manifests),
        lines,
        not_compared(lines),
        (),
        tuple(_against(bar, manifests[0], one) for one in manifests[1:]),
    )


def _against(bar: _Bar, first: Manifest, other: Manifest) -> Dossier:
    subject = Subject(
        other.model,
        other.version,
        bar.name,
        bar.rules,
        other,
        first,
        Inspection(),
        layout.manifest_path(other.model, other.version),
    )
    return dossier(subject, ())
