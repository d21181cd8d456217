"""How one signature differs from the one before it, and which client each difference breaks.

What a client sends must still be taken: every old request fits the new inputs. What a client reads must still be
what it was told: every new response fits the old outputs. Both are one question (see `subsumption`), asked with the
roles swapped; asked the other way round, it finds what has become freer. On top of it, a field that is no longer named
breaks whoever used it, even where the schema lets any field through; a default that changes breaks nobody and changes
what a client gets that leaves the field out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from modelmark.domain.instances import field_name, literal, same
from modelmark.domain.schemas import mapped
from modelmark.domain.signature import parse_signature
from modelmark.domain.subsumption import find_gaps

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from modelmark.domain.json_values import Json
    from modelmark.domain.schemas import Schema
    from modelmark.domain.subsumption import Gap

_UNSURE = "it cannot be shown that {field} is compatible: its {narrow} is not what it was"
_WAS = "{field} has another {narrow}"
_UNHEARD = "a client that sends {field} is refused now or no longer heard: the input was removed"
_UNSAID = "a client that reads {field} finds none now: the output was removed"

# What a gap means for whom, by its kind (see `subsumption.Gap`). Of inputs that break, `narrow` is the old schema.
_INPUT_BREAKS = {
    "type": "a client that sends {field} as {narrow} is refused now: it must be {wide}",
    "values": "a client that sends {narrow} as {field} is refused now: it must be {wide}",
    "enum": "a client that sends any other {field} than {wide} is refused now: it could be {narrow}",
    "limit": "a client that keeps to the old limits of {field} ({narrow}) is refused now where it is not {wide}",
    "required": "a client that sends no {field} is refused now: it became required",
    "closed": "a client that sends {field} is refused now: {narrow} was taken, and now {wide} is",
    "removed": _UNHEARD,
    "unlisted": _UNHEARD,
    "taken": "a client may send a {field} of its own, because any further field was taken; it must be {wide} now",
    "unsure": _UNSURE,
}
_OUTPUT_BREAKS = {
    "type": "a client that reads {field} as {wide} may get {narrow} now",
    "values": "a client that knows {field} as {wide} may get {narrow} now",
    "enum": "a client that knows {field} as {wide} may get any other now: it is {narrow}",
    "limit": "a client that relies on the old limits of {field} ({wide}) may get others now ({narrow})",
    "required": "a client that reads {field} may find none now: it became optional",
    "closed": "a client that relies on {field} being {wide} may get {narrow} now",
    "unlisted": "a client that refuses what it does not know breaks on the new {field}: no further field was to come",
    "removed": _UNSAID,
    "taken": _UNSAID,
    "unsure": _UNSURE,
}
# The other way round: of inputs `narrow` is the new schema, of outputs the old one.
_INPUT_OPENS = {
    "type": "{field} may also be {narrow} now",
    "values": "{field} may also be {narrow} now",
    "enum": "{field} may be {narrow} now, and was {wide}",
    "limit": "{field} has wider limits now: {narrow}, and had {wide}",
    "required": "{field} may be left out now",
    "closed": "{field} may be sent now: {narrow}",
    "unlisted": "{field} may be sent now: {narrow}",
    "taken": "{field} may be anything now",
    "unsure": _WAS,
}
_OUTPUT_OPENS = {
    "type": "{field} is never {narrow} now, only {wide}",
    "values": "{field} is never {narrow} now",
    "enum": "{field} is always {wide} now",
    "limit": "{field} keeps to narrower limits now: {wide}, and had {narrow}",
    "required": "{field} is always there now",
    "closed": "{field} is {wide} now, and was {narrow}",
    "unlisted": "{field} never comes now",
    "taken": "{field} is new: {wide}",
    "unsure": _WAS,
}


@dataclass(frozen=True)
class Change:
    """One difference between two signatures.

    Attributes:
        path: the field it is about: `inputs.lang`, `outputs.spans[].start`.
        sentence: what changes for whom. Names and values of the bundle are quoted in it: one line, no control characters.
        breaks: a client of the old signature may break; also where the contrary cannot be shown.
        kind: what changed, in a word: that of the gap (see `subsumption.Gap`), `removed`, or `default`.
    """

    path: str
    sentence: str
    breaks: bool
    kind: str = ""


def describe_difference(old: Mapping[str, Json], new: Mapping[str, Json]) -> tuple[Change, ...]:
    """What changes from one signature to the next, as signature.json holds them; those that break clients first.

    Raises:
        InvalidInput: one of them is not a signature.
    """
    before, after = parse_signature(old), parse_signature(new)
    found = [
        *_of_section("inputs", before.inputs, after.inputs),
        *_of_section("outputs", before.outputs, after.outputs),
    ]
    return tuple(sorted(dict.fromkeys(found), key=lambda change: not change.breaks))


def _of_section(section: str, old: Schema, new: Schema) -> Iterator[Change]:
    was, now = _without_defaults(old), _without_defaults(new)
    sent = section == "inputs"
    removed = list(_removed(was, now, section))
    tight = list(find_gaps(was, now, section) if sent else find_gaps(now, was, section))
    loose = list(find_gaps(now, was, section) if sent else find_gaps(was, now, section))
    breaks, opens = (_INPUT_BREAKS, _INPUT_OPENS) if sent else (_OUTPUT_BREAKS, _OUTPUT_OPENS)
    for path in removed:
        yield Change(path, breaks["removed"].format(field=_field(path)), breaks=True, kind="removed")
    for gap in tight:
        if gap.path not in removed:
            yield Change(gap.path, _say(breaks[gap.kind], gap), breaks=True, kind=gap.kind)
    said = {*removed, *((gap.path, gap.kind) for gap in tight)}
    for gap in loose:
        if gap.path not in said and (gap.path, gap.kind) not in said:
            yield Change(gap.path, _say(opens[gap.kind], gap), breaks=False, kind=gap.kind)
    yield from _of_defaults(old, new, section)


def _say(words: str, gap: Gap) -> str:
    return words.format(field=_field(gap.path), narrow=gap.narrow, wide=gap.wide)


def _field(path: str) -> str:
    """A path as a sentence names it: the field without its section."""
    section, _, field = path.partition(".")
    if field == "*" or field.endswith(".*"):
        return f"any further field{f' of {field[:-2]}' if field != '*' else ''}"
    return field or {"inputs": "the request", "outputs": "the response"}.get(section, section)


def _without_defaults(schema: Any, _: str = "") -> Schema:
    """A default says nothing of what fits."""
    if isinstance(schema, bool):
        return schema
    return {
        keyword: mapped(keyword, value, _without_defaults)
        for keyword, value in schema.items()
        if keyword != "default"
    } or True


def _removed(old: Schema, new: Schema, path: str) -> Iterator[str]:
    """Fields that the old schema names and the new one does not."""
    for place, was, now in _pairs(old, new, path):
        fields = now.get("properties", {})
        yield from (
            f"{place}.{field_name(field)}" for field in was.get("properties", {}) if field not in fields
        )


def _of_defaults(old: Schema, new: Schema, path: str) -> Iterator[Change]:
    for place, was, now in _pairs(old, new, path):
        # A field that is new has its default in no sentence: nobody relied on another.
        if not same(was.get("default"), now.get("default")) or ("default" in was) != ("default" in now):
            words = f"{_default(now)} where {_field(place)} is left out, and was {_default(was)}"
            yield Change(place, f"the model takes {words}", breaks=False, kind="default")


def _default(schema: dict[str, Any]) -> str:
    return literal(schema["default"]) if "default" in schema else "no default"


def _pairs(old: Schema, new: Schema, path: str) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """The schemas of each place that both name, with the path to it."""
    if isinstance(old, bool) and isinstance(new, bool):
        return
    was, now = _open(old), _open(new)
    yield path, was, now
    for field, inner in was.get("properties", {}).items():
        if field in now.get("properties", {}):
            yield from _pairs(inner, now["properties"][field], f"{path}.{field_name(field)}")
    for keyword, step in (("items", "[]"), ("additionalProperties", ".*")):
        if keyword in was and keyword in now:
            yield from _pairs(was[keyword], now[keyword], f"{path}{step}")


def _open(schema: Schema) -> dict[str, Any]:
    return schema if isinstance(schema, dict) else {}
