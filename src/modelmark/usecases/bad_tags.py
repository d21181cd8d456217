"""What is said of a tag that does not count: why, who made it, what is still true, and what to do instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.domain.findings import Finding, Level
from modelmark.domain.names import shown
from modelmark.domain.tags import AssignmentTag, parse_tag_name
from modelmark.errors import InvalidInput

if TYPE_CHECKING:
    from modelmark.domain.history import BadTag, ModelHistory, TagClaim

TAGS = "tags"


def bad_tag(bad: BadTag, claim: TagClaim, history: ModelHistory) -> Finding:
    """A tag that does not count, with what is known of who made it."""
    who = f"made by {shown(claim.by)}" if claim.by else "nobody says to have made it"
    said = f"the tag {bad.name} does not count: {bad.why} ({who}, on {claim.points_at[:12]})"
    return Finding(TAGS, Level.ERROR, said, hint=_mend(bad.name, history))


def _mend(name: str, history: ModelHistory) -> str:
    """What to do; a name that is none of ours stands in no command."""
    if "#" not in name:
        return "have it deleted on the remote, then run `modelmark apply`"
    ignored = "it is ignored, and its number stays used up: find out who pushed it"
    try:
        tag = parse_tag_name(name)
    except InvalidInput:
        return ignored
    if not isinstance(tag, AssignmentTag):
        return ignored
    means = history.meaning(tag.alias)
    if means is None:
        return f"{ignored}; {tag.alias} still means nothing"
    command = f"modelmark rollback {tag.model} --alias {tag.alias} --to VERSION --reason …"
    return f"{ignored}; {tag.alias} still means {means}; to roll back: {command}"
