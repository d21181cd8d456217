"""The command line: the list of commands, and the options that all of them share."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated, NoReturn

import typer

from modelmark.cli import (
    apply,
    archive,
    check,
    history,
    init,
    list_,
    promote,
    pull,
    record,
    register,
    resolve,
    rollback,
    show,
    verify,
)
from modelmark.cli.session import guarded
from modelmark.cli.session import show as put

_HELP = """A model registry that lives in a Git repository.

Versions are DVC-tracked directories with a manifest in Git, versions and aliases are annotated tags, promotions are
reviewed changes, rollback is a tag, deployment is a verified pull.

Start with: modelmark init my-models
"""

app = typer.Typer(
    help=_HELP,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version  # noqa: PLC0415 - 10 ms that only --version needs

        put(version("modelmark"))
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    registry: Annotated[
        str, typer.Option("--registry", "-C", metavar="DIR", help="The registry's directory.")
    ] = ".",
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Options that come before the command."""
    context.obj = registry


COMMANDS: dict[str, Callable[..., None]] = {
    "init": init.init,
    "register": register.register,
    "promote": promote.promote,
    "check": check.check,
    "apply": apply.apply,
    "rollback": rollback.rollback,
    "record": record.record,
    "archive": archive.archive,
    "resolve": resolve.resolve,
    "list": list_.list_,
    "show": show.show,
    "history": history.history,
    "pull": pull.pull,
    "verify": verify.verify,
}
for name, command in COMMANDS.items():
    app.command(name)(command)


def run() -> NoReturn:
    """Run the command line of this process."""
    guarded(lambda: app(args=sys.argv[1:], prog_name="modelmark"))
