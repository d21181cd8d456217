"""Finds secrets in a text with the detectors of `detect-secrets`, without network, and keeps none of them.

Which detectors, and why not all: the two that judge by entropy fire on every SHA-256 and on much of a tokenizer's
vocabulary, and the one for IP addresses on version numbers; none of the three says that something is a secret. Those
for Cloudant and IBM look for assignments, which the one for keywords finds as well, and took half of the time. The
library's own way through a file takes each line through every filter, and lets a comment in the file switch it off. So the detectors are asked directly, a block of lines at a time, and only a block
in which one fires is looked at line by line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from modelmark.domain.formats import Secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MAX_TEXT = 32 << 20
MAX_FOUND = 50
_BLOCK = 1 << 16
_DETECTORS = (
    "ArtifactoryDetector",
    "AWSKeyDetector",
    "AzureStorageKeyDetector",
    "BasicAuthDetector",
    "DiscordBotTokenDetector",
    "GitHubTokenDetector",
    "GitLabTokenDetector",
    "JwtTokenDetector",
    "MailchimpDetector",
    "NpmDetector",
    "OpenAIDetector",
    "PrivateKeyDetector",
    "PypiTokenDetector",
    "SendGridDetector",
    "SlackDetector",
    "SquareOAuthDetector",
    "StripeDetector",
    "TelegramBotTokenDetector",
    "TwilioKeyDetector",
)
# Tokens of this field that the library does not know.
_OURS = (
    ("Hugging Face Token", re.compile(r"\bhf_[A-Za-z0-9]{30,40}\b")),
    ("Anthropic Key", re.compile(r"\bsk-ant-[A-Za-z0-9_-]{20,}")),
    ("Google API Key", re.compile(r"\bAIza[A-Za-z0-9_-]{35}\b")),
    ("Weights & Biases Key", re.compile(r"WANDB_API_KEY['\"]?\s*[:=]\s*['\"]?[0-9a-f]{40}\b")),
)
_KEYWORD = re.compile(
    r"(api|auth|service|account|db|database|priv|private|client)_?key|pass|pwd|secret|contrase", re.I
)
_PLACEHOLDER = re.compile(
    r"^<.*>$|\$\{|\{\{|^\$\w+$|%\(|^%s$|\*\*\*|^x+$|change.?me|your.|example|placeholder|dummy|redacted", re.I
)
_ITEMS = re.compile(r"[,{}]")


class Detectors:
    """The detectors, made once."""

    def __init__(self) -> None:
        from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class  # noqa: PLC0415
        from detect_secrets.plugins.keyword import KeywordDetector  # noqa: PLC0415

        classes: Iterable[Any] = get_mapping_from_secret_type_to_class().values()
        known = {one.__name__: one for one in classes}
        self._regular = [known[name]() for name in _DETECTORS]
        self._keyword = KeywordDetector()

    def search(self, blocks: Iterable[Sequence[str]]) -> Iterator[Secret]:
        """The places of secrets in a text that comes as blocks of lines."""
        line, found = 0, 0
        for block in blocks:
            if self._fires("".join(block)):
                for place, text in enumerate(block, line + 1):
                    for kind in dict.fromkeys(self._kinds(text)):
                        yield Secret(place, kind)
                        found += 1
                        if found >= MAX_FOUND:
                            return
            line += len(block)

    def _fires(self, text: str) -> bool:
        return (
            any(one.search(text) for _, one in _OURS)
            or _KEYWORD.search(text) is not None
            or any(True for detector in self._regular for _ in detector.analyze_string(text))
        )

    def _kinds(self, line: str) -> Iterator[str]:
        for detector in self._regular:
            if any(not _PLACEHOLDER.search(value) for value in detector.analyze_string(line) if value):
                yield detector.secret_type
        for kind, pattern in _OURS:
            if pattern.search(line):
                yield kind
        if _KEYWORD.search(line) and any(map(_is_value, self._values(line))):
            yield self._keyword.secret_type

    def _values(self, line: str) -> Iterator[str]:
        """What stands behind words like `password`, also where JSON has all on one line or a notebook quotes code."""
        for item in _ITEMS.split(line.replace('\\"', '"')):
            if _KEYWORD.search(item):
                yield from self._keyword.analyze_string(item)


def _is_value(text: str) -> bool:
    """Whether what stands behind `password` may be one: no placeholder, no sentence, and long enough to be a secret."""
    return len(text) >= 6 and " " not in text and not _PLACEHOLDER.search(text)


def blocks(lines: Iterable[str]) -> Iterator[list[str]]:
    """Lines in blocks of some 64 KiB."""
    block: list[str] = []
    size = 0
    for line in lines:
        block.append(line)
        size += len(line)
        if size >= _BLOCK:
            yield block
            block, size = [], 0
    if block:
        yield block
