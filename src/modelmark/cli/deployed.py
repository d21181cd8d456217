"""`modelmark deployed`."""

from __future__ import annotations

from typing import Annotated

import typer

from modelmark.cli.options import Records, named
from modelmark.cli.session import NO, open_registry, say, show, show_json
from modelmark.domain.references import parse_reference
from modelmark.registry.asked import RECORDS
from modelmark.registry.deployments import deployed_remote
from modelmark.render.text import clean


def deployed(
    context: typer.Context,
    reference: Annotated[
        str, typer.Argument(metavar="M@ALIAS", help="What the environment follows: nlp-sentiment@prod.")
    ],
    env: Annotated[str, typer.Option(metavar="E", help="The environment, such as eu-1.")],
    to: Annotated[
        str | None,
        typer.Option(
            metavar="DIR",
            help="Where it was pulled to: every byte there is read. Else nobody has looked.",
            callback=named,
        ),
    ] = None,
    records: Records = RECORDS,
    registry: Annotated[
        str | None, typer.Option(metavar="URL", help="The registry's repository; needs no clone.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Record what really runs in an environment; the same release again makes no new record.

    Exit code 1 = recorded, and what is in DIR is not what its tag pins.

    Example: modelmark deployed nlp-sentiment@prod --env eu-1 --to /srv/model
    """
    asked = parse_reference(reference)
    done = (
        deployed_remote(registry, asked, env, to, records)
        if registry
        else open_registry(context).deployed(asked, env, to=to, records=records)
    )
    made = done.deployment
    if as_json:
        show_json(done)
    else:
        what = f"{made.place} runs {made.version}, {'verified' if made.verified else 'unverified'}"
        say(f"{what}: {'recorded already' if done.already else 'recorded'} in {clean(done.where)}")
        show(done.name)
    if done.problem:
        say(f"! {clean(done.problem)}")
    if done.problem and to:
        raise typer.Exit(NO)
