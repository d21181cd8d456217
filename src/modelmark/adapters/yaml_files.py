"""The files of a registry: bytes to values and back.

Hides YAML, pydantic and the layout of each file. Only pure Python is imported here; a schema, and pydantic with it,
is imported by the method that needs it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from modelmark.adapters.as_data import (
    archived_as_data,
    card_as_data,
    desired_as_data,
    evaluation_as_data,
    incident_as_data,
    manifest_as_data,
)
from modelmark.adapters.strict_yaml import MappingNode, Node, Scalar, dump_yaml, line_of, parse_yaml
from modelmark.adapters.strict_yaml.editing import Edit, edit_yaml
from modelmark.domain import layout
from modelmark.domain.aliases import Aliases, Desired
from modelmark.domain.names import AliasName, ModelName
from modelmark.domain.tags import check_reason
from modelmark.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modelmark.domain.advisories import Advisories
    from modelmark.domain.artifacts import Pointer
    from modelmark.domain.evaluations import Evaluation
    from modelmark.domain.manifest import Manifest
    from modelmark.domain.policy import Card, Policy
    from modelmark.domain.records import Archived, Incident

# Imports inside the methods keep pydantic (40 ms) and DVC (300 ms) out of commands that do without them.
# ruff: noqa: PLC0415


class YamlFiles:
    """Reads and writes every YAML file of a registry. What a method reads wrong is `InvalidInput` with path and line."""

    def policy(self, data: bytes, path: str) -> Policy:
        """registry.yaml."""
        from modelmark.adapters.schemas.policy import PolicySchema
        from modelmark.adapters.schemas.problems import validate

        return validate(PolicySchema, _parse(data, path), path).to_value()

    def advisories(self, data: bytes, path: str) -> Advisories:
        """advisories.yaml."""
        from modelmark.adapters.schemas.advisories import AdvisoriesSchema
        from modelmark.adapters.schemas.problems import validate

        return validate(AdvisoriesSchema, _parse(data, path), path).to_value()

    def card(self, data: bytes, path: str, model: ModelName) -> Card:
        """model.yaml; the model's name comes from its place."""
        from modelmark.adapters.schemas.card import CardSchema
        from modelmark.adapters.schemas.problems import validate

        tree = _parse(data, path)
        card = validate(CardSchema, tree, path).to_value(model)
        places: list[tuple[str, str | int]] = [
            *(("criteria", gate) for gate in card.criteria),
            *(("checks", gate) for gate in card.checks),
            *(("waivers", index) for index in range(len(card.waivers))),
        ]
        return replace(card, lines={f"{part}.{name}": line_of(tree, (part, name)) for part, name in places})

    def owners(self, data: bytes, path: str) -> tuple[str, ...]:
        """The owners that model.yaml names, refused where one could not stand in a code owners file."""
        from modelmark.adapters.schemas.card import OwnedCardSchema
        from modelmark.adapters.schemas.problems import validate

        return validate(OwnedCardSchema, _parse(data, path), path).owners

    def aliases(self, data: bytes, path: str) -> Aliases:
        """aliases.yaml; a file without entries is fine."""
        from modelmark.adapters.schemas.aliases import AliasesSchema
        from modelmark.adapters.schemas.problems import validate

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

    def evaluation(self, data: bytes, path: str) -> Evaluation:
        """evaluations/*.yaml, called what its content asks for: nobody edits one unseen."""
        from modelmark.adapters.schemas.evaluation import EvaluationSchema
        from modelmark.adapters.schemas.problems import validate

        found = validate(EvaluationSchema, _parse(data, path), path).to_value()
        if path.rpartition("/")[2] != f"{found.name}.yaml":
            raise InvalidInput(
                f"what it says makes its name {found.name}.yaml",
                "write it with `modelmark evaluate`, and change nothing by hand",
                path=path,
            )
        return found

    def remotes(self, dvc_config: bytes) -> tuple[dict[str, str], tuple[str, ...]]:
        """Remotes of a `.dvc/config` by name, and the names of its other keys, as DVC itself reads them."""
        from modelmark.adapters.dvc import declared_remotes

        return declared_remotes(dvc_config)

    def write_manifest(self, manifest: Manifest) -> bytes:
        """Text of manifest.yaml.

        Raises:
            InvalidInput: the value could not be read back, for example a metric that is not finite.
        """
        data = dump_yaml(manifest_as_data(manifest))
        self.manifest(data, layout.manifest_path(manifest.model, manifest.version))
        return data

    def write_card(self, card: Card) -> bytes:
        """Text of model.yaml."""
        data = dump_yaml(card_as_data(card))
        self.card(data, layout.card_path(card.model), card.model)
        return data

    def write_archived(self, archived: Archived) -> bytes:
        """Text of archived.yaml."""
        data = dump_yaml(archived_as_data(archived))
        self.archived(data, "archived.yaml")
        return data

    def write_incident(self, incident: Incident) -> bytes:
        """Text of an incident."""
        path = layout.incident_path(incident.model, incident.alias, incident.number)
        data = dump_yaml(incident_as_data(incident))
        self.incident(data, path)
        return data

    def write_evaluation(self, evaluation: Evaluation) -> bytes:
        """Text of an evaluation."""
        data = dump_yaml(evaluation_as_data(evaluation))
        self.evaluation(data, f"{evaluation.name}.yaml")
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
        return title.encode() + dump_yaml({alias: desired_as_data(wish) for alias, wish in after.items()})

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
            new[alias] = desired_as_data(wish)
            continue
        was, now = desired_as_data(before[alias]), desired_as_data(wish)
        for key, old in entry.items():
            if was[key] != now[key] and isinstance(key, Scalar) and isinstance(old, Scalar):
                edits.append(Edit(key, old, now[key], entry.flow))
    edited = edit_yaml(data, edits)
    if not new:
        return edited
    return edited + (b"" if not edited or edited.endswith(b"\n") else b"\n") + dump_yaml(new)
