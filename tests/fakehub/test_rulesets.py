"""fakehub enforces rulesets as GitHub does: by the patterns of Ruby, on pushes, on refs made by requests, on merges."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelmark.adapters.github import GitHub
from modelmark.domain.forge import find_repository
from modelmark.domain.names import ModelName
from modelmark.domain.protection import Profile, rulesets_of
from modelmark.domain.rulesets import ruleset_body
from modelmark.domain.tags import VersionTag
from modelmark.domain.versions import parse_version
from modelmark.errors import CouldNot
from tests.fakehub.clients import SECRET
from tests.fakehub.rulesets import Settings, matches
from tests.fakehub.server import Hub
from tests.fakehub.settings import checked
from tests.fakehub.state import Hosted, User
from tests.support.git_repos import GitSaidNo, commit, git, tag

APP = User("registry[bot]")
ROBOT = User("github-actions[bot]", actions=True)
OPERATOR = User("ola")
ADA, ROOT = User("ada"), User("root")


def protect(settings: Settings, profile: Profile) -> None:
    settings.apps, settings.teams, settings.admins = {77: "registry[bot]"}, {5: {"ola"}}, {"root"}
    for number, one in enumerate(rulesets_of(profile), 101):
        settings.rulesets[number] = checked(settings, ruleset_body(one), number)


@pytest.mark.parametrize(
    ("pattern", "ref", "fits"),
    [
        # As `File.fnmatch(pattern, ref, File::FNM_PATHNAME)` of Ruby 3.1 says.
        ("refs/tags/**/*@v*", "refs/tags/m@v1", True),
        ("refs/tags/**/*@v*", "refs/tags/team/m@v1", True),
        ("refs/tags/**/*@v*", "refs/tags/v1.0.0", False),
        ("refs/tags/**/*#*", "refs/tags/m#prod#13", True),
        ("refs/tags/**/*#*", "refs/tags/a/b/m#prod#13", True),
        ("refs/tags/**/*#*", "refs/tags/m@v1", False),
        ("refs/tags/**/*#*/**/*", "refs/tags/m#prod#13", False),
        ("refs/tags/**/*#*/**/*", "refs/tags/m#prod#13/x", True),
        ("refs/tags/**/*#*/**/*", "refs/tags/m#prod#13/x/y#z", True),
        ("refs/tags/**/*@v*/**/*", "refs/tags/m@v1/x", True),
        ("refs/tags/**/*@v*/**/*", "refs/tags/m@v1", False),
        ("refs/tags/*", "refs/tags/m@v1", True),
        ("refs/tags/*", "refs/tags/a/m@v1", False),
        ("refs/tags/**", "refs/tags/a/m@v1", False),
        ("refs/heads/{a,b}", "refs/heads/a", False),
        ("refs/heads/ma?n", "refs/heads/main", True),
        ("refs/heads/[lm]ain", "refs/heads/main", True),
    ],
)
def test_patterns_are_those_of_ruby(pattern: str, ref: str, *, fits: bool) -> None:
    assert matches(pattern, ref) is fits


@pytest.mark.parametrize("user", [ADA, APP, ROBOT, OPERATOR, ROOT])
def test_a_tag_of_the_registry_never_moves_and_never_goes_whoever_asks(user: User) -> None:
    settings = Settings()
    protect(settings, Profile(1, 77, 5))
    for ref in ("refs/tags/m@v1", "refs/tags/m#prod#1"):
        assert "Cannot update this protected ref." in settings.may_move(
            user, ref, "update", "non_fast_forward"
        )
        assert "Cannot delete this protected ref." in settings.may_move(user, ref, "deletion")
    assert settings.may_move(user, "refs/tags/v1.0.0", "update", "deletion") == ""


@pytest.mark.parametrize("user", [ADA, APP, ROBOT, OPERATOR, ROOT])
@pytest.mark.parametrize("profile", [Profile(1), Profile(1, 77, 5)])
def test_nobody_bars_a_tag_of_the_registry_by_one_below_its_name(user: User, profile: Profile) -> None:
    settings = Settings()
    protect(settings, profile)
    for ref in ("refs/tags/m@v1/x", "refs/tags/m#prod#1/x", "refs/tags/m#prod#1/x/y"):
        assert "creations being restricted" in settings.may_move(user, ref, "creation")
    assert settings.may_move(user, "refs/tags/releases/1", "creation") == ""


@pytest.mark.parametrize(("user", "may"), [(ADA, False), (ROBOT, False), (APP, True), (OPERATOR, True)])
def test_only_the_app_and_the_operators_create_tags_in_the_hardened_profile(user: User, *, may: bool) -> None:
    settings = Settings()
    protect(settings, Profile(1))
    assert settings.may_move(user, "refs/tags/m#prod#1", "creation") == ""
    protect(settings, Profile(1, 77, 5))
    assert (settings.may_move(user, "refs/tags/m#prod#1", "creation") == "") is may


def test_what_is_switched_off_or_for_another_plan_refuses_nothing() -> None:
    settings = Settings()
    protect(settings, Profile(1))
    assert settings.may_move(ADA, "refs/heads/main", "deletion")
    settings.private, settings.plan = True, "free"
    assert settings.may_move(ADA, "refs/heads/main", "deletion") == ""
    settings.plan = "pro"
    for one in settings.rulesets.values():
        one["enforcement"] = "disabled"
    assert settings.may_move(ADA, "refs/heads/main", "deletion") == ""


def test_what_is_left_out_is_left_alone() -> None:
    settings = Settings()
    protect(settings, Profile(1))
    settings.rulesets[101]["conditions"]["ref_name"]["exclude"] = ["refs/heads/main"]
    assert settings.may_move(ADA, "refs/heads/main", "deletion") == ""


def test_a_push_hears_why_it_is_refused(hub: Hub, served: Hosted, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    protect(served.settings, Profile(1))
    address = f"{hub.address.replace('//', f'//x:{SECRET}@')}/acme/models.git"

    def refused(*args: str) -> str:
        with pytest.raises(GitSaidNo) as caught:
            git(clone, "push", "-q", *args)
        return str(caught.value)

    git(clone, "push", "-q", address, "HEAD:refs/heads/promote/m-prod-2")
    assert "GH013: Repository rule violations found for refs/heads/main." in refused(address, "HEAD:main")
    assert "Changes must be made through a pull request." in refused(address, "HEAD:main")
    assert "Cannot delete this protected ref." in refused(address, ":main")
    commit(clone, {"registry.yaml": b"three\n"})
    git(clone, "branch", "-f", "old", "HEAD~2")
    git(clone, "push", "-q", str(served.bare), "HEAD:main")
    assert "Cannot force-push to this protected ref." in refused(address, "+old:main")
    tag(clone, "m@v1")
    git(clone, "push", "-q", address, "m@v1")
    git(clone, "tag", "-d", "m@v1")
    tag(clone, "m@v1", message="another")
    assert "GH013: Repository rule violations found for refs/tags/m@v1" in refused("--force", address, "m@v1")
    assert "Cannot delete this protected ref." in refused(address, ":refs/tags/m@v1")


def test_a_ref_that_is_made_by_a_request_is_held_to_the_rules_too(hub: Hub, served: Hosted) -> None:
    protect(served.settings, Profile(1, 77, 5))
    repository = find_repository(f"{hub.address}/acme/models.git", hub.environ)
    assert repository is not None
    name, tip = VersionTag(ModelName("m"), parse_version("1")), served.tip("main") or ""
    with pytest.raises(CouldNot, match="Cannot create ref due to creations being restricted"):
        GitHub(repository, SECRET).tags.create(name, tip)
    served.settings.apps[77] = "ada"
    GitHub(repository, SECRET).tags.create(name, tip)
    assert git(served.bare, "tag", "-l") == "m@v1"


def test_a_merge_needs_its_approvals_and_its_check() -> None:
    settings = Settings()
    protect(settings, Profile(2))
    main = "refs/heads/main"
    assert "At least 2 approving review" in settings.refuse_merge(ADA, main, 1, {"registry/gate"})
    assert '"registry/gate" is expected' in settings.refuse_merge(ADA, main, 2, {"lint"})
    assert settings.refuse_merge(ADA, main, 2, {"registry/gate"}) == ""
    assert settings.refuse_merge(ADA, "refs/heads/other", 0, ()) == ""
