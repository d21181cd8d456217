from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from modelmark.domain.aliases import Aliases, Desired
from tests.support.domain import PROD, STAGING, alias_names, numbers, version, versions

wishes = st.builds(Desired, st.none() | versions, numbers, st.text(max_size=10))
files = st.builds(Aliases, st.dictionaries(alias_names, wishes, max_size=4))

BEFORE = Aliases({PROD: Desired(version("6"), 12, "better"), STAGING: Desired(version("7"), 3, "new")})


def test_a_new_entry_has_changed() -> None:
    assert BEFORE.changed_since(Aliases()) == BEFORE.entries


def test_an_entry_with_another_version_number_or_reason_has_changed() -> None:
    for wish in (
        Desired(version("7"), 12, "better"),
        Desired(version("6"), 13, "better"),
        Desired(version("6"), 12, "worse"),
        Desired(None, 12, "better"),
    ):
        after = Aliases({**BEFORE.entries, PROD: wish})
        assert after.changed_since(BEFORE) == {PROD: wish}
        assert after.removed_since(BEFORE) == ()


def test_an_entry_on_another_line_has_not_changed() -> None:
    after = Aliases(BEFORE.entries, {PROD: 9})
    assert after == BEFORE
    assert after.changed_since(BEFORE) == {}


def test_an_entry_that_is_gone_is_removed_and_not_changed() -> None:
    after = Aliases({STAGING: BEFORE.entries[STAGING]})
    assert after.changed_since(BEFORE) == {}
    assert after.removed_since(BEFORE) == (PROD,)


@given(files, files)
def test_what_changed_and_what_is_gone_lead_from_one_file_to_the_other(
    before: Aliases, after: Aliases
) -> None:
    kept = {alias: wish for alias, wish in before.entries.items() if alias not in after.removed_since(before)}
    assert {**kept, **after.changed_since(before)} == after.entries
