"""`modelmark init`."""

from __future__ import annotations

import shlex
from typing import Annotated

import typer

from modelmark.adapters.work_tree import storage_address
from modelmark.adapters.yaml_files import YamlFiles
from modelmark.cli.session import say, show
from modelmark.domain.layout import POLICY
from modelmark.domain.policy import Way
from modelmark.registry import Registry
from modelmark.render.text import clean


def init(
    directory: Annotated[str, typer.Argument(metavar="[DIR]", help="Where; made if it is not there.")] = ".",
    storage: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Where DVC keeps the bytes: s3://…, ssh://…, or a folder."),
    ] = None,
    direct: Annotated[
        bool, typer.Option("--direct", help="One person may promote in one step, without a review.")
    ] = False,
) -> None:
    """Make a new registry: registry.yaml with commented rules, models/, and DVC's configuration.

    Example: modelmark init my-models --storage s3://acme-models
    """
    root, files = Registry.init(directory, storage, Way.DIRECT if direct else Way.PULL_REQUEST)
    for path in sorted(files):
        say(f"wrote {path}")
    if storage is None:
        say(
            f"storage: the folder {clean((root / storage_address(root, None)).resolve())}, on this machine only;"
        )
        say(
            "  for a team, name a shared one: modelmark init --storage URL, or change registry.yaml and .dvc/config"
        )
    say("next: read registry.yaml, then commit and push it:")
    say(
        f"  cd {clean(shlex.quote(str(root)))} && git add registry.yaml models .dvc .gitignore .gitattributes \\"
    )
    branch = clean(shlex.quote(YamlFiles().policy(files[POLICY], POLICY).default_branch))
    say(f"    && git commit -m 'Start a model registry' && git push origin {branch}")
    show(str(root))
