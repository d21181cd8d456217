"""Tokenizers of a version in memory, looked at and judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from modelmark.checks.tokenizer import check
from modelmark.domain.findings import Level
from modelmark.domain.formats import Formats
from modelmark.domain.tokenizers import Tokenizers
from tests.support.candidates import asking

Seen = Callable[[Mapping[str, bytes | str]], Tokenizers]


def judged(facts: Tokenizers, formats: Formats | None = None) -> list[tuple[str, str]]:
    found = check(asking("tokenizer", facts, formats or Formats({})))
    return [(one.level.value, one.message) for one in found]


def errors(facts: Tokenizers, formats: Formats | None = None) -> list[str]:
    return [message for level, message in judged(facts, formats) if level == Level.ERROR]
