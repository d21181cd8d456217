"""`modelmark doctor`."""

from __future__ import annotations

from typing import Annotated

import typer

from modelmark.cli.options import Token
from modelmark.cli.session import NO, say, show, show_json
from modelmark.registry.doctor import diagnose
from modelmark.render.diagnosis import diagnosis, headline


def doctor(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    token: Token = None,
) -> None:
    """Look at a clone and its registry from end to end, and say for each thing that is off how to mend it.

    Git, the remote, main, DVC, the storage, what the gates need; on GitHub also the token, Actions, code owners, workflows
    and rulesets. Nothing is changed. Exit code 0 = no errors, 1 = some.

    Example: modelmark doctor
    """
    found = diagnose(context.obj or ".", token)
    if as_json:
        show_json({"healthy": found.healthy, "probes": found.probes})
    else:
        show(diagnosis(found))
    say(headline(found))
    if not found.healthy:
        raise typer.Exit(NO)
