"""Builds what a check sees, a part at a time: everything left out is in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from modelmark.domain.aliases import Aliases, Desired
from modelmark.domain.artifacts import ListedFile, Pointer
from modelmark.domain.change import Candidate, Move, NewVersion, Subject
from modelmark.domain.commits import FileChange
from modelmark.domain.findings import Finding
from modelmark.domain.inspection import Inspection
from modelmark.domain.layout import classify
from modelmark.domain.manifest import Lineage, Manifest, ManifestFile, file_type
from modelmark.domain.metrics import Metric
from modelmark.domain.names import AliasName
from modelmark.domain.plan import State, compare
from modelmark.domain.policy import (
    REGISTRATION,
    AliasRule,
    AnyOf,
    Card,
    Criterion,
    Gate,
    Policy,
    Remote,
    Stage,
    Way,
    with_card,
)
from modelmark.domain.versions import Version
from tests.support.domain import MODEL, NOON, PROD, STAGING, Story, version

PREV = AliasName("prev_prod")
ALIASES = f"models/{MODEL}/aliases.yaml"
MANIFEST = f"models/{MODEL}/1/manifest.yaml"
POINTER = f"models/{MODEL}/1/artifacts.dvc"
CARD = f"models/{MODEL}/model.yaml"
RULES = {
    STAGING: AliasRule(Stage.STAGING, "staging"),
    PROD: AliasRule(Stage.PRODUCTION, "production", previous_as=PREV, rollback=Way.DIRECT),
    PREV: AliasRule(),
}

Check = Callable[[Candidate], Iterator[Finding]]


def policy(
    aliases: Mapping[AliasName, AliasRule] | None = None,
    production: Sequence[Criterion | AnyOf] = (Criterion("f1", min=0.9),),
) -> Policy:
    return Policy(
        "6f0c",
        "acme",
        "main",
        Way.PULL_REQUEST,
        (Remote("store", "s3://acme"),),
        aliases if aliases is not None else RULES,
        {"staging": Gate((Criterion("f1", min=0.5),)), "production": Gate(tuple(production))},
        {
            "generic": ("weights", "metrics"),
            "full": ("weights", "tokenizer", "signature", "metrics", "lineage"),
        },
    )


def changed(path: str, status: str = "A", mode: str = "100644") -> FileChange:
    old, new = ("" if status == "A" else "0" * 40), ("" if status == "D" else "1" * 40)
    return FileChange(path, status, "000000" if status == "D" else mode, old, new, classify(path))


def manifest(
    *paths: str, text: str = "1", f1: float | None = 0.95, lineage: Lineage | None = None
) -> Manifest:
    files = tuple(
        ManifestFile(path, "0" * 64, 10, file_type(path)) for path in paths or ("model.safetensors",)
    )
    metrics = () if f1 is None else (Metric("f1", f1),)
    return Manifest(MODEL, version(text), NOON, files, lineage=lineage or Lineage(), metrics=metrics)


def new_version(
    made: Manifest | None = None,
    *,
    text: str = "1",
    pointer: Pointer | None = None,
    listing: Sequence[str] | None = None,
    missing: Sequence[str] = (),
    corrupt: str = "",
) -> NewVersion:
    """A version that agrees with its manifest in all that is not given."""
    found = made or manifest(text=text)
    paths = [file.path for file in found.files] if listing is None else listing
    return NewVersion(
        MODEL,
        version(text),
        found,
        pointer or Pointer("d" * 32 + ".dir", found.size, len(found.files)),
        tuple(ListedFile(path, f"{index:032x}") for index, path in enumerate(paths)),
        frozenset(missing),
        corrupt,
    )


def move(
    text: str | None = "2",
    alias: AliasName = PROD,
    number: int = 2,
    *,
    line: int = 7,
    candidate: Manifest | None = None,
    current: Manifest | None = None,
    archived: bool = False,
) -> Move:
    wish = Desired(version(text) if text else None, number, "why")
    return Move(
        MODEL, alias, wish, line, candidate or (manifest(text=text) if text else None), current, archived
    )


def candidate(
    *,
    files: Sequence[FileChange] = (),
    versions: Sequence[NewVersion] = (),
    known: Sequence[str] = (),
    moves: Sequence[Move] = (),
    removed: Sequence[AliasName] = (),
    story: Story | None = None,
    rules: Policy | None = None,
    new_policy: Policy | None = None,
    card: Card | None = None,
    remotes: Mapping[str, str] | None = None,
    keys: Sequence[str] = (),
    at: datetime = NOON,
) -> Candidate:
    """A change; its `aliases.yaml` has exactly the entries that move."""
    known_versions: tuple[Version, ...] = tuple(sorted(map(version, known)))
    used, history = rules or policy(), (story or Story()).history()
    return Candidate(
        at=at,
        policy=used,
        files=tuple(files),
        unreadable=(),
        versions=tuple(versions),
        known_versions={MODEL: known_versions},
        moves=tuple(moves),
        removed=tuple((MODEL, alias) for alias in removed),
        histories={MODEL: history},
        after={MODEL: Aliases({one.alias: one.wish for one in moves})},
        cards={MODEL: card or Card(MODEL, profile="generic")},
        remotes=remotes or {},
        other_storage_keys=tuple(keys),
        new_policy=new_policy,
        stored="s3://acme",
        subjects=(
            *(subject(new.manifest, rules=used.registration) for new in versions),
            *(
                subject(one.candidate, one, rules=with_card(used.gates[gate], gate, card), gate=gate)
                for one in moves
                if one.wish.version is not None
                and (gate := used.gate_of(one.alias)) is not None
                and compare(one.wish, history, one.alias) is State.WAITS
            ),
        ),
    )


def subject(
    made: Manifest | None,
    moved: Move | None = None,
    *,
    rules: Gate | None = None,
    gate: str = REGISTRATION,
    facts: Sequence[object] = (),
    current: Manifest | None = None,
) -> Subject:
    """A version that a gate judges, with these facts found in its files."""
    text = made.version if made else moved.wish.version if moved and moved.wish.version else version("1")
    return Subject(
        MODEL,
        text,
        gate,
        rules or Gate(),
        made,
        moved.current if moved else current,
        Inspection({type(one): one for one in facts}),
        ALIASES if moved else f"models/{MODEL}/{text}/manifest.yaml",
        moved.line if moved else 0,
        moved.alias if moved else None,
    )


def asking(
    check: str,
    *facts: object,
    made: Manifest | None = None,
    current: Manifest | None = None,
    rules: Policy | None = None,
) -> Candidate:
    """A change with one version, whose gate names one check."""
    one = subject(made or manifest(), rules=Gate(checks=(check,)), facts=facts, current=current)
    return replace(candidate(rules=rules), subjects=(one,))


def found(check: Check, value: Candidate) -> list[str]:
    """The findings as `level path:line message`."""
    return [f"{one.level} {one.path}:{one.line} {one.message}" for one in check(value)]


def hints(check: Check, value: Candidate) -> list[str]:
    return [one.hint for one in check(value)]
