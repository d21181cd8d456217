"""The pieces of a Markdown page, and the one rule by which foreign text is made inert in it.

A word that could mean anything to Markdown or to GitHub (a link, a mention, a reference, HTML, an emoji, a formula) is put
into a code span, where nothing means anything; only plain words and numbers stand free. What could end a code span or a
table's cell is replaced by a character that looks like it. Readers of programs take the JSON, which has every text as it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from modelmark.render.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

T = TypeVar("T")
PAGE = 60_000
"""GitHub refuses a comment of more than 65,536 characters."""
_TABLE = 12_000
_TAIL = 1_000
_LONELY = "\u02cb"
_LOOKALIKES = str.maketrans({"`": _LONELY, "|": "\u00a6"})

# Words of letters (with hyphens and apostrophes between them), of letters and digits, and numbers. No word has a dot
# between letters, since that may be an address, and none could be the id of a commit or of an issue.
_WORD = r"[^\W\d_]+(?:['’-][^\W\d_]+)*|[^\W\d_]{1,12}\d{1,6}"
_NUMBER = r"[-+−±]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[-+−±]?\d{1,6}(?:\.\d+)?(?:%|e[-+]?\d{1,3})?"
_PLAIN = re.compile(rf"\(?(?:{_WORD}|{_NUMBER})\)?[.,;:]?\)?|[-+=±−–…·→(]|[.,;:)][.,;:)]?")
_PIECE = re.compile(r"""(?<!\S)(?P<quoted>(?:'[^']*\s[^']*'|"[^"]*\s[^"]*")[.,;:)]*)(?!\S)|\S+""")
# The blank between a code span and the mark behind it, or between a bracket and the code span in it.
_LOOSE = re.compile(r"(?<=`) (?=[.,;:)]{1,2}(?: |$))|(?<= \() (?=`)")
_COMMAND = re.compile(r"(?:^|: )((?:modelmark|git|dvc) .*)$")
_COMMIT = re.compile(r"\(?[0-9a-f]{7,64}\)?[.,;:]?\)?")


def code(text: object, limit: int = 120) -> str:
    """Foreign text as a code span of one line; nothing where there is none."""
    found = clean(text, limit).translate(_LOOKALIKES)
    return f"`{found}`" if found else ""


def prose(text: object, limit: int = 500) -> str:
    """A foreign sentence: plain words stand free, everything else is in code spans, and so is what it puts between backticks."""
    parts = clean(text, limit).split("`")
    if len(parts) % 2 == 0:  # the last backtick has no partner
        parts = [_LONELY.join(parts)]
    spans = (code(part, limit) if place % 2 else _words(part, limit) for place, part in enumerate(parts))
    return _LOOSE.sub("", " ".join(filter(None, spans)))


def advice(text: object, limit: int = 500) -> str:
    """A hint: prose, and the command at its end as a whole."""
    found = clean(text, limit)
    command = _COMMAND.search(found)
    if command is None or "`" in found:
        return prose(found, limit)
    return f"{prose(found[: command.start(1)], limit)} {code(command[1], limit)}".strip()


def _words(text: str, limit: int) -> str:
    spans: list[str] = []
    held: list[str] = []
    for piece in _PIECE.finditer(text):
        word = piece[0]
        if piece["quoted"]:  # what somebody said stays in one piece, apart from what is around it
            spans += (*_held(held, limit), *_held([word], limit))
            held = []
            continue
        if not _PLAIN.fullmatch(word) or _COMMIT.fullmatch(word):
            held.append(word)
            continue
        spans += _held(held, limit)
        held = []
        spans.append(word)
    return " ".join((*spans, *_held(held, limit)))


def _held(words: Sequence[str], limit: int) -> list[str]:
    """Words as one code span; a comma or a colon at its end stands behind it."""
    text = " ".join(words)
    mark = text[-1] if len(text) > 1 and text[-1] in ",;:" else ""
    return [code(text.removesuffix(mark), limit) + mark] if text else []


def table(
    header: Sequence[str], items: Sequence[T], cells: Callable[[T], Sequence[str]], budget: int = _TABLE
) -> str:
    """A table with a row for each item, or nothing without items.

    Args:
        header: names of the columns.
        items: what the rows are about.
        cells: the cells of a row, inert already; asked only for rows that are shown.
        budget: characters; rows beyond them are counted, not shown.
    """
    if not items:
        return ""
    lines = [_line(header), _line(["---"] * len(header))]
    used = 0
    for shown, item in enumerate(items):
        line = _line(cells(item))
        used += len(line) + 1
        if used > budget:
            left = f"… and {len(items) - shown:,} more; `--json` has them all."
            return "\n".join(lines) + f"\n\n{left}"
        lines.append(line)
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def folded(summary: str, body: str) -> str:
    """A part that opens with a click; both texts are inert already, the summary has no code span."""
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"


def section(title: str, *parts: str, level: int = 3) -> str:
    """A heading and what stands below it; nothing where nothing does."""
    found = [part for part in parts if part]
    return "\n\n".join([f"{'#' * level} {title}", *found]) if found else ""


def bullets(lines: Iterable[str]) -> str:
    """A list of lines that are inert already."""
    return "\n".join(f"- {line}" for line in lines)


def fence(text: str, language: str = "") -> str:
    """A block of text of our own making."""
    return f"```{language}\n{text}\n```"


def page(sections: Sequence[tuple[str, str]], limit: int = PAGE) -> str:
    """As many sections as fit, in their order; what is left out is named at the end.

    Args:
        sections: what each is called in a sentence, and its text.
        limit: characters of the page.
    """
    shown, left, used = [], [], 0
    for name, text in sections:
        if not text:
            continue
        if used + len(text) + 2 > limit - _TAIL:
            left.append(name)
            continue
        used += len(text) + 2
        shown.append(text)
    if left:
        names = ", ".join(dict.fromkeys(left))
        names = names if len(names) < _TAIL - 200 else f"{len(left):,} sections"
        shown.append(f"**Left out, because the page would be too long:** {names}. `--json` has everything.")
    return "\n\n".join(shown) + "\n"
