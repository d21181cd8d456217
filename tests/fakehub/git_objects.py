"""Tags made over REST: an object, then its ref; and the push of them that a workflow's token is refused."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.fakehub.pushes import ZERO, Moved, Push
from tests.fakehub.requests import REPO, Request, Route
from tests.fakehub.state import Hosted, Refusal, Reply, User, invalid
from tests.support.git_repos import GitSaidNo, git


def make_tag(asked: Request) -> Reply:
    asked.user.must_write()
    body, here = asked.json(), asked.here
    for key in ("tag", "message", "object", "type"):
        if not isinstance(body.get(key), str):
            raise invalid("Tag", "missing_field", field=key)
    who = body["tagger"]
    at = datetime.fromisoformat(who["date"])
    if here.tags_in_utc:
        at = at.astimezone(UTC)
    stamp = f"{int(at.timestamp())} {at.strftime('%z')}"
    text = (
        f"object {body['object']}\ntype {body['type']}\ntag {body['tag']}\n"
        f"tagger {who['name']} <{who['email']}> {stamp}\n\n{body['message']}"
    )
    try:
        oid = git(here.bare, "mktag", stdin=text.encode())
    except GitSaidNo:
        raise invalid("Tag", "invalid", field="object") from None
    made = {"tag": body["tag"], "sha": oid, "message": body["message"], "tagger": who}
    return Reply(201, {**made, "object": {"sha": body["object"], "type": body["type"]}})


def make_ref(asked: Request) -> Reply:
    asked.user.must_write()
    body, here = asked.json(), asked.here
    ref, sha = str(body.get("ref", "")), str(body.get("sha", ""))
    if not ref.startswith("refs/") or ref.count("/") < 2:
        raise Refusal(422, "Reference name must be a full reference")
    for rule in here.ref_rules:
        if words := rule(asked.user, ref):
            raise Refusal(422, f"Repository rule violations found\n\n{words}")
    try:
        git(here.bare, "cat-file", "-e", sha)
    except GitSaidNo:
        raise Refusal(422, "Object does not exist") from None
    try:
        git(here.bare, "update-ref", ref, sha, ZERO)
    except GitSaidNo:
        raise Refusal(422, "Reference already exists") from None
    here.moved(asked.user, [Moved(ZERO, sha, ref)])
    kind = git(here.bare, "cat-file", "-t", sha)
    return Reply(201, {"ref": ref, "object": {"sha": sha, "type": kind}})


def no_foreign_workflows(here: Hosted, user: User, push: Push) -> str:
    """A workflow's token pushes no commit whose workflow files are those of no branch."""
    if not user.actions:
        return ""
    branches = git(here.bare, "for-each-ref", "--format=%(objectname)", "refs/heads").split()
    known = {_workflows(push, tip) for tip in branches}
    for moved in push.refs:
        if (
            moved.new != ZERO
            and _workflows(push, push.git("rev-parse", f"{moved.new}^{{commit}}")) not in known
        ):
            return (
                "refusing to allow a GitHub App to create or update workflow "
                "`.github/workflows/registry-apply.yml` without `workflows` permission"
            )
    return ""


def _workflows(push: Push, commit: str) -> str:
    return push.git("ls-tree", "-r", commit, ".github/workflows/")


ROUTES = (
    Route("POST", f"{REPO}/git/tags", make_tag),
    Route("POST", f"{REPO}/git/refs", make_ref),
)
