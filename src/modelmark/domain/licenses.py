"""Which licence a package has, as SPDX says it, and whether a list of identifiers allows it.

Metadata says it in three ways, and the first that says something counts: a licence expression, Trove classifiers, free
text. What these mean is data here; what cannot be told is never allowed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_MAX_TOKENS = 400
# Free text that is an expression already, such as `BSD-3-Clause AND MIT`: a first identifier with a hyphen tells it.
_IDENTIFIERS = re.compile(r"[A-Za-z0-9.]+(-[A-Za-z0-9.]+)+( (AND|OR|WITH) [A-Za-z0-9.+-]+)*")
_TOKEN = re.compile(r"\(|\)|[A-Za-z0-9.:+-]+")

# Where a name leaves open which of several licences is meant, all of them must be allowed.
_CLASSIFIERS: Mapping[str, str] = {
    "Academic Free License (AFL)": "AFL-3.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-2-Clause AND BSD-3-Clause",
    "Boost Software License 1.0 (BSL-1.0)": "BSL-1.0",
    "CC0 1.0 Universal (CC0 1.0) Public Domain Dedication": "CC0-1.0",
    "Eclipse Public License 2.0 (EPL-2.0)": "EPL-2.0",
    "GNU Affero General Public License v3": "AGPL-3.0-only",
    "GNU Affero General Public License v3 or later (AGPLv3+)": "AGPL-3.0-or-later",
    "GNU General Public License v2 (GPLv2)": "GPL-2.0-only",
    "GNU General Public License v2 or later (GPLv2+)": "GPL-2.0-or-later",
    "GNU General Public License v3 (GPLv3)": "GPL-3.0-only",
    "GNU General Public License v3 or later (GPLv3+)": "GPL-3.0-or-later",
    "GNU Lesser General Public License v2 (LGPLv2)": "LGPL-2.0-only",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.0-or-later",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
    "Historical Permission Notice and Disclaimer (HPND)": "HPND",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "MIT No Attribution License (MIT-0)": "MIT-0",
    "Mozilla Public License 1.1 (MPL 1.1)": "MPL-1.1",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
    "Universal Permissive License (UPL)": "UPL-1.0",
    "Zero-Clause BSD (0BSD)": "0BSD",
    "zlib/libpng License": "Zlib",
}

# The whole free text in lower case, without punctuation and the words "the" and "license".
_NAMES: Mapping[str, str] = {
    "0bsd": "0BSD",
    "apache": "Apache-2.0",
    "apache 2": "Apache-2.0",
    "apache 2 0": "Apache-2.0",
    "apache software": "Apache-2.0",
    "apache software 2 0": "Apache-2.0",
    "apache version 2 0": "Apache-2.0",
    "bsd": "BSD-2-Clause AND BSD-3-Clause",
    "bsd 2 clause": "BSD-2-Clause",
    "bsd 3 clause": "BSD-3-Clause",
    "3 clause bsd": "BSD-3-Clause",
    "modified bsd": "BSD-3-Clause",
    "new bsd": "BSD-3-Clause",
    "simplified bsd": "BSD-2-Clause",
    "expat": "MIT",
    "gpl": "GPL-2.0-only AND GPL-3.0-only",
    "gplv2": "GPL-2.0-only",
    "gplv3": "GPL-3.0-only",
    "hpnd": "HPND",
    "isc": "ISC",
    "lgpl": "LGPL-2.1-only AND LGPL-3.0-only",
    "mit": "MIT",
    "mpl 2 0": "MPL-2.0",
    "mozilla public 2 0": "MPL-2.0",
    "psf": "PSF-2.0",
    "psfl": "PSF-2.0",
    "python software foundation": "PSF-2.0",
    "unlicense": "Unlicense",
    "zlib": "Zlib",
}

# How a whole licence begins, where somebody pasted it.
_OPENINGS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), spdx)
    for pattern, spdx in (
        (r"\s*apache license\s+version 2\.0", "Apache-2.0"),
        (r"\s*(the )?mit license\b", "MIT"),
        (r"\s*bsd 3-clause license\b", "BSD-3-Clause"),
        (r"\s*bsd 2-clause license\b", "BSD-2-Clause"),
        (r"\s*isc license\b", "ISC"),
        (r"\s*mozilla public license,? version 2\.0", "MPL-2.0"),
        (r"\s*gnu affero general public license\s+version 3", "AGPL-3.0-only"),
        (r"\s*gnu general public license\s+version 3", "GPL-3.0-only"),
        (r"\s*gnu general public license\s+version 2", "GPL-2.0-only"),
        (r"\s*gnu lesser general public license\s+version 3", "LGPL-3.0-only"),
    )
)


@dataclass(frozen=True)
class Licensed:
    """What the metadata of one pinned requirement says; empty = nothing.

    Attributes:
        expression: `License-Expression`.
        classifiers: the Trove classifiers for licences.
        text: `License`, its beginning.
    """

    name: str
    version: str
    expression: str = ""
    classifiers: tuple[str, ...] = ()
    text: str = ""

    @property
    def pin(self) -> str:
        """`numpy==1.26.4`."""
        return f"{self.name}=={self.version}"

    @property
    def said(self) -> str:
        """The licence in the package's own words."""
        return self.expression or ", ".join(self.classifiers) or self.text


@dataclass(frozen=True)
class PackageLicenses:
    """The licences of the pinned requirements."""

    packages: tuple[Licensed, ...] = ()


def spdx_of(package: Licensed) -> str:
    """An SPDX expression for the licence of a package; empty where it cannot be told."""
    if package.expression:
        return package.expression
    known = [_CLASSIFIERS.get(one.rpartition(" :: ")[2], "") for one in package.classifiers]
    # Several classifiers are both "either" and "both" in practice, so each of them must be allowed.
    if known:
        return " AND ".join(dict.fromkeys(known)) if all(known) else ""
    return _of_text(package.text)


def _of_text(text: str) -> str:
    words = re.sub(r"[^a-z0-9]+", " ", text.lower()).split()
    named = _NAMES.get(" ".join(word for word in words if word not in ("the", "license", "licence")))
    if named:
        return named
    opening = next((spdx for pattern, spdx in _OPENINGS if pattern.match(text)), "")
    return opening or (text if _IDENTIFIERS.fullmatch(text) else "")


def is_allowed(expression: str, allowed: Collection[str]) -> bool:
    """Whether a list of identifiers allows an SPDX expression: any branch of OR, all of AND; nonsense is refused."""
    tokens = _TOKEN.findall(expression)
    if len(tokens) > _MAX_TOKENS or "".join(tokens) != re.sub(r"\s+", "", expression):
        return False
    try:
        answer = _either(tokens, {" ".join(one.lower().split()) for one in allowed})
    except (IndexError, ValueError):
        return False
    return answer and not tokens


# Each of these takes what it understands off the front of the tokens.


def _either(tokens: list[str], allowed: Collection[str]) -> bool:
    answers = [_both(tokens, allowed)]
    while tokens and tokens[0].upper() == "OR":
        del tokens[0]
        answers.append(_both(tokens, allowed))
    return any(answers)


def _both(tokens: list[str], allowed: Collection[str]) -> bool:
    answers = [_one(tokens, allowed)]
    while tokens and tokens[0].upper() == "AND":
        del tokens[0]
        answers.append(_one(tokens, allowed))
    return all(answers)


def _one(tokens: list[str], allowed: Collection[str]) -> bool:
    word = tokens.pop(0).lower()
    if word == "(":
        answer = _either(tokens, allowed)
        if tokens.pop(0) != ")":
            raise ValueError("a bracket is not closed")
        return answer
    if word in (")", "and", "or", "with"):
        raise ValueError("a licence is missing")
    # An exception only permits more; "or later" leaves the choice of the version that is named.
    names = {word, word.removesuffix("+"), word.replace("-or-later", "-only")}
    if tokens and tokens[0].upper() == "WITH":
        names.add(f"{word} with {tokens[1].lower()}")
        del tokens[:2]
    return not names.isdisjoint(allowed)
