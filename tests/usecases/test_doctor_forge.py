"""What is asked of GitHub, with GitHub in memory: exactly one thing is broken, and exactly that is named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import pytest

from modelmark.domain.diagnosis import Diagnosis
from modelmark.domain.findings import Level
from modelmark.domain.protection import ActionsFacts, Profile, RepositoryFacts, ruleset_files
from modelmark.errors import Denied
from modelmark.usecases.codeowners import write_codeowners
from modelmark.usecases.doctor import Probe, doctor
from modelmark.usecases.doctor_forge import forge_probes
from modelmark.usecases.protect import apply_protection
from tests.support.desk import POLICY, Desk
from tests.support.fake_settings import FakeSettings
from tests.usecases.test_codeowners import FakeTree

TAG = ".github/workflows/registry-tag.yml"
WRITTEN = {
    TAG: b"permissions:\n  contents: write\n  pull-requests: write\n",
    ".github/workflows/registry-comment.yml": b"permissions:\n  pull-requests: write\n",
    ".github/pull_request_template.md": b"not a workflow\n",
}
OWNED = POLICY.replace("default_branch: main}", 'default_branch: main, owners: ["@acme/platform"]}')
RULES = OWNED.replace("gate: production, after", "gate: production, approvals: 1, after")


@dataclass
class FakeReviews:
    """Only whether teams can be looked into."""

    hidden: set[str] = field(default_factory=set)

    def is_member(self, team: str, user: str) -> bool:
        if team in self.hidden:
            raise Denied(f"the token may not read who is in @{team}", "Members: read")
        return False


@dataclass
class FakeForge:
    settings: FakeSettings = field(default_factory=FakeSettings)
    reviews: FakeReviews = field(default_factory=FakeReviews)


@pytest.fixture
def forge(desk: Desk) -> FakeForge:
    """A registry on GitHub of which everything is as it should be."""
    made = FakeForge()
    desk.commit({"registry.yaml": RULES.encode(), "models/m/model.yaml": b'owners: ["@ada"]\n'})
    own(desk)
    workflows = {path: data for path, data in WRITTEN.items() if "workflows" in path}
    desk.commit({**ruleset_files(Profile(1)), **workflows})
    apply_protection(desk.workspace, made.settings)
    return made


def own(desk: Desk) -> None:
    """Write the code owners file, and merge it."""
    tree = FakeTree()
    write_codeowners(desk.workspace, tree, str(desk.main))
    desk.commit(dict(tree.files))
    desk.sync()


def diagnosed(desk: Desk, forge: FakeForge | None, written: Mapping[str, bytes] = WRITTEN) -> Diagnosis:
    desk.sync()
    known = Probe("main", "", list)
    return doctor([known, *forge_probes(desk.workspace, "github.com", forge, lambda _: written)])  # type: ignore[arg-type]


def off(desk: Desk, forge: FakeForge | None) -> list[tuple[str, Level, str]]:
    found = [one for probe in diagnosed(desk, forge).probes for one in probe.findings]
    assert all(one.hint for one in found), "each with its mend"
    return [(one.rule, one.level, one.message) for one in found]


def test_nothing_is_off_where_nothing_is_broken(desk: Desk, forge: FakeForge) -> None:
    assert off(desk, forge) == []
    assert [one.name for one in diagnosed(desk, forge).probes] == [
        "main",
        "workflows",
        "token",
        "actions",
        "environment",
        "owners",
        "protection",
    ]


def test_without_a_token_only_that_is_said(desk: Desk, forge: FakeForge) -> None:
    ((rule, level, message),) = off(desk, None)
    assert (rule, level) == ("token", Level.WARNING)
    assert "there is no token for github.com" in message


Break = Callable[[Desk, FakeForge], object]


def reads_only(_: Desk, forge: FakeForge) -> None:
    forge.settings.facts = RepositoryFacts(False, "main", True, frozenset({"pull"}))


def no_pulls(_: Desk, forge: FakeForge) -> None:
    forge.settings.workflows = ActionsFacts(open_pulls=False, write_by_default=False)


def writes_by_default(_: Desk, forge: FakeForge) -> None:
    forge.settings.workflows = ActionsFacts(open_pulls=True, write_by_default=True)


def hides_a_team(_: Desk, forge: FakeForge) -> None:
    forge.reviews.hidden = {"acme/platform"}


def unread(_: Desk, forge: FakeForge) -> None:
    forge.settings.owners = ("line 7: Unknown owner in /models/m/ @eve",)


def loosened(_: Desk, forge: FakeForge) -> None:
    number, one = next(iter(forge.settings.rulesets.items()))
    forge.settings.rulesets[number] = replace(one, enforcement="disabled")


def unlimited(_: Desk, forge: FakeForge) -> None:
    forge.settings.limited = False


def no_environment(_: Desk, forge: FakeForge) -> None:
    forge.settings.limited = None


def hidden_environment(_: Desk, forge: FakeForge) -> None:
    forge.settings.hides_environments = True


def unlimited_and_hardened(desk: Desk, forge: FakeForge) -> None:
    desk.commit(ruleset_files(Profile(1, app=77)))
    apply_protection(desk.workspace, forge.settings)
    unlimited(desk, forge)


def by_mail(desk: Desk, _: FakeForge) -> None:
    desk.commit({"models/m/model.yaml": b"owners: [ada@example.org]\n"})
    own(desk)


def new_owner(desk: Desk, _: FakeForge) -> None:
    desk.commit({"models/m/model.yaml": b'owners: ["@bob"]\n'})


def no_owner(desk: Desk, _: FakeForge) -> None:
    desk.commit({"models/m/model.yaml": b"description: x\n"})
    own(desk)


@pytest.mark.parametrize(
    ("breaks", "probe", "level", "said"),
    [
        (reads_only, "token", Level.WARNING, "may only read here"),
        (no_pulls, "actions", Level.ERROR, f"GITHUB_TOKEN may open no pull request, and {TAG} asks for that"),
        (writes_by_default, "actions", Level.WARNING, "can write everything"),
        (
            hides_a_team,
            "owners",
            Level.WARNING,
            "approvals by @acme/platform are not counted with this token",
        ),
        (unread, "owners", Level.ERROR, "GitHub does not take line 7: Unknown owner"),
        (unlimited, "environment", Level.WARNING, "every branch may deploy to the environment"),
        (no_environment, "environment", Level.WARNING, "GitHub shows no environment registry-write"),
        (hidden_environment, "environment", Level.WARNING, "could not be seen: github.com says 403"),
        (unlimited_and_hardened, "environment", Level.ERROR, "any branch's workflow may read its secrets"),
        (by_mail, "owners", Level.WARNING, "approvals of ada@example.org are not counted"),
        (new_owner, "owners", Level.ERROR, "does not say what registry.yaml and the models' cards ask for"),
        (loosened, "protection", Level.ERROR, "is disabled, not active"),
        (lambda desk, _: desk.commit({TAG: None}), "workflows", Level.ERROR, "main has no such workflow"),
        (
            lambda desk, _: desk.commit({TAG: WRITTEN[TAG] + b"#"}),
            "workflows",
            Level.WARNING,
            "not as this version",
        ),
    ],
)
def test_what_is_broken_is_named_and_nothing_else(
    desk: Desk, forge: FakeForge, breaks: Break, probe: str, level: Level, said: str
) -> None:
    breaks(desk, forge)
    ((rule, found, message),) = off(desk, forge)
    assert (rule, found) == (probe, level)
    assert said in message


def test_a_model_whose_card_names_nobody_is_told_with_its_mend(desk: Desk, forge: FakeForge) -> None:
    no_owner(desk, forge)
    ((rule, level, message),) = off(desk, forge)
    assert (rule, level) == ("owners", Level.WARNING)
    assert "models/m/model.yaml names no owners" in message


def test_workflows_that_open_nothing_need_no_permission(desk: Desk, forge: FakeForge) -> None:
    no_pulls(desk, forge)
    desk.commit({TAG: b"permissions:\n  contents: write\n"})
    assert [one for one in off(desk, forge) if one[0] == "actions"] == []


def test_owners_who_are_not_counted_matter_only_where_approvals_are(desk: Desk, forge: FakeForge) -> None:
    desk.commit({"registry.yaml": OWNED.encode()})
    by_mail(desk, forge)
    hides_a_team(desk, forge)
    assert off(desk, forge) == []


def test_a_token_without_administration_warns_of_what_it_cannot_see(desk: Desk, forge: FakeForge) -> None:
    forge.settings.admin = False
    found = [one for probe in diagnosed(desk, forge).probes for one in probe.findings]
    assert [(one.rule, one.level) for one in found] == [
        ("actions", Level.WARNING),
        ("protection", Level.WARNING),
    ]
    assert "could not be seen" in found[0].message


def test_a_token_that_is_no_good_is_one_error_and_the_rest_waits(desk: Desk, forge: FakeForge) -> None:
    def refuse() -> RepositoryFacts:
        raise Denied("github.com says 401 Bad credentials", "gh auth login")

    forge.settings.about = refuse  # type: ignore[method-assign]
    found = diagnosed(desk, forge)
    assert [one.waits_for for one in found.probes] == ["", "", "", "token", "token", "token", "token"]
    assert found.count(Level.ERROR) == 1


def test_where_nobody_says_which_workflows_are_made_none_is_missed(desk: Desk, forge: FakeForge) -> None:
    desk.commit({TAG: None})
    assert all(not one.findings for one in diagnosed(desk, forge, {}).probes)
