"""A pull request is opened once and brought up to date after; whatever the forge says, the branch is said to be pushed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import pytest

from modelmark.domain.forge import Label, Opened, PullRequest, find_repository, labels_of, pull_request
from modelmark.domain.names import AliasName, ModelName
from modelmark.errors import CouldNot, Denied, InvalidInput, Lost, ModelmarkError
from modelmark.usecases.propose import NotProposed, propose

REPOSITORY = find_repository("git@github.com:acme/models", {})
LABELS = labels_of("promotion", ModelName("m"), AliasName("prod"))
ASKED = pull_request("promote/m-prod-1", "main", "Promote m@1 to prod", "The page.\n", LABELS)


@dataclass
class FakeForge:
    """A forge with at most one open pull request; `does` is what was asked of it, `fails` what is refused."""

    there: Opened | None = None
    fails: dict[str, ModelmarkError] = field(default_factory=dict)
    meanwhile: Callable[[], object] = lambda: None
    does: list[str] = field(default_factory=list)

    def _do(self, what: str) -> None:
        self.does.append(what)
        if what in self.fails:
            raise self.fails[what]

    def find_open(self, branch: str, base: str) -> Opened | None:
        assert (branch, base) == (ASKED.branch, ASKED.base)
        self._do("find")
        return self.there

    def open(self, asked: PullRequest) -> Opened:
        self.meanwhile()
        if self.there is not None:
            raise Lost("A pull request already exists")
        self._do("open")
        self.there = Opened(7, asked.title, asked.body)
        return self.there

    def update(self, number: int, asked: PullRequest) -> None:
        self._do("update")
        assert self.there is not None
        self.there = replace(self.there, title=asked.title, body=asked.body)

    def add_labels(self, number: int, labels: Sequence[Label]) -> None:
        self._do("label")
        assert self.there is not None
        names = self.there.labels | {one.name for one in labels}
        self.there = replace(self.there, labels=names)


def asked_of(forge: FakeForge | None) -> tuple[str | None, bool, str]:
    assert REPOSITORY is not None
    done = propose(REPOSITORY, lambda: forge, ASKED)
    assert done.compare.startswith("https://github.com/acme/models/compare/main...promote/m-prod-1?")
    return done.url, done.opened, "".join(done.warnings)


def test_it_is_opened_with_its_labels_and_a_second_run_changes_nothing() -> None:
    forge = FakeForge()
    assert asked_of(forge) == ("https://github.com/acme/models/pull/7", True, "")
    assert forge.there is not None
    assert forge.there.labels == {"registry:promotion", "model:m", "alias:prod"}
    forge.does.clear()
    assert asked_of(forge) == ("https://github.com/acme/models/pull/7", False, "")
    assert forge.does == ["find"]


def test_an_older_page_is_brought_up_to_date_and_labels_of_people_stay() -> None:
    forge = FakeForge(Opened(7, "Promote", "An older page.", frozenset({"urgent", "Model:M", "alias:prod"})))
    assert asked_of(forge)[1] is False
    assert forge.does == ["find", "update", "label"]
    assert forge.there is not None
    assert forge.there.says(ASKED)
    assert forge.there.labels == {"urgent", "Model:M", "alias:prod", "registry:promotion"}


def test_two_runs_at_once_end_with_one_pull_request() -> None:
    forge = FakeForge()

    def other() -> None:
        forge.there = Opened(8, ASKED.title, ASKED.body)

    forge.meanwhile = other
    assert asked_of(forge) == ("https://github.com/acme/models/pull/8", False, "")


def test_one_that_is_said_to_exist_and_is_not_found_is_an_error() -> None:
    forge = FakeForge(fails={"open": Lost("A pull request already exists", "look")})
    with pytest.raises(NotProposed, match="already exists"):
        asked_of(forge)


def test_without_a_token_there_is_the_page_for_opening_it_by_hand() -> None:
    assert asked_of(None) == (None, False, "")


@pytest.mark.parametrize("step", ["find", "open", "update"])
@pytest.mark.parametrize("error", [Denied("no", "a mend"), CouldNot("no", "a mend")])
def test_a_forge_that_fails_hides_neither_the_branch_nor_the_mend(step: str, error: ModelmarkError) -> None:
    there = Opened(7, "old", "old") if step == "update" else None
    with pytest.raises(NotProposed) as caught:
        asked_of(FakeForge(there, {step: error}))
    assert caught.value.exit_code == 3
    assert caught.value.message.startswith("the branch promote/m-prod-1 is pushed, and its pull request")
    assert "a mend; or open it by hand: https://github.com/acme/models/compare/main..." in caught.value.hint


def test_a_token_that_is_none_is_said_after_the_push_like_every_failure() -> None:
    assert REPOSITORY is not None

    def broken() -> FakeForge:
        raise InvalidInput("no token", "")

    with pytest.raises(NotProposed) as caught:
        propose(REPOSITORY, broken, ASKED)
    assert caught.value.exit_code == 3
    assert caught.value.hint.startswith("run the command again; or open it by hand: https://")


def test_labels_that_cannot_be_set_are_a_warning_because_the_pull_request_is_open() -> None:
    forge = FakeForge(fails={"label": Denied("no labels", "ask")})
    assert asked_of(forge) == (
        "https://github.com/acme/models/pull/7",
        True,
        "its labels could not be set: no labels (ask)",
    )
