"""Making the tags say what main asks for: in order, once, whatever was killed or raced, and never past the gate."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelmark.domain.names import ModelName
from modelmark.domain.plan import State
from modelmark.domain.tags import parse_message, parse_tag_object
from modelmark.errors import Lost, Unreachable
from modelmark.usecases.apply import apply
from tests.support.desk import ADA, DIRECT, POLICY, PREV, PROD, SOAK, STAGING, Desk, M, v


def waiting(desk: Desk) -> None:
    """Version 1 is live, 2 is in staging, and its promotion to prod is merged."""
    desk.live("1")
    desk.registered("2")
    desk.promoted("2", STAGING)
    desk.merge(desk.promote("2", PROD, "short texts").submitted.branch)


def test_a_merged_version_gets_a_tag_on_the_merge(desk: Desk) -> None:
    merge = desk.registered("1")
    found = desk.history().versions[v("1")]
    assert (found.commit, found.by) == (merge, "Bob <bob@example.org>")
    assert found.manifest_blob == desk.git.entries(merge, "models")["models/m/1/manifest.yaml"]


def test_a_merged_promotion_gets_all_its_tags_in_one_push(desk: Desk) -> None:
    waiting(desk)
    (decision,) = desk.apply().plan.decisions
    assert [str(tag.name) for tag in decision.tags] == ["m#prod#2", "m#prev_prod#1"]
    assert desk.history().meaning(PREV) == v("1")


def test_an_assignment_says_who_asked_who_merged_and_why(desk: Desk) -> None:
    waiting(desk)
    desk.apply()
    message = parse_message(parse_tag_object(desk.git.objects.tags[desk.refs["refs/tags/m#prod#2"]]).message)
    assert (message.subject, message.reason) == ("m prod means 2", "short texts")
    assert message.trailers["Requested-By"] == "Ada <ada@example.org>"
    assert message.trailers["Approved-By"] == "Bob <bob@example.org>"
    assert message.trailers["Previous-Tag"] == desk.refs["refs/tags/m#prod#1"]


def test_who_commits_to_main_alone_has_no_approver(tmp_path: Path) -> None:
    desk = Desk.new(tmp_path, DIRECT)
    desk.live("1")
    found = desk.history().now(PROD)
    assert found is not None
    assert (found.trailers["Requested-By"], "Approved-By" in found.trailers) == (str(ADA), False)


def test_a_second_run_has_nothing_to_do(desk: Desk) -> None:
    waiting(desk)
    desk.apply()
    before = dict(desk.refs)
    done = desk.apply()
    assert (done.plan.decisions, done.plan.rejections, done.disagreements) == ((), (), ())
    assert desk.refs == before


def test_a_dry_run_plans_and_changes_nothing(desk: Desk) -> None:
    waiting(desk)
    before = dict(desk.refs)
    done = apply(desk.workspace, dry_run=True)
    assert (len(done.plan.decisions), done.pushed, desk.refs == before) == (1, False, True)


def test_without_push_the_tags_are_made_in_this_clone_only(desk: Desk) -> None:
    waiting(desk)
    done = apply(desk.workspace, push=False)
    assert (done.pushed, "m#prod#2" in desk.tags()) == (False, False)
    assert "refs/tags/m#prod#2" in desk.git.refs


def test_two_clones_make_the_same_tags_byte_for_byte(desk: Desk) -> None:
    waiting(desk)
    apply(desk.workspace, push=False)
    other = desk.other_clone()
    apply(other)
    assert desk.git.refs["refs/tags/m#prod#2"] == desk.refs["refs/tags/m#prod#2"]


def test_two_runs_in_one_moment_make_one_truth(desk: Desk) -> None:
    waiting(desk)
    other = desk.other_clone()
    assert desk.git.server is not None
    desk.git.server.meanwhile = [lambda: apply(other)]
    assert desk.apply().disagreements == ()
    assert desk.history().meaning(PROD) == v("2")
    assert desk.tags().count("m#prod#2") == 1


def test_a_rollback_that_is_faster_wins_and_the_merge_is_in_conflict(desk: Desk) -> None:
    desk.live("1", "2")
    desk.registered("3")
    desk.promoted("3", STAGING)
    desk.merge(desk.promote("3", PROD).submitted.branch)
    assert desk.git.server is not None
    desk.git.server.meanwhile = [lambda: desk.by_hand("1")]
    done = desk.apply()
    found = [(one.alias, one.state, one.means) for one in done.disagreements if one.alias == PROD]
    assert found == [(PROD, State.CONFLICT, v("1"))]
    assert desk.history().meaning(PROD) == v("1")


def test_losing_again_and_again_is_said(desk: Desk) -> None:
    waiting(desk)

    def lose() -> None:
        raise Lost("somebody else was faster")

    assert desk.git.server is not None
    desk.git.server.meanwhile = [lose] * 9
    (rejected,) = desk.apply().plan.rejections
    assert rejected.subject == "Merge promote/m-prod-2"
    assert rejected.reasons == (
        "others made tags at the same time, again and again: run `modelmark apply` again",
    )
    desk.git.server.meanwhile = []
    assert desk.apply().plan.rejections == ()
    assert desk.history().meaning(PROD) == v("2")


def test_a_run_that_is_killed_between_two_decisions_is_finished_by_the_next(desk: Desk) -> None:
    for version in ("1", "2"):
        made = desk.register(desk.source(version), version)
        desk.merge(made.submitted.branch if made.submitted else None)

    def power_cut() -> None:
        raise KeyboardInterrupt

    assert desk.git.server is not None
    desk.git.server.meanwhile = [lambda: None, power_cut]
    with pytest.raises(KeyboardInterrupt):
        desk.apply()
    assert desk.tags() == ["m@v1"]
    desk.apply()
    assert desk.tags() == ["m@v1", "m@v2"]


def test_tags_that_were_pushed_and_not_made_here_are_found(desk: Desk) -> None:
    waiting(desk)
    desk.apply()
    for name in list(desk.git.refs):
        if name.startswith("refs/tags/"):
            del desk.git.refs[name]
    assert desk.apply().plan.decisions == ()


def test_a_merge_that_the_gate_refuses_does_not_become_true(desk: Desk) -> None:
    desk.registered("1", {"f1": 0.7})
    desk.promoted("1", STAGING)
    merge = desk.merge(desk.promote("1", PROD).submitted.branch)
    done = desk.apply()
    (rejected,) = done.plan.rejections
    assert (rejected.commit, rejected.subject) == (merge, "Merge promote/m-prod-1")
    assert rejected.reasons == ("models/m/aliases.yaml:6: f1 = 0.7, must be at least 0.9 (fails production)",)
    assert [one.state for one in done.disagreements] == [State.WAITS]
    assert "m#prod#1" not in desk.tags()


def test_ages_are_judged_by_the_date_of_the_merge_and_never_by_today(tmp_path: Path) -> None:
    desk = Desk.new(tmp_path, SOAK)
    desk.registered("1")
    desk.promoted("1", STAGING)
    desk.wait(23)
    desk.merge(desk.promote("1", PROD).submitted.branch)
    desk.wait(100)
    (rejected,) = desk.apply().plan.rejections
    assert "has held staging for 23.0 hours, prod asks for 24" in rejected.reasons[0]


def test_a_merge_after_the_soak_becomes_true(tmp_path: Path) -> None:
    desk = Desk.new(tmp_path, SOAK)
    desk.registered("1")
    desk.promoted("1", STAGING)
    desk.wait(24)
    desk.promoted("1", PROD)
    assert desk.history().meaning(PROD) == v("1")


def test_each_merge_is_judged_by_the_policy_before_it(desk: Desk) -> None:
    desk.registered("1", {"f1": 0.7})
    desk.promoted("1", STAGING)
    desk.merge(desk.promote("1", PROD).submitted.branch)
    desk.commit({"registry.yaml": POLICY.replace("min: 0.9", "min: 0.6").encode()})
    assert desk.apply().plan.rejections, "looser rules do not reach back"


def test_a_merge_that_loosens_its_own_policy_is_rejected(desk: Desk) -> None:
    desk.registered("1", {"f1": 0.7})
    desk.promoted("1", STAGING)
    sent = desk.promote("1", PROD).submitted
    loose = POLICY.replace("min: 0.9", "min: 0.6").encode()
    desk.commit({"registry.yaml": loose}, branch=str(sent.branch))
    desk.merge(sent.branch)
    (rejected,) = desk.apply().plan.rejections
    assert any("touches the policy and a model in one go" in reason for reason in rejected.reasons)
    assert any("must be at least 0.9" in reason for reason in rejected.reasons)


def test_one_models_broken_file_does_not_stop_the_others(desk: Desk) -> None:
    other = ModelName("n")
    desk.live("1")
    desk.registered("1", model=other)
    desk.merge(desk.promote("1", STAGING, model=other).submitted.branch)
    desk.commit({"models/m/aliases.yaml": b"prod: [broken"})
    desk.apply()
    assert desk.history(other).meaning(STAGING) == v("1")
    assert desk.history().meaning(PROD) == v("1")


def test_a_broken_file_that_is_mended_goes_on_where_it_stopped(desk: Desk) -> None:
    desk.live("1")
    desk.registered("2")
    good = desk.promote("2", STAGING).submitted
    desk.commit({"models/m/aliases.yaml": b"prod: [broken"})
    desk.apply()
    desk.commit({"models/m/aliases.yaml": desk.file("models/m/aliases.yaml", good.commit).encode()})
    assert desk.apply().plan.rejections == ()
    assert desk.history().meaning(STAGING) == v("2")


def test_what_a_later_merge_asked_for_again_and_got_is_no_rejection_any_more(tmp_path: Path) -> None:
    desk = Desk.new(tmp_path, SOAK)
    desk.registered("1")
    desk.promoted("1", STAGING)
    desk.merge(desk.promote("1", PROD, "too early").submitted.branch)
    assert desk.apply().plan.rejections
    desk.wait(25)
    del desk.refs["refs/heads/promote/m-prod-1"]
    desk.merge(desk.promote("1", PROD, "soaked").submitted.branch)
    done = desk.apply()
    assert (len(done.plan.decisions), done.plan.rejections, done.disagreements) == (1, (), ())


def test_an_unreachable_storage_is_no_verdict_and_nothing_is_made(desk: Desk) -> None:
    made = desk.register(desk.source(), "1")
    desk.merge(made.submitted.branch if made.submitted else None)
    desk.storage.failure = Unreachable("the storage cannot be reached")
    with pytest.raises(Unreachable) as caught:
        desk.apply()
    assert caught.value.exit_code == 3
    assert desk.tags() == []
    desk.storage.failure = None
    desk.apply()
    assert desk.tags() == ["m@v1"]


def test_a_version_whose_bytes_are_lost_gets_no_tag(desk: Desk) -> None:
    made = desk.register(desk.source(), "1")
    desk.merge(made.submitted.branch if made.submitted else None)
    desk.storage.remote.clear()
    (rejected,) = desk.apply().plan.rejections
    assert any("is not in the storage memory:storage" in reason for reason in rejected.reasons)


def test_a_number_too_high_is_refused_and_said(desk: Desk) -> None:
    desk.registered("1")
    desk.commit({"models/m/aliases.yaml": b'staging: {version: "1", assignment: 7, reason: why}\n'})
    done = desk.apply()
    assert [one.state for one in done.disagreements] == [State.GAP]
    assert "m#staging#7" not in desk.tags()


def test_versions_on_the_first_commit_of_a_registry_become_true(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    made = desk.register(desk.source(), "1")
    assert made.submitted is not None
    files = desk.git.objects.commits[made.submitted.commit].files
    fresh = Desk.new(tmp_path / "other", remote=False)
    del fresh.git.refs["refs/heads/main"]
    fresh.storage.remote.update(desk.storage.remote)
    del (rest := dict(files))["registry.yaml"]
    fresh.commit({"registry.yaml": POLICY.encode()})
    fresh.commit(rest)
    fresh.apply()
    assert fresh.tags() == ["m@v1"]


def test_unassigning_is_an_assignment_of_nothing(desk: Desk) -> None:
    desk.live("1")
    text = desk.file("models/m/aliases.yaml").replace('version: "1"', "version: none", 1)
    assert text.index("none") < text.index("prod")
    desk.commit({"models/m/aliases.yaml": text.replace("assignment: 1", "assignment: 2", 1).encode()})
    done = desk.apply()
    assert done.plan.rejections == ()
    assert desk.history().meaning(STAGING) is None
    assert desk.history(M).meaning(PROD) == v("1")
