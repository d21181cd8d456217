"""The stable shape behind `--json`: a change of a golden file is a change that users see."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from modelmark.domain.references import parse_reference
from modelmark.render.data import json_text, to_json
from modelmark.usecases import listing
from modelmark.usecases.apply import apply
from modelmark.usecases.history import history
from modelmark.usecases.pull import LocalReleases, pull
from modelmark.usecases.resolve import LocalTags, resolve
from modelmark.usecases.show import show
from modelmark.usecases.verify import Depth, verify
from tests.render.values import HOSTILE, assignments, manifest, plan, verdict
from tests.support.desk import PROD, Desk, M
from tests.support.goldens import Golden

# Ids are hashes of the bytes of YAML files, which may be written in another way and say the same.
ID = re.compile(r"[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32}(\.dir)?|(?<=m-2-)[0-9a-f]{12}")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk.new(tmp_path)
    desk.live("1", "2")
    desk.by_hand("1")
    desk.registered("3")
    made = desk.register(desk.source("4"))
    desk.merge(made.submitted.branch if made.submitted else None)
    desk.sync()
    return desk


def test_every_reading_verb_has_its_shape(desk: Desk, golden: Golden) -> None:
    work = desk.workspace
    shapes = {
        "list": listing.list_models(work),
        "versions": listing.list_versions(work, M),
        "show": show(work, parse_reference("m@prod")),
        "history": history(work, M, PROD, None),
        "resolve": resolve(LocalTags(work), parse_reference("m@prod")),
        "verify": verify(work, None, Depth()),
        "apply": apply(work, dry_run=True),
        "pull": pull(
            LocalReleases(work, Path("/srv/clone")),
            desk.directories,
            parse_reference("m@2"),
            Path("/srv/model"),
        ),
    }
    for name, value in shapes.items():
        golden(f"{name}.json", ID.sub("<id>", json_text(value)) + "\n")


@pytest.mark.parametrize("text", ["", HOSTILE])
def test_it_is_json_whatever_the_text_is_and_gives_it_back_whole(text: str) -> None:
    for value in (verdict(text), plan(text), assignments(text), manifest(text)):
        shown = json_text(value)
        assert shown.replace("\n", "").isprintable()
        assert json.loads(shown) == json.loads(json.dumps(to_json(value)).replace("\\ud800", "?"))


def test_half_a_character_is_no_json_that_others_read_and_becomes_a_question_mark() -> None:
    assert json_text({"a\udcff": "b\ud800"}) == '{\n  "a?": "b?"\n}'


def test_characters_beyond_the_first_plane_are_escaped_as_pairs() -> None:
    assert json.loads(json_text({"a\U000e0041": "\u202e"})) == {"a\U000e0041": "\u202e"}
    assert json_text("é漢😀") == '"é漢😀"'


def test_what_has_no_form_is_a_bug_and_not_a_guess() -> None:
    with pytest.raises(TypeError, match="set has no JSON form"):
        to_json({1, 2})
