"""What a bundle says of the Python it needs: which version, and which packages in which versions."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PYTHON = re.compile(r"([0-9]+)\.([0-9]+)(\.[0-9]+)?")


@dataclass(frozen=True)
class Required:
    """One requirement.

    Attributes:
        name: of the distribution, normalised.
        text: the requirement as it stands in the file.
        version: the one version it is pinned to; None = several would do.
        hashes: how many hashes of its files stand beside it.
        applies: whether its marker is true for the stated Python, on the system that checks.
    """

    path: str
    line: int
    name: str
    text: str
    version: str | None
    hashes: int = 0
    applies: bool = True

    @property
    def pin(self) -> str:
        """`numpy==1.26.4`; the name alone where it is not pinned."""
        return self.name if self.version is None else f"{self.name}=={self.version}"


@dataclass(frozen=True)
class Trouble:
    """A line that cannot be followed, or that must not be.

    Attributes:
        message: a sentence that goes on after the place.
        about: what a waiver must name.
    """

    path: str
    line: int
    message: str
    hint: str = ""
    about: str = ""


@dataclass(frozen=True)
class StatedPython:
    """A Python version and the file that states it."""

    where: str
    text: str

    @property
    def version(self) -> tuple[int, int] | None:
        """Its first two numbers; None where the text is not one version."""
        match = _PYTHON.fullmatch(self.text)
        return (int(match[1]), int(match[2])) if match else None


@dataclass(frozen=True)
class Requirements:
    """Everything that the files for the environment say.

    Attributes:
        files: those that were read.
        pythons: every statement of the Python version, the manifest's first.
        provided: which distributions bring a module, as the environment that checks knows them; names are normalised.
    """

    required: tuple[Required, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    files: tuple[str, ...] = ()
    pythons: tuple[StatedPython, ...] = ()
    provided: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def python(self) -> tuple[int, int] | None:
        """The first version stated."""
        return next((one.version for one in self.pythons if one.version), None)

    @property
    def applying(self) -> tuple[Required, ...]:
        """The requirements that get installed."""
        return tuple(one for one in self.required if one.applies)

    @property
    def pins(self) -> tuple[tuple[str, str], ...]:
        """Name and version of what gets installed and is pinned, once each."""
        found = {(one.name, one.version) for one in self.applying if one.version is not None}
        return tuple(sorted(found))


def normalised(name: str) -> str:
    """A distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def is_pinned_version(pinned: str, found: str) -> bool:
    """Whether a version is the one that a pin means: `8.0` is `8.0.0`, and takes the build `8.0+cpu` too."""
    from packaging.utils import canonicalize_version  # noqa: PLC0415 - seldom needed

    release = found if "+" in pinned else found.partition("+")[0]
    return canonicalize_version(pinned) == canonicalize_version(release)


def unknowable(requirements: Requirements) -> Iterator[tuple[str, str, str]]:
    """What cannot be looked up because it is no pin: place, what stands there, and what a waiver must name."""
    for one in requirements.applying:
        if one.version is None:
            yield f"{one.path} line {one.line}", one.text, one.name
    for trouble in requirements.troubles:
        yield f"{trouble.path} line {trouble.line}", trouble.message, trouble.about


def contradictions(requirements: Requirements) -> Iterator[tuple[Required, Required]]:
    """Two pins of one package to different versions that would both be installed."""
    first: dict[str, Required] = {}
    for one in requirements.applying:
        if one.version is None:
            continue
        earlier = first.setdefault(one.name, one)
        if earlier.version != one.version:
            yield earlier, one
