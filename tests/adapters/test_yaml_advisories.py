"""advisories.yaml is read strictly, because it may say yes where nobody else can be asked."""

from __future__ import annotations

from datetime import date

import pytest

from modelmark.adapters.yaml_files import YamlFiles
from modelmark.domain.advisories import Advisories, Advisory
from modelmark.errors import InvalidInput

GOOD = """\
checked_at: 2026-11-18
advisories:
  - id: GHSA-34jh-p97f-mpxf
    package: URLlib3
    affected: ">=2,<2.2.2"
    severity: medium
    summary: a header goes to another host
"""


def read(text: str) -> Advisories:
    return YamlFiles().advisories(text.encode(), "advisories.yaml")


def test_a_reviewed_file_is_read() -> None:
    advisory = Advisory(
        "GHSA-34jh-p97f-mpxf", "urllib3", "<2.2.2,>=2", "medium", "a header goes to another host"
    )
    assert read(GOOD) == Advisories(date(2026, 11, 18), (advisory,))


def test_somebody_may_have_looked_and_found_nothing() -> None:
    assert read("checked_at: 2026-11-18\n") == Advisories(date(2026, 11, 18))


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("checked_at: 2026-11-18\n", "", 1, "checked_at"),
        ("2026-11-18", "yesterday", 1, "must be a day"),
        (">=2,<2.2.2", "old ones", 5, "must say which versions"),
        (">=2,<2.2.2", " ", 5, "must say which versions"),
        ("medium", "scary", 6, "must be one of low, medium, high, critical"),
        ("    summary: a header goes to another host\n", "", 3, "summary"),
        ("summary", "sumary", 7, "did you mean summary"),
        ("checked_at: 2026-11-18\n", "checked_at: 2026-11-18\nchecked_at: 2026-11-19\n", 2, "checked_at"),
    ],
)
def test_what_is_not_well_formed_is_refused_with_its_line(old: str, new: str, line: int, says: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read(GOOD.replace(old, new))
    assert caught.value.line == line
    assert says in f"{caught.value.message} {caught.value.hint}"
