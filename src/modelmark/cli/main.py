"""The command line: the list of commands, and the options that all of them share."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from importlib import import_module
from typing import Annotated, NoReturn

import typer

from modelmark.adapters.first_process import go_on_below
from modelmark.cli.session import INTERRUPTED, guarded
from modelmark.cli.session import show as put

_HELP = """A model registry that lives in a Git repository.

Versions are DVC-tracked directories with a manifest in Git, versions and aliases are annotated tags, promotions are
reviewed changes, rollback is a tag, deployment is a verified pull.

Start with: modelmark init my-models
"""

# Where each command is, and what it does in a line. A module is imported when its command is asked for: all of them
# take longer than an answer.
COMMANDS = {
    "init": ("init.init", "Make a new registry."),
    "register": ("register.register", "Make an immutable version of a directory."),
    "promote": ("promote.promote", "Ask that an alias means a version."),
    "check": ("check.check", "Judge a change: the gate."),
    "comment": ("comment.comment", "Put the gate's page below its pull request."),
    "checks": ("checks.checks", "Say what the gate can ask."),
    "apply": ("apply.apply", "Make the tags say what main asks for."),
    "announce": ("announce.announce", "Tell the world what an alias means now."),
    "rollback": ("rollback.rollback", "Put an alias back, now."),
    "record": ("record.record", "Record a rollback made by hand with `git tag`."),
    "evaluate": ("evaluate.evaluate", "Append a later measurement to a version."),
    "archive": ("archive.archive", "Take a version out of use for good."),
    "resolve": ("resolve.resolve", "Say which version a reference means."),
    "list": ("list_.list_", "Say what is registered and what is live."),
    "compare": ("compare.compare", "Put versions side by side; say which to promote."),
    "show": ("show.show", "Say everything about one version."),
    "history": ("history.history", "Say what was live: when, by whom, why."),
    "pull": ("pull.pull", "Bring a version into a directory, verified."),
    "watch": ("watch.watch", "Keep a directory at what an alias means."),
    "deployed": ("deployed.deployed", "Record what really runs in an environment."),
    "status": ("status.status", "Say what runs where, against what is declared."),
    "verify": ("verify.verify", "Say whether everything is what its tags say."),
    "audit": ("audit.audit", "Hold everything against everything."),
    "codeowners": ("codeowners.codeowners", "Write who must review which model."),
    "protect": ("protect.protect", "Have GitHub refuse what no review has seen."),
    "doctor": ("doctor.doctor", "Say what is off here, and how to mend it."),
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
        where, summary = COMMANDS[name]
        module, _, function = where.partition(".")
        app.command(name, short_help=summary)(getattr(import_module(f"modelmark.cli.{module}"), function))
    return app


def _needed(words: Sequence[str]) -> Iterable[str]:
    """The one command that is surely meant; all of them where help, an error or another option comes first."""
    rest = words[2:] if words[:1] in (["-C"], ["--registry"]) else words
    return rest[:1] if rest and rest[0] in COMMANDS else COMMANDS


def _open_streams() -> None:
    """Lead streams nowhere that whoever started us has closed; else talk would be data, and a file of ours a stream."""
    handle = os.open(os.devnull, os.O_RDWR)
    while handle <= 2:
        os.set_inheritable(handle, True)
        handle = os.dup(handle)
    os.close(handle)
    sys.stdin = sys.stdin or open(0)  # noqa: SIM115 - as long as we live
    sys.stdout = sys.stdout or open(1, "w")  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w")  # noqa: SIM115


def run() -> NoReturn:
    """Run the command line of this process."""
    _open_streams()
    go_on_below()
    gc.set_threshold(
        100_000
    )  # a short life with few cycles: the collector would only walk 300,000 tags again and again
    words = sys.argv[1:]
    try:
        guarded(lambda: build_app(_needed(words))(args=words, prog_name="modelmark"))
    except SystemExit as ended:
        if (
            ended.code == INTERRUPTED
        ):  # what a thread waits for may not end, and Python would wait for the thread
            with suppress(OSError):
                sys.stderr.flush()
            os._exit(INTERRUPTED)
        raise
    finally:
        gc.freeze()  # to look for cycles in all that ends now would take a fifth of a short command
