"""The command line: the list of commands, and the options that all of them share."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Annotated, NoReturn

import typer

from modelmark.cli.session import guarded
from modelmark.cli.session import show as put

_HELP = """A model registry that lives in a Git repository.

Versions are DVC-tracked directories with a manifest in Git, versions and aliases are annotated tags, promotions are
reviewed changes, rollback is a tag, deployment is a verified pull.

Start with: modelmark init my-models
"""

# Where each command is. A module is imported when its command is asked for: all of them take longer than an answer.
COMMANDS = {
    "init": "init.init",
    "register": "register.register",
    "promote": "promote.promote",
    "check": "check.check",
    "apply": "apply.apply",
    "rollback": "rollback.rollback",
    "record": "record.record",
    "archive": "archive.archive",
    "resolve": "resolve.resolve",
    "list": "list_.list_",
    "show": "show.show",
    "history": "history.history",
    "pull": "pull.pull",
    "verify": "verify.verify",
}


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version  # noqa: PLC0415 - 10 ms that only --version needs

        put(version("modelmark"))
        raise typer.Exit


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


def build_app(names: Iterable[str] = COMMANDS) -> typer.Typer:
    """The command line with these commands."""
    app = typer.Typer(
        help=_HELP,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(options)
    for name in names:
        module, _, function = COMMANDS[name].partition(".")
        app.command(name)(getattr(import_module(f"modelmark.cli.{module}"), function))
    return app


def _needed(words: Sequence[str]) -> Iterable[str]:
    """The one command that is surely meant; all of them where help, an error or another option comes first."""
    rest = words[2:] if words[:1] in (["-C"], ["--registry"]) else words
    return rest[:1] if rest and rest[0] in COMMANDS else COMMANDS


def run() -> NoReturn:
    """Run the command line of this process."""
    gc.set_threshold(
        100_000
    )  # a short life with few cycles: the collector would only walk 300,000 tags again and again
    words = sys.argv[1:]
    guarded(lambda: build_app(_needed(words))(args=words, prog_name="modelmark"))
