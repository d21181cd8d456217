"""What becomes of the rulesets of a registry, for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.render.text import clean, plural

if TYPE_CHECKING:
    from collections.abc import Iterable

    from modelmark.domain.protection import Protection, Step


def steps(taken: Iterable[Step], *, dry: bool) -> str:
    """A line for each ruleset, and one for each thing that changes in it."""
    return "\n".join(line for step in taken for line in _lines(step, dry=dry))


def _lines(step: Step, *, dry: bool) -> list[str]:
    ruleset = step.ruleset
    if step.stays:
        return [f"as reviewed: {clean(ruleset.name)}"]
    if step.number is None:
        rules = ", ".join(clean(rule.type) for rule in ruleset.rules)
        verb = "would create" if dry else "created"
        return [f"{verb} {clean(ruleset.name)} ({clean(ruleset.target)}: {rules})"]
    verb = "would change" if dry else "changed"
    told = [f"    it {clean(one.words)}" for one in step.differences]
    return [f"{verb} {clean(ruleset.name)}, because on GitHub", *told]


def talk(found: Protection) -> str:
    """What could not be seen, and what no ruleset prevents."""
    unseen = (f"not seen: {clean(words)}" for words in found.unseen)
    return "\n".join((*unseen, *(f"stays open: {words}" for words in found.left_open)))


def headline(found: Protection) -> str:
    """Whether all holds, in a sentence."""
    what = f"what main asks for at {found.commit[:12]}"
    if not found.holds:
        return f"GitHub does not enforce {what}"
    if found.unseen:
        return f"not known whether GitHub enforces {what}: this token could not see all of it"
    count = plural(len(found.steps), "ruleset")
    return f"GitHub enforces {what}: {count}"
