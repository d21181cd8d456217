"""What a case is, and how the common ones are made: a mistake, its rule, its words."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from modelmark.domain.names import AliasName, ModelName
from tests.corpus.bundles import text_classifier
from tests.corpus.edits import Edit, together
from tests.corpus.parts import Bundle
from tests.corpus.scene import CANARY, Scene
from tests.support.desk import PROD, STAGING, Files

Make = Callable[[Scene], str]


@dataclass(frozen=True)
class Bad:
    """One mistake.

    Attributes:
        rule: the one rule that refuses it.
        says: a pattern that one of its findings matches.
        make: makes the change; returns the branch to judge.
        at: how the path of every error begins.
        also: rules that say the same of it.
    """

    name: str
    rule: str
    says: str
    make: Make
    at: str = "models/reviews/"
    also: tuple[str, ...] = ()


def version(*edits: Edit) -> Make:
    """The next version of `reviews`, with mistakes in its bundle."""
    return lambda scene: scene.bring(together(*edits)(text_classifier(4)))


def first(profile: str, bundle: Callable[[], Bundle], *edits: Edit, card: str = "") -> Make:
    """The first version of a new model, called `first`; a card makes it known beforehand."""

    def make(scene: Scene) -> str:
        files = together(*edits)(bundle())
        if card:
            scene.commit({"models/first/model.yaml": f"profile: {profile}\n{card}".encode()})
        return scene.bring(files, model=ModelName("first"), profile=None if card else profile)

    return make


def waived(bundle: Callable[[], Bundle], path: str, *edits: Edit, expires: str = "2026-12-31") -> Make:
    """The first version of a model that excuses one pickle, so that only the other mistake is left."""
    edit = together(*edits)
    card = waiver("scan", sha256(edit(bundle())[path]), expires)
    return first("generic", lambda: edit(bundle()), card=card)


def promotion(*edits: Edit, to: AliasName = PROD, hours: float = 24) -> Make:
    """A version with mistakes goes the whole way, up to an alias; the last step is judged."""

    def make(scene: Scene) -> str:
        scene.accept(scene.bring(together(*edits)(text_classifier(4)), "4"))
        steps = (STAGING, CANARY, PROD)
        for alias in steps[: steps.index(to)]:
            scene.accept(scene.ask("4", alias))
        scene.wait(hours)
        return scene.ask("4", to)

    return make


def change(files: Files) -> Make:
    """A branch off main with these files; None deletes one."""
    return lambda scene: scene.change(files)


def beside(files: Files) -> Make:
    """The good promotion of version 2 to prod, and more files in the same change."""
    return lambda scene: scene.beside(scene.ask("2", PROD), files)


def waiver(rule: str, about: str, expires: str = "2026-12-31") -> str:
    """Lines of a card that excuse one finding."""
    head = (
        f"{{check: {rule}, about: {about}, reason: it was read by two of us, owner: ada, expires: {expires}}}"
    )
    return f"waivers: [{head}]\n"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
