"""Text is read as the command line reads it; values go through."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from modelmark import Registry, Request, parse_reference, parse_version
from modelmark.domain.names import ModelName
from modelmark.errors import InvalidInput
from modelmark.registry.asked import as_moment, as_one_version, as_reference, as_request, as_version
from tests.support.desk import Desk


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    desk = Desk.new(tmp_path)
    desk.live("1", "2")
    desk.sync()
    return Registry(desk.workspace, tmp_path)


def test_references_and_versions_are_text_or_values() -> None:
    for text in ("m@7", "m@prod", "m@latest", "m#prod#12"):
        assert as_reference(text) == parse_reference(text)
        assert as_reference(parse_reference(text)) == parse_reference(text)
    assert as_version("2.1") == as_version(parse_version("2.1")) == parse_version("2.1")
    assert as_one_version("m@7") == parse_reference("m@7")
    with pytest.raises(InvalidInput, match="'m@prod' is not one version"):
        as_one_version("m@prod")


@pytest.mark.parametrize(
    ("asked", "at"),
    [
        ("2026-03-31", datetime(2026, 3, 31, 23, 59, 59, 999999, tzinfo=UTC)),
        (date(2026, 3, 31), datetime(2026, 3, 31, 23, 59, 59, 999999, tzinfo=UTC)),
        ("2026-03-31T12:00", datetime(2026, 3, 31, 12, 0, tzinfo=UTC)),
        ("2026-03-31 12:00+02:00", datetime(2026, 3, 31, 10, 0, tzinfo=UTC)),
        (datetime(2026, 3, 31, 12, 0), datetime(2026, 3, 31, 12, 0, tzinfo=UTC)),
        (
            datetime(2026, 3, 31, 12, 0, tzinfo=timezone(timedelta(hours=2))),
            datetime(2026, 3, 31, 10, 0, tzinfo=UTC),
        ),
    ],
)
def test_a_day_means_its_end_and_a_time_without_a_zone_is_in_utc(asked: str | date, at: datetime) -> None:
    assert as_moment(asked) == at


@pytest.mark.parametrize("text", ["", "yesterday", "2026-02-30", "2026", "20260331"])
def test_another_text_is_no_date(text: str) -> None:
    with pytest.raises(InvalidInput, match="is not a date"):
        as_moment(text)


def test_a_request_has_what_was_said_and_no_other_keyword() -> None:
    made = as_request("out", "m", {"version": "2", "tags": {"language": "en"}, "note": "x"})
    assert made == Request(Path("out"), ModelName("m"), parse_version("2"), tags={"language": "en"}, note="x")
    with pytest.raises(TypeError, match="no keyword 'notes'"):
        as_request("out", "m", {"notes": "x"})  # type: ignore[typeddict-unknown-key]
    with pytest.raises(InvalidInput):
        as_request("out", "M", {})


def test_every_question_takes_text(registry: Registry) -> None:
    assert [str(row.version) for row in registry.list("m")] == ["2", "1"]
    assert [one.model for one in registry.list()] == ["m"]
    assert str(registry.resolve("m@prod").version) == "2"
    assert [str(one.version) for one in registry.history("m", "prod").assignments] == ["2", "1"]
    assert registry.history("m", "prod", as_of="2020-01-01").assignments == ()
    assert str(registry.show("m@1").manifest.version) == "1"
    assert [str(one) for one in registry.compare(["m@1", "m@2"], "prod").versions] == ["2", "1"]


def test_every_verb_takes_text(registry: Registry, tmp_path: Path) -> None:
    source = tmp_path / "more"
    source.mkdir()
    (source / "model.safetensors").write_text("other")
    made = registry.register(source, "m", version="5", note="by hand")
    assert made.manifest is not None
    assert (str(made.version), made.manifest.notes) == ("5", {"general": "by hand"})
    assert registry.promote("m@1", "staging", "again").submitted.branch == "promote/m-staging-3"
    registry.rollback("m", "prod", "1", "it broke")
    assert str(registry.resolve("m@prod").version) == "1"
    assert len(registry.record("m", "prod")) == 1
    with pytest.raises(InvalidInput):
        registry.promote("m@prod", "staging", "again")
