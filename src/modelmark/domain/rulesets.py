"""GitHub's rulesets as values: read, written, and how one differs from another.

A file in `.github/rulesets/` is the body of GitHub's own request. GitHub answers with more than it was sent (numbers, dates,
parameters that it has thought of since), so what nobody asked for is compared only where it could loosen a rule.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from modelmark.domain.names import shown
from modelmark.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from modelmark.domain.json_values import Json

FOLDER = ".github/rulesets"
ACTIVE = "active"
_ALL = "~ALL"
# Parameters that loosen a rule where they are true, and are false where nobody says them.
_LOOSENING = ("do_not_enforce_on_create", "update_allows_fetch_and_merge")
_LOOSENING_LISTS = ("allowed_merge_methods",)


@dataclass(frozen=True)
class Actor:
    """Somebody whom a ruleset lets through, in GitHub's words: a kind, its number, and when."""

    kind: str
    number: int | None
    mode: str = "always"

    def __str__(self) -> str:
        return f"{self.kind} {self.number} ({self.mode})"


@dataclass(frozen=True)
class Rule:
    """One rule of a ruleset."""

    type: str
    parameters: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class Ruleset:
    """One ruleset; its name says which.

    Attributes:
        target: `branch` or `tag`.
        enforcement: `active`, `disabled`, or `evaluate` (which only watches).
        bypass: who is let through; None = not shown to this token.
    """

    name: str
    target: str
    enforcement: str
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    rules: tuple[Rule, ...]
    bypass: tuple[Actor, ...] | None = ()


def ruleset_path(name: str) -> str:
    """`.github/rulesets/<name>.json`."""
    return f"{FOLDER}/{name}.json"


def ruleset_body(ruleset: Ruleset) -> dict[str, Json]:
    """What GitHub is sent to create a ruleset, or to replace one."""
    return {
        "name": ruleset.name,
        "target": ruleset.target,
        "enforcement": ruleset.enforcement,
        "bypass_actors": [
            {"actor_id": one.number, "actor_type": one.kind, "bypass_mode": one.mode}
            for one in ruleset.bypass or ()
        ],
        "conditions": {"ref_name": {"include": [*ruleset.include], "exclude": [*ruleset.exclude]}},
        "rules": [
            {"type": one.type, **({"parameters": dict(one.parameters)} if one.parameters else {})}
            for one in ruleset.rules
        ],
    }


def ruleset_bytes(ruleset: Ruleset) -> bytes:
    """The text of its file."""
    return (json.dumps(ruleset_body(ruleset), indent=2) + "\n").encode()


def parse_ruleset(data: bytes, path: str) -> Ruleset:
    """Read a file, which is called like the ruleset in it.

    Raises:
        InvalidInput: it is no ruleset, or one of another name.
    """
    try:
        found = read_ruleset(json.loads(data, object_pairs_hook=_once))
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"no JSON: {shown(str(error))}", "correct it", path=path) from error
    except InvalidInput as error:
        raise InvalidInput(error.message, error.hint, path=path) from error
    if ruleset_path(found.name) != path:
        raise InvalidInput(
            f"it holds the ruleset {shown(found.name)}", "call file and ruleset alike", path=path
        )
    return replace(found, bypass=found.bypass or ())


def _once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    twice = [key for key, count in Counter(key for key, _ in pairs).items() if count > 1]
    if twice:
        raise InvalidInput(f"it says {shown(twice[0])} twice", "keep one of them")
    return dict(pairs)


def read_ruleset(value: Any) -> Ruleset:
    """A ruleset as GitHub shows it, or as it is sent.

    Raises:
        InvalidInput: a part of it is not there, or is something else.
    """
    match value:
        case {
            "name": str(name),
            "target": str(target),
            "enforcement": str(enforcement),
            "rules": list(rules),
        }:
            actors = value.get("bypass_actors")  # left out for who may not change them
            return Ruleset(
                name,
                target,
                enforcement,
                _refs(value, "include"),
                _refs(value, "exclude"),
                tuple(map(_rule, rules)),
                tuple(map(_actor, actors)) if isinstance(actors, list) else None,
            )
    raise InvalidInput(
        "no ruleset: it needs name, target, enforcement and rules",
        "write it again: modelmark protect --write",
    )


def _refs(value: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """Patterns of the refs that a ruleset is for; without any it is for none."""
    match value.get("conditions"):
        case {"ref_name": {**patterns}}:
            found = patterns.get(key)
            return tuple(map(str, found)) if isinstance(found, list) else ()
    return ()


def _rule(value: Any) -> Rule:
    match value:
        case {"type": str(name)}:
            parameters = value.get("parameters")
            return Rule(name, parameters if isinstance(parameters, dict) else {})
    raise InvalidInput(f"{shown(str(value))} is no rule of a ruleset", "a rule has a type")


def _actor(value: Any) -> Actor:
    match value:
        case {"actor_type": str(kind)}:
            number = value.get("actor_id")
            mode = str(value.get("bypass_mode", "always"))
            return Actor(kind, number if isinstance(number, int) else None, mode)
    raise InvalidInput(f"{shown(str(value))} is nobody whom a ruleset lets through", "it has an actor_type")


# --- how two differ ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """One thing in which a ruleset is not what it should be, in words that follow its name.

    Attributes:
        weaker: it leaves something unprotected; else it only says more, or lets somebody less through.
    """

    words: str
    weaker: bool


def differences(wanted: Ruleset, there: Ruleset) -> tuple[Difference, ...]:
    """How a ruleset differs from the one that is wanted; who is let through counts only where it is shown."""
    everything = _ALL in there.include
    reached = (*there.include, *wanted.include) if everything else there.include
    return (
        *_kind(wanted, there),
        *_apart(wanted.include, reached, _Words("reaches {} too", "does not reach {}", more_is_weaker=False)),
        *_apart(wanted.exclude, there.exclude, _Words("leaves out {}", "does not leave out {}")),
        *_rules(wanted, there),
        *_apart(
            wanted.bypass or (),
            (wanted.bypass if there.bypass is None else there.bypass) or (),
            _Words("lets {} through", "does not let {} through"),
        ),
    )


@dataclass(frozen=True)
class _Words:
    """What to say of an entry that a list has more, or less, than it should; one of the two is the weaker way."""

    more: str
    less: str
    more_is_weaker: bool = True


def _apart(wanted: Sequence[object], there: Sequence[object], words: _Words) -> Iterator[Difference]:
    for one in there:
        if one not in wanted:
            yield Difference(words.more.format(shown(str(one))), words.more_is_weaker)
    for one in wanted:
        if one not in there:
            yield Difference(words.less.format(shown(str(one))), not words.more_is_weaker)


def _kind(wanted: Ruleset, there: Ruleset) -> Iterator[Difference]:
    if there.target != wanted.target:
        yield Difference(f"is for a {there.target}, not for a {wanted.target}", weaker=True)
    if there.enforcement != wanted.enforcement:
        words = f"is {there.enforcement}, not {wanted.enforcement}"
        yield Difference(words, weaker=wanted.enforcement == ACTIVE)


def _rules(wanted: Ruleset, there: Ruleset) -> Iterator[Difference]:
    asked, found = ({rule.type: rule for rule in one.rules} for one in (wanted, there))
    for name, rule in asked.items():
        if name not in found:
            yield Difference(f"has no rule {shown(name)}", weaker=True)
        else:
            yield from _parameters(rule, found[name])
    for name in found:
        if name not in asked:
            yield Difference(f"has the rule {shown(name)} too", weaker=False)


def _parameters(wanted: Rule, there: Rule) -> Iterator[Difference]:
    usual: Mapping[str, Json] = dict.fromkeys(_LOOSENING, False)
    said = (*wanted.parameters, *(key for key in usual if key not in wanted.parameters))
    for key in said:
        asked = wanted.parameters.get(key, usual.get(key))
        found = there.parameters.get(key, usual.get(key))
        if _plain(asked) != _plain(found):
            words = f"has {wanted.type}: {key} = {_short(found)}, not {_short(asked)}"
            yield Difference(words, _is_weaker(key, asked, found))


def _is_weaker(key: str, asked: Json, found: Json) -> bool:
    match asked, found:
        case bool(), bool():
            return found if key in _LOOSENING else not found
        case int(), int():
            return found < asked
        case list(), list():
            ours, theirs = (set(map(_plain, one)) for one in (asked, found))
            return bool(theirs - ours if key in _LOOSENING_LISTS else ours - theirs)
    return True


def _plain(value: Json) -> str:
    """A value whose order says nothing."""
    parts = sorted(map(_plain, value)) if isinstance(value, list) else value
    return json.dumps(parts, sort_keys=True)


def _short(value: Json) -> str:
    return "not said" if value is None else shown(json.dumps(value), 120)[1:-1]
