"""Labels that are made before they are used: GitHub would make one without its colour and its meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from modelmark.errors import Lost, NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modelmark.adapters.github_rest import Rest
    from modelmark.domain.forge import Label


def ready_labels(rest: Rest, repository: str, labels: Sequence[Label]) -> list[str]:
    """Names of the labels, each of which is there by now.

    Args:
        rest: who asks.
        repository: path of the repository in the API.
        labels: how each looks where it has to be made.
    """
    for label in labels:
        _make(rest, repository, label)
    return [label.name for label in labels]


def _make(rest: Rest, repository: str, label: Label) -> None:
    try:
        rest.call("GET", f"{repository}/labels/{quote(label.name, safe='')}")
    except NotFound:
        body = {"name": label.name, "color": label.color, "description": label.about[:100]}
        try:
            rest.call("POST", f"{repository}/labels", body)
        except Lost:
            return  # somebody else made it in this moment
