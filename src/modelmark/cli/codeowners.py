"""`modelmark codeowners`."""

from __future__ import annotations

from typing import Annotated

import typer

from modelmark.cli.session import NO, open_registry, say, show, show_json
from modelmark.domain.codeowners import PLACE
from modelmark.render.text import clean


def codeowners(
    context: typer.Context,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; say whether the committed file agrees.")
    ] = False,
    head: Annotated[
        str, typer.Option(metavar="REF", help="The commit whose registry.yaml and model.yaml are read.")
    ] = "HEAD",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Write .github/CODEOWNERS from the owners of the models. Exit code 0 = it agrees with them, 1 = not.

    The owners in a model.yaml must review what changes below that model, promotions too. The owners in registry.yaml
    (registry: owners) must review changes of the rules, and models that name nobody. Any one of them is enough for GitHub.

    Only a block between two markers is written; the rest of the file stays. Nothing but comments may stand below the
    block: for GitHub the last line that matches decides.

    Example: modelmark codeowners --check --head origin/main
    """
    done = open_registry(context).codeowners(head, check=check)
    agreement = done.agreement
    if as_json:
        show_json({"agrees": agreement.agrees, **vars(done)})
    elif check:
        for sign, lines in (("-", agreement.surplus), ("+", agreement.missing)):
            for line in lines:
                show(f"{sign} {clean(line)}")
    else:
        show(PLACE)
    for warning in done.warnings:
        say(f"warning: {clean(warning)}")
    for problem in agreement.problems:
        say(f"error: {clean(problem)}")
    say(_headline(done.commit, agreement.agrees, check=check, written=done.written))
    if not agreement.agrees:
        raise typer.Exit(NO)


def _headline(commit: str, agrees: bool, *, check: bool, written: bool) -> str:
    what = f"the owners at {commit[:12]}"
    if not agrees:
        mend = (
            "modelmark codeowners, and commit it" if check else "mend what is named here, then run it again"
        )
        return f"{PLACE} does not agree with {what}\n  → {mend}"
    if check:
        return f"{PLACE} agrees with {what}"
    return f"wrote {what}; commit {PLACE}" if written else f"{PLACE} agrees with {what} already"
