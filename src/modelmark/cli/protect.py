"""`modelmark protect`."""

from __future__ import annotations

from typing import Annotated

import typer

from modelmark.cli.options import Token
from modelmark.cli.session import COULD_NOT, NO, open_registry, say, show, show_json
from modelmark.domain.findings import judge
from modelmark.domain.protection import RULE, Protection
from modelmark.errors import InvalidInput
from modelmark.render import protection, terminal


def protect(
    context: typer.Context,
    plan: Annotated[
        bool, typer.Option("--plan", help="Say what GitHub would be told (the default).")
    ] = False,
    apply: Annotated[
        bool, typer.Option("--apply", help="Tell GitHub; needs an administrator's token.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Say whether GitHub has it as it is reviewed.")
    ] = False,
    write: Annotated[bool, typer.Option("--write", help="Write the files, for a review.")] = False,
    app: Annotated[
        int | None, typer.Option(metavar="ID", min=1, help="With --write: only this App may create tags.")
    ] = None,
    operators: Annotated[
        int | None, typer.Option(metavar="ID", min=1, help="With --app: this team may, too, to roll back.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    token: Token = None,
) -> None:
    """Have GitHub itself refuse what no review has seen: changes of main, tags that move or go.

    What is wanted stands in .github/rulesets/ at main: --write makes these files, a review brings them there, --apply makes
    GitHub's rulesets say the same, --check finds what somebody changed since. Exit code 0 = all holds, 1 = something does
    not, 3 = this token could not see all of it. Rulesets of other names are left alone.

    The default profile works with a workflow's own token. With --app, the number of the registry's GitHub App, it is the
    hardened one: nobody else creates tags, but for the team of --operators.

    Example: modelmark protect --write && git add .github/rulesets
    """
    if plan + apply + check + write > 1:
        raise InvalidInput("--plan, --apply, --check and --write exclude each other", "give one of them")
    if not write and (app is not None or operators is not None):
        raise InvalidInput(
            "--app and --operators are for --write", "GitHub is told what the files at main say"
        )
    if write:
        files = open_registry(context).write_protection(app, operators)
        show_json(files) if as_json else show("\n".join((*files.written, *files.kept)))
        say(f"wrote {len(files.written)}, {len(files.kept)} were good; next: have them reviewed and merged")
        return
    found = open_registry(context).hosted(token).protect(apply=apply)
    _tell(found, "apply" if apply else "check" if check else "plan", as_json)


def _tell(found: Protection, way: str, as_json: bool) -> None:
    told = found.problems if way == "plan" else found.findings
    findings = terminal.findings(judge([RULE], told))
    steps = protection.steps(found.done if way == "apply" else found.steps, dry=way == "plan")
    if as_json:
        show_json({"holds": found.holds, "findings": found.findings, **vars(found)})
    elif data := findings if way == "check" else steps:
        show(data)
    if findings and way != "check":
        say(findings)
    say(protection.talk(found))
    if way == "plan":
        say("nothing was changed; to do it: modelmark protect --apply")
        return
    say(protection.headline(found))
    if not found.holds or found.unseen:
        raise typer.Exit(COULD_NOT if found.holds else NO)
