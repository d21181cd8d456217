"""Everything about one version."""

from __future__ import annotations

from modelmark.domain.policy import Stage
from modelmark.domain.references import ByVersion, parse_reference
from modelmark.usecases.archive import archive
from modelmark.usecases.show import show
from tests.support.desk import PREV, PROD, STAGING, Desk, M, v


def test_show_says_everything_about_one_version(desk: Desk) -> None:
    desk.live("1", "2")
    desk.sync()
    found = show(desk.workspace, parse_reference("m@prev_prod"))
    assert (found.resolved.version, found.held_by, found.held_before) == (v("1"), (PREV,), (PROD, STAGING))
    assert found.manifest.metrics[0].value == 0.95
    assert found.archived is None


def test_show_says_why_a_version_is_archived(desk: Desk) -> None:
    desk.registered("1")
    desk.accept(archive(desk.workspace, ByVersion(M, v("1")), "withdrawn data", None).branch)
    desk.sync()
    found = show(desk.workspace, parse_reference("m@1"))
    assert (found.stage, found.archived) == (Stage.ARCHIVED, "withdrawn data")
