"""What the world is told of an assignment: the same ten facts to a workflow of GitHub and to a webhook.

An event is a hint to look at the tags, which alone say what is true: it may come twice or late, and what it says may have
been replaced since. Its id is the object id of the tag, so a receiver knows a double, and can ask Git whether it is right.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from modelmark.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from modelmark.domain.history import Assignment
    from modelmark.domain.json_values import Json
    from modelmark.domain.tags import AssignmentTag

DISPATCH = "modelmark-assignment"
"""The `event_type` of a `repository_dispatch`: what a workflow of GitHub names under `types`."""
CLOUD_EVENT = "dev.modelmark.assignment.v1"
MEDIA_TYPE = "application/cloudevents+json"
SIGNATURE = "X-Modelmark-Signature-256"

_TEXT = 1_000  # characters of what people wrote: GitHub takes 65,535 in all, and ten keys
_WORKFLOW = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}\.ya?ml")
_REMEMBERED = "registry/announced/"


def facts(one: Assignment) -> dict[str, Json]:
    """The ten facts; `version` and `previous` are null where the alias means, or meant, nothing."""
    return {
        "model": str(one.tag.model),
        "alias": str(one.tag.alias),
        "version": None if one.version is None else str(one.version),
        "previous": None if one.previous is None else str(one.previous),
        "requested_by": _cut(one.trailers.get("Requested-By") or one.by),
        "approved_by": _cut(one.trailers["Approved-By"]) if "Approved-By" in one.trailers else None,
        "reason": _cut(one.reason),
        "tag": str(one.tag),
        "number": one.tag.number,
        "id": one.oid,
    }


def _cut(text: str) -> str:
    return text if len(text) <= _TEXT else text[: _TEXT - 1] + "…"


def cloud_event(one: Assignment, source: str) -> bytes:
    """The assignment as a CloudEvents 1.0 document, in ASCII; the same bytes each time, so that doubles are alike."""
    event = {
        "specversion": "1.0",
        "id": one.oid,
        "source": source,
        "type": CLOUD_EVENT,
        "subject": str(one.tag),
        "time": one.at.isoformat(),
        "datacontenttype": "application/json",
        "data": facts(one),
    }
    return json.dumps(event).encode("ascii")


def signature(secret: str, body: bytes) -> str:
    """What stands in the header `SIGNATURE`: HMAC-SHA256 of the body's exact bytes."""
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def source_of(address: str, registry_id: str) -> str:
    """Where an event comes from, as a URI: the registry's address, or its id where the address is none.

    Args:
        address: of the registry's page or remote; what a login could be is left out.
        registry_id: of registry.yaml.
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme in ("https", "http", "ssh", "git") and parts.hostname:
        host = parts.netloc.rpartition("@")[2]
        return f"{parts.scheme}://{quote(host, safe='[]:')}{quote(parts.path, safe='/%~')}"
    return f"urn:modelmark:{quote(registry_id, safe='')}"


def is_recent(one: Assignment, now: datetime, days: float) -> bool:
    """Whether a tag's date is within the last days; one from the future is."""
    return now - one.at <= timedelta(days=days)


def remembered_as(channel: str, tag: AssignmentTag) -> str:
    """The context of the commit status which says that a channel was told."""
    return f"{_REMEMBERED}{channel} {tag}"


def parse_workflow(name: str) -> str:
    """The name of a file in .github/workflows.

    Raises:
        InvalidInput: it is none.
    """
    if not _WORKFLOW.fullmatch(name):
        raise InvalidInput(
            f"{name!r} is not the name of a workflow's file", "use for example --workflow registry-tag.yml"
        )
    return name


def inputs_of(tag: AssignmentTag) -> Mapping[str, str]:
    """What a workflow that is started for an assignment gets."""
    return {"tag": str(tag)}
