"""The port `Settings` in memory: what an administrator has set, and what a token may see of it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

from modelmark.domain.protection import ActionsFacts, RepositoryFacts
from modelmark.domain.rulesets import Ruleset
from modelmark.errors import Denied, Lost

NO_ADMIN = Denied("github.com says 403", "the token needs Administration")


@dataclass
class FakeSettings:
    """`meanwhile` each run once before a ruleset is made; `asked` is what was changed."""

    facts: RepositoryFacts = field(
        default_factory=lambda: RepositoryFacts(False, "main", True, frozenset({"admin", "push", "pull"}))
    )
    workflows: ActionsFacts = field(
        default_factory=lambda: ActionsFacts(open_pulls=True, write_by_default=False)
    )
    admin: bool = True
    plan: bool = True
    rulesets: dict[int, Ruleset] = field(default_factory=dict)
    owners: tuple[str, ...] = ()
    idle: bool = False
    limited: bool | None = True
    hides_environments: bool = False
    meanwhile: list[Callable[[], object]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def about(self) -> RepositoryFacts:
        return self.facts

    def find_rulesets(self, names: Collection[str]) -> dict[int, Ruleset] | None:
        if not self.plan:
            return None
        found = {number: one for number, one in self.rulesets.items() if one.name in names}
        return found if self.admin else {key: replace(one, bypass=None) for key, one in found.items()}

    def create(self, ruleset: Ruleset) -> None:
        if self.meanwhile:
            self.meanwhile.pop(0)()
        if not self.admin:
            raise NO_ADMIN
        if any(one.name == ruleset.name for one in self.rulesets.values()):
            raise Lost("Name must be unique")
        self.asked.append(f"create {ruleset.name}")
        self.rulesets[len(self.rulesets) + 101] = ruleset

    def replace(self, number: int, ruleset: Ruleset) -> None:
        if not self.admin:
            raise NO_ADMIN
        self.asked.append(f"replace {ruleset.name}")
        self.rulesets[number] = ruleset

    def rules_on(self, branch: str) -> frozenset[str]:
        assert branch == "main"
        found = (one for one in self.rulesets.values() if one.target == "branch" and not self.idle)
        return frozenset(rule.type for one in found for rule in one.rules)

    def actions(self) -> ActionsFacts:
        if not self.admin:
            raise NO_ADMIN
        return self.workflows

    def is_limited(self, environment: str) -> bool | None:
        assert environment == "registry-write"
        if self.hides_environments:
            raise Denied("github.com says 403")
        return self.limited

    def unread_owners(self, branch: str) -> tuple[str, ...]:
        return self.owners
