"""How many tags one commit of main decides, and what becomes of it where only a part of them was pushed."""

from __future__ import annotations

from modelmark.domain.aliases import Desired
from modelmark.domain.names import AliasName, ModelName
from modelmark.domain.plan import TAGS_A_PUSH, parts
from modelmark.usecases import state
from modelmark.usecases.apply import apply, carry_out
from tests.support.desk import PREV, PROD, STAGING, Desk, M, v

N = ModelName("n")


def two_promotions_in_one_merge(desk: Desk) -> None:
    """Both models leave prod 1 for 2 by one merge."""
    for model in (M, N):
        desk.live("1", model=model)
        desk.registered("2", model=model)
        desk.promoted("2", STAGING, model)
    wishes = {PROD: Desired(v("2"), 2, "short texts"), PREV: Desired(v("1"), 1, "prod moved on")}
    files: dict[str, bytes | None] = {}
    for model in (M, N):
        path = f"models/{model}/aliases.yaml"
        files[path] = desk.workspace.documents.set_aliases(desk.file(path).encode(), model, wishes)
    desk.commit(files)


def test_several_promotions_in_one_merge_are_more_tags_than_github_tells_of(desk: Desk) -> None:
    two_promotions_in_one_merge(desk)
    (decision,) = apply(desk.workspace, dry_run=True).plan.decisions
    names = [str(tag.name) for tag in decision.tags]
    assert len(names) == 4 > TAGS_A_PUSH
    cut = parts(decision, state.find_main(desk.workspace).policy.aliases)
    assert [{str(tag.name) for tag in part.tags} for part in cut] == [
        {"m#prod#2", "m#prev_prod#1"},
        {"n#prod#2", "n#prev_prod#1"},
    ]


def test_after_each_part_a_next_run_makes_the_rest_with_the_same_ids(desk: Desk) -> None:
    two_promotions_in_one_merge(desk)
    (decision,) = apply(desk.workspace, dry_run=True).plan.decisions
    whole = {str(tag.name): desk.git.make_tag(tag) for tag in decision.tags}
    first, *_ = parts(decision, state.find_main(desk.workspace).policy.aliases)
    carry_out(desk.workspace, first, push=True)
    assert set(desk.tags()) & set(whole) == {"m#prod#2", "m#prev_prod#1"}
    done = desk.apply()
    assert (done.plan.rejections, done.disagreements) == ((), ())
    assert {name: desk.refs[f"refs/tags/{name}"] for name in whole} == whole
    for model in (M, N):
        assert desk.history(model).meaning(PROD) == v("2")
        assert desk.history(model).meaning(AliasName("prev_prod")) == v("1")


def test_versions_of_one_merge_come_in_parts_and_any_part_may_be_the_last(desk: Desk) -> None:
    models = [ModelName(f"m{number}") for number in range(5)]
    branches = [desk.register(desk.source(model), "1", model).submitted for model in models]
    files: dict[str, bytes | None] = {}
    for one in branches:
        assert one is not None
        before = desk.git.objects.commits[desk.main or ""].files
        files |= {
            path: data
            for path, data in desk.git.objects.commits[one.commit].files.items()
            if before.get(path) != data
        }
    desk.commit(files)
    (decision,) = apply(desk.workspace, dry_run=True).plan.decisions
    cut = parts(decision, {})
    assert [len(part.tags) for part in cut] == [3, 2]
    carry_out(desk.workspace, cut[0], push=True)
    done = desk.apply()
    assert [str(tag.name) for one in done.plan.decisions for tag in one.tags] == ["m3@v1", "m4@v1"]
    assert desk.tags() == [f"{model}@v1" for model in models]
