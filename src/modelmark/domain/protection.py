"""What GitHub itself should refuse in a registry: the two profiles of rulesets, and what stays open all the same.

*default* works with a workflow's own token: main moves by reviewed pull requests alone, and the tags of the registry never
move and never go, and nothing is made below their names. *hardened* also says who may create such a tag: the registry's App, and the operators who may roll back.
No ruleset lets GITHUB_TOKEN through, so that profile needs an App.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelmark.domain.findings import Finding, Level
from modelmark.domain.policy import Way
from modelmark.domain.rulesets import (
    ACTIVE,
    Actor,
    Difference,
    Rule,
    Ruleset,
    differences,
    ruleset_bytes,
    ruleset_path,
)
from modelmark.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Collection

    from modelmark.domain.json_values import Json
    from modelmark.domain.policy import Policy

MAIN = "registry-main"
IMMUTABLE = "registry-tags-immutable"
BELOW = "registry-tags-below"
CREATION = "registry-tags-creation"
RULE = "protection"
APPLY = "modelmark protect --apply"
OURS = (MAIN, IMMUTABLE, BELOW, CREATION)
GATE = "registry/gate"
ACTIONS_APP = 15368
"""The App that GITHUB_TOKEN belongs to: it reports checks, and no ruleset lets it through."""

_MOST_REVIEWS = 10  # GitHub refuses a rule that asks for more; `apply` counts them all
_DEFAULT_BRANCH = "~DEFAULT_BRANCH"
# By Ruby's fnmatch, as GitHub matches: `*` stops at a slash, `**/` is any number of folders, also none.
_TAGS = ("refs/tags/**/*@v*", "refs/tags/**/*#*")
# A ref is a file or a folder: while `m#prod#2/x` exists, nobody can make `m#prod#2`.
_BELOW_TAGS = tuple(f"{pattern}/**/*" for pattern in _TAGS)


@dataclass(frozen=True)
class RepositoryFacts:
    """What a token sees of a repository.

    Attributes:
        organization: it belongs to an organisation, and not to a person.
        may: what the token may do, in GitHub's words: pull, triage, push, maintain, admin; empty = GitHub does not say.
    """

    private: bool
    default_branch: str
    organization: bool
    may: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ActionsFacts:
    """What a repository lets its workflows do.

    Attributes:
        open_pulls: GITHUB_TOKEN may open pull requests.
        write_by_default: it may write wherever a workflow does not say what it may.
    """

    open_pulls: bool
    write_by_default: bool


@dataclass(frozen=True)
class Profile:
    """What a registry asks of GitHub.

    Attributes:
        approvals: reviews that a change of main needs; None = it needs no pull request (`promotion: direct`).
        app: the number of the registry's App, which alone may then create tags; None = whoever may push.
        operators: the number of the team that may create them beside it, to roll back by hand.
    """

    approvals: int | None
    app: int | None = None
    operators: int | None = None


def profile_of(policy: Policy, app: int | None = None, operators: int | None = None) -> Profile:
    """The profile that the rules of a registry ask for; with an App the hardened one.

    Raises:
        InvalidInput: no ruleset lets this App through, or operators stand there without one.
    """
    if app == ACTIONS_APP:
        raise InvalidInput(
            f"{ACTIONS_APP} is GitHub Actions itself, which no ruleset lets through",
            "register an App for the registry, install it on the repository, and give its number",
        )
    if app is None and operators is not None:
        raise InvalidInput("operators alone would lock `apply` out of its own tags", "give --app as well")
    most = max((rule.approvals for rule in policy.aliases.values()), default=0)
    reviewed = policy.promotion is Way.PULL_REQUEST
    return Profile(min(max(most, 1), _MOST_REVIEWS) if reviewed else None, app, operators)


def profile_behind(policy: Policy, creation: Ruleset | None) -> Profile:
    """The profile that a registry's files are of: the hardened one where a ruleset says who may create tags."""
    people = (creation.bypass or ()) if creation is not None else ()
    numbers = {one.kind: one.number for one in reversed(people) if one.number != ACTIONS_APP}
    app = numbers.get("Integration")
    return profile_of(policy, app, None if app is None else numbers.get("Team"))


def rulesets_of(profile: Profile) -> tuple[Ruleset, ...]:
    """The rulesets of a profile."""
    main = (Rule("deletion"), Rule("non_fast_forward"), *_review(profile.approvals))
    fixed = (Rule("update"), Rule("deletion"), Rule("non_fast_forward"))
    made = [
        Ruleset(MAIN, "branch", ACTIVE, (_DEFAULT_BRANCH,), (), main),
        Ruleset(IMMUTABLE, "tag", ACTIVE, _TAGS, (), fixed),
        Ruleset(BELOW, "tag", ACTIVE, _BELOW_TAGS, (), (Rule("creation"),)),
    ]
    if profile.app is not None:
        team = () if profile.operators is None else (Actor("Team", profile.operators),)
        through = (Actor("Integration", profile.app), *team)
        made.append(Ruleset(CREATION, "tag", ACTIVE, _TAGS, (), (Rule("creation"),), through))
    return tuple(made)


def _review(approvals: int | None) -> tuple[Rule, ...]:
    if approvals is None:
        return ()
    review: dict[str, Json] = {
        # Commits that are put onto main one by one could loosen a rule, use it and put it back, each before the next.
        "allowed_merge_methods": ["merge", "squash"],
        "dismiss_stale_reviews_on_push": True,
        "require_code_owner_review": True,
        "require_last_push_approval": True,
        "required_approving_review_count": approvals,
        "required_review_thread_resolution": True,
    }
    checks: dict[str, Json] = {
        "do_not_enforce_on_create": False,
        "required_status_checks": [{"context": GATE, "integration_id": ACTIONS_APP}],
        "strict_required_status_checks_policy": True,
    }
    return (Rule("pull_request", review), Rule("required_status_checks", checks))


def ruleset_files(profile: Profile) -> dict[str, bytes]:
    """The files of a profile by path: each is the body of GitHub's own request."""
    return {ruleset_path(one.name): ruleset_bytes(one) for one in rulesets_of(profile)}


def falls_short(profile: Profile, rulesets: Collection[Ruleset]) -> dict[str, tuple[str, ...]]:
    """Where rulesets ask for less than a profile does, by the name of the ruleset; what is stricter is welcome."""
    by_name = {one.name: one for one in rulesets}
    found: dict[str, tuple[str, ...]] = {}
    for wanted in rulesets_of(profile):
        there = by_name.get(wanted.name)
        if there is None:
            found[wanted.name] = ("is not there",)
        elif words := tuple(one.words for one in differences(wanted, there) if one.weaker):
            found[wanted.name] = words
    return found


def weaknesses(policy: Policy, rulesets: Collection[Ruleset]) -> dict[str, tuple[str, ...]]:
    """Where the rulesets of a registry ask for less than the profile that they are of."""
    creation = next((one for one in rulesets if one.name == CREATION), None)
    profile = profile_behind(policy, creation)
    found = falls_short(profile, rulesets)
    if creation is not None and profile.app is None:
        found[CREATION] = ("names no App (Integration), so `apply` could create no tag",)
    return found


def left_open(rulesets: Collection[Ruleset]) -> tuple[str, ...]:
    """What no ruleset can prevent, in sentences: what is only found afterwards, and by what."""
    creation = any(one.name == CREATION for one in rulesets)
    return (
        "who administers the repository may change these rules or switch them off: only `modelmark protect --check` and "
        "the audit find it",
        "a change can rewrite the workflow that checks it, and so report what it likes: `modelmark apply` judges each "
        "merge again, and makes no tag of one that does not pass",
        *(
            ()
            if creation
            else (
                "whoever may push can create a tag: one that nobody reviewed counts for nothing and `modelmark verify` "
                "finds it; to have it refused: modelmark protect --write --app ID --operators TEAM",
            )
        ),
        "GitHub checks no names of tags without the Enterprise plan: `modelmark verify` finds wrong ones",
    )


# --- what a registry wants, and what it has -------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One ruleset that is wanted, and what becomes of it.

    Attributes:
        number: GitHub's, of the one that is there; None = it has to be made.
        differences: in what the one that is there differs; empty = it stays.
    """

    ruleset: Ruleset
    number: int | None
    differences: tuple[Difference, ...] = ()

    @property
    def stays(self) -> bool:
        """Whether GitHub has it as it is wanted."""
        return self.number is not None and not self.differences

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What it would mend, as findings."""
        name = f"the ruleset {self.ruleset.name}"
        if self.number is None:
            return (Finding(RULE, Level.ERROR, f"{name} is not on GitHub", hint=APPLY),)
        found = []
        for weaker, level in ((True, Level.ERROR), (False, Level.WARNING)):
            words = "; ".join(one.words for one in self.differences if one.weaker is weaker)
            if words:
                more = "" if weaker else ", and no file at main says so"
                found.append(Finding(RULE, level, f"{name} on GitHub {words}{more}", hint=APPLY))
        return tuple(found)


@dataclass(frozen=True)
class Protection:
    """What a registry wants of GitHub, and what it has.

    Attributes:
        commit: of main, where the files were read.
        steps: what there is to do for each ruleset.
        problems: what no step mends.
        unseen: what this token could not see, in a few words each: it may be well or not.
        left_open: what no ruleset prevents.
        done: the steps that were taken.
    """

    commit: str
    steps: tuple[Step, ...]
    problems: tuple[Finding, ...]
    unseen: tuple[str, ...]
    left_open: tuple[str, ...]
    done: tuple[Step, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What does not hold, or is not asked for."""
        return (*self.problems, *(finding for step in self.steps for finding in step.findings))

    @property
    def holds(self) -> bool:
        """Whether something is asked for, and all of it that could be seen is as it should be."""
        return bool(self.steps) and not any(one.level is Level.ERROR for one in self.findings)
