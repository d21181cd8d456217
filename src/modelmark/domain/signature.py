"""The signature of a model: what a client sends, and what it may count on in return.

A manifest holds it as signature.json said it. Its keys, of which `version`, `inputs` and `outputs` must be there:

* `version`: the signature's own version, one to three numbers: "1.0". It is raised when the signature changes.
* `inputs`, `outputs`: each a JSON Schema 2020-12 of an object (see `schemas` for what it may hold), or the short form
  that expands to one (see `short_form` for its grammar).
* `examples`: a list of `{request, response}`; each fits. A response may be left out.
* `entry_point`: `module:function` of the bundle, which answers a request.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from modelmark.domain.names import shown
from modelmark.domain.schemas import check_size, read_schema
from modelmark.domain.short_form import expand, is_short
from modelmark.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modelmark.domain.json_values import Json

MAX_EXAMPLES = 50
MAX_EXAMPLE_NODES = 10_000  # of all examples together
MAX_STEPS = 1_000_000  # values of the examples times those of the schemas: a few seconds at worst

_KEYS = frozenset({"version", "inputs", "outputs", "examples", "entry_point"})
_VERSION = re.compile(r"(0|[1-9][0-9]{0,8})(\.(0|[1-9][0-9]{0,8})){0,2}")
_ENTRY_POINT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*:[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Example:
    """A request, and the response that it gets where the signature says one (`answered`)."""

    request: Json
    response: Json = None
    answered: bool = False


@dataclass(frozen=True)
class Signature:
    """What a model promises.

    Attributes:
        version: the signature's own, as text.
        inputs: JSON Schema of a request, in plain form: no `$ref`, no remarks.
        outputs: JSON Schema of a response, in plain form.
        entry_point: `module:function`, or empty.
    """

    version: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    examples: tuple[Example, ...] = ()
    entry_point: str = ""


def parse_signature(raw: Mapping[str, Json]) -> Signature:
    """Read a signature as a manifest holds it.

    Raises:
        InvalidInput: it is not well formed; the message names the field.
    """
    unknown = next((key for key in raw if key not in _KEYS), None)
    if unknown is not None:
        raise InvalidInput(
            f"the signature has an unknown key {shown(unknown)}", f"known are: {', '.join(sorted(_KEYS))}"
        )
    absent = next((key for key in ("version", "inputs", "outputs") if key not in raw), None)
    if absent is not None:
        raise InvalidInput(f"the signature has no {absent}", 'it needs version: "1.0", inputs and outputs')
    inputs, outputs = _fields(raw["inputs"], "inputs"), _fields(raw["outputs"], "outputs")
    return Signature(
        _text(raw["version"], _VERSION, "version", 'numbers in quotes, such as "1.0"'),
        inputs,
        outputs,
        _examples(raw.get("examples", []), check_size(inputs, "inputs") + check_size(outputs, "outputs")),
        _text(raw["entry_point"], _ENTRY_POINT, "entry_point", "module:function, such as predict:predict")
        if "entry_point" in raw
        else "",
    )


def _text(value: Json, pattern: re.Pattern[str], key: str, wanted: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise InvalidInput(f"the signature's {key} is {shown(str(value))}", f"write {wanted}")
    return value


def _fields(raw: Json, where: str) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise InvalidInput(f"{where} must be a mapping of fields", "such as text: string")
    check_size(raw, where)
    return read_schema(expand(raw, where, closed=where == "inputs") if is_short(raw) else raw, where)


def _examples(raw: Json, schemas: int) -> tuple[Example, ...]:
    if not isinstance(raw, list) or len(raw) > MAX_EXAMPLES:
        raise InvalidInput(f"examples must be a list of at most {MAX_EXAMPLES}", "keep the telling ones")
    if check_size(raw, "the list of examples", MAX_EXAMPLE_NODES) * schemas > MAX_STEPS:
        raise InvalidInput("the list of examples is too big for such schemas", "keep the telling ones")
    for number, one in enumerate(raw, 1):
        if not isinstance(one, dict) or not {"request"} <= set(one) <= {"request", "response"}:
            raise InvalidInput(
                f"example {number} is not one", "each is a mapping with a request, and a response or none"
            )
    return tuple(
        Example(one["request"], one.get("response"), "response" in one)
        for one in raw
        if isinstance(one, dict)
    )
