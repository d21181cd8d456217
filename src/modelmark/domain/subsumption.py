"""Is every value that fits one schema also a value that fits another, and where is it not?

`find_gaps(narrow, wide, …)` names the places. It is sound and not complete: no gap means that all values of `narrow`
fit `wide`; a gap of kind `unsure` means only that this cannot be shown. It holds keyword by keyword, because the
keywords of a schema all hold at once: each that `wide` has must follow from those that `narrow` has. Those with a
meaning here are compared by it; any other must stand in `narrow` in the same words.

Schemas are in plain form (see `schemas`).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any

from modelmark.domain.instances import field_name, fits, literal, same
from modelmark.domain.schemas import inside

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from modelmark.domain.schemas import Schema

_ALL = frozenset({"null", "boolean", "object", "array", "string", "number"})
_NUMBERS = frozenset({"number", "integer"})

# Keywords that are compared as words: those of a group bear on one another, and only on these types (none = on all).
_AS_WORDS: tuple[tuple[frozenset[str], tuple[str, ...]], ...] = (
    (frozenset(), ("not",)),
    (frozenset(), ("if", "then", "else")),
    (frozenset(), ("allOf",)),
    (frozenset(), ("oneOf",)),
    (frozenset({"array"}), ("contains", "minContains", "maxContains")),
    (frozenset({"object"}), ("propertyNames",)),
    (frozenset({"object"}), ("dependentRequired",)),
    (frozenset({"object"}), ("dependentSchemas",)),
    (frozenset({"string"}), ("pattern",)),
    (frozenset(), ("format",)),
    (frozenset({"string"}), ("contentEncoding",)),
    (frozenset({"string"}), ("contentMediaType",)),
)
# Keywords that a validator may leave alone, so a list of values cannot be tried against them.
_NOT_TRIED = frozenset({"pattern", "format", "contentEncoding", "contentMediaType"})

_COUNTS = (
    ("string", "minLength", "maxLength", "characters"),
    ("array", "minItems", "maxItems", "entries"),
    ("object", "minProperties", "maxProperties", "fields"),
)


@dataclass(frozen=True)
class Gap:
    """A place where a value of `narrow` need not fit `wide`.

    Attributes:
        path: of the field, such as `inputs.spans[].start`; `.*` = any further field.
        kind: `type`, `values`, `enum`, `limit`, `required`, `closed`, `unlisted` (a field only `narrow` lists), `taken` (a
            field only `wide` lists), or `unsure`.
        narrow: what one says, in words ready for a sentence; for `unsure` the keyword.
        wide: what the other says.
    """

    path: str
    kind: str
    narrow: str = ""
    wide: str = ""


def find_gaps(narrow: Schema, wide: Schema, path: str) -> Iterator[Gap]:
    """The places where a value of `narrow` may be none of `wide`; none = every value of `narrow` is one of `wide`."""
    if wide is True or narrow is False or same(narrow, wide):
        return
    if wide is False:
        yield Gap(path, "closed", outline(narrow), "nothing")
        return
    if narrow is True:
        narrow = {}
    if set(narrow) <= {"anyOf", "default"} and narrow.get("anyOf"):
        for branch in narrow["anyOf"]:
            yield from find_gaps(branch, wide, path)
        return
    values = _values(narrow)
    yield from _of_union(narrow, wide, path) if values is None else _of_values(values, narrow, wide, path)


def _values(schema: dict[str, Any]) -> list[Any] | None:
    """All values of a schema, where they can be listed."""
    if "enum" in schema:
        return [one for one in schema["enum"] if fits(schema, one)]
    kinds = types(schema)
    if kinds <= {"null", "boolean"}:
        listed = [*([None] if "null" in kinds else []), *([False, True] if "boolean" in kinds else [])]
        return [one for one in listed if fits(schema, one)]
    return None


def _of_values(values: list[Any], narrow: dict[str, Any], wide: dict[str, Any], path: str) -> Iterator[Gap]:
    """Try each; what is not tried (see `_NOT_TRIED`) must stand in both in the same words."""
    lost = [one for one in values if not fits(wide, one)]
    if lost:
        yield Gap(path, "values", _listed(lost), outline(wide))
    for part in inside(wide):
        for keyword in sorted(_NOT_TRIED & set(part)) if isinstance(part, dict) else ():
            if part is not wide or not same(narrow.get(keyword), wide[keyword]):
                yield Gap(path, "unsure", keyword)


def _of_union(narrow: dict[str, Any], wide: dict[str, Any], path: str) -> Iterator[Gap]:
    """What stands beside an `anyOf` holds as well as one of its branches."""
    rest = {keyword: value for keyword, value in wide.items() if keyword != "anyOf"}
    yield from _of_keywords(narrow, rest, path)
    branches = wide.get("anyOf")
    if branches is None or same(narrow.get("anyOf"), branches):
        return
    for kind in sorted(types(narrow)):
        part = {**narrow, "type": kind}
        found = [list(find_gaps(part, branch, path)) for branch in branches if _may_be(branch, kind)]
        if not found:
            yield Gap(path, "type", kind, outline(wide))
        elif len(found) == 1:
            yield from found[0]
        elif all(found):
            yield Gap(path, "unsure", "anyOf")


def _may_be(schema: Schema, kind: str) -> bool:
    return schema is True or (isinstance(schema, dict) and bool(_overlap({kind}, types(schema))))


def _of_keywords(narrow: dict[str, Any], wide: dict[str, Any], path: str) -> Iterator[Gap]:
    mine, theirs = types(narrow), types(wide)
    outside = mine - theirs - ({"integer"} if "number" in theirs else set())
    if outside:
        yield Gap(path, "type", _either(outside), _either(theirs))
    left = _overlap(mine, theirs)
    if not left:
        return
    if "enum" in wide:
        yield Gap(path, "enum", outline(narrow), outline(wide))
    yield from _of_numbers(narrow, wide, left, path)
    for kind, low, high, noun in _COUNTS:
        if kind in left:
            yield from _of_counts(narrow, wide, (low, high, noun), path)
    if "array" in left:
        yield from _of_entries(narrow, wide, path)
    if "object" in left:
        yield from _of_fields(narrow, wide, path)
    for about, group in _AS_WORDS:
        if (not about or about & left) and any(keyword in wide for keyword in group):
            yield from _as_words(narrow, wide, group, path)


def _of_numbers(narrow: dict[str, Any], wide: dict[str, Any], left: set[str], path: str) -> Iterator[Gap]:
    if not left & _NUMBERS:
        return
    ours, theirs = _range(narrow), _range(wide)
    if ours[0] < theirs[0] or ours[1] > theirs[1]:
        yield Gap(path, "limit", _of_range(ours), _of_range(theirs))
    step, wanted = narrow.get("multipleOf"), wide.get("multipleOf")
    whole = isinstance(step, int) and isinstance(wanted, int) and step % wanted == 0
    if wanted is not None and not whole and not same(step, wanted):
        yield Gap(path, "unsure", "multipleOf")


def _range(schema: dict[str, Any]) -> tuple[tuple[float, int], tuple[float, int]]:
    """The lowest and the highest number, each with a rank for "the number itself is none of them"."""
    low = max((schema.get("minimum", -inf), 0), (schema.get("exclusiveMinimum", -inf), 1))
    high = min((schema.get("maximum", inf), 0), (schema.get("exclusiveMaximum", inf), -1))
    return low, high


def _of_range(found: tuple[tuple[float, int], tuple[float, int]]) -> str:
    (low, above), (high, below) = found
    words = [
        *([f"{'more than' if above else 'at least'} {low}"] if low > -inf else []),
        *([f"{'less than' if below else 'at most'} {high}"] if high < inf else []),
    ]
    return " and ".join(words) or "any number"


def _of_counts(
    narrow: dict[str, Any], wide: dict[str, Any], keywords: tuple[str, str, str], path: str
) -> Iterator[Gap]:
    low, high, noun = keywords
    ours = (narrow.get(low, 0), narrow.get(high, inf))
    theirs = (wide.get(low, 0), wide.get(high, inf))
    if ours[0] < theirs[0] or ours[1] > theirs[1]:
        yield Gap(path, "limit", _of_count(ours, noun), _of_count(theirs, noun))


def _of_count(found: tuple[float, float], noun: str) -> str:
    low, high = found
    words = [*([f"at least {low}"] if low else []), *([f"at most {high}"] if high < inf else [])]
    return f"{' and '.join(words)} {noun}" if words else f"any number of {noun}"


def _of_entries(narrow: dict[str, Any], wide: dict[str, Any], path: str) -> Iterator[Gap]:
    if "prefixItems" in narrow or "prefixItems" in wide:
        yield from _as_words(narrow, wide, ("prefixItems", "items"), path)
    else:
        yield from find_gaps(narrow.get("items", True), wide.get("items", True), f"{path}[]")
    if wide.get("uniqueItems", False) and not narrow.get("uniqueItems", False):
        yield Gap(path, "unsure", "uniqueItems")


def _of_fields(narrow: dict[str, Any], wide: dict[str, Any], path: str) -> Iterator[Gap]:
    ours, theirs = narrow.get("properties", {}), wide.get("properties", {})
    our_rest, their_rest = narrow.get("additionalProperties", True), wide.get("additionalProperties", True)
    for field in dict.fromkeys((*ours, *theirs)):
        here = f"{path}.{field_name(field)}"
        found = list(find_gaps(ours.get(field, our_rest), theirs.get(field, their_rest), here))
        if not found or (field in ours and field in theirs):
            yield from found
        elif field in ours:
            yield Gap(here, "unlisted", outline(ours[field]), "")
        else:
            yield Gap(here, "taken", "", outline(theirs[field]))
    rest = list(find_gaps(our_rest, their_rest, f"{path}.*"))
    if rest:
        yield (
            rest[0] if len(rest) == 1 else Gap(f"{path}.*", "closed", outline(our_rest), outline(their_rest))
        )
    for field in wide.get("required", ()):
        if field not in narrow.get("required", ()):
            yield Gap(f"{path}.{field_name(field)}", "required")


def _as_words(narrow: dict[str, Any], wide: dict[str, Any], group: Sequence[str], path: str) -> Iterator[Gap]:
    if not same({key: narrow.get(key) for key in group}, {key: wide.get(key) for key in group}):
        yield Gap(path, "unsure", next(key for key in group if key in wide or key in narrow))


def types(schema: dict[str, Any]) -> set[str]:
    """The types that a schema's own `type` lets through; all where it has none."""
    found = schema.get("type", _ALL)
    return {found} if isinstance(found, str) else set(found)


def _overlap(ours: set[str], theirs: set[str]) -> set[str]:
    both = ours & theirs
    return both | {"integer"} if ours & _NUMBERS and theirs & _NUMBERS and not both & _NUMBERS else both


def outline(schema: Schema) -> str:
    """What a value must be, in a few words."""
    if isinstance(schema, bool):
        return "anything" if schema else "nothing"
    if "enum" in schema:
        return _listed(schema["enum"])
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(outline(branch) for branch in schema["anyOf"][:4]))
    if schema.get("type") == "array" and "items" in schema:
        return f"array of {outline(schema['items'])}"
    return _either(types(schema))


def _either(kinds: set[str]) -> str:
    return "anything" if kinds >= _ALL else " or ".join(sorted(kinds))


def _listed(values: Sequence[Any]) -> str:
    more = f" or {len(values) - 6} others" if len(values) > 6 else ""
    return " or ".join(literal(one) for one in values[:6]) + more
