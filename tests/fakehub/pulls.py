"""Pull requests and their labels."""

from __future__ import annotations

from typing import Any

from tests.fakehub.requests import REPO, Request, Route
from tests.fakehub.state import Refusal, Reply
from tests.support.git_repos import git


def listed(asked: Request) -> Reply:
    here, query = asked.here, asked.query
    here.refresh()
    state = query.get("state", "open")
    found = [one for one in here.pulls.values() if state in (one.state, "all")]
    owner, colon, head = query.get("head", "").partition(":")
    if colon:  # without an owner GitHub ignores the filter
        found = [one for one in found if (here.owner.lower(), one.head) == (owner.lower(), head)]
    found = [one for one in found if query.get("base", one.base) == one.base]
    return asked.page([here.as_json(one, asked.hub.address) for one in found])


def opened(asked: Request) -> Reply:
    return Reply(201, _shown(asked, asked.here.open_pull(asked.user, asked.json()).number))


def one(asked: Request) -> Reply:
    return Reply(200, _shown(asked, asked.number))


def changed(asked: Request) -> Reply:
    return Reply(200, _shown(asked, asked.here.update_pull(asked.user, asked.number, asked.json()).number))


def files(asked: Request) -> Reply:
    """What the head changes since it left its base; a file that was moved says where it was."""
    here, pull = asked.here, asked.here.pull(asked.number)
    said = git(here.bare, "diff", "--raw", "--no-abbrev", "-M", f"{pull.base}...{pull.head_sha}")
    return asked.page([_file(line.split("\t")) for line in said.splitlines()])


def _file(said: list[str]) -> Any:
    kinds = {"A": "added", "D": "removed", "M": "modified", "T": "changed", "R": "renamed"}
    *_, sha, kind = said[0].split(" ")
    found = {"sha": sha, "filename": said[-1], "status": kinds[kind[0]]}
    return {**found, "previous_filename": said[1]} if len(said) == 3 else found


def label(asked: Request) -> Reply:
    name = asked.parts[2].casefold()
    if name not in asked.here.labels:
        raise Refusal(404, "Not Found")
    return Reply(200, asked.here.labels[name])


def new_label(asked: Request) -> Reply:
    return Reply(201, asked.here.make_label(asked.user, asked.json()))


def put_labels(asked: Request) -> Reply:
    return Reply(200, asked.here.put_labels(asked.user, asked.number, asked.json()))


def _shown(asked: Request, number: int) -> Any:
    """One alone says more than one in a list."""
    pull = asked.here.pull(number)
    return {**asked.here.as_json(pull, asked.hub.address), "merged": pull.merged}


ROUTES = (
    Route("GET", f"{REPO}/pulls", listed),
    Route("POST", f"{REPO}/pulls", opened),
    Route("GET", rf"{REPO}/pulls/(\d+)", one),
    Route("PATCH", rf"{REPO}/pulls/(\d+)", changed),
    Route("GET", rf"{REPO}/pulls/(\d+)/files", files),
    Route("GET", f"{REPO}/labels/([^/]+)", label),
    Route("POST", f"{REPO}/labels", new_label),
    Route("POST", rf"{REPO}/issues/(\d+)/labels", put_labels),
)
