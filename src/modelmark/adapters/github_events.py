"""The port `Events` over GitHub's REST API: dispatches, which start workflows even for GITHUB_TOKEN, and commit statuses.

A push with GITHUB_TOKEN starts nothing, and neither does a push of more than three tags: dispatches always do.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote

from modelmark.errors import CouldNot, Denied, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from modelmark.adapters.github_rest import Rest
    from modelmark.domain.forge import Repository
    from modelmark.domain.json_values import Json

_ABOUT = 140  # characters of a status; GitHub refuses more
_NO_TRIGGER = (
    "workflow_dispatch",
    "trigger",
)  # words of GitHub's sentence on a workflow that cannot be started by hand


class EventsOnGitHub:
    """Events of one repository."""

    def __init__(self, repository: Repository, rest: Rest) -> None:
        self._path = f"/repos/{repository}"
        self._rest = rest

    def dispatch(self, kind: str, payload: Mapping[str, Json]) -> None:
        """See the port."""
        body = {"event_type": kind, "client_payload": dict(payload)}
        with _needing("contents: write"):
            self._rest.call("POST", f"{self._path}/dispatches", body)

    def start_workflow(self, file: str, branch: str, inputs: Mapping[str, str]) -> None:
        """See the port."""
        missing = f"see that .github/workflows/{file} is on {branch}, and is switched on under Actions"
        place = f"{self._path}/actions/workflows/{quote(file, safe='')}/dispatches"
        with _needing("actions: write", missing):
            try:
                self._rest.call("POST", place, {"ref": branch, "inputs": dict(inputs)})
            except CouldNot as error:
                if not all(word in error.message for word in _NO_TRIGGER):
                    raise
                names = ", ".join(inputs)
                hint = f"give {file} the trigger `workflow_dispatch` with the inputs: {names}, on {branch}"
                raise CouldNot(error.message, hint) from None

    def announced(self, commit: str) -> frozenset[str]:
        """See the port."""
        with _needing("statuses: write"):
            found = self._rest.pages(f"{self._path}/commits/{commit}/statuses")
            said = [one for one in found if isinstance(one, dict) and one.get("state") == "success"]
        return frozenset(str(one.get("context")).casefold() for one in said)

    def mark(self, commit: str, context: str, about: str, url: str) -> None:
        """See the port."""
        body = {"state": "success", "context": context, "description": about[:_ABOUT]}
        if url:
            body["target_url"] = url
        with _needing("statuses: write"):
            self._rest.call("POST", f"{self._path}/statuses/{commit}", body)


@contextmanager
def _needing(permission: str, missing: str = "") -> Iterator[None]:
    """Say in the hint which permission of a job's token is missing, and what may be where something is not there."""
    try:
        yield
    except Denied as error:
        if "not accessible" not in error.message:
            raise
        name, _, level = permission.partition(": ")
        hint = f"give the job `permissions: {permission}`; a token of one's own needs {name.capitalize()}: {level}"
        raise Denied(error.message, hint) from None
    except NotFound as error:
        raise NotFound(error.message, missing or error.hint) from None
