"""A directory becomes an immutable version, once."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelmark.domain.manifest import Compression
from modelmark.domain.names import ModelName
from modelmark.domain.references import ByVersion
from modelmark.errors import InvalidInput, Lost, NotFound, Refused, Unreachable
from modelmark.usecases import state
from modelmark.usecases.archive import archive
from modelmark.usecases.register import Registration, Request, register
from tests.support.desk import DIRECT, Desk, M, v


def ask(desk: Desk, request: Request) -> Registration:
    return register(desk.workspace, desk.directories, request)


def test_the_first_version_is_one_and_brings_a_card(desk: Desk) -> None:
    made = desk.register(desk.source())
    assert (made.version, made.uploaded, made.same_as) == (v("1"), 3, None)
    assert made.submitted is not None
    files = desk.git.entries(made.submitted.commit, "models")
    assert list(files) == ["models/m/1/artifacts.dvc", "models/m/1/manifest.yaml", "models/m/model.yaml"]
    assert "profile: generic" in desk.file("models/m/model.yaml", made.submitted.commit)
    assert desk.branches() == ["main", "register/m-1"]


def test_the_next_version_is_after_all_that_are_tagged_merged_or_pending(desk: Desk) -> None:
    desk.registered("1")
    made = desk.register(desk.source("merged"))
    desk.merge(made.submitted.branch if made.submitted else None)
    assert made.version == v("2")
    assert desk.register(desk.source("pending")).version == v("3")
    assert desk.register(desk.source("next")).version == v("4")


def test_a_pending_branch_with_the_same_bytes_is_this_registration_again(desk: Desk) -> None:
    source = desk.source()
    first = desk.register(source)
    desk.wait(1)
    again = desk.register(source)
    assert again.submitted is not None
    assert again.submitted.already
    assert (again.version, again.uploaded) == (first.version, 0)
    assert desk.branches() == ["main", "register/m-1"]


def test_bytes_that_are_a_version_already_are_not_stored_twice(desk: Desk) -> None:
    source = desk.source()
    made = desk.register(source)
    desk.accept(made.submitted.branch if made.submitted else None)
    again = desk.register(source)
    assert (again.same_as, again.submitted, again.uploaded, again.waits) == (v("1"), None, 0, False)


def test_bytes_that_are_merged_and_wait_for_apply_are_said_to_wait(desk: Desk) -> None:
    source = desk.source()
    made = desk.register(source)
    desk.merge(made.submitted.branch if made.submitted else None)
    assert desk.register(source).waits


def test_the_same_bytes_under_another_number_are_refused(desk: Desk) -> None:
    source = desk.source()
    made = desk.register(source)
    desk.accept(made.submitted.branch if made.submitted else None)
    with pytest.raises(Refused, match=r"these bytes are already m@1, so they cannot be 2") as caught:
        desk.register(source, "2")
    assert "modelmark promote m@1" in caught.value.hint


def test_archived_bytes_may_be_registered_as_a_new_version(desk: Desk) -> None:
    source = desk.source()
    made = desk.register(source)
    desk.accept(made.submitted.branch if made.submitted else None)
    desk.accept(archive(desk.workspace, ByVersion(M, v("1")), "withdrawn", None).branch)
    again = desk.register(source)
    assert (again.version, again.same_as) == (v("2"), None)


def test_the_same_bytes_in_another_model_are_a_version_of_it_and_stored_once(desk: Desk) -> None:
    source = desk.source()
    desk.register(source)
    other = desk.register(source, model=ModelName("n"))
    assert (other.version, other.uploaded) == (v("1"), 0)


def test_a_version_that_exists_never_changes(desk: Desk) -> None:
    desk.registered("1")
    with pytest.raises(Refused, match=r"m@1 exists, and a version never changes") as caught:
        desk.register(desk.source("other"), "1")
    assert caught.value.hint == "the next one is 2"


def test_a_version_with_another_count_of_numbers_is_refused(desk: Desk) -> None:
    desk.registered("1")
    with pytest.raises(Refused, match=r"2.0 has another count of numbers than 1") as caught:
        desk.register(desk.source("other"), "2.0")
    assert caught.value.hint == "the next version of m is 2"


def test_a_version_may_leave_a_gap_and_carry_a_build(desk: Desk) -> None:
    desk.registered("1")
    assert desk.register(desk.source("gpu"), "7+gpu").version == v("7+gpu")


def test_an_empty_directory_is_refused(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidInput, match=r"empty has no files") as caught:
        desk.register(tmp_path / "empty")
    assert caught.value.hint == "name the directory that the training wrote"


def test_names_that_differ_only_in_case_are_refused_with_the_directory(desk: Desk) -> None:
    source = desk.source(A="1", a="2")
    with pytest.raises(
        InvalidInput, match=rf"{source.name}: 'A' and 'a' differ only in upper and lower case"
    ):
        desk.register(source)


def test_an_unknown_profile_is_refused_with_those_that_exist(desk: Desk) -> None:
    with pytest.raises(InvalidInput, match=r"registry.yaml has no profile 'nlp'") as caught:
        ask(desk, Request(desk.source(), M, profile="nlp"))
    assert caught.value.hint == "it has: generic, text-classifier"


def test_a_profile_that_the_card_does_not_have_is_refused(desk: Desk) -> None:
    desk.registered("1")
    with pytest.raises(Refused, match=r"the card of m says profile generic, not text-classifier") as caught:
        ask(desk, Request(desk.source("2"), M, profile="text-classifier"))
    assert "models/m/model.yaml" in caught.value.hint


def test_a_branch_of_the_same_bytes_under_another_profile_is_not_taken_for_ours(desk: Desk) -> None:
    source = desk.source()
    ask(desk, Request(source, M))
    with pytest.raises(Lost, match=r"register/m-1 exists on origin with another change") as caught:
        ask(desk, Request(source, M, profile="text-classifier"))
    assert "git push origin --delete register/m-1" in caught.value.hint
    again = ask(desk, Request(source, M, profile="generic"))
    assert again.submitted is not None
    assert again.submitted.already


@pytest.mark.parametrize(
    ("key", "value"), [("", "x"), ("k" * 65, "x"), ("k", "x" * 257), ("k", "a\nb"), ("k", "\x1b[1m")]
)
def test_a_tag_that_is_not_short_and_printable_is_refused(desk: Desk, key: str, value: str) -> None:
    with pytest.raises(InvalidInput, match=r"is not a short printable key=value"):
        ask(desk, Request(desk.source(), M, tags={key: value}))


def test_a_signature_that_is_no_mapping_is_refused(desk: Desk) -> None:
    with pytest.raises(InvalidInput, match=r"a signature is a mapping with inputs and outputs"):
        desk.register(desk.source(signature__json="[]"))


def test_the_manifest_says_what_the_files_say(desk: Desk) -> None:
    arguments = (
        '{"lr": 0.1, "epochs": 3, "duration_seconds": 12, "python": "3.11", "hardware": {"gpu": "A100"}}'
    )
    source = desk.source(
        train_args__json=arguments, data_version__txt="d41d8\n", signature__json='{"inputs": []}'
    )
    tags, note = {"language": "en"}, "no personal data"
    found = ask(desk, Request(source, M, tags=tags, note=note, compression=Compression("quantised"))).manifest
    assert found is not None
    assert found.lineage.hyperparameters == {"lr": 0.1, "epochs": 3}
    assert (found.lineage.duration_seconds, found.lineage.data_version) == (12.0, "d41d8")
    assert (found.lineage.environment, found.lineage.hardware) == ({"python": "3.11"}, {"gpu": "A100"})
    assert (found.signature, found.tags, found.notes) == ({"inputs": []}, tags, {"general": note})
    assert [(one.path, one.type) for one in found.files if one.type in ("weights", "metrics")] == [
        ("metrics.json", "metrics"),
        ("model.safetensors", "weights"),
    ]
    assert [(one.name, one.value) for one in found.metrics] == [("f1", 0.95)]
    assert found.compression == Compression("quantised")


def test_nothing_is_pushed_when_the_storage_does_not_answer(desk: Desk) -> None:
    desk.storage.failure = Unreachable("the storage cannot be reached")
    with pytest.raises(Unreachable):
        desk.register(desk.source())
    assert desk.branches() == ["main"]


def test_without_a_registry_the_answer_says_how_to_make_one(tmp_path: Path) -> None:
    desk = Desk.new(tmp_path)
    desk.commit({"registry.yaml": None, "README.md": b"not a registry"})
    with pytest.raises(NotFound, match=r"there is no registry.yaml on origin/main") as caught:
        desk.register(desk.source())
    assert "modelmark init" in caught.value.hint


def test_a_registry_that_was_never_pushed_says_so(tmp_path: Path) -> None:
    desk = Desk.new(tmp_path)
    desk.sync()
    ours = desk.git.refs["refs/remotes/origin/main"]
    desk.git.refs[desk.git.head] = ours
    del desk.git.refs["refs/remotes/origin/main"]
    with pytest.raises(NotFound, match=r"your main has one: it is not on origin yet") as caught:
        state.find_main(desk.workspace)
    assert caught.value.hint == "git push -u origin main"
    desk.commit({"registry.yaml": None})
    desk.sync()
    with pytest.raises(NotFound) as caught:
        state.find_main(desk.workspace)
    assert "modelmark init" in caught.value.hint, "it was there, and somebody removed it"


def test_two_people_registering_in_one_moment_get_two_answers(desk: Desk) -> None:
    source, other = desk.source("mine"), desk.source("Bob's")
    clone, server = desk.other_clone(), desk.git.server
    assert server is not None
    server.meanwhile = [lambda: register(clone, desk.directories, Request(other, M))]
    with pytest.raises(Refused, match=r"somebody pushed register/m-1 in this moment"):
        desk.register(source)
    assert desk.register(source).version == v("2")


def test_a_direct_registry_registers_and_tags_at_once(tmp_path: Path) -> None:
    desk = Desk.new(tmp_path, DIRECT)
    assert desk.register(desk.source()).version == v("1")
    assert desk.tags() == ["m@v1"]
