"""Pull requests and labels by the real client: what is asked of GitHub, and what is taken for an answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelmark.adapters.github import find_forge
from modelmark.domain.forge import Label, find_repository, labels_of, pull_request
from modelmark.domain.names import ModelName
from modelmark.errors import Lost
from tests.fakehub.clients import ASKED, SECRET, forge
from tests.fakehub.server import BROKEN, Hub
from tests.fakehub.state import Hosted, Reply, User

LABEL = Label("model:m", "c5def5", "The model m")


def test_open_find_and_update(hub: Hub, served: Hosted) -> None:
    ours = forge(hub)
    assert ours.find_open(ASKED.branch, "main") is None
    made = ours.open(ASKED)
    found = ours.find_open(ASKED.branch, "main")
    assert found == made
    assert found.says(ASKED)
    ours.update(made.number, pull_request(ASKED.branch, "main", "Promote it", "Another page."))
    assert (served.pulls[1].title, served.pulls[1].body) == ("Promote it", "Another page.")


def test_a_second_one_for_the_same_branch_is_lost(hub: Hub, served: Hosted) -> None:
    forge(hub).open(ASKED)
    with pytest.raises(Lost, match="A pull request already exists for acme:promote/m-prod-1"):
        forge(hub).open(ASKED)


def test_only_an_open_one_of_this_branch_into_this_base_is_found(hub: Hub, served: Hosted) -> None:
    ours = forge(hub)
    ours.open(pull_request("other", "main", "Other", ""))
    ours.open(pull_request(ASKED.branch, "nothing", "Elsewhere", ""))
    assert ours.find_open(ASKED.branch, "main") is None
    made = ours.open(ASKED)
    assert ours.find_open(ASKED.branch, "main") == made
    served.pulls[made.number].state = "closed"
    assert ours.find_open(ASKED.branch, "main") is None


def test_what_a_filter_let_through_is_not_taken_for_ours(hub: Hub, served: Hosted) -> None:
    other = served.open_pull(User("eve"), {"title": "t", "head": "other", "base": "main"})
    mine = served.open_pull(User("eve"), {"title": "t", "head": ASKED.branch, "base": "main"})
    shown = [served.as_json(one, hub.address) for one in (other, mine)]
    fork = {"ref": ASKED.branch, "repo": {"id": 666, "full_name": "acme/models"}}
    gone = {"ref": ASKED.branch, "repo": None}
    answer = [shown[0], {**shown[1], "head": fork}, {**shown[1], "head": gone}, "nonsense", None]
    hub.trouble = [Reply(200, answer)]
    assert forge(hub).find_open(ASKED.branch, "main") is None
    hub.trouble = [Reply(200, [*answer, shown[1]])]
    found = forge(hub).find_open(ASKED.branch, "main")
    assert found is not None
    assert found.number == mine.number


def test_lists_are_read_page_by_page_and_never_for_ever(hub: Hub, served: Hosted) -> None:
    hub.trouble = [Reply(200, [{}] * 100)] * 50
    assert forge(hub).find_open(ASKED.branch, "main") is None
    assert [one.query["page"] for one in hub.seen] == [str(page) for page in range(1, 11)]


def test_labels_are_made_with_their_colour_once_and_put_beside_others(hub: Hub, served: Hosted) -> None:
    ours = forge(hub)
    made = ours.open(ASKED)
    served.pulls[1].labels.append("urgent")
    served.make_label(User("ada"), {"name": "urgent"})
    ours.add_labels(made.number, labels_of("archive", ModelName("m" * 63)))
    ours.add_labels(made.number, [LABEL])
    assert served.labels["model:m"]["color"] == "c5def5"
    assert served.labels["model:m"]["description"] == "The model m"
    hub.seen.clear()
    ours.add_labels(made.number, [LABEL])
    assert hub.requests() == ["/labels/model:m", "/issues/1/labels"]
    assert served.pulls[1].labels[0] == "urgent"
    assert len(served.pulls[1].labels) == 4


def test_a_label_that_somebody_makes_in_this_moment_is_no_error(hub: Hub, served: Hosted) -> None:
    ours = forge(hub)
    number = ours.open(ASKED).number
    hub.trouble = [lambda: None, lambda: served.make_label(User("eve"), {"name": "MODEL:m"})]
    ours.add_labels(number, [LABEL])
    assert served.pulls[1].labels == ["model:m"]


def test_an_answer_that_was_lost_makes_no_second_pull_request(hub: Hub, served: Hosted) -> None:
    """The server did it and broke then: the second try hears that it is there, and the caller looks for it."""

    def does_it_and_breaks() -> Reply:
        served.open_pull(User("ada"), {"title": "t", "head": ASKED.branch, "base": "main"})
        return BROKEN

    hub.trouble = [does_it_and_breaks]
    with pytest.raises(Lost):
        forge(hub).open(ASKED)
    assert (len(hub.seen), len(served.pulls)) == (2, 1)


def test_sixty_thousand_characters_are_taken_and_more_never_sent(hub: Hub, served: Hosted) -> None:
    forge(hub).open(pull_request(ASKED.branch, "main", "T" * 500, "é" * 70_000))
    assert served.pulls[1].body is not None
    assert len(served.pulls[1].body.replace("\r\n", "\n")) == 60_000


def test_without_a_token_there_is_no_forge(hub: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    repository = find_repository(f"{hub.address}/acme/models", hub.environ)
    assert repository is not None
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GH_TOKEN", "for-github.com")
    assert find_forge(repository, None) is None
    assert find_forge(repository, SECRET) is not None
