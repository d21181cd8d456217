"""Values as the mappings that their files hold: what `yaml_files` writes down."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from modelmark.domain.policy import AnyOf, Card, Criterion
from modelmark.domain.tags import NONE
from modelmark.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modelmark.domain.aliases import Desired
    from modelmark.domain.evaluations import Evaluation
    from modelmark.domain.manifest import Manifest
    from modelmark.domain.records import Archived, Incident
    from modelmark.domain.versions import Version


def desired_as_data(wish: Desired) -> dict[str, Any]:
    """An entry of aliases.yaml."""
    return {"version": _version(wish.version), "assignment": wish.number, "reason": wish.reason}


def _version(version: Version | None) -> str:
    return NONE if version is None else str(version)


def _time(at: datetime) -> str:
    if at.tzinfo is None:
        raise InvalidInput(f"the time {at.isoformat()} has no zone", "give it in UTC")
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def archived_as_data(archived: Archived) -> dict[str, Any]:
    """archived.yaml."""
    return _without_empty(
        {
            "reason": archived.reason,
            "by": archived.by,
            "at": _time(archived.at),
            "replaced_by": archived.replaced_by and str(archived.replaced_by),
        }
    )


def incident_as_data(incident: Incident) -> dict[str, Any]:
    """An incident."""
    return {
        "model": incident.model,
        "alias": incident.alias,
        "assignment": incident.number,
        "from": _version(incident.from_version),
        "to": _version(incident.to_version),
        "reason": incident.reason,
        "by": incident.by,
        "at": _time(incident.at),
    }


def evaluation_as_data(evaluation: Evaluation) -> dict[str, Any]:
    """An evaluation."""
    return _without_empty(
        {
            "at": _time(evaluation.at),
            "by": evaluation.by,
            "kind": str(evaluation.kind),
            "note": evaluation.note,
            "data_version": evaluation.data_version,
            "metrics": [_without_empty(vars(metric)) for metric in evaluation.metrics],
        }
    )


def _without_empty(data: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what is not recorded: None, empty text, empty collections; 0 and false stay."""
    return {key: value for key, value in data.items() if value not in (None, "", {}, [], ())}


def manifest_as_data(manifest: Manifest) -> dict[str, Any]:
    """manifest.yaml."""
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


def card_as_data(card: Card) -> dict[str, Any]:
    """model.yaml."""
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
