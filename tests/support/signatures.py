"""Makes schemas of a signature, schemas like them, and values that fit them: few names and numbers, so that they meet."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from jsonschema import Draft202012Validator

Draw = st.DrawFn

NAMES = ("a", "b", "c")
TEXTS = ("", "a", "b", "ab", "abc", "abcde")
NUMBERS = (-1, 0, 1, 2, 3, 4, 6, 0.5, 1.5, 2.0)
LEAVES = (None, True, False, *TEXTS, *NUMBERS)
SHORT = (
    *(
        "string",
        "string<=2",
        "string>=1<=3",
        "integer",
        "int>=0",
        "int<3",
        "number",
        "number>=0<=2",
        "number>1",
    ),
    *("boolean", "null", "any", "object", "array", "string[]", "number[]>=1<=2", "int[][]", "string<=1[]"),
    *("string|null", "int|string", "a|b", "a|b|ab", "string|string[]", "number|boolean"),
)
SCALARS = ("null", "string", "integer", "number", "boolean")
BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
COUNTED = {"string": "Length", "array": "Items", "object": "Properties"}
WORDS: tuple[dict[str, Any], ...] = (
    {"not": {"type": "string", "maxLength": 1}},
    {"not": {"enum": [1, "a"]}},
    {"allOf": [{"maxLength": 3}, {"minimum": 0}]},
    {"oneOf": [{"type": "number"}, {"type": "integer"}, {"type": "string"}]},
    {"if": {"type": "integer"}, "then": {"minimum": 1}},
    {"pattern": "^a"},
    {"propertyNames": {"maxLength": 1}},
    {"propertyNames": {"enum": ["a", "b"]}},
    {"dependentRequired": {"a": ["b"]}},
    {"contains": {"type": "integer"}},
    {"contains": {"type": "string"}, "maxContains": 1, "minContains": 0},
    {"prefixItems": [{"type": "string"}]},
    {"uniqueItems": True},
    {"multipleOf": 2},
    {"multipleOf": 6},
    {"multipleOf": 0.5},
    {"$ref": "#/$defs/One"},
)


_SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "string": st.sampled_from(TEXTS),
    "integer": st.sampled_from([one for one in NUMBERS if one == int(one)]),
    "number": st.sampled_from(NUMBERS),
    "boolean": st.booleans(),
    "null": st.none(),
}


@st.composite
def schemas(draw: Draw, depth: int = 2) -> Any:
    """Any schema of the keywords that a signature may have."""
    way = draw(
        st.sampled_from(("type", "type", "type", "enum", "types", "any", *(("anyOf",) if depth else ())))
    )
    if way == "any":
        return draw(st.sampled_from((True, True, {}, False)))
    if way == "enum":
        values = draw(st.lists(st.sampled_from(LEAVES), min_size=1, max_size=3, unique_by=repr))
        return {"const": values[0]} if len(values) == 1 else {"enum": values}
    if way == "anyOf":
        return {"anyOf": draw(st.lists(schemas(depth=depth - 1), min_size=1, max_size=3))}
    kinds = draw(
        st.lists(
            st.sampled_from(("string", "integer", "number", "boolean", "null", "array", "object")),
            min_size=1,
            max_size=1 if way == "type" else 3,
            unique=True,
        )
    )
    made: dict[str, Any] = {"type": kinds[0] if len(kinds) == 1 else kinds}
    for kind in kinds:
        made |= draw(limits(kind, depth))
    return made | (draw(st.sampled_from(WORDS)) if draw(st.integers(0, 5)) == 0 else {})


@st.composite
def limits(draw: Draw, kind: str, depth: int) -> dict[str, Any]:
    """What a schema of a type says besides the type."""
    made: dict[str, Any] = {}
    if kind in ("integer", "number"):
        for keyword in BOUNDS:
            if draw(st.booleans()):
                made[keyword] = draw(st.sampled_from(NUMBERS))
    if kind in COUNTED:
        for end, sizes in (("min", (0, 1, 2)), ("max", (1, 2, 3))):
            if draw(st.booleans()):
                made[f"{end}{COUNTED[kind]}"] = draw(st.sampled_from(sizes))
    if kind == "array" and depth:
        made["items"] = draw(schemas(depth=depth - 1))
    return made | draw(fields(depth)) if kind == "object" and depth else made


@st.composite
def fields(draw: Draw, depth: int) -> dict[str, Any]:
    """The fields of an object, open or closed."""
    made: dict[str, Any] = {
        "properties": draw(st.dictionaries(st.sampled_from(NAMES), schemas(depth=depth - 1), max_size=3)),
        "required": draw(st.lists(st.sampled_from(NAMES), max_size=2, unique=True)),
    }
    rest = draw(st.sampled_from(("closed", "closed", "open", "schema")))
    if rest != "open":
        made["additionalProperties"] = False if rest == "closed" else draw(schemas(depth=depth - 1))
    return made


@st.composite
def roots(draw: Draw) -> dict[str, Any]:
    """What may stand under `inputs` or `outputs` as JSON Schema."""
    made = {"type": "object", **draw(fields(2)), "$defs": {"One": draw(schemas(depth=1))}}
    return made if "$ref" not in str(made["$defs"]) else {**made, "$defs": {"One": {"type": "string"}}}


def shorts() -> st.SearchStrategy[dict[str, Any]]:
    """What may stand there in the short form."""
    names = st.sampled_from(NAMES).flatmap(lambda name: st.sampled_from((name, f"{name}?")))
    written = st.dictionaries(names, st.sampled_from(SHORT), max_size=3)
    return written.filter(lambda made: not any(f"{name}?" in made for name in made))


@st.composite
def tweaks(draw: Draw, schema: Any) -> Any:
    """A schema that differs from this one in one place."""
    if not isinstance(schema, dict) or not schema or draw(st.integers(0, 9)) == 0:
        return draw(schemas(depth=1))
    kinds = schema.get("type", "string")
    keyword = draw(st.sampled_from((*sorted(schema), "more")))
    if keyword == "more":
        kind = draw(st.sampled_from([kinds] if isinstance(kinds, str) else kinds))
        more = draw(st.one_of(limits(kind, 1), st.sampled_from(WORDS[:-1])))
        return {**more, **schema}
    rest = {name: value for name, value in schema.items() if name != keyword}
    if keyword not in ("properties", "$defs", "$ref") and draw(st.integers(0, 3)) == 0:
        return rest
    return {**rest, keyword: draw(_other(keyword, schema[keyword]))}


def _other(keyword: str, value: Any) -> st.SearchStrategy[Any]:
    """Another value of a keyword."""
    if keyword in ("properties", "$defs"):
        return _other_fields(value, drop=keyword == "properties")
    if keyword in ("items", "additionalProperties"):
        return tweaks(value)
    if keyword == "anyOf":
        return st.tuples(*(tweaks(one) for one in value)).map(list)
    kinds = [value] if isinstance(value, str) else value
    others: dict[str, st.SearchStrategy[Any]] = {
        "type": st.sampled_from(SCALARS).map(lambda kind: sorted({*kinds, kind})),
        "required": st.lists(st.sampled_from(NAMES), max_size=2, unique=True),
        "enum": st.sampled_from(LEAVES).map(lambda one: [*value[1:], one]),
        **{bound: st.sampled_from(NUMBERS) for bound in BOUNDS},
    }
    return others.get(keyword, st.integers(0, 3) if keyword.startswith(("min", "max")) else st.just(value))


@st.composite
def _other_fields(draw: Draw, value: dict[str, Any], *, drop: bool) -> dict[str, Any]:
    act = draw(st.sampled_from(("tweak", "tweak", "tweak", "drop", "add") if drop else ("tweak",)))
    if act == "add" or not value:
        return {draw(st.sampled_from(NAMES)): draw(schemas(depth=0)), **value} if drop else value
    name = draw(st.sampled_from(sorted(value)))
    rest = {other: one for other, one in value.items() if other != name}
    return rest if act == "drop" else {**rest, name: draw(tweaks(value[name]))}


@st.composite
def values(draw: Draw, schema: Any, definitions: dict[str, Any] | None = None) -> Any:
    """A value that mostly fits; the caller asks whether it does."""
    definitions = schema.get("$defs", {}) if definitions is None else definitions
    if not isinstance(schema, dict) or not schema:
        return draw(st.sampled_from(LEAVES))
    if "anyOf" in schema or "oneOf" in schema:
        return draw(values(draw(st.sampled_from(schema.get("anyOf") or schema["oneOf"])), definitions))
    if "$ref" in schema and "type" not in schema:
        return draw(values(definitions["One"], definitions))
    if "const" in schema or "enum" in schema:
        return draw(st.sampled_from(schema.get("enum", [schema.get("const")]) or LEAVES))
    kinds = schema.get("type", "string")
    kind = kinds if isinstance(kinds, str) else draw(st.sampled_from(kinds))
    if kind in _SCALARS:
        return draw(_SCALARS[kind])
    return draw((_objects if kind == "object" else _arrays)(schema, definitions))


@st.composite
def _arrays(draw: Draw, schema: dict[str, Any], definitions: dict[str, Any]) -> list[Any]:
    least = schema.get("minItems", 0)
    inner = values(schema.get("items", True), definitions)
    return draw(st.lists(inner, min_size=least, max_size=max(3, least)))


@st.composite
def _objects(draw: Draw, schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    named, rest = schema.get("properties", {}), schema.get("additionalProperties", True)
    made = {}
    for name in (*NAMES, "d"):
        if name in schema.get("required", ()) or draw(st.booleans()):
            made[name] = draw(values(named.get(name, rest), definitions))
    for name in list(made):
        if name not in named and rest is False:
            del made[name]
    return made


def fitting(data: st.DataObject, schema: dict[str, Any], count: int) -> list[Any]:
    """Values that fit, by the judgement of the library itself."""
    judge = Draft202012Validator(schema)
    drawn = data.draw(st.lists(values(schema), min_size=count, max_size=count))
    return [one for one in drawn if judge.is_valid(one)]
