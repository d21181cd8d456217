"""GitHub and a webhook in memory, for what tells them of assignments."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from modelmark.domain.announcements import Announced
from modelmark.domain.tags import AssignmentTag, parse_tag_name
from modelmark.errors import Unreachable
from modelmark.usecases.announce import Asked, Receivers, announce
from tests.support.desk import Desk

ALL = ("dispatch", "webhook", "workflow")
WEB = "https://github.com/acme/models"
RUN = f"{WEB}/actions/runs/7"


class Killed(BaseException):
    """The power goes."""


@dataclass
class Outside:
    """GitHub and a webhook in memory; `broken` names what fails, `kill` is what the run does not survive."""

    sent: list[tuple[str, str]] = field(default_factory=list)
    marks: dict[str, dict[str, tuple[str, str]]] = field(default_factory=dict)
    bodies: list[Any] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    kill: int = 0
    steps: int = 0

    def step(self, what: str, act: Callable[[], object]) -> None:
        """Something that others see; a kill comes before it or after it, by the parity of `kill`."""
        if what in self.broken:
            raise Unreachable(f"no {what} today", "wait")
        self.steps += 1
        if self.kill == 2 * self.steps - 1:
            raise Killed
        act()
        if self.kill == 2 * self.steps:
            raise Killed

    def dispatch(self, kind: str, payload: Mapping[str, Any]) -> None:
        assert kind == "modelmark-assignment"
        self.step("dispatch", lambda: self.sent.append(("dispatch", payload["tag"])))

    def start_workflow(self, file: str, branch: str, inputs: Mapping[str, str]) -> None:
        assert (file, branch, list(inputs)) == ("registry-tag.yml", "main", ["tag"])
        self.step("workflow", lambda: self.sent.append(("workflow", inputs["tag"])))

    def send(self, body: bytes) -> None:
        self.bodies.append(json.loads(body))
        self.step("webhook", lambda: self.sent.append(("webhook", json.loads(body)["subject"])))

    def announced(self, commit: str) -> frozenset[str]:
        if "reading" in self.broken:
            raise Unreachable("no reading today", "wait")
        return frozenset(self.marks.get(commit, {}))

    def mark(self, commit: str, context: str, about: str, url: str) -> None:
        self.step(
            "mark", lambda: self.marks.setdefault(commit, {}).update({context.casefold(): (about, url)})
        )


def tell(desk: Desk, outside: Outside, *names: str, **how: Any) -> Announced:
    receivers = Receivers(outside, outside, WEB, "registry-tag.yml", RUN)
    return announce(desk.workspace, receivers, Asked(tuple(map(named, names)), **how))


def named(text: str) -> AssignmentTag:
    found = parse_tag_name(text)
    assert isinstance(found, AssignmentTag)
    return found
