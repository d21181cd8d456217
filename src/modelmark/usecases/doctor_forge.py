"""What must hold on GitHub for the workflows and the reviews of a registry to work, as far as a token can see it."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Protocol

from modelmark.domain.codeowners import PLACE, parse_codeowners
from modelmark.domain.findings import Finding, Level
from modelmark.domain.protection import CREATION, RULE
from modelmark.domain.rulesets import ruleset_path
from modelmark.errors import Denied, NotFound
from modelmark.usecases.codeowners import check_codeowners
from modelmark.usecases.doctor import Probe
from modelmark.usecases.protect import protection_findings
from modelmark.usecases.state import find_main

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from modelmark.domain.policy import Policy
    from modelmark.usecases.forge_ports import Reviews, Settings
    from modelmark.usecases.ports import Workspace

WORKFLOWS = ".github/workflows"
WRITES = "registry-write"
"""The environment of the workflows that write, and of their secrets."""
_NOBODY = "ghost"  # the account that GitHub shows in place of a deleted one: a member of no team
_PUSHES_AND_ASKS = (re.compile(rb"contents:\s*write"), re.compile(rb"pull-requests:\s*write"))
_SWITCH = "in the repository's settings, under Actions, General: "


class Forge(Protocol):
    """The parts of GitHub that are looked at."""

    @property
    def settings(self) -> Settings:
        """What the repository is set to."""

    @property
    def reviews(self) -> Reviews:
        """Who approves, and who is in a team."""


def forge_probes(
    workspace: Workspace, host: str, forge: Forge | None, made: Callable[[Policy], Mapping[str, bytes]]
) -> Iterator[Probe]:
    """What a registry on GitHub needs.

    Args:
        workspace: the clone.
        host: where it is.
        forge: GitHub as the token sees it; None where there is no token.
        made: the files that `init --github` would write for a registry.yaml, by path.
    """
    yield Probe(
        "workflows",
        "main has the workflows as they are made",
        partial(_workflows, workspace, made),
        ("main",),
    )
    if forge is None:
        yield Probe("token", "there is a token", partial(_no_token, host))
        return
    seen = ("main", "token")
    yield Probe("token", "the token may write here", partial(_token, forge))
    yield Probe("actions", "workflows may do what they do", partial(_actions, workspace, forge), seen)
    yield Probe("environment", "only main reads the App's key", partial(_environment, workspace, forge), seen)
    yield Probe("owners", "who must review can, and is counted", partial(_owners, workspace, forge), seen)
    protected = partial(protection_findings, workspace, forge.settings)
    yield Probe(RULE, "GitHub enforces what main asks for", protected, seen)


def _no_token(host: str) -> Iterator[Finding]:
    yield Finding(
        "token",
        Level.WARNING,
        f"there is no token for {host}, so nothing there was looked at, and no pull request can be opened",
        hint="give one: --token, GH_TOKEN, or `gh auth login`",
    )


def _token(forge: Forge) -> Iterator[Finding]:
    may = forge.settings.about().may
    if may and "push" not in may:
        yield Finding(
            "token",
            Level.WARNING,
            "the token may only read here: it opens no pull request and makes no tag",
            hint="give it Contents and Pull requests, both read and write, and its owner write access",
        )


def _actions(workspace: Workspace, forge: Forge) -> Iterator[Finding]:
    try:
        found = forge.settings.actions()
    except Denied as error:
        words = f"what workflows may do could not be seen: {error.message}"
        yield Finding("actions", Level.WARNING, words, hint=error.hint)
        return
    asking = _that_open_pulls(workspace)
    if asking and not found.open_pulls:
        yield Finding(
            "actions",
            Level.ERROR,
            f"GITHUB_TOKEN may open no pull request, and {', '.join(asking)} asks for that",
            hint=f"{_SWITCH}Allow GitHub Actions to create and approve pull requests",
        )
    if found.write_by_default:
        yield Finding(
            "actions",
            Level.WARNING,
            "a workflow that does not say what its token may can write everything",
            hint=f"{_SWITCH}Read repository contents and packages permissions",
        )


def _environment(workspace: Workspace, forge: Forge) -> Iterator[Finding]:
    """Whether a workflow of any branch reads the secrets; with the hardened profile, the key that makes tags is one."""
    try:
        limited = forge.settings.is_limited(WRITES)
    except Denied as error:
        words = f"which branches read the secrets of {WRITES} could not be seen: {error.message}"
        yield Finding("environment", Level.WARNING, words, hint="give the token Actions, for reading")
        return
    if limited:
        return
    main = find_main(workspace)
    hardened = workspace.reader.read([(main.commit, ruleset_path(CREATION))])[0] is not None
    why = (
        "GitHub shows no environment {}"
        if limited is None
        else "every branch may deploy to the environment {}"
    )
    yield Finding(
        "environment",
        Level.ERROR if hardened else Level.WARNING,
        f"{why.format(WRITES)}, so any branch's workflow may read its secrets",
        hint=f"in the settings, under Environments, make {WRITES}, let only {main.policy.default_branch} deploy to it, and "
        "keep REGISTRY_APP_KEY there",
    )


def _that_open_pulls(workspace: Workspace) -> list[str]:
    """Workflows of main that push a branch and open its pull request."""
    main = find_main(workspace)
    files = workspace.reader.entries(main.commit, WORKFLOWS)
    contents = zip(files, workspace.reader.blobs(list(files.values())), strict=True)
    return [path for path, data in contents if all(one.search(data or b"") for one in _PUSHES_AND_ASKS)]


def _owners(workspace: Workspace, forge: Forge) -> Iterator[Finding]:
    main = find_main(workspace)
    report = check_codeowners(workspace, main.commit)
    finding = partial(Finding, "owners", path=PLACE)
    if not report.agreement.agrees:
        words = "it does not say what registry.yaml and the models' cards ask for"
        yield finding(Level.ERROR, words, hint="modelmark codeowners, then have it reviewed")
    for words in report.warnings:
        yield Finding("owners", Level.WARNING, words, hint="mend it there, and have it reviewed")
    for words in forge.settings.unread_owners(main.policy.default_branch):
        yield finding(
            Level.ERROR, f"GitHub does not take {words}", hint="give them write access, or name others"
        )
    if any(rule.approvals for rule in main.policy.aliases.values()):
        yield from _uncounted(forge, workspace.reader.read([(main.commit, PLACE)])[0] or b"")


def _uncounted(forge: Forge, data: bytes) -> Iterator[Finding]:
    """Owners whose approvals `apply` cannot count."""
    named = {owner for rule in parse_codeowners(data).rules for owner in rule.owners}
    for owner in sorted(named):
        if not owner.startswith("@"):
            yield Finding(
                "owners",
                Level.WARNING,
                f"approvals of {owner} are not counted: GitHub says of no account that it has this address",
                PLACE,
                hint="name the account instead: @user",
            )
        elif "/" in owner:
            try:
                forge.reviews.is_member(owner.removeprefix("@"), _NOBODY)
            except (Denied, NotFound) as error:
                words = f"approvals by {owner} are not counted with this token: {error.message}"
                yield Finding("owners", Level.WARNING, words, PLACE, hint=error.hint)


def _workflows(workspace: Workspace, made: Callable[[Policy], Mapping[str, bytes]]) -> Iterator[Finding]:
    main = find_main(workspace)
    written = made(main.policy)
    paths = [path for path in sorted(written) if path.startswith(f"{WORKFLOWS}/")]
    contents = workspace.reader.read([(main.commit, path) for path in paths])
    for path, data in zip(paths, contents, strict=True):
        if data is None:
            words, level = "main has no such workflow", Level.ERROR
        elif data != written[path]:
            words, level = "it is not as this version of Modelmark makes it", Level.WARNING
        else:
            continue
        yield Finding("workflows", level, words, path, hint="modelmark init --github, then have it reviewed")
