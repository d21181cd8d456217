"""Random interleavings of everything that people and machines do to a registry, on real repositories.

After every step the invariants of DESIGN.md, section 4, are held against the remote by plain Git (`invariants.py`), and
against a few lines of memory: which tags there were, what was merged, what a consumer sees.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from modelmark import ModelmarkError
from modelmark.errors import Refused
from tests.e2e.conftest import NewWorld
from tests.e2e.invariants import Tag, check_invariants, meanings, read_tags
from tests.support.crash import Kill, run_program
from tests.support.world import GitFailed, World, copy_world, git, refs

pytestmark = pytest.mark.slow

ALIASES = st.sampled_from(["staging", "canary", "prod", "prod"])
HOW_FAR = st.sampled_from([2, 2, 1, 0])
PEOPLE = st.sampled_from(["author", "reviewer", "ci"])
BYSTANDERS = st.sampled_from(["reviewer", "ci", "consumer"])
_TEMPLATE: list[World] = []


def ready(world: World) -> World:
    """m@3 may go to prod, m@4 may go to staging."""
    world.release("three", "staging", "canary")
    world.release("four")
    return world.pack()


class Registry(RuleBasedStateMachine):
    """One registry, and what must be remembered of it."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory(prefix="machine-")
        self.world = copy_world(_TEMPLATE[0], Path(self._folder.name) / "world")
        self.target = self.world.root / "srv"
        self.seeds = 0
        self.seen: dict[str, str] = {}
        self.main = ""
        self.tags: dict[str, Tag] = {}

    def teardown(self) -> None:
        self._folder.cleanup()

    @initialize()
    def start(self) -> None:
        self.seen = dict(self.world.tags())

    # What people do

    @rule(new=st.booleans(), far=HOW_FAR)
    def register(self, new: bool, far: int) -> None:
        self.seeds += new
        made = self.world.register(self.world.train(f"seed {self.seeds}"))
        if made.submitted is not None:
            self._go_on(made.submitted.branch, far)

    @rule(data=st.data(), alias=ALIASES, far=HOW_FAR)
    def promote(self, data: st.DataObject, alias: str, far: int) -> None:
        """Any version, also one that the gate will refuse, also while another promotion is on its way."""
        versions = sorted(name.partition("@v")[2] for name in self.seen if "@v" in name)
        version = data.draw(st.sampled_from(versions[::-1]))
        with suppress(Refused):
            asked = self.world.promote(int(version), alias, f"for {alias}")
            self._go_on(asked.submitted.branch, far)

    @rule(version=st.sampled_from([3, 1, 2]), far=HOW_FAR)
    def promote_to_prod(self, version: int, far: int) -> None:
        """What happens most."""
        with suppress(Refused):
            self._go_on(self.world.promote(version, "prod").submitted.branch, far)

    @rule(data=st.data(), careless=st.booleans(), far=st.sampled_from([1, 2]))
    def merge(self, data: st.DataObject, careless: bool, far: int) -> None:
        """Any branch, also one that has become stale."""
        branches = sorted(self.world.branches() - {"main"})
        if branches:
            self._go_on(data.draw(st.sampled_from(branches)), far, careless=careless)

    def _go_on(self, branch: str | None, far: int, *, careless: bool = False) -> None:
        """Merge (1) and apply (2). What the gate refuses is given up by most; what does not merge, by all."""
        if far == 0 or branch is None:
            return
        self.world.git("reviewer", "fetch", "-q", "--prune", "--tags", "origin")
        if careless or self.world.registry("reviewer").check(head=f"origin/{branch}").verdict.passed:
            with suppress(GitFailed):
                self.world.merge(branch)
        if branch in self.world.branches():
            self.world.git("reviewer", "push", "-q", "origin", "--delete", branch)
        if far == 2:
            self.world.apply()
            self._check_applied("ci")

    @rule(to=st.sampled_from([None, 1, 2]), who=PEOPLE)
    def roll_back(self, to: int | None, who: str) -> None:
        before = self.world.numbers("prod")
        try:
            done = self.world.rollback("it broke", to=to, who=who)
        except Refused:
            assert self.world.numbers("prod") == before
        else:
            assert done.resumed or self.world.numbers("prod") == [*before, len(before) + 1]

    @rule(version=st.sampled_from([1, 2]), who=BYSTANDERS)
    def roll_back_by_hand(self, version: int, who: str) -> None:
        self.world.roll_back_by_hand("prod", version, who=who)

    @rule(far=HOW_FAR)
    def record(self, far: int) -> None:
        with suppress(Refused):  # a stale branch of that name
            for done in self.world.registry("author").record():
                self._go_on(done.submitted.branch, far)

    # What machines do

    @rule(who=PEOPLE, dry_run=st.booleans())
    def apply(self, who: str, dry_run: bool) -> None:
        before = self.world.tags()
        done = self.world.apply(who, dry_run=dry_run)
        after = self.world.tags()
        planned = {str(tag.name) for decision in done.plan.decisions for tag in decision.tags}
        assert after.keys() - before.keys() == (set() if dry_run else planned)
        if not dry_run:
            self._check_applied(who)

    def _check_applied(self, who: str) -> None:
        """4: once more changes nothing, and nothing that main asks for is missing without a word about it."""
        before = self.world.tags()
        again = self.world.apply(who)
        assert again.plan.decisions == ()
        assert self.world.tags() == before
        told = {(str(one.model), str(one.alias)) for one in again.disagreements}
        text = git(self.world.hub, "cat-file", "blob", "main:models/m/aliases.yaml")
        for alias, entry in yaml.safe_load(text).items():
            tag = read_tags(self.world.hub).get(f"m#{alias}#{entry['assignment']}")
            means = meanings(read_tags(self.world.hub)).get(f"m#{alias}")
            agreed = tag is not None and means == str(entry["version"])
            assert agreed or ("m", alias) in told, f"{alias}: {entry} is lost"
        assert before.keys() >= self._registrations()

    def _registrations(self) -> set[str]:
        found = set()
        for line in git(self.world.hub, "ls-tree", "-r", "--name-only", "main").splitlines():
            if line.endswith("/manifest.yaml"):
                _, model, version, _ = line.split("/")
                found.add(f"{model}@v{version}")
        return found

    @rule(
        effect=st.integers(1, 9),
        after=st.booleans(),
        who=PEOPLE,
        command=st.sampled_from(
            [
                ("apply",),
                ("rollback", "m", "--reason", "it broke again"),
                ("promote", "m@3", "--to", "prod", "--reason", "better"),
                ("promote", "m@2", "--to", "canary", "--reason", "once more"),
                ("record",),
            ]
        ),
    )
    def crash_and_run_again(self, effect: int, after: bool, who: str, command: tuple[str, ...]) -> None:
        run_program(command, self.world.clone(who), Kill(effect, after))
        check_invariants(self.world)
        again = run_program(command, self.world.clone(who))
        assert again.code in (0, 1), again.err
        assert "Traceback" not in again.err

    @rule(reference=st.sampled_from(["m@prod", "m@staging", "m@1", "m@latest"]), effect=st.integers(0, 25))
    def pull(self, reference: str, effect: int) -> None:
        args = ("pull", reference, "--to", str(self.target), "--registry", str(self.world.hub))
        run_program(args, self.world.root, Kill(effect))
        self._check_visible()
        again = run_program(args, self.world.root)
        assert again.code == 0, again.err
        version = self._check_visible()
        model, _, selector = reference.partition("@")
        if selector not in ("latest", "1"):
            assert version == meanings(read_tags(self.world.hub))[f"{model}#{selector}"]

    def _check_visible(self) -> str:
        """6: what can be seen is one whole version, every byte of it listed; returns which."""
        current = self.target / "current"
        if not current.exists():
            return ""
        found = {
            path.relative_to(current).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in current.resolve().rglob("*")
            if path.is_file() and path.name != ".modelmark.json"
            for path in [current / path.relative_to(current.resolve())]
        }
        for name, tag in read_tags(self.world.hub).items():
            if "@v" in name:
                manifest = yaml.safe_load(git(self.world.hub, "cat-file", "blob", tag.trailers["Manifest"]))
                if {file["path"]: file["sha256"] for file in manifest["files"]} == found:
                    return name.partition("@v")[2]
        raise AssertionError(f"{sorted(found)} is no version")

    # What must be true all the time

    @invariant()
    def what_was_true_stays_true(self) -> None:
        """1 to 3, no tag ever moves or goes, and no clone has one of its own."""
        now = self.world.tags()
        assert self.seen.items() <= now.items(), "a tag moved, or is gone"
        main = self.world.on_hub("rev-parse", "main")
        if (now, main) != (self.seen, self.main):
            self.tags = check_invariants(self.world)
            self.seen, self.main = dict(now), main
        for who in ("author", "reviewer", "ci", "consumer"):
            assert refs(self.world.clone(who), "refs/tags/").items() <= self.seen.items(), who

    @precondition(lambda self: bool(self.tags))
    @invariant()
    def everybody_resolves_what_plain_git_says(self) -> None:
        for head, version in meanings(self.tags).items():
            self.world.git(
                "consumer",
                "fetch",
                "-q",
                "origin",
                "refs/tags/*:refs/tags/*",
                "refs/heads/main:refs/remotes/origin/main",
            )
            model, _, alias = head.partition("#")
            try:
                found = str(self._resolve(f"{model}@{alias}")())
            except ModelmarkError as error:
                raise AssertionError(f"{head} should mean {version}: {error}") from error
            assert found == version, head
            break

    def _resolve(self, reference: str) -> Callable[[], object]:
        from modelmark import parse_reference  # noqa: PLC0415

        return lambda: self.world.registry("consumer").resolve(parse_reference(reference)).version


def test_every_interleaving_keeps_the_invariants(live_world: World, copies: NewWorld) -> None:
    _TEMPLATE[:] = [ready(copies(live_world))]
    run_state_machine_as_test(
        Registry,
        settings=settings(
            max_examples=16,
            stateful_step_count=14,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[
                Phase.generate
            ],  # to shrink a failure takes many minutes: add Phase.shrink when there is one
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
