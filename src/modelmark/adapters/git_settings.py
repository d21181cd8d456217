"""The settings under which Git runs here, whatever the user's own say: no hooks, no surprises, objects checked."""

from __future__ import annotations

SETTINGS = {
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "core.quotePath": "false",
    "protocol.version": "2",
    "push.followTags": "false",
    "push.gpgSign": "false",
    "push.recurseSubmodules": "no",
    "fetch.pruneTags": "false",
    "fetch.prune": "false",
    "fetch.recurseSubmodules": "false",
    "transfer.fsckObjects": "true",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "submodule.recurse": "false",
    "log.showSignature": "false",
    "log.follow": "false",
    "merge.autoStash": "false",
    "color.ui": "false",
    # The names of people go into tags, whose bytes must be the same on every machine.
    "i18n.logOutputEncoding": "UTF-8",
}
# Objects are checked as they come. What is wrong in form alone, and is read here by nothing or with distrust, is no reason to
# take none of a fetch: one commit of the past would stop every verb. What hides or doubles an entry of a tree stays an error.
_HARMLESS = (
    # Dates and time zones, which old tools wrote wrongly: `domain/tags.py` reads each, and refuses it by itself.
    "badTimezone",
    "badDate",
    "badDateOverflow",
    "missingSpaceBeforeDate",
    "zeroPaddedDate",
    # A mode with a zero in front, by old tools: Git reads the same number.
    "zeroPaddedFilemode",
    # What `.gitmodules` says: we never look into it, and never check out or fetch a submodule.
    "gitmodulesUrl",
    "gitmodulesPath",
    "gitmodulesName",
    "gitmodulesUpdate",
    "gitmodulesParse",
    "gitmodulesLarge",
)
SETTINGS |= {f"fetch.fsck.{name}": "warn" for name in _HARMLESS}
