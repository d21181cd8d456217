"""`modelmark init`."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

import typer

from modelmark.adapters.work_tree import storage_address
from modelmark.adapters.yaml_files import YamlFiles
from modelmark.cli.session import say, show
from modelmark.domain.codeowners import parse_owner
from modelmark.domain.layout import POLICY
from modelmark.domain.policy import Way
from modelmark.errors import InvalidInput
from modelmark.registry import Registry
from modelmark.render.text import clean


def init(
    context: typer.Context,
    directory: Annotated[str | None, typer.Argument(metavar="[DIR]", help="Where; else here, or -C.")] = None,
    storage: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Where DVC keeps the bytes: s3://…, ssh://…, or a folder."),
    ] = None,
    direct: Annotated[bool, typer.Option("--direct", help="Promote in one step, without a review.")] = False,
    github: Annotated[bool, typer.Option("--github", help="Also what GitHub needs, and a README.")] = False,
    owner: Annotated[
        list[str] | None,
        typer.Option(metavar="WHO", help="@user or @org/team that owns the rules; repeat it."),
    ] = None,
) -> None:
    """Make a new registry: registry.yaml with commented rules, models/, and DVC's configuration.

    In a registry that is there, --github adds those of its files that are missing, and changes none.

    Example: modelmark init my-models --storage s3://acme-models --github --owner @acme/ml-platform
    """
    directory = directory or context.obj or "."
    if github and (Path(directory) / POLICY).exists():
        if storage or direct or owner:
            raise InvalidInput(f"{clean(directory)} is a registry already", f"change {POLICY} instead")
        added = Registry.add_github(directory)
        _tell_written(added)
        say("next: modelmark codeowners, then commit what is new" if added else "nothing is missing")
        show(directory)
        return
    owners, way = tuple(map(parse_owner, owner or ())), Way.DIRECT if direct else Way.PULL_REQUEST
    root, files = Registry.init(directory, storage, way, owners)
    files = {**files, **(Registry.add_github(root) if github else {})}
    _tell_written(files)
    if storage is None:
        here = clean((root / storage_address(root, None)).resolve())
        say(f"storage: the folder {here}, on this machine only;")
        say(f"  for a team, name a shared one: modelmark init --storage URL, or in {POLICY} and .dvc/config")
    if github and not owners:
        say("WARNING: nobody owns this registry, so on GitHub nobody can approve a promotion:")
        say(f"  start again with --owner @YOU, or name owners in {POLICY}, then modelmark codeowners")
    _tell_next(root, files, "https://github.com/OWNER/NAME.git" if github else "URL")
    show(str(root))


def _tell_next(root: Path, files: Mapping[str, bytes], address: str) -> None:
    branch = clean(shlex.quote(YamlFiles().policy(files[POLICY], POLICY).default_branch))
    more = " (README.md has the rest)" if "README.md" in files else ""
    say(f"next: read registry.yaml, then commit and push it{more}:")
    tops = " ".join(dict.fromkeys(path.partition("/")[0] for path in sorted(files)))
    say(f"  cd {clean(shlex.quote(str(root)))} && git add {tops} \\")
    say("    && git commit -m 'Start a model registry'")
    say(f"  git remote add origin {address}    # where there is none yet")
    say(f"  git push -u origin {branch}")


def _tell_written(files: Iterable[str]) -> None:
    for path in sorted(files):
        say(f"wrote {path}")
