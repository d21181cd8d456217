"""The files of a registry: bytes to values and back.

Hides YAML, pydantic and the layout of each file. Only pure Python is imported here; a schema, and pydantic with it,
is imported by the method that needs it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from modelmark.adapters.strict_yaml import MappingNode, Node, Scalar, dump_yaml, parse_yaml
from modelmark.adapters.strict_yaml.editing import Edit, edit_yaml
from modelmark.domain import layout
from modelmark.domain.aliases import Aliases, Desired
from modelmark.domain.names import AliasName, ModelName
from modelmark.domain.policy import AnyOf, Card, Criterion, Policy
from modelmark.domain.tags import NONE, check_reason
from modelmark.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modelmark.domain.artifacts import Pointer
    from modelmark.domain.manifest import Manifest
    from modelmark.domain.records import Archived, Incident
    from modelmark.domain.versions import Version

# Imports inside the methods keep pydantic (40 ms) and DVC (300 ms) out of commands that do without them.
# ruff: noqa: PLC0415


class YamlFiles:
    """Reads and writes every YAML file of a registry. What a method reads wrong is `InvalidInput` with path and line."""

    def policy(self, data: bytes, path: str) -> Policy:
        """registry.yaml."""
        from modelmark.adapters.schemas.policy import PolicySchema
        from modelmark.adapters.schemas.problems import validate

        return validate(PolicySchema, _parse(data, path), path).to_value()

    def card(self, data: bytes, path: str, model: ModelName) -> Card:
        """model.yaml; the model's name comes from its place."""
        from modelmark.adapters.schemas.card import CardSchema
        from modelmark.adapters.schemas.problems import validate

        return validate(CardSchema, _parse(data, path), path).to_value(model)

    def aliases(self, data: bytes, path: str) -> Aliases:
        """aliases.yaml; a file without entries is fine."""
        from modelmark.adapters.schemas.problems import validate
        from modelmark.adapters.schemas.records import AliasesSchema

        tree = parse_yaml(data, path)
        if _is_empty(tree):
            return Aliases()
        entries = validate(AliasesSchema, tree, path).to_value()
        lines = {AliasName(str(key)): key.line for key in tree if isinstance(key, Scalar)}
        return Aliases(entries, lines)

    def manifest(self, data: bytes, path: str) -> Manifest:
        """manifest.yaml; the files come sorted by path."""
        from modelmark.adapters.schemas.manifest import ManifestSchema
        from modelmark.adapters.schemas.problems import validate

        return validate(ManifestSchema, _parse(data, path), path).to_value()

    def pointer(self, data: bytes, path: str) -> Pointer:
        """artifacts.dvc."""
        from modelmark.adapters.schemas.problems import validate
        from modelmark.adapters.schemas.records import PointerSchema

        return validate(PointerSchema, _parse(data, path), path).to_value()

    def archived(self, data: bytes, path: str) -> Archived:
        """archived.yaml."""
        from modelmark.adapters.schemas.problems import validate
        from modelmark.adapters.schemas.records import ArchivedSchema

        return validate(ArchivedSchema, _parse(data, path), path).to_value()

    def incident(self, data: bytes, path: str) -> Incident:
        """incidents/*.yaml."""
        from modelmark.adapters.schemas.problems import validate
        from modelmark.adapters.schemas.records import IncidentSchema

        return validate(IncidentSchema, _parse(data, path), path).to_value()

    def remotes(self, dvc_config: bytes) -> tuple[dict[str, str], tuple[str, ...]]:
        """Remotes of a `.dvc/config` by name, and the names of its other keys, as DVC itself reads them."""
        from modelmark.adapters.dvc import declared_remotes

        return declared_remotes(dvc_config)

    def write_manifest(self, manifest: Manifest) -> bytes:
        """Text of manifest.yaml.

        Raises:
            InvalidInput: the value could not be read back, for example a metric that is not finite.
        """
        data = dump_yaml(_manifest(manifest))
        self.manifest(data, layout.manifest_path(manifest.model, manifest.version))
        return data

    def write_card(self, card: Card) -> bytes:
        """Text of model.yaml."""
        data = dump_yaml(_card(card))
        self.card(data, layout.card_path(card.model), card.model)
        return data

    def write_archived(self, archived: Archived) -> bytes:
        """Text of archived.yaml."""
        about = {
            "reason": archived.reason,
            "by": archived.by,
            "at": _time(archived.at),
            "replaced_by": archived.replaced_by and str(archived.replaced_by),
        }
        data = dump_yaml(_without_empty(about))
        self.archived(data, "archived.yaml")
        return data

    def write_incident(self, incident: Incident) -> bytes:
        """Text of an incident."""
        path = layout.incident_path(incident.model, incident.alias, incident.number)
        data = dump_yaml(
            {
                "model": incident.model,
                "alias": incident.alias,
                "assignment": incident.number,
                "from": _version(incident.from_version),
                "to": _version(incident.to_version),
                "reason": incident.reason,
                "by": incident.by,
                "at": _time(incident.at),
            }
        )
        self.incident(data, path)
        return data

    def write_pointer(self, pointer: Pointer) -> bytes:
        """Text of artifacts.dvc, byte for byte what `dvc add` writes."""
        from modelmark.adapters.dvc_files import pointer_bytes

        return pointer_bytes(pointer)

    def set_aliases(self, data: bytes | None, model: ModelName, wishes: Mapping[AliasName, Desired]) -> bytes:
        """Text of aliases.yaml with these entries changed, and every other character as it was.

        Args:
            data: the file's bytes; None = there is none yet.
            model: whose file it is.
            wishes: the entries to change or to add; new ones go to the end.

        Raises:
            InvalidInput: the file is not well formed, or a reason could not stand in a tag.
        """
        path = layout.aliases_path(model)
        title = (
            f"# What each alias of {model} should mean. `modelmark promote` writes it, a review decides.\n"
        )
        before = Aliases() if data is None else self.aliases(data, path)
        wanted = {alias: replace(wish, reason=check_reason(wish.reason)) for alias, wish in wishes.items()}
        after = {**before.entries, **wanted}
        changed = {alias: wish for alias, wish in wanted.items() if before.entries.get(alias) != wish}
        edited = _edit_aliases(data or title.encode(), path, before.entries, changed)
        try:
            if self.aliases(edited, path).entries == after:
                return edited
        except InvalidInput:
            pass
        # Written in a way that cannot be extended line by line (one big `{…}`): write it anew.
        return title.encode() + dump_yaml({alias: _desired(wish) for alias, wish in after.items()})

    def manifest_json_schema(self) -> dict[str, Any]:
        """The JSON Schema of manifest.yaml, for editors."""
        from modelmark.adapters.schemas.manifest import manifest_json_schema

        return manifest_json_schema()


def _parse(data: bytes, path: str) -> Node:
    tree = parse_yaml(data, path)
    if _is_empty(tree):
        raise InvalidInput("the file is empty", "restore it from Git", path=path, line=1)
    return tree


def _is_empty(tree: Node) -> bool:
    return isinstance(tree, Scalar) and tree.plain and not tree


def _edit_aliases(
    data: bytes, path: str, before: Mapping[AliasName, Desired], changed: Mapping[AliasName, Desired]
) -> bytes:
    """Replace the values of entries that are there, append the others."""
    tree = parse_yaml(data, path)
    edits: list[Edit] = []
    new: dict[str, dict[str, Any]] = {}
    for alias, wish in changed.items():
        entry = tree[alias] if isinstance(tree, MappingNode) and alias in tree else None
        if not isinstance(entry, MappingNode):
            new[alias] = _desired(wish)
            continue
        was, now = _desired(before[alias]), _desired(wish)
        for key, old in entry.items():
            if was[key] != now[key] and isinstance(key, Scalar) and isinstance(old, Scalar):
                edits.append(Edit(key, old, now[key], entry.flow))
    edited = edit_yaml(data, edits)
    if not new:
        return edited
    return edited + (b"" if not edited or edited.endswith(b"\n") else b"\n") + dump_yaml(new)


def _desired(wish: Desired) -> dict[str, Any]:
    return {"version": _version(wish.version), "assignment": wish.number, "reason": wish.reason}


def _version(version: Version | None) -> str:
    return NONE if version is None else str(version)


def _time(at: datetime) -> str:
    if at.tzinfo is None:
        raise InvalidInput(f"the time {at.isoformat()} has no zone", "give it in UTC")
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _without_empty(data: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what is not recorded: None, empty text, empty collections; 0 and false stay."""
    return {key: value for key, value in data.items() if value not in (None, "", {}, [], ())}


def _manifest(manifest: Manifest) -> dict[str, Any]:
    compression, lineage = manifest.compression, manifest.lineage
    about = {
        "manifest": 1,
        "model": manifest.model,
        "version": str(manifest.version),
        "created_at": _time(manifest.created_at),
        "tags": manifest.tags,
        "notes": manifest.notes,
        "compression": compression
        and _without_empty(
            {"method": compression.method, "parent": compression.parent and str(compression.parent)}
        ),
        "signature": manifest.signature,
        "lineage": _without_empty(vars(lineage)),
        "metrics": [_without_empty(vars(metric)) for metric in manifest.metrics],
        "files": [vars(file) for file in sorted(manifest.files, key=lambda file: file.path)],
    }
    kept = _without_empty(about)
    if manifest.signature == {}:  # promises nothing at all, which is not the same as no signature
        kept = {key: value for key, value in about.items() if key in kept or key == "signature"}
    return kept


def _card(card: Card) -> dict[str, Any]:
    return _without_empty(
        {
            "description": card.description,
            "owners": card.owners,
            "profile": card.profile,
            "tags": card.tags,
            "criteria": {gate: [_criterion(rule) for rule in rules] for gate, rules in card.criteria.items()},
            "checks": card.checks,
            "waivers": [{**vars(waiver), "expires": waiver.expires.isoformat()} for waiver in card.waivers],
        }
    )


def _criterion(rule: Criterion | AnyOf) -> dict[str, Any]:
    if isinstance(rule, AnyOf):
        return {"any": [_criterion(one) for one in rule.criteria]}
    about = _without_empty(vars(rule))
    if rule.over == "overall":
        del about["over"]
    return about
