"""The list of checks has every check of the room, in the order of reading."""

from __future__ import annotations

from pathlib import Path

from modelmark import checks
from modelmark.domain.inspection import Reach
from modelmark.domain.policy import GATE_CHECKS
from tests.support.candidates import candidate

PAGE = Path(__file__).parents[2] / "docs" / "gate.md"


def test_every_module_of_the_room_is_in_the_list() -> None:
    modules = {path.stem for path in Path(checks.__file__).parent.glob("*.py")} - {"__init__"}
    assert {name.replace("-", "_") for name in checks.ALL} == modules


def test_an_empty_change_has_no_findings() -> None:
    assert [list(check.run(candidate())) for check in checks.ALL.values()] == [[]] * len(checks.ALL)


def test_the_page_on_the_gate_lists_every_check() -> None:
    looks = {Reach.LISTED: "Git", Reach.READ: "files", Reach.RUN: "network or sandbox"}
    rows = [
        f"| `{rule}` | {one.about} | {'where named' if one.named else 'always'} | {looks[one.reach]} | {'yes' if one.waivable else ''} |"
        for rule, one in checks.ALL.items()
    ]
    table = "\n".join(["| check | asks for | runs | looks at | waiver |", "|---|---|---|---|---|", *rows])
    assert f"<!-- checks -->\n{table}\n<!-- /checks -->" in PAGE.read_text(encoding="utf-8")


def test_every_check_that_a_gate_may_name_is_there() -> None:
    assert {rule for rule, one in checks.ALL.items() if one.named} == set(GATE_CHECKS)
