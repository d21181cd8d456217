"""Dispatches, which start workflows whoever asks, and commit statuses."""

from __future__ import annotations

import json
from typing import Any

import yaml

from tests.fakehub.event_log import Event
from tests.fakehub.requests import REPO, Request, Route
from tests.fakehub.state import Hosted, Json, Refusal, Reply, invalid
from tests.support.git_repos import GitSaidNo, git

_STATES = ("error", "failure", "pending", "success")
_PAYLOAD = 65_535


def dispatched(asked: Request) -> Reply:
    here, body = asked.here, asked.json()
    asked.user.must("contents: write")
    kind, payload = body.get("event_type"), body.get("client_payload", {})
    if not isinstance(kind, str) or not 1 <= len(kind) <= 100:
        raise Refusal(
            422, f"Invalid request.\n\nFor 'properties/event_type', {json.dumps(kind)} is not valid."
        )
    if not isinstance(payload, dict):
        raise Refusal(422, "Invalid request.\n\nFor 'properties/client_payload', it is not an object.")
    if len(payload) > 10:
        words = f"No more than 10 properties are allowed; {len(payload)} were supplied."
        raise Refusal(422, f"Invalid request.\n\n{words}")
    if len(json.dumps(payload)) > _PAYLOAD:
        raise Refusal(422, "client_payload is too large.")
    main = asked.here.default_branch
    here.events.append(
        Event("repository_dispatch", f"refs/heads/{main}", _tip(here, main), asked.user.login, kind, payload)
    )
    return Reply(204)


def started(asked: Request) -> Reply:
    here, body, file = asked.here, asked.json(), asked.parts[2]
    asked.user.must("actions: write")
    ref, inputs = body.get("ref"), body.get("inputs", {})
    if not isinstance(ref, str):
        raise Refusal(422, 'Invalid request.\n\n"ref" wasn\'t supplied.')
    if _workflow(here, here.default_branch, file) is None:
        raise Refusal(404, "Not Found")
    branch = ref.removeprefix("refs/heads/")
    if here.tip(branch) is None:
        raise Refusal(422, f"No ref found for: {ref}")
    _check_inputs(_trigger(_workflow(here, branch, file)), inputs)
    number = len(here.events) + 1
    here.events.append(
        Event("workflow_dispatch", f"refs/heads/{branch}", _tip(here, branch), asked.user.login, file, inputs)
    )
    if not body.get("return_run_details"):
        return Reply(204)
    api = f"{asked.hub.address}/api/v3/repos/{here.owner}/{here.name}/actions/runs/{number}"
    page = f"{asked.hub.address}/{here.owner}/{here.name}/actions/runs/{number}"
    return Reply(200, {"workflow_run_id": number, "run_url": api, "html_url": page})


def _check_inputs(trigger: Any, inputs: Any) -> None:
    if not isinstance(inputs, dict) or not all(isinstance(value, str) for value in inputs.values()):
        raise Refusal(422, "Invalid request.\n\nFor 'properties/inputs', it is not an object of strings.")
    if len(inputs) > 25 or len(json.dumps(inputs)) > _PAYLOAD:
        raise Refusal(
            422, f"Invalid request.\n\nNo more than 25 properties are allowed; {len(inputs)} were supplied."
        )
    known = (trigger or {}).get("inputs") or {}
    other = [name for name in inputs if name not in known]
    if other:
        raise Refusal(422, f"Unexpected inputs provided: {json.dumps(other)}")
    for name, about in known.items():
        if (about or {}).get("required") and "default" not in about and name not in inputs:
            raise Refusal(422, f"Required input '{name}' not provided")


def _trigger(workflow: Any) -> Any:
    # Python's YAML reads the key `on` as True.
    on = workflow.get("on", workflow.get(True)) if isinstance(workflow, dict) else None
    triggers = {on: None} if isinstance(on, str) else dict.fromkeys(on) if isinstance(on, list) else on or {}
    if "workflow_dispatch" not in triggers:
        raise Refusal(422, "Workflow does not have 'workflow_dispatch' trigger")
    return triggers["workflow_dispatch"]


def _workflow(here: Hosted, branch: str, file: str) -> Any:
    try:
        return yaml.safe_load(git(here.bare, "show", f"refs/heads/{branch}:.github/workflows/{file}"))
    except GitSaidNo:
        return None


def _tip(here: Hosted, branch: str) -> str:
    found = here.tip(branch)
    if found is None:
        raise Refusal(422, f"No ref found for: {branch}")
    return found


def marked(asked: Request) -> Reply:
    here, body, sha = asked.here, asked.json(), asked.parts[2]
    asked.user.must("statuses: write")
    state, context = body.get("state"), body.get("context", "default")
    about, url = body.get("description"), body.get("target_url")
    if state not in _STATES or not isinstance(context, str) or not context:
        raise invalid("Status", "custom", field="state", message="state is not included in the list")
    if not _is_commit(here, sha):
        raise Refusal(422, f"No commit found for SHA: {sha}")
    if len(context) > 255 or len(about or "") > 140:
        field, most = ("context", 255) if len(context) > 255 else ("description", 140)
        words = f"{field} is too long (maximum is {most} characters)"
        raise invalid("Status", "custom", field=field, message=words)
    if url is not None and not url.startswith(("http://", "https://")):
        raise invalid("Status", "custom", field="target_url", message="target_url must use http(s) scheme")
    known = here.statuses.setdefault(sha, [])
    if sum(one["context"].casefold() == context.casefold() for one in known) >= 1000:
        words = "This SHA and context has reached the maximum number of statuses."
        raise invalid("Status", "custom", message=words)
    made = _status(
        asked, len(known) + 1, {"state": state, "context": context, "description": about, "target_url": url}
    )
    known.append(made)
    return Reply(201, made)


def _status(asked: Request, number: int, said: dict[str, Json]) -> Json:
    api = f"{asked.hub.address}/api/v3/repos/{asked.here.owner}/{asked.here.name}/statuses/{asked.parts[2]}"
    at = "2026-11-28T12:00:00Z"
    rest = {"url": api, "avatar_url": None, "id": number, "node_id": f"S_{number}", "creator": None}
    return {**rest, "created_at": at, "updated_at": at, **said}


def statuses(asked: Request) -> Reply:
    """The newest first."""
    sha = asked.parts[2]
    if not _is_commit(asked.here, sha):
        raise Refusal(422, f"No commit found for SHA: {sha}")
    asked.user.must("statuses: read", "statuses: write")
    return asked.page(asked.here.statuses.get(sha, [])[::-1])


def _is_commit(here: Hosted, sha: str) -> bool:
    try:
        return git(here.bare, "cat-file", "-t", sha) == "commit"
    except GitSaidNo:
        return False


ROUTES = (
    Route("POST", f"{REPO}/dispatches", dispatched),
    Route("POST", f"{REPO}/actions/workflows/([^/]+)/dispatches", started),
    Route("POST", f"{REPO}/statuses/([0-9a-f]+)", marked),
    Route("GET", f"{REPO}/commits/([0-9a-f]+)/statuses", statuses),
)
