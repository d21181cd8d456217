"""What main and the tags say, read on demand: the starting point of every verb."""

from __future__ import annotations

import contextlib
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelmark.domain import layout
from modelmark.domain.aliases import Aliases
from modelmark.domain.fold import fold
from modelmark.domain.history import Assignment, Facts, ModelHistory, Origin, RawTag
from modelmark.domain.names import AliasName, ModelName
from modelmark.domain.policy import Card, Policy, Way
from modelmark.domain.tags import parse_tag_name
from modelmark.errors import InvalidInput, NotFound, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from modelmark.domain.advisories import Advisories
    from modelmark.domain.evaluations import Evaluation
    from modelmark.domain.manifest import Manifest
    from modelmark.domain.versions import Version
    from modelmark.usecases.ports import Documents, GitReader, Workspace

ALL_TAGS = ("*@v*", "*#*")


@dataclass(frozen=True)
class Main:
    """The reviewed state: main's newest commit and the policy in it."""

    commit: str
    policy: Policy


def read_policy(reader: GitReader, documents: Documents, commit: str) -> Policy | None:
    """The policy at a commit; None where it has no registry.yaml."""
    data = reader.read([(commit, layout.POLICY)])[0]
    return None if data is None else documents.policy(data, layout.POLICY)


def find_main(workspace: Workspace, branches: Iterable[str] = ("main", "master")) -> Main:
    """Find main and read its policy.

    Raises:
        NotFound: no default branch has a registry.yaml.
        Refused: two branches may be main, and the remote's HEAD is not known here.
    """
    reader = workspace.reader
    seen = reader.default_branches(tuple(branches))
    mains = (found for branch, tip in seen.items() if (found := _main_by(workspace, branch, tip)) is not None)
    first = next(mains, None)
    if first is None:
        raise _no_main(workspace, seen)
    # A CI job's clone often has every branch and no HEAD. Whoever may push a branch must not make it main by its name.
    if len(seen) > 1 and not reader.default_branches(()) and any(one.commit != first.commit for one in mains):
        raise Refused(
            f"{' and '.join(seen)} both have a registry.yaml, and nobody said here which of them is main",
            f"git remote set-head {workspace.remote.name or 'origin'} --auto",
        )
    return first


def _main_by(workspace: Workspace, branch: str, tip: str) -> Main | None:
    """Main, as the policy at the tip of a branch names it."""
    commit, policy = tip, read_policy(workspace.reader, workspace.documents, tip)
    if policy is not None and policy.default_branch != branch:
        commit = workspace.reader.default_branches([policy.default_branch]).get(policy.default_branch, tip)
        policy = read_policy(workspace.reader, workspace.documents, commit)
    return None if policy is None else Main(commit, policy)


def _no_main(workspace: Workspace, seen: Mapping[str, str]) -> NotFound:
    where = (
        f"on {workspace.remote.name}/{next(iter(seen))}"
        if seen and workspace.remote.name
        else "on any default branch"
    )
    if workspace.remote.name and (branch := _unpushed(workspace, next(iter(seen.values()), None))):
        return NotFound(
            f"there is no registry.yaml {where}, and your {branch} has one: it is not on {workspace.remote.name} yet",
            f"git push -u {workspace.remote.name} {branch}",
        )
    return NotFound(
        f"there is no registry.yaml {where}",
        "make a registry with `modelmark init`, commit it"
        + (f" and push it: git push {workspace.remote.name} HEAD" if workspace.remote.name else ""),
    )


def _unpushed(workspace: Workspace, there: str | None) -> str:
    """Main's name, where what is checked out is a registry that the remote has never had; else nothing."""
    reader = workspace.reader
    head = reader.find_commit("HEAD")
    if head is None or (there is not None and reader.merge_base(head, there) == head):
        return ""
    try:
        policy = read_policy(reader, workspace.documents, head)
    except InvalidInput:
        return ""
    return policy.default_branch if policy else ""


def fetched_main(workspace: Workspace, tags: Sequence[str] = ()) -> Main:
    """Bring main (and the tags whose names match one of the globs) up to date, then read it.

    A clone that was never told which branch is main, as a CI job's, asks the remote: whoever may push a branch must not
    make it main by its name. The policy there may name another one, and then that is fetched, too.
    """
    branch = workspace.remote.learn_head() or find_main(workspace).policy.default_branch
    workspace.remote.fetch_main(branch, tags)
    main = find_main(workspace)
    if main.policy.default_branch != branch:
        workspace.remote.fetch_main(main.policy.default_branch)
        main = find_main(workspace)
    return main


def facts_of(workspace: Workspace, main: Main) -> Facts:
    """What the fold of tags must know."""
    return facts_at(workspace.reader, workspace.documents, main.commit, main.policy.registry_id)


def facts_at(reader: GitReader, documents: Documents, tip: str, registry_id: str) -> Facts:
    """The facts by a given tip of main; nothing is read before the first question."""

    @functools.cache
    def direct(commit: str, alias: AliasName) -> bool:
        try:
            policy = read_policy(reader, documents, commit)
        except InvalidInput:
            return False
        rule = policy.aliases.get(alias) if policy else None
        return rule is not None and rule.rollback is Way.DIRECT

    @functools.cache
    def on_main(commit: str) -> bool:
        return reader.on_main(tip)(commit)

    return Facts(registry_id, on_main, direct)


def tag_patterns(model: ModelName) -> tuple[str, str]:
    """Globs of all tags of one model."""
    return f"{model}@v*", f"{model}#*"


def history_of(workspace: Workspace, main: Main, model: ModelName) -> ModelHistory:
    """The history of one model by the tags of this clone."""
    return fold(workspace.reader.tags(tag_patterns(model)), facts_of(workspace, main))


def by_model(tags: Iterable[RawTag]) -> dict[ModelName, list[RawTag]]:
    """Tags by the model they name; those that are not ours are left out, malformed ones stand under what they name."""
    found: dict[ModelName, list[RawTag]] = {}
    for tag in tags:
        try:
            name = parse_tag_name(tag.name)
        except InvalidInput:
            found.setdefault(ModelName(tag.name.replace("#", "@").partition("@")[0]), []).append(tag)
            continue
        if name is not None:
            found.setdefault(name.model, []).append(tag)
    return found


def versions_at(workspace: Workspace, commit: str, model: ModelName) -> tuple[Version, ...]:
    """Versions whose manifest is at a commit, in order."""
    found = []
    for path in workspace.reader.entries(commit, layout.model_dir(model)):
        place = layout.classify(path)
        if place.kind is layout.Kind.MANIFEST and place.version is not None:
            found.append(place.version)
    return tuple(sorted(found))


def aliases_at(workspace: Workspace, commit: str | None, model: ModelName) -> Aliases:
    """The desired aliases of a model at a commit; empty where it has no file."""
    path = layout.aliases_path(model)
    data = workspace.reader.read([(commit, path)])[0] if commit else None
    return Aliases() if data is None else workspace.documents.aliases(data, path)


def card_at(workspace: Workspace, commit: str, model: ModelName) -> Card | None:
    """A model's card at a commit."""
    path = layout.card_path(model)
    data = workspace.reader.read([(commit, path)])[0]
    return None if data is None else workspace.documents.card(data, path, model)


def cards_at(workspace: Workspace, commit: str) -> dict[ModelName, Card]:
    """Every model's card at a commit, without those that are not well formed: they add to no gate."""
    blobs = workspace.reader.entries(commit, layout.MODELS)
    known = [path for path in sorted(blobs) if layout.classify(path).kind is layout.Kind.CARD]
    found = {}
    for path, data in zip(known, workspace.reader.blobs([blobs[path] for path in known]), strict=True):
        model = layout.classify(path).model
        with contextlib.suppress(InvalidInput):
            if data is not None and model is not None:
                found[model] = workspace.documents.card(data, path, model)
    return found


def manifest_at(workspace: Workspace, commit: str, model: ModelName, version: Version) -> Manifest | None:
    """A version's manifest at a commit."""
    path = layout.manifest_path(model, version)
    data = workspace.reader.read([(commit, path)])[0]
    return None if data is None else workspace.documents.manifest(data, path)


def evaluations_at(
    workspace: Workspace, commits: Iterable[str], model: ModelName, version: Version
) -> tuple[Evaluation, ...]:
    """The later measurements of a version that any of the commits has, oldest first.

    Raises:
        InvalidInput: one of them is not well formed, and so nobody knows what counts.
    """
    folder = layout.evaluations_dir(model, version)
    blobs = {
        path: oid for commit in commits for path, oid in workspace.reader.entries(commit, folder).items()
    }
    known = [path for path in sorted(blobs) if layout.classify(path).kind is layout.Kind.EVALUATION]
    contents = workspace.reader.blobs([blobs[path] for path in known])
    pairs = zip(known, contents, strict=True)
    return tuple(workspace.documents.evaluation(data, path) for path, data in pairs if data is not None)


def advisories_at(workspace: Workspace, commit: str | None) -> Advisories | None:
    """The reviewed advisories at a commit; what is not well formed stands in for nothing."""
    data = workspace.reader.read([(commit, layout.ADVISORIES)])[0] if commit else None
    try:
        return None if data is None else workspace.documents.advisories(data, layout.ADVISORIES)
    except InvalidInput:
        return None


def is_archived(workspace: Workspace, commit: str, model: ModelName, version: Version) -> bool:
    """Whether a version has an archived.yaml at a commit."""
    return workspace.reader.read([(commit, layout.archived_path(model, version))])[0] is not None


def confirm(workspace: Workspace, assignment: Assignment) -> None:
    """Hold a reviewed assignment against `aliases.yaml` at its commit; a rollback has none there.

    Raises:
        Refused: the file does not say exactly this assignment, so somebody made the tag without a review.
    """
    if assignment.origin is not Origin.REVIEWED:
        return
    name = assignment.tag
    wish = aliases_at(workspace, assignment.commit, name.model).entries.get(name.alias)
    if wish is None or (wish.number, wish.version) != (name.number, assignment.version):
        raise Refused(
            f"the tag {name} says {assignment.version or 'nothing'}, and aliases.yaml at its commit "
            f"{assignment.commit[:12]} does not: nobody reviewed it",
            f"find out who pushed it ({assignment.by}); to go back to what was live before it: "
            f"modelmark rollback {name.model} --alias {name.alias} --reason …",
        )


def require_version(history: ModelHistory, model: ModelName, version: Version) -> None:
    """Refuse a version that is not registered, and name those that are.

    Raises:
        NotFound: there is no valid tag of it.
    """
    if version in history.versions:
        return
    known = ", ".join(map(str, sorted(history.versions)[-5:]))
    raise NotFound(
        f"{model}@{version} is not registered",
        f"registered: {known}"
        if known
        else f"register it, merge its branch and run `modelmark apply`: no {model} yet",
    )
