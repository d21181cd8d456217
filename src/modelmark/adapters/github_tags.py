"""The port `TagRefs` over GitHub's REST API: a tag's object, then its ref.

GitHub lets a workflow's token push no commit whose workflow files stand on no branch, and a tag of an older merge is such a
push; these requests go through. They are one tag at a time, so a decision is no longer made whole or not at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.domain.tags import TAG_PREFIX, parse_tag_object, write_tag_object
from modelmark.errors import CouldNot

if TYPE_CHECKING:
    from modelmark.adapters.github_rest import Rest
    from modelmark.domain.forge import Repository
    from modelmark.domain.plan import NewTag
    from modelmark.domain.tags import TagName


class Tags:
    """Tags of one repository."""

    def __init__(self, repository: Repository, rest: Rest) -> None:
        self._path = f"/repos/{repository}"
        self._rest = rest

    def make_tag(self, tag: NewTag) -> str:
        """See the port."""
        written = parse_tag_object(write_tag_object(tag.commit, tag.name, tag.tagger, tag.message))
        who = written.tagger
        body = {
            "tag": written.name,
            "message": written.message,
            "object": written.target,
            "type": written.target_type,
            "tagger": {"name": who.name, "email": who.email, "date": who.at.isoformat()},
        }
        match self._rest.call("POST", f"{self._path}/git/tags", body):
            case {"sha": str(oid)}:
                return oid
        raise CouldNot("GitHub's answer is no tag", "see that the remote's host is the right one")

    def create(self, name: TagName, oid: str) -> None:
        """See the port."""
        self._rest.call("POST", f"{self._path}/git/refs", {"ref": f"{TAG_PREFIX}{name}", "sha": oid})
