"""Protect a registry on GitHub: its rulesets as the reviewed files of main say, and what keeps them from holding.

What is wanted stands in `.github/rulesets/` at main, so who wants it otherwise opens a pull request. Nothing is ever removed
from GitHub: a ruleset that no file asks for is named, and a person removes it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from modelmark.domain.findings import Finding, Level
from modelmark.domain.names import shown
from modelmark.domain.protection import (
    APPLY,
    CREATION,
    OURS,
    RULE,
    Protection,
    Step,
    falls_short,
    left_open,
    profile_behind,
    profile_of,
    ruleset_files,
    weaknesses,
)
from modelmark.domain.rulesets import (
    ACTIVE,
    FOLDER,
    differences,
    parse_ruleset,
    ruleset_path,
)
from modelmark.errors import InvalidInput, Lost, NotFound
from modelmark.usecases.state import fetched_main, find_main, read_policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from modelmark.domain.policy import Policy
    from modelmark.domain.protection import RepositoryFacts
    from modelmark.domain.rulesets import Ruleset
    from modelmark.usecases.codeowners import WorkTree
    from modelmark.usecases.forge_ports import Settings
    from modelmark.usecases.ports import Workspace
    from modelmark.usecases.state import Main

_WRITE = "modelmark protect --write, then have the files reviewed and merged"
_ROUNDS = 2  # the second puts right what somebody else made in the moment of the first


@dataclass(frozen=True)
class Written:
    """The files that were written into the work tree, and those that were good already."""

    written: tuple[str, ...]
    kept: tuple[str, ...]


def plan_protection(workspace: Workspace, settings: Settings) -> Protection:
    """Hold GitHub against main's newest commit; nothing is changed."""
    return _look(workspace, settings, fetched_main(workspace))


def apply_protection(workspace: Workspace, settings: Settings) -> Protection:
    """Make GitHub's rulesets those of main's newest commit, then look again.

    Each ruleset is one request, and one that is there is found by its name: stopped anywhere, the next run ends it.

    Raises:
        Denied: the token is no administrator's.
    """
    main = fetched_main(workspace)
    taken: dict[str, Step] = {}
    found = _look(workspace, settings, main)
    for _ in range(_ROUNDS):
        todo = [step for step in found.steps if not step.stays]
        for step in todo:
            _take(settings, step)
            taken.setdefault(step.ruleset.name, step)
        if not todo:
            break
        found = _look(workspace, settings, main)
    return replace(found, done=tuple(taken.values()))


def protection_findings(
    workspace: Workspace, settings: Settings, main: Main | None = None, unseen: Level = Level.WARNING
) -> tuple[Finding, ...]:
    """What does not hold of the protection that main (as last fetched) asks for; `unseen` = how much it weighs not to see."""
    found = _look(workspace, settings, main or find_main(workspace))
    dark = (
        _finding(
            f"not seen: {words}",
            "modelmark protect --check --token T, by who administers it",
            level=unseen,
        )
        for words in found.unseen
    )
    return (*found.findings, *dark)


def audit_protection(workspace: Workspace, settings: Settings | None, main: Main) -> tuple[Finding, ...]:
    """The same for an audit of main; None = there is no token, so nothing could be seen.

    The token of a workflow never sees whom GitHub lets through, and an issue about that would never close: a note says it.
    """
    if settings is None:
        words = "not seen: whether GitHub enforces what main asks for, because there is no token"
        return (_finding(words, "give one: --token, GH_TOKEN, or `gh auth login`", level=Level.NOTE),)
    return protection_findings(workspace, settings, main, Level.NOTE)


def write_protection(
    workspace: Workspace, tree: WorkTree, app: int | None = None, operators: int | None = None
) -> Written:
    """Write the files of the profile into the work tree; one that asks for as much, or more, stays as it is.

    Args:
        workspace: its HEAD has the registry.yaml that says how many approvals there are.
        tree: what is checked out.
        app: the number of the registry's App; None keeps the profile that the files are of.
        operators: the number of the team that may roll back by a tag.
    """
    commit = workspace.reader.find_commit("HEAD")
    policy = read_policy(workspace.reader, workspace.documents, commit) if commit else None
    if policy is None:
        raise NotFound("what is checked out has no registry.yaml in a commit", "commit it first")
    there = {name: found for name in OURS if (found := _usable(tree, ruleset_path(name))) is not None}
    if app is None and operators is None:
        profile = profile_behind(policy, there.get(CREATION))
    else:
        profile = profile_of(policy, app, operators)
    short = falls_short(profile, there.values())
    files = ruleset_files(profile)
    written = tuple(ruleset_path(name) for name in short)
    for path in written:
        tree.write(path, files[path])
    return Written(written, tuple(path for path in files if path not in written))


def _usable(tree: WorkTree, path: str) -> Ruleset | None:
    data = tree.read(path)
    try:
        return None if data is None else parse_ruleset(data, path)
    except InvalidInput:
        return None


# --- looking -------------------------------------------------------------------------------------------------------


def _look(workspace: Workspace, settings: Settings, main: Main) -> Protection:
    wanted, broken = _wanted(workspace, main.commit)
    about = settings.about()
    there = settings.find_rulesets({*OURS, *wanted})
    steps = () if there is None else tuple(_step(one, there) for one in wanted.values())
    problems = [*broken.values(), *_of_files(main.policy, wanted, broken)]
    if there is None:
        problems.append(_no_plan(about, Level.ERROR if wanted or broken else Level.WARNING))
    elif not wanted and not broken:
        words = f"main has no {FOLDER}, so nobody said what GitHub should refuse"
        problems.append(_finding(words, _WRITE, level=Level.WARNING))
    if there is not None:
        problems += _leftovers(there, {*wanted, *broken})
        problems += _of_main(settings, main.policy, about, steps)
    hidden = sorted(one.name for one in (there or {}).values() if one.bypass is None)
    unseen = (f"whom GitHub lets through {', '.join(hidden)}: it shows that to administrators alone",) * bool(
        hidden
    )
    return Protection(main.commit, steps, tuple(problems), unseen, left_open(wanted.values()))


def _wanted(workspace: Workspace, commit: str) -> tuple[dict[str, Ruleset], dict[str, Finding]]:
    """The rulesets that a commit asks for, by name; and what is wrong with the files that are none."""
    entries = workspace.reader.entries(commit, FOLDER)
    paths = [path for path in sorted(entries) if path.endswith(".json")]
    found, broken = {}, {}
    for path, data in zip(paths, workspace.reader.blobs([entries[path] for path in paths]), strict=True):
        name = path.removeprefix(f"{FOLDER}/").removesuffix(".json")
        try:
            found[name] = parse_ruleset(data or b"", path)
        except InvalidInput as error:
            broken[name] = Finding(RULE, Level.ERROR, error.message, path, hint=error.hint)
    return found, broken


def _step(wanted: Ruleset, there: Mapping[int, Ruleset]) -> Step:
    number = next((number for number, one in there.items() if one.name == wanted.name), None)
    return Step(wanted, number, differences(wanted, there[number]) if number is not None else ())


def _take(settings: Settings, step: Step) -> None:
    if step.number is not None:
        settings.replace(step.number, step.ruleset)
        return
    try:
        settings.create(step.ruleset)
    except Lost:
        return  # somebody else made it, or we did and heard nothing: the next look says whether it is as wanted


# --- what is found -------------------------------------------------------------------------------------------------


def _finding(message: str, hint: str = "", path: str = "", *, level: Level = Level.ERROR) -> Finding:
    return Finding(RULE, level, message, path, hint=hint)


def _of_files(
    policy: Policy, wanted: Mapping[str, Ruleset], broken: Mapping[str, Finding]
) -> Iterator[Finding]:
    asked = wanted or broken  # a registry that asks for nothing has decided so
    for name, words in weaknesses(policy, wanted.values()).items() if asked else ():
        if name not in broken:
            yield _finding(
                f"the ruleset {name} {'; '.join(words)}: less than a registry needs",
                _WRITE,
                ruleset_path(name),
            )


def _no_plan(about: RepositoryFacts, level: Level) -> Finding:
    plan = "Team" if about.organization else "Pro"
    return _finding(
        "GitHub enforces nothing here: private repositories have no rulesets on the Free plan, so whoever may push can "
        "push to main and move tags; `modelmark apply` and `modelmark verify` find that afterwards",
        f"make the repository public, or take the {plan} plan; then {APPLY}",
        level=level,
    )


def _leftovers(there: Mapping[int, Ruleset], asked: set[str]) -> Iterator[Finding]:
    for one in there.values():
        if one.name not in asked:
            yield _finding(
                f"the ruleset {one.name} is on GitHub, and no file at main asks for it",
                f"remove it in the repository's settings, or bring {ruleset_path(one.name)} back",
                level=Level.WARNING,
            )


def _of_main(
    settings: Settings, policy: Policy, about: RepositoryFacts, steps: tuple[Step, ...]
) -> Iterator[Finding]:
    """Whether the rules of main are in force on main, whatever they say they are for."""
    if about.default_branch != policy.default_branch:
        yield _finding(
            f"GitHub's default branch is {shown(about.default_branch)} and that of registry.yaml is "
            f"{policy.default_branch}, so the rules guard another branch than the registry's",
            "change the default branch in the repository's settings",
        )
        return
    asked = {
        rule.type
        for step in steps
        for rule in step.ruleset.rules
        if step.stays and step.ruleset.target == "branch" and step.ruleset.enforcement == ACTIVE
    }
    missing = sorted(asked - settings.rules_on(policy.default_branch)) if asked else []
    if missing:
        yield _finding(
            f"on {policy.default_branch} GitHub does not enforce {', '.join(missing)}, whatever its rulesets say",
            "look at Rules, Rulesets in the repository's settings",
        )
