"""What the code and the pickles of a version import is there when they are loaded: tomorrow's ModuleNotFoundError.

A module may come from the standard library of the stated Python, from the bundle, or from a pinned requirement. One
that a requirement is known to bring along works by luck, and is a warning. Modules of the standard library and of
well-known packages are known by table (`domain/packages.py`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelmark.domain.checks import Check
from modelmark.domain.code import Code, Import, importable, is_bundled, is_test
from modelmark.domain.findings import Finding, Level
from modelmark.domain.formats import Formats
from modelmark.domain.inspection import Reach
from modelmark.domain.names import shown
from modelmark.domain.packages import (
    brought_along,
    distributions_of,
    is_required,
    is_standard,
    lacks_of_numpy_2,
    removed_in,
)
from modelmark.domain.requirements import Requirements, contradictions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from modelmark.domain.change import Candidate, Subject

RULE = "environment"
_NOTEBOOK = "__main__"
_FOR_TESTS = frozenset({"pytest", "_pytest", "hypothesis"})
_UNLOADED = "ModuleNotFoundError when it is loaded"


def check(candidate: Candidate) -> Iterator[Finding]:
    """Judge each version."""
    for subject in candidate.asked(RULE):
        requirements, code = subject.inspection.of(Requirements), subject.inspection.of(Code)
        uses = tuple(_uses(subject, code))
        if not uses and not code.files and not requirements.files:
            yield subject.finding(
                RULE,
                Level.NOTE,
                "it has no Python code, no pickle and no requirements: any environment will do",
            )
            continue
        found = [
            *_python(subject, requirements),
            *_pins(subject, requirements),
            *_code(subject, code, requirements),
            *_modules(subject, requirements, uses),
            *_moved(subject, requirements, uses),
        ]
        yield from found
        if not any(one.level is Level.ERROR for one in found):
            yield subject.finding(RULE, Level.NOTE, _figures(requirements, uses))


@dataclass(frozen=True)
class _Use:
    """A module that a file needs, in words: `preprocess.py line 3 imports emoji`."""

    place: str
    path: str
    module: str
    optional: bool
    test: bool

    @property
    def top(self) -> str:
        return self.module.partition(".")[0]


def _uses(subject: Subject, code: Code) -> Iterator[_Use]:
    """What code imports and pickles name, first by file."""
    types = {file.path: file.type for file in subject.manifest.files} if subject.manifest else {}
    for one in code.imports:
        yield _Use(
            _words(one), one.path, one.module, one.optional, is_test(one.path, types.get(one.path, ""))
        )
    for path, found in subject.inspection.of(Formats).files.items():
        for module in sorted({name.partition(" ")[0] for name in found.globals}):
            yield _Use(f"{path} is a pickle that names {shown(module)}", path, module, False, False)


def _words(one: Import) -> str:
    return f"{one.path} line {one.line} imports {shown(one.module)}"


def _python(subject: Subject, requirements: Requirements) -> Iterator[Finding]:
    """The Python version is given, as one version, and the same everywhere."""
    stated = requirements.pythons
    if not stated:
        yield subject.finding(
            RULE,
            Level.ERROR,
            "no file says which Python version it needs, so whoever serves it has to guess",
            'write python: "3.11.7" into train_args.json or a python_env.yaml, and register again',
            about="python",
        )
    for one in stated:
        if one.version is None:
            yield subject.finding(
                RULE,
                Level.ERROR,
                f"{one.where} says Python {shown(one.text, 40)}, which is not one version",
                "name the version that it was made with, such as 3.11.7",
                about="python",
            )
    versions = {one.version: one for one in reversed(stated) if one.version}
    if len(versions) > 1:
        said = " and ".join(f"{one.where} says {one.text}" for one in reversed(versions.values()))
        yield subject.finding(
            RULE,
            Level.WARNING,
            f"the files do not agree on the Python version: {said}",
            "make them say the same",
        )


def _pins(subject: Subject, requirements: Requirements) -> Iterator[Finding]:
    """Every requirement is one version of one package from the index."""
    for trouble in requirements.troubles:
        yield subject.finding(
            RULE,
            Level.ERROR,
            f"{trouble.path} line {trouble.line}: {trouble.message}",
            trouble.hint,
            about=trouble.about,
        )
    for one in requirements.required:
        if one.version is None:
            yield subject.finding(
                RULE,
                Level.ERROR,
                f"{one.path} line {one.line}: {shown(one.text)} is not pinned, so tomorrow it may be another version",
                "write the version that it was tested with: pip freeze tells it",
                about=one.name,
            )
    for first, second in contradictions(requirements):
        yield subject.finding(
            RULE,
            Level.ERROR,
            f"{first.path} line {first.line} pins {first.pin}, and {second.path} line {second.line} {second.pin}: "
            "nobody knows which one is there when it is loaded",
            "keep one of them",
            about=first.name,
        )


def _code(subject: Subject, code: Code, requirements: Requirements) -> Iterator[Finding]:
    """Every file is Python; of a newer Python than the one that reads, nobody here can tell."""
    stated, ours = requirements.python, code.read_by
    newer = stated is not None and stated > ours
    for one in code.broken:
        line = f" line {one.line}" if one.line else ""
        words = f"{one.path}{line} is not Python {ours[0]}.{ours[1]}: {shown(one.message)}"
        hint = (
            f"check with Python {stated[0]}.{stated[1]}" if newer and stated else "mend it and register again"
        )
        yield subject.finding(
            RULE, Level.WARNING if newer else Level.ERROR, words, hint, subject.about(one.path)
        )


def _modules(subject: Subject, requirements: Requirements, uses: tuple[_Use, ...]) -> Iterator[Finding]:
    """Modules that nothing brings, each once, at its first use."""
    names = frozenset(one.name for one in requirements.applying)
    bundled = importable(file.path for file in subject.manifest.files) if subject.manifest else frozenset()
    missing: dict[tuple[str, bool], list[_Use]] = {}
    for use in uses:
        known = is_standard(use.top, requirements.python) or is_bundled(use.top, use.path, bundled)
        if (
            known
            or (use.test and use.top in _FOR_TESTS)
            or is_required(use.top, names, requirements.provided)
        ):
            continue
        missing.setdefault((use.top, use.optional), []).append(use)
    lucky = brought_along(sorted(names))
    for (module, optional), places in missing.items():
        yield _missing(subject, module, optional, places, lucky=_luck(requirements, module, lucky))


def _luck(requirements: Requirements, module: str, brought: Mapping[str, str]) -> str:
    """The requirement that brings a module along, or empty."""
    return next(
        (brought[name] for name in distributions_of(module, requirements.provided) if name in brought), ""
    )


def _missing(subject: Subject, module: str, optional: bool, places: list[_Use], *, lucky: str) -> Finding:
    more = f" (and {len(places) - 1} more)" if len(places) > 1 else ""
    where, packages = places[0].place + more, distributions_of(module, {})
    about = module if module.isidentifier() and module.isprintable() else ""
    if module == _NOTEBOOK:
        return subject.finding(
            RULE,
            Level.ERROR,
            f"{where}: it was saved from a script or notebook and can be loaded only there",
            "put the class or function into a module of the bundle and save the pickle again",
            about=about,
        )
    if optional:
        words = f"{where} if it is there; it is in no requirement"
        return subject.finding(RULE, Level.NOTE, words, about=about)
    # A package of a guessed name may be a stranger's, so only one that is known to bring the module is named.
    known = shown(packages[0]) if len(packages) > 1 or lucky else "the package that brings it"
    pin = (
        f"{'' if lucky else 'put it into the bundle, or '}pin {known} in requirements.txt, and register again"
    )
    if lucky:
        words = f"{where}, which is in no requirement and comes along with {lucky} only by luck"
        return subject.finding(RULE, Level.WARNING, words, pin, about=about)
    if removed_in(module):
        words = f"{where}, which Python {removed_in(module)} removed: {_UNLOADED}"
        return subject.finding(RULE, Level.ERROR, words, "use what replaces it", about=about)
    words = f"{where}, which is in no requirement: {_UNLOADED}"
    return subject.finding(RULE, Level.ERROR, words, pin, about=about)


def _moved(subject: Subject, requirements: Requirements, uses: tuple[_Use, ...]) -> Iterator[Finding]:
    """NumPy 2 renamed what its pickles name, so most of them do not load with NumPy 1."""
    version = dict(requirements.pins).get("numpy", "")
    use = next((one for one in uses if version and lacks_of_numpy_2(one.module, version)), None)
    if use:
        yield subject.finding(
            RULE,
            Level.ERROR,
            f"{use.place}, which numpy=={version} does not have: {_UNLOADED}",
            "pin the NumPy that the pickle was saved with",
            about="numpy",
        )


def _figures(requirements: Requirements, uses: tuple[_Use, ...]) -> str:
    python = requirements.python
    of = f"Python {python[0]}.{python[1]}" if python else "any Python"
    hashed = sum(1 for one in requirements.required if one.hashes)
    kinds = Counter(one.top for one in uses)
    return (
        f"{of}, {len(requirements.pins)} pinned requirements ({hashed} with hashes), "
        f"{len(kinds)} imported modules, all of them there"
    )


CHECK = Check(
    RULE,
    "The Python version is given, requirements are pinned, and every module that code or a pickle needs is in one of them.",
    check,
    "preprocess.py line 3 imports 'emoji', which is in no requirement: ModuleNotFoundError when it is loaded",
    named=True,
    needs=(Requirements, Code, Formats),
    reach=Reach.READ,
    waivable=True,
)
