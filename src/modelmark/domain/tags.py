"""The tag protocol: names, messages and trailers of the annotated tags that say what is true.

The grammar is DESIGN.md, section 3. A message is a subject, a free text (the reason) and one last block of
trailers. We read it ourselves: `%(trailers)` of Git is empty on signed tags and accepts a key twice, and a
message that can be read in two ways must not mean anything.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from modelmark.domain.names import AliasName, ModelName, parse_alias_name, parse_model_name, shown
from modelmark.domain.versions import Version, parse_version
from modelmark.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

TAG_PREFIX = "refs/tags/"
NONE = "none"

VERSION_TRAILERS = ("Registry", "Manifest", "Manifest-SHA256", "Artifacts")
ASSIGNMENT_TRAILERS = ("Registry", "Version", "Version-Tag", "Previous-Version", "Previous-Tag")
ORIGIN_TRAILERS = ("Requested-By", "Approved-By", "Pull-Request")
_KNOWN = frozenset((*VERSION_TRAILERS, *ASSIGNMENT_TRAILERS, *ORIGIN_TRAILERS))

_TRAILER = re.compile(r"([A-Za-z][A-Za-z0-9-]*): (\S.*)")
_SIGNATURE = re.compile(r"^-----BEGIN (PGP|SSH|SIGNED) [A-Z ]+-----$", re.MULTILINE)
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
_OID = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
# What goes on as an argument of Git or as an address in the storage must look like one.
_SHAPES = {
    "Manifest": _OID,
    "Manifest-SHA256": re.compile(r"[0-9a-f]{64}"),
    "Artifacts": re.compile(r"[0-9a-f]{32}(\.dir)?"),
}
_PERSON = re.compile(r"(?P<who>[^\n]*) (?P<seconds>-?[0-9]{1,12}) (?P<zone>[+-][0-9]{4})")


@dataclass(frozen=True)
class VersionTag:
    """`<model>@v<version>`: this version is registered."""

    model: ModelName
    version: Version

    def __str__(self) -> str:
        """The tag's short name."""
        return f"{self.model}@v{self.version}"


@dataclass(frozen=True)
class AssignmentTag:
    """`<model>#<alias>#<n>`: the n-th assignment of this alias."""

    model: ModelName
    alias: AliasName
    number: int

    def __str__(self) -> str:
        """The tag's short name."""
        return f"{self.model}#{self.alias}#{self.number}"


TagName = VersionTag | AssignmentTag


def parse_tag_name(name: str) -> TagName | None:
    """Read a tag's short name; None for a tag that is not ours at all (no `@v` and no `#` in it).

    Raises:
        InvalidInput: it looks like one of ours and is malformed.
    """
    if "#" in name:
        parts = name.split("#")
        if len(parts) != 3 or not _NUMBER.fullmatch(parts[2]):
            raise InvalidInput(f"the tag {shown(name)} is not MODEL#ALIAS#NUMBER")
        return AssignmentTag(parse_model_name(parts[0]), parse_alias_name(parts[1]), int(parts[2]))
    model, found, version = name.partition("@v")
    if not found:
        return None
    return VersionTag(parse_model_name(model), parse_version(version))


@dataclass(frozen=True)
class Person:
    """Who made a tag or commit, and when by their clock (never used for order)."""

    name: str
    email: str
    at: datetime

    def __str__(self) -> str:
        """`Name <email>`."""
        return f"{self.name} <{self.email}>"


@dataclass(frozen=True)
class Message:
    """A tag's message in its three parts; `trailers` keeps the written order."""

    subject: str
    reason: str
    trailers: Mapping[str, str]

    def __str__(self) -> str:
        """The message's text, as it goes into the tag object."""
        block = "\n".join(f"{key}: {value}" for key, value in self.trailers.items())
        return "\n\n".join(part for part in (self.subject, self.reason, block) if part) + "\n"


@dataclass(frozen=True)
class TagObject:
    """An annotated tag as Git stores it."""

    target: str
    target_type: str
    name: str
    tagger: Person
    message: str


def check_reason(text: str) -> str:
    """Return the reason as it may stand in a message: trimmed, and no line that could be read as a trailer."""
    lines = "\n".join(line.rstrip() for line in text.strip().splitlines())
    reason = re.sub(r"\n{3,}", "\n\n", lines)
    if not reason:
        raise InvalidInput("the reason is empty", "say why in a sentence: --reason 'better on short texts'")
    if re.search(r"[\x00-\x09\x0b-\x1f\x7f\ud800-\udfff]", reason) or len(reason) > 4000:
        raise InvalidInput(
            "the reason has control characters or more than 4,000 characters", "write plain text"
        )
    for line in reason.split("\n"):
        if _names_known_key(line) or line.startswith("-----BEGIN "):
            raise InvalidInput(
                f"the reason has a line that could be read as a trailer: {shown(line)}", "reword it"
            )
    return reason


def parse_message(text: str) -> Message:
    """Cut a message into subject, reason and trailers.

    Raises:
        InvalidInput: it can be read in two ways: a trailer outside the last block, one given twice, a line of
            another form among them, a second signature (Git cuts at the last one).
    """
    cuts = [found.start() for found in _SIGNATURE.finditer(text)]
    if len(cuts) > 1:
        raise InvalidInput("its message has more than one signature, so it can be read in two ways")
    body = (text[: cuts[0]] if cuts else text).strip("\n")
    paragraphs = [part.strip("\n") for part in re.split(r"\n[ \t]*\n", body)]
    subject, rest = paragraphs[0], [part for part in paragraphs[1:] if part]
    trailers: dict[str, str] = {}
    if rest and any(_names_known_key(line) for line in rest[-1].split("\n")):
        trailers = _parse_block(rest.pop())
    if any(_names_known_key(line) for part in (subject, *rest) for line in part.split("\n")):
        raise InvalidInput(
            "its message has a trailer outside the last paragraph, so it can be read in two ways"
        )
    return Message(subject, "\n\n".join(rest), trailers)


def _names_known_key(line: str) -> bool:
    key, colon, _ = line.partition(":")
    return bool(colon) and key.strip() in _KNOWN


def _parse_block(block: str) -> dict[str, str]:
    trailers: dict[str, str] = {}
    for line in block.split("\n"):
        match = _TRAILER.fullmatch(line.rstrip())
        if match is None or match[1] not in _KNOWN:
            raise InvalidInput(f"its last paragraph mixes trailers with {shown(line)}")
        if match[1] in trailers:
            raise InvalidInput(f"its message gives {match[1]} twice")
        if match[1] in _SHAPES and not _SHAPES[match[1]].fullmatch(match[2]):
            raise InvalidInput(f"its {match[1]} is no id: {shown(match[2])}")
        trailers[match[1]] = match[2]
    return trailers


def parse_person(text: str) -> Person:
    """Read `Name <email> 1700000000 +0100`, the form in which Git writes authors, committers and taggers."""
    match = _PERSON.fullmatch(text)
    if match is None:
        raise InvalidInput(f"it has no readable author: {shown(text)}")
    name, _, email = match["who"].partition("<")
    zone = match["zone"]
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:])) * (-1 if zone[0] == "-" else 1)
    try:
        at = datetime.fromtimestamp(int(match["seconds"]), UTC).astimezone(timezone(offset))
    except (ValueError, OverflowError, OSError) as error:
        raise InvalidInput(f"it has an impossible date: {shown(text)}") from error
    return Person(name.strip(), email.rstrip(">").strip(), at)


def parse_tag_object(data: bytes) -> TagObject:
    """Read the bytes of an annotated tag.

    Raises:
        InvalidInput: a header is missing, out of order, or not UTF-8.
    """
    try:
        header, _, message = data.decode("utf-8").partition("\n\n")
    except UnicodeDecodeError as error:
        raise InvalidInput("it is not written in UTF-8") from error
    fields = [line.partition(" ") for line in header.split("\n")]
    if [key for key, _, _ in fields[:4]] != ["object", "type", "tag", "tagger"]:
        raise InvalidInput("it is not an annotated tag with object, type, tag and tagger")
    values = [value for _, _, value in fields]
    if not _OID.fullmatch(values[0]):
        raise InvalidInput(f"it points at {shown(values[0])}, which is no object id")
    return TagObject(values[0], values[1], values[2], parse_person(values[3]), message)


def write_tag_object(target: str, name: TagName, tagger: Person, message: Message) -> bytes:
    """The bytes of the tag: a pure function of its arguments, so that a rerun makes the same object."""
    at = tagger.at
    stamp = f"{int(at.timestamp())} {at.strftime('%z') or '+0000'}"
    who = f"{_clean(tagger.name)} <{_clean(tagger.email)}>"
    return f"object {target}\ntype commit\ntag {name}\ntagger {who} {stamp}\n\n{message}".encode()


def object_id(data: bytes, target: str) -> str:
    """The id that Git gives to a tag of these bytes; SHA-256 where the target's id is one."""
    body = b"tag %d\0" % len(data) + data
    return (
        hashlib.sha1(body, usedforsecurity=False).hexdigest()
        if len(target) == 40
        else hashlib.sha256(body).hexdigest()
    )


def _clean(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f<>\ud800-\udfff]", "", text).strip() or "unknown"
