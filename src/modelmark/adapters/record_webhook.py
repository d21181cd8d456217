"""Sends records of deployments as signed events; what became of them only their receiver knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.adapters.webhook import SECRET, SignedWebhook, find_webhook
from modelmark.domain.deployments import cloud_event, event_id
from modelmark.errors import InvalidInput, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modelmark.domain.deployments import Deployment, Kept, Place
    from modelmark.domain.names import ModelName


class WebhookRecords:
    """The port `Records` over a webhook."""

    where = "webhook"

    def __init__(self, webhook: SignedWebhook) -> None:
        self._webhook = webhook

    def last(self, place: Place) -> Kept | None:
        """Nobody knows: a receiver drops doubles by their id."""

    def newest(self, model: ModelName | None) -> tuple[Kept, ...]:
        """See the port."""
        raise Refused(
            "what was sent to a webhook cannot be read back", "name a folder or a branch with --records"
        )

    def append(self, made: Deployment, number: int) -> str:
        """See the port; numbers are the receiver's own business."""
        self._webhook.send(cloud_event(made))
        return event_id(made)


def find_records(environ: Mapping[str, str], url: str | None) -> WebhookRecords:
    """The receiver at an address, or the one that the environment names.

    Raises:
        InvalidInput: it names none.
    """
    if url is not None:
        return WebhookRecords(SignedWebhook(url, environ.get(SECRET, "").strip()))
    found = find_webhook(environ)
    if found is None:
        raise InvalidInput("MODELMARK_WEBHOOK_URL is not set", "set it, or use --records folder:PATH")
    return WebhookRecords(found)
