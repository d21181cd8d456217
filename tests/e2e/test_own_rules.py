"""A promotion that brings its own rules is refused on real Git, too: renames, twins in capitals and symbolic links."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.world import World

pytestmark = pytest.mark.slow


def _loosen(clone: Path, name: str = "registry.yaml") -> None:
    text = (clone / "registry.yaml").read_text()
    (clone / name).write_text(text.replace("min: 0.90", "min: 0.10"))


def _rename(clone: Path) -> None:
    _loosen(clone, "policy.yaml")
    (clone / "registry.yaml").unlink()


def _link(clone: Path) -> None:
    _loosen(clone, "loose.yaml")
    (clone / "registry.yaml").unlink()
    (clone / "registry.yaml").symlink_to("loose.yaml")


def _merge_key(clone: Path) -> None:
    with (clone / "registry.yaml").open("a") as stream:
        stream.write("<<: {promotion: direct}\n")


def _workflow(clone: Path) -> None:
    (clone / ".github/workflows").mkdir(parents=True)
    (clone / ".github/workflows/registry-check.yml").write_text("on: never\n")


def _linked_folder(clone: Path) -> None:
    shutil.move(clone / ".dvc", clone / "dvc")
    (clone / ".dvc").symlink_to("dvc")


ROUTES: dict[str, Callable[[Path], object]] = {
    "the policy": _loosen,
    "renamed": _rename,
    "a twin": lambda clone: _loosen(clone, "Registry.yaml"),
    "a symbolic link": _link,
    "a merge key": _merge_key,
    "the owners": lambda clone: (clone / "models/m/model.yaml").write_text("owners: [mallory@example.org]\n"),
    "a workflow": _workflow,
    "the reviewers": lambda clone: (clone / "CODEOWNERS").write_text("* @mallory\n"),
    "a linked folder": _linked_folder,
}


def test_every_route_is_refused_and_the_promotion_alone_is_not(live: World) -> None:
    version = live.release("three", "staging", "canary")
    branch = str(live.promote(version, "prod").submitted.branch)
    clone, registry = live.clone("reviewer"), live.registry("reviewer")
    live.git("reviewer", "fetch", "-q", "--tags", "origin", f"{branch}:refs/remotes/origin/{branch}")
    assert registry.check(head=f"origin/{branch}").verdict.passed
    passed = []
    for name, spoil in ROUTES.items():
        live.git("reviewer", "checkout", "-q", "-f", "-B", "route", f"origin/{branch}")
        live.git("reviewer", "clean", "-q", "-fd")
        spoil(clone)
        live.git("reviewer", "add", "-A")
        live.git("reviewer", "commit", "-q", "-m", name)
        if registry.check(head="route").verdict.passed:
            passed.append(name)
    assert passed == []
