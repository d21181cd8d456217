"""What a check is: one rule of the gate, with what it needs to know and how far it reaches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelmark.domain.inspection import Reach

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from modelmark.domain.change import Candidate
    from modelmark.domain.findings import Finding


@dataclass(frozen=True)
class Check:
    """One rule of the gate.

    Attributes:
        rule: its name, which its findings carry.
        about: what it asks for, in a sentence.
        run: a candidate in, findings out; it executes nothing.
        example: the message of a typical finding.
        named: it runs only where a gate names it under `checks`; else it always runs.
        needs: kinds of facts that it asks the subject's inspection for.
        reach: how far gathering them reaches.
        waivable: whether a reviewed waiver in model.yaml may excuse what it finds.
    """

    rule: str
    about: str
    run: Callable[[Candidate], Iterator[Finding]]
    example: str
    named: bool = False
    needs: tuple[type, ...] = ()
    reach: Reach = Reach.LISTED
    waivable: bool = False


REACHES = {
    Reach.LISTED: "Git, and the list of what the storage has",
    Reach.READ: "the bytes of the files",
    Reach.RUN: "the network, or the bundle's code in a sandbox",
}


@dataclass(frozen=True)
class Described:
    """One check, for people.

    Attributes:
        always: it runs on every change; else where a gate names it under `checks`.
        gates: the gates of the registry that name it; None = nobody knows, there is no registry here.
        needs: how far it must reach.
        facts: what must have been found in the files before.
        example: a typical finding.
    """

    name: str
    about: str
    always: bool
    gates: tuple[str, ...] | None
    needs: str
    facts: tuple[str, ...]
    waivable: bool
    example: str
