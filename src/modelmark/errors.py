"""Every error that Modelmark raises on purpose: one sentence of what is wrong, one hint of what to do.

The class decides the exit code and nothing else, so a new class is added only where some caller treats it
differently. Anything that is not a `ModelmarkError` is a bug of ours (exit code 70).
"""

from __future__ import annotations

__all__ = [
    "Corrupt",
    "CouldNot",
    "Denied",
    "InvalidInput",
    "Lost",
    "Missing",
    "ModelmarkError",
    "NotFound",
    "Refused",
    "Stale",
    "StorageError",
    "Unreachable",
]


class ModelmarkError(Exception):
    """Something that a person can act on.

    Args:
        message: what is wrong, naming the file, tag or line.
        hint: what to do next, with a command where there is one; may be empty.
    """

    exit_code = 3

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if hint:
            self.add_note(f"→ {hint}")  # a program that does not catch it shows what to do as well


class Refused(ModelmarkError):
    """The answer is no: a rule says so (exit code 1)."""

    exit_code = 1


class NotFound(Refused):
    """Nothing matches what was asked for."""


class Lost(Refused):
    """Somebody else was faster: the ref that we wanted to create exists now."""


class Stale(Refused):
    """A registry shows an older or another history than was seen of it before: an old copy, or an attack."""


class InvalidInput(ModelmarkError):
    """A name, file, option or directory that is not well formed (exit code 2).

    Args:
        message: what is wrong.
        hint: what to do.
        path: the file it stands in, relative to the registry, or empty.
        line: the line in that file, from 1, or 0 where there is none.
    """

    exit_code = 2

    def __init__(self, message: str, hint: str = "", *, path: str = "", line: int = 0) -> None:
        super().__init__(message, hint)
        self.path = path
        self.line = line

    def __str__(self) -> str:
        """The sentence with `file:line:` in front, where they are known."""
        place = (
            f"{self.path}:{self.line}: " if self.path and self.line else f"{self.path}: " if self.path else ""
        )
        return f"{place}{self.message}"


class CouldNot(ModelmarkError):
    """The network, Git or the disk did not let us (exit code 3)."""


class Declined(CouldNot):
    """The remote's own rules refuse a push."""


class StorageError(CouldNot):
    """The storage of artifacts did not do what was asked; its subclasses say how."""


class Unreachable(StorageError):
    """No answer from the storage: wrong address, server down, disk not mounted."""


class Denied(StorageError):
    """The storage answered that these credentials may not."""


class Missing(StorageError):
    """The storage answered, and the object is not there."""


class Corrupt(StorageError):
    """The storage delivered other bytes than the manifest lists."""
