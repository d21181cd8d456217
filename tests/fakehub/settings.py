"""Settings by requests: rulesets as strictly as GitHub takes them, Actions permissions, code owners, the repository itself."""

from __future__ import annotations

from typing import Any

from tests.fakehub.requests import REPO, Request, Route
from tests.fakehub.rulesets import Settings
from tests.fakehub.shapes import repository
from tests.fakehub.state import Refusal, Reply

PLAN = "Upgrade to GitHub Pro or make this repository public to enable this feature."
FOREIGN_APP = "Actor {} integration must be part of the ruleset source or owner organization"
ACTIONS_APP = 15368
ROLES = {1, 2, 3, 4, 5}
FREE_RULES = {
    *("creation", "update", "deletion", "required_linear_history", "merge_queue", "required_deployments"),
    *("required_signatures", "pull_request", "required_status_checks", "non_fast_forward", "workflows"),
    *("code_scanning", "copilot_code_review"),
}
METADATA_RULES = {
    *("commit_message_pattern", "commit_author_email_pattern", "committer_email_pattern"),
    *("branch_name_pattern", "tag_name_pattern"),
}
MUST_SAY: dict[str, dict[str, type]] = {
    "pull_request": {
        "dismiss_stale_reviews_on_push": bool,
        "require_code_owner_review": bool,
        "require_last_push_approval": bool,
        "required_approving_review_count": int,
        "required_review_thread_resolution": bool,
    },
    "required_status_checks": {"required_status_checks": list, "strict_required_status_checks_policy": bool},
}
# What GitHub adds to what it was sent.
ADDED: dict[str, dict[str, Any]] = {
    "pull_request": {"allowed_merge_methods": ["merge", "squash", "rebase"], "required_reviewers": []},
    "required_status_checks": {"do_not_enforce_on_create": False},
}
MODES = {"always", "pull_request", "exempt"}


def about(asked: Request) -> Reply:
    here, user = asked.here, asked.user
    settings = here.settings
    whole = repository(here.owner, here.name, here.number)
    kind = "Organization" if settings.organization else "User"
    found = {
        **whole,
        "owner": {**whole["owner"], "type": kind},
        "private": settings.private,
        "visibility": "private" if settings.private else "public",
        "default_branch": settings.default_branch,
    }
    if not user.actions:
        found["permissions"] = {"admin": user.login in settings.admins, "push": user.writes, "pull": True}
    return Reply(200, found)


def listed(asked: Request) -> Reply:
    settings = _with_rulesets(asked)
    shown = [_shown(asked, number) for number in settings.rulesets]
    short = [
        {key: one[key] for key in one if key not in ("rules", "conditions", "bypass_actors")} for one in shown
    ]
    if asked.query.get("includes_parents", "true") == "true":
        parent = {"source_type": "Organization", "source": asked.here.owner, "enforcement": "active"}
        short.append({"id": 1, "name": "registry-main", "target": "branch", **parent})
    return asked.page(short)


def one(asked: Request) -> Reply:
    _with_rulesets(asked)
    return Reply(200, _shown(asked, _known(asked)))


def made(asked: Request) -> Reply:
    settings = _with_rulesets(asked)
    _must_administer(asked)
    number = max(settings.rulesets, default=100) + 1
    settings.rulesets[number] = checked(settings, dict(asked.json()), number)
    return Reply(201, _shown(asked, number))


def changed(asked: Request) -> Reply:
    settings = _with_rulesets(asked)
    _must_administer(asked)
    number = _known(asked)
    settings.rulesets[number] = checked(settings, {**settings.rulesets[number], **asked.json()}, number)
    return Reply(200, _shown(asked, number))


def rules_on(asked: Request) -> Reply:
    settings = _with_rulesets(asked)
    source = {"ruleset_source_type": "Repository", "ruleset_source": f"{asked.here.owner}/{asked.here.name}"}
    return asked.page([{**rule, **source} for rule in settings.in_force(f"refs/heads/{asked.parts[2]}")])


def actions(asked: Request) -> Reply:
    _must_administer(asked)
    usual = "write" if asked.here.settings.write_by_default else "read"
    may = asked.here.actions_may_open
    return Reply(200, {"default_workflow_permissions": usual, "can_approve_pull_request_reviews": may})


def code_owners(asked: Request) -> Reply:
    return Reply(200, {"errors": asked.here.settings.unread_owners})


def environment(asked: Request) -> Reply:
    name, settings = asked.parts[2], asked.here.settings
    if name not in settings.environments:
        raise Refusal(404, "Not Found")
    policy = settings.environments[name]
    made = {"id": 1, "name": name, "created_at": "2026-11-01T00:00:00Z"}
    return Reply(200, {**made, "deployment_branch_policy": policy})


def _must_administer(asked: Request) -> None:
    """GitHub says no to an App, to somebody who may write, and to somebody who may only look in three ways."""
    user, settings = asked.user, asked.here.settings
    if user.actions or user.login in settings.apps.values():
        raise Refusal(403, "Resource not accessible by integration")
    if user.login not in settings.admins and user.writes:
        raise Refusal(403, "Must have admin rights to Repository.")
    if user.login not in settings.admins:
        raise Refusal(404, "Not Found")


def _with_rulesets(asked: Request) -> Settings:
    if not asked.here.settings.has_rulesets:
        raise Refusal(403, PLAN)
    return asked.here.settings


def _known(asked: Request) -> int:
    if asked.number not in asked.here.settings.rulesets:
        raise Refusal(404, "Not Found")
    return asked.number


def _shown(asked: Request, number: int) -> Any:
    """A ruleset as GitHub shows it: who is let through is for administrators."""
    kept = asked.here.settings.rulesets[number]
    found = {
        "id": number,
        "source_type": "Repository",
        "source": f"{asked.here.owner}/{asked.here.name}",
        **kept,
    }
    if asked.user.login not in asked.here.settings.admins:
        del found["bypass_actors"]
    return {**found, "current_user_can_bypass": "never"}


# --- what GitHub takes for a ruleset -------------------------------------------------------------------------------


def checked(settings: Settings, asked: dict[str, Any], number: int) -> Any:
    """A ruleset as it is kept.

    Raises:
        Refusal: 422, with GitHub's words.
    """
    others = (one["name"] for key, one in settings.rulesets.items() if key != number)
    name, refs = asked.get("name"), asked.get("conditions", {}).get("ref_name", {})
    evaluates = asked.get("enforcement") == "evaluate"
    wrong = {
        "Name can't be blank": not isinstance(name, str) or not name.strip(),
        "Name must be unique": name in others,
        "Invalid target": asked.setdefault("target", "branch") not in ("branch", "tag", "push"),
        "Enforcement is not included in the list": asked.get("enforcement")
        not in ("disabled", "active", "evaluate"),
        "Enforcement evaluate option is not supported on this plan": evaluates
        and settings.plan != "enterprise",
        "Invalid conditions": not all(isinstance(refs.get(key), list) for key in ("include", "exclude")),
        "Invalid rules": not isinstance(asked.setdefault("rules", []), list),
        "Invalid bypass_actors": not isinstance(asked.setdefault("bypass_actors", []), list),
    }
    _refuse(*(words for words, holds in wrong.items() if holds))
    rules = [_rule(settings, rule) for rule in asked["rules"]]
    actors = [_actor(settings, actor, asked["target"]) for actor in asked["bypass_actors"]]
    keys = ("name", "target", "enforcement", "conditions")
    return {**{key: asked[key] for key in keys}, "rules": rules, "bypass_actors": actors}


def _rule(settings: Settings, rule: Any) -> Any:
    kind, said = rule.get("type"), rule.get("parameters", {})
    if kind not in FREE_RULES and not (kind in METADATA_RULES and settings.plan == "enterprise"):
        _refuse(f"Invalid rule '{kind}': ")
    for key, type_ in MUST_SAY.get(kind, {}).items():
        if not isinstance(said.get(key), type_) or (type_ is int and isinstance(said[key], bool)):
            _refuse(f"Invalid rule '{kind}': Invalid parameter '{key}'")
    if kind == "pull_request" and not 0 <= said["required_approving_review_count"] <= 10:
        _refuse(f"Invalid rule '{kind}': required_approving_review_count must be between 0 and 10")
    parameters = {**ADDED.get(kind, {}), **said}
    return {"type": kind, **({"parameters": parameters} if parameters else {})}


def _actor(settings: Settings, actor: Any, target: str) -> Any:
    kind, number, mode = actor.get("actor_type"), actor.get("actor_id"), actor.get("bypass_mode", "always")
    if kind == "Integration" and number not in settings.apps:
        _refuse(FOREIGN_APP.format("GitHub Actions" if number == ACTIONS_APP else number))
    if kind == "Team" and not settings.organization:
        _refuse("Actor Team must be part of the ruleset source or owner organization")
    if kind == "RepositoryRole" and number not in ROLES:
        _refuse("Actor RepositoryRole is not valid")
    if kind not in ("Integration", "Team", "RepositoryRole", "OrganizationAdmin", "DeployKey", "User"):
        _refuse("Invalid actor_type")
    if mode not in MODES or (mode == "pull_request" and target != "branch"):
        _refuse("Invalid bypass_mode")
    return {"actor_id": number, "actor_type": kind, "bypass_mode": mode}


def _refuse(*words: str) -> None:
    if words:
        raise Refusal(422, "Validation Failed", words)


ROUTES = (
    Route("GET", REPO, about),
    Route("GET", f"{REPO}/rulesets", listed),
    Route("POST", f"{REPO}/rulesets", made),
    Route("GET", rf"{REPO}/rulesets/(\d+)", one),
    Route("PUT", rf"{REPO}/rulesets/(\d+)", changed),
    Route("GET", f"{REPO}/rules/branches/([^/]+)", rules_on),
    Route("GET", f"{REPO}/actions/permissions/workflow", actions),
    Route("GET", f"{REPO}/environments/([^/]+)", environment),
    Route("GET", f"{REPO}/codeowners/errors", code_owners),
)
