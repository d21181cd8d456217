"""Bad changes: files where none may stand, files that never change, versions that are not whole, files nobody can read."""

from __future__ import annotations

import re
from collections.abc import Callable

from modelmark.domain.references import ByVersion
from modelmark.usecases.archive import archive
from tests.corpus.bundles import text_classifier
from tests.corpus.cases import Bad, Make, change
from tests.corpus.scene import REVIEWS, Scene, Submodule
from tests.support.desk import v
from tests.support.fakes import Link

_MODEL = "models/reviews"
_ALIASES = f"{_MODEL}/aliases.yaml"
_INCIDENT = """\
model: reviews
alias: prod
at: 2026-01-04T09:00:00Z
by: Ada <ada@example.org>
from: "2"
to: "1"
assignment: 3
reason: it answered in French
"""


def edited(path: str, *changes: tuple[str, str]) -> Make:
    """A file of main with texts replaced, as patterns."""

    def make(scene: Scene) -> str:
        text = scene.file(path)
        for old, new in changes:
            assert re.search(old, text), f"{path} has no {old}"
            text = re.sub(old, new, text, count=1)
        return scene.change({path: text.encode()})

    return make


def spoilt(spoil: Callable[[Scene, str], object]) -> Make:
    """A good new version, and then something happens to its branch or its bytes."""

    def make(scene: Scene) -> str:
        branch = scene.bring(text_classifier(4))
        spoil(scene, branch)
        return branch

    return make


def rewritten(name: str, *changes: tuple[str, str]) -> Make:
    """A good new version whose manifest or pointer was edited by hand."""

    def spoil(scene: Scene, branch: str) -> None:
        path = f"{_MODEL}/4/{name}"
        text = scene.file(path, scene.refs[f"refs/heads/{branch}"])
        for old, new in changes:
            assert re.search(old, text), f"{path} has no {old}"
            text = re.sub(old, new, text, count=1)
        scene.commit({path: text.encode()}, branch=branch)

    return spoilt(spoil)


def after(first: Callable[[Scene], None], files: dict[str, bytes | None]) -> Make:
    def make(scene: Scene) -> str:
        first(scene)
        return scene.change(files)

    return make


def _archived(scene: Scene) -> None:
    scene.accept(archive(scene.workspace, ByVersion(REVIEWS, v("3")), "it was never good", None).branch)


def _incident(scene: Scene) -> None:
    scene.commit({f"{_MODEL}/incidents/prod-3.yaml": _INCIDENT.encode()})


PLACES = (
    Bad(
        "a stray file in a version", "places", "no file of that name", change({f"{_MODEL}/3/notes.txt": b"x"})
    ),
    Bad(
        "bytes in Git",
        "places",
        "artifacts belong to DVC",
        change({f"{_MODEL}/3/artifacts/model.safetensors": b"x"}),
    ),
    Bad(
        "a model with capitals",
        "places",
        "'Reviews' is not a model name",
        change({"models/Reviews/model.yaml": b"profile: generic\n"}),
        "models/Reviews/",
    ),
    Bad(
        "a version with a leading zero",
        "places",
        "'01' is not a version",
        change({f"{_MODEL}/01/manifest.yaml": b""}),
    ),
    Bad("a version with a v", "places", "'v4' is not a version", change({f"{_MODEL}/v4/manifest.yaml": b""})),
    Bad("a symbolic link", "places", "symbolic link", change({f"{_MODEL}/README.md": Link(b"/etc/passwd")})),
    Bad("a submodule", "places", "submodule", change({f"{_MODEL}/README.md": Submodule(b"")})),
    Bad(
        "another storage for everybody",
        "places",
        "it would replace the storage of .dvc/config",
        change({".dvc/config.local": b"[core]\n"}),
        ".dvc/config.local",
    ),
)
FROZEN = (
    Bad(
        "a manifest that is edited",
        "frozen",
        "on main already and is changed",
        edited(f"{_MODEL}/1/manifest.yaml", ("value: 0.93", "value: 0.99")),
    ),
    Bad(
        "a pointer that is edited",
        "frozen",
        "on main already and is changed",
        edited(f"{_MODEL}/1/artifacts.dvc", ("md5: .{8}", "md5: 00000000")),
    ),
    Bad(
        "a version that is deleted",
        "frozen",
        "a registry forgets nothing",
        change({f"{_MODEL}/3/manifest.yaml": None, f"{_MODEL}/3/artifacts.dvc": None}),
    ),
    Bad("a card that is deleted", "frozen", "forgets nothing", change({f"{_MODEL}/model.yaml": None})),
    Bad(
        "an incident that is rewritten",
        "frozen",
        "on main already and is changed",
        after(_incident, {f"{_MODEL}/incidents/prod-3.yaml": _INCIDENT.replace("French", "time").encode()}),
    ),
    Bad(
        "an archiving that is taken back",
        "frozen",
        "deleted",
        after(_archived, {f"{_MODEL}/3/archived.yaml": None}),
    ),
)
VERSIONS = (
    Bad(
        "a version without its pointer",
        "version",
        "this file is missing",
        spoilt(lambda scene, branch: scene.commit({f"{_MODEL}/4/artifacts.dvc": None}, branch=branch)),
    ),
    Bad(
        "a manifest of another version",
        "version",
        "this manifest is of reviews@5, not of its folder",
        rewritten("manifest.yaml", ("version: ['\"]?4['\"]?", 'version: "5"')),
    ),
    Bad(
        "a manifest of another model",
        "version",
        "this manifest is of views@4",
        rewritten("manifest.yaml", ("model: reviews", "model: views")),
    ),
    Bad(
        "a version that counts with more numbers",
        "version",
        "another count of numbers",
        lambda scene: _moved(scene, "4.0"),
    ),
)


def _moved(scene: Scene, name: str) -> str:
    """A good version under another number, as if `register` had not refused it."""
    branch = scene.bring(text_classifier(4))
    tip = scene.refs[f"refs/heads/{branch}"]
    manifest = scene.file(f"{_MODEL}/4/manifest.yaml", tip)
    manifest = re.sub("version: ['\"]?4['\"]?", f'version: "{name}"', manifest, count=1)
    pointer = scene.file(f"{_MODEL}/4/artifacts.dvc", tip)
    files = {f"{_MODEL}/{name}/manifest.yaml": manifest, f"{_MODEL}/{name}/artifacts.dvc": pointer}
    gone = dict.fromkeys((f"{_MODEL}/4/manifest.yaml", f"{_MODEL}/4/artifacts.dvc"))
    scene.commit({**{path: text.encode() for path, text in files.items()}, **gone}, branch=branch)
    return branch


RECORDS = (
    Bad(
        "a key that stands there twice",
        "readable",
        "twice",
        edited(_ALIASES, ("prod:", "staging: {version: 3, assignment: 3, reason: x}\nprod:")),
    ),
    Bad("a merge key", "readable", "merge key", edited(_ALIASES, (r"\Z", "canary2: {<<: {version: 3}}\n"))),
    Bad("an anchor", "readable", "anchor", edited(_ALIASES, ("prod: *", "prod: &here "))),
    Bad("a YAML tag", "readable", "tag", edited(_ALIASES, (r"\Z", "x: !!python/name:os.system {}\n"))),
    Bad("two documents", "readable", "document", edited(_ALIASES, (r"\Z", "---\nprod: {}\n"))),
    Bad("a key that nobody knows", "readable", "'verison'", edited(_ALIASES, (r"\bversion:", "verison:"))),
    Bad("bytes that are no text", "readable", "UTF-8", change({_ALIASES: b"prod: \xff\n"})),
    Bad(
        "an incident that says nothing",
        "readable",
        "missing",
        change({f"{_MODEL}/incidents/prod-9.yaml": b"model: reviews\n"}),
    ),
    Bad(
        "an archiving that says nothing",
        "readable",
        "missing",
        change({f"{_MODEL}/3/archived.yaml": b"reason: old\n"}),
    ),
)
CASES = (*PLACES, *FROZEN, *VERSIONS, *RECORDS)
