"""The list of checks has every check of the room, in the order of reading."""

from __future__ import annotations

from pathlib import Path

from modelmark import checks
from tests.support.candidates import candidate


def test_every_module_of_the_room_is_in_the_list() -> None:
    modules = {path.stem for path in Path(checks.__file__).parent.glob("*.py")} - {"__init__"}
    assert {name.replace("-", "_") for name in checks.ALL} == modules


def test_an_empty_change_has_no_findings() -> None:
    assert [list(check.run(candidate())) for check in checks.ALL.values()] == [[]] * len(checks.ALL)
