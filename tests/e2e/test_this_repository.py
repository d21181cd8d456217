"""This repository is a registry of its own examples: a fresh clone must come to life with no tag and no account."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from modelmark import ByVersion, Registry, parse_reference
from modelmark.domain.findings import Level
from modelmark.domain.names import parse_alias_name
from modelmark.usecases.verify import Depth

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of this repository as it is committed, without any tag."""
    shallow = subprocess.run(
        ["git", "rev-parse", "--is-shallow-repository"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if shallow.stdout.strip() != "false":
        pytest.skip("the tests do not run in a full Git clone, so there is no history to come to life from")
    folder = tmp_path_factory.mktemp("clone") / "modelmark"
    bare = folder.parent / "remote.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(bare)], check=True)
    subprocess.run(["git", "push", "-q", str(bare), "HEAD:refs/heads/main"], cwd=ROOT, check=True)
    subprocess.run(["git", "clone", "-q", "--no-tags", str(bare), str(folder)], check=True)
    for key, value in {"user.name": "Rita", "user.email": "rita@example.org"}.items():
        subprocess.run(["git", "config", key, value], cwd=folder, check=True)
    return folder


@pytest.fixture(scope="module")
def registry(clone: Path) -> Registry:
    """The clone after `modelmark apply --no-push`."""
    opened = Registry.open(clone)
    opened.apply(push=False)
    return opened


def test_a_fresh_clone_without_tags_is_brought_to_life_by_apply(registry: Registry) -> None:
    names = {str(summary.model): summary for summary in registry.list()}
    assert set(names) == {"nlp-sentiment", "tabular-breast-cancer"}
    assert names["nlp-sentiment"].versions == 3
    assert not any(summary.problems or summary.waiting for summary in names.values())
    assert str(registry.resolve(parse_reference("nlp-sentiment@prod")).version) == "3"
    assert str(registry.resolve(parse_reference("nlp-sentiment@prev_prod")).version) == "1"


def test_every_byte_in_its_storage_is_what_the_manifests_list(registry: Registry) -> None:
    verified = registry.verify(depth=Depth(storage=True, content=True))
    assert verified.verdict.passed, verified.verdict.findings
    assert verified.versions == 4


def test_the_second_version_really_fails_on_its_worst_slice(registry: Registry) -> None:
    second = parse_reference("nlp-sentiment@2")
    assert isinstance(second, ByVersion)
    sent = registry.promote(second, parse_alias_name("prod"), "to see the gate refuse it").submitted
    assert sent.verdict is not None
    errors = [found.message for found in sent.verdict.findings if found.level is Level.ERROR]
    assert any(message.startswith("worst slice: f1 [domain=travel]") for message in errors)


def test_a_pulled_version_predicts(registry: Registry, tmp_path: Path) -> None:
    release = registry.pull(parse_reference("nlp-sentiment@prod"), tmp_path).path
    done = subprocess.run(
        [sys.executable, str(release / "predict.py"), "a wonderful book, I loved every page"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert '"label": "positive"' in done.stdout


def test_stock_dvc_pulls_the_same_bytes(registry: Registry, clone: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "dvc", "pull", "--quiet", "models/nlp-sentiment/3/artifacts.dvc"],
        cwd=clone,
        check=True,
    )
    manifest = registry.show(parse_reference("nlp-sentiment@3")).manifest
    folder = clone / "models/nlp-sentiment/3/artifacts"
    found = {
        file.path: hashlib.sha256((folder / file.path).read_bytes()).hexdigest() for file in manifest.files
    }
    assert found == {file.path: file.sha256 for file in manifest.files}
