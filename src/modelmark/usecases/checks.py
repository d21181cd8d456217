"""Say what the gate can ask: every check, when it runs, what it needs, and whether it can be waived."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.checks import ALL
from modelmark.domain.checks import REACHES, Described
from modelmark.domain.policy import REGISTRATION

if TYPE_CHECKING:
    from modelmark.domain.policy import Policy


def checks(policy: Policy | None) -> tuple[Described, ...]:
    """Every check, in the order in which they run."""
    gates = {} if policy is None else {**policy.gates, REGISTRATION: policy.registration}
    return tuple(
        Described(
            rule,
            one.about,
            not one.named,
            tuple(name for name, gate in gates.items() if rule in gate.checks) if policy else None,
            REACHES[one.reach],
            tuple(kind.__name__ for kind in one.needs),
            one.waivable,
            one.example,
        )
        for rule, one in ALL.items()
    )
