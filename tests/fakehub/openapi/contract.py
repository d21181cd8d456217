"""Each request to fakehub and each of its answers, held to the operation of GitHub's OpenAPI that it is.

A route of fakehub is the operation whose path has the same form, so nothing else says which operations are meant. Not judged
are answers that a test has put into `Hub.trouble`: they are deliberately wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import getitem
from typing import Any

from tests.fakehub.openapi.filler import Filler, read_by_clients
from tests.fakehub.openapi.schemas import Schema, Schemas, faults
from tests.fakehub.requests import Route
from tests.fakehub.state import Reply

UNLISTED = {
    401: ("basic-error", "whoever has no valid token, whatever they ask; listed for few operations"),
    403: ("basic-error", "a token that lacks a permission, whatever it asks"),
    404: ("basic-error", "what is not there, or what the token may not see"),
    410: (
        "basic-error",
        "what a repository has switched off; listed for some operations on issues, not for all",
    ),
    422: (
        "validation-error",
        "what GitHub cannot use; listed for most operations that write, not for dispatches",
    ),
}
"""Statuses that GitHub gives whether its OpenAPI lists them, and their content, for the operation or not: the schema, and to whom."""

ELSEWHERE = {"/:graphql": "GraphQL, which has a schema of its own"}
"""Routes that are no REST, and are not judged."""

_NULL_TOO = ("components/schemas/pull-request-simple/properties/labels/items/properties/description",)
"""Where GitHub's OpenAPI is wrong: null is answered there, as the schemas of the same thing elsewhere say."""

_IN_WORDS = {422: "validation-error-simple"}
"""Where an operation lists errors with codes, and GitHub answers sentences as well (rulesets do)."""

_JSON = "application/json"
_MUST = ", and our client could read it: fakehub must answer it"


@dataclass(frozen=True)
class Asked:
    """A request as it came; its path lies below the API's address, and is still encoded."""

    method: str
    path: str
    query: Sequence[tuple[str, str]]
    kind: str
    data: bytes


class Operation:
    """One operation, with its schemas translated when they are needed first."""

    def __init__(self, name: str, path_item: Mapping[str, Any], method: str, schemas: Schemas) -> None:
        self.name = name
        self._about = path_item[method]
        self._schemas = schemas
        self._shared = path_item.get("parameters", ())
        self._answers: dict[int, Schema | None] = {}

    @cached_property
    def parameters(self) -> dict[str, dict[str, Schema]]:
        """The schemas of parameters, by where they stand and by name; those of a path in its order."""
        names = re.findall(r"\{([^}]*)\}", self.name)
        found: dict[str, dict[str, Schema]] = {"path": {key: {} for key in names}, "query": {}, "header": {}}
        for one in map(self._schemas.resolve, (*self._shared, *self._about.get("parameters", ()))):
            found[one["in"]][one["name"]] = self._schemas.translate(one["schema"])
        return found

    @cached_property
    def required(self) -> list[str]:
        """Parameters that must be in the query."""
        every = map(self._schemas.resolve, (*self._shared, *self._about.get("parameters", ())))
        return [one["name"] for one in every if one["in"] == "query" and one.get("required")]

    @cached_property
    def body(self) -> tuple[Schema | None, bool]:
        """What may be sent, and whether something must be."""
        about = self._schemas.resolve(self._about.get("requestBody", {}))
        content = about.get("content", {}).get(_JSON)
        return (self._schemas.translate(content["schema"]) if content else None), about.get("required", False)

    def answer(self, status: int) -> Schema | None:
        """What is answered with a status; None for nothing.

        Raises:
            KeyError: the operation has no such status.
        """
        if status not in self._answers:
            listed = self._about["responses"]
            known = listed.get(str(status), {}) if status in UNLISTED else listed[str(status)]
            content = self._schemas.resolve(known).get("content", {}).get(_JSON)
            if status in UNLISTED and (content is None or status in _IN_WORDS):
                names = (UNLISTED[status][0], *([_IN_WORDS[status]] if status in _IN_WORDS else []))
                content = {"schema": {"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in names]}}
            self._answers[status] = self._schemas.translate(content["schema"]) if content else None
        return self._answers[status]


class Contract:
    """GitHub's OpenAPI, for one run of the tests; `filler` makes answers whole.

    Args:
        document: the OpenAPI.
    """

    def __init__(self, document: dict[str, Any]) -> None:
        for place in _NULL_TOO:
            wrong: Any = reduce(getitem, place.split("/"), document)
            wrong["nullable"] = True
        self._paths = {_form(path): (path, item) for path, item in document["paths"].items()}
        self._schemas = Schemas(document)
        self._operations: dict[tuple[str, str], Operation | None] = {}

    def find(self, route: Route) -> Operation | None:
        """The operation that a route is; None where GitHub has none."""
        key = (route.method, route.pattern)
        if key not in self._operations:
            form = _form(re.sub(r"\([^()]*\)", "{}", route.pattern))
            path, item = self._paths.get(form, ("", {}))
            method = route.method.lower()
            made = (
                Operation(f"{route.method} {path}", item, method, self._schemas) if method in item else None
            )
            self._operations[key] = made
        return self._operations[key]

    def about_request(self, route: Route, parts: Sequence[str], asked: Asked) -> list[str]:
        """What is wrong with a request."""
        operation = self.find(route)
        if route.pattern in ELSEWHERE:
            return []
        if operation is None:
            return [f"{asked.method} {asked.path}: GitHub has no such operation"]
        said = [
            *_of_path(operation, parts),
            *_of_query(operation, asked.query),
            *_of_body(operation, asked),
        ]
        return [f"{operation.name}, the request: {words}" for words in said]

    def whole(self, route: Route, reply: Reply, address: str) -> tuple[Reply, list[str]]:
        """An answer with all that GitHub requires, and what is wrong with it."""
        operation = self.find(route)
        if operation is None:
            return reply, []
        where = f"{operation.name}, the answer {reply.status}"
        try:
            schema = operation.answer(reply.status)
        except KeyError:
            return reply, [f"{where}: GitHub lists no such status"]
        if schema is None:
            return reply, [] if reply.body is None else [f"{where}: GitHub answers nothing here"]
        body = Filler(address, read_by_clients()).filled(schema, reply.body)
        said = [f"{where}: {words}{_MUST * words.endswith(' is missing')}" for words in faults(schema, body)]
        return Reply(reply.status, body, reply.headers), said


def _form(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", re.sub(r"\\(.)", r"\1", path))


def _of_path(operation: Operation, parts: Sequence[str]) -> list[str]:
    schemas = operation.parameters["path"].items()
    return [
        f"{name} in the path: {words}"
        for (name, schema), part in zip(schemas, parts, strict=True)
        for words in faults(schema, _parsed(schema, part))
    ]


def _of_query(operation: Operation, query: Sequence[tuple[str, str]]) -> list[str]:
    known, names = operation.parameters["query"], [name for name, _ in query]
    said = [f"`{name}` is missing in the query" for name in operation.required if name not in names]
    said += [f"`{name}` stands twice in the query" for name in {*names} if names.count(name) > 1]
    for name, value in query:
        if name not in known:
            said.append(f"`{name}` in the query is unknown to GitHub")
        else:
            found = faults(known[name], _parsed(known[name], value))
            said += [f"`{name}` in the query: {words}" for words in found]
    return said


def _of_body(operation: Operation, asked: Asked) -> list[str]:
    schema, needed = operation.body
    if not asked.data:
        return ["it has no body"] if needed else []
    if schema is None:
        return ["it has a body, and GitHub wants none"]
    if asked.kind.partition(";")[0].strip() != _JSON:
        return [f"its body is said to be {asked.kind!r}, and not {_JSON}"]
    try:
        value = json.loads(asked.data)
    except ValueError:
        return ["its body is no JSON"]
    return faults(schema, value)


def _parsed(schema: Schema, text: str) -> Any:
    """A parameter as its schema means it; the text itself, where it is not that."""
    kinds = schema.get("type")
    if kinds == "integer" and re.fullmatch(r"-?\d+", text):
        return int(text)
    if kinds == "boolean" and text in ("true", "false"):
        return text == "true"
    return text.split(",") if kinds == "array" else text
