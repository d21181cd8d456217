"""Comments, issues and who we are by the real client: what is asked of GitHub, and what is taken for an answer."""

from __future__ import annotations

import pytest

from modelmark.adapters.github import GitHub
from modelmark.adapters.github_rest import Answer, Rest
from modelmark.adapters.github_threads import ThreadsOnGitHub
from modelmark.domain.forge import find_repository
from modelmark.domain.threads import Kept, Kind, Outcome, Post, Text, Topic
from modelmark.errors import CouldNot, Denied, NotFound
from modelmark.usecases.rolling_issue import keep_issue
from modelmark.usecases.sticky import keep_one
from tests.fakehub.clients import ASKED, SECRET
from tests.fakehub.posts import Comment, Issue
from tests.fakehub.server import BROKEN, Hub
from tests.fakehub.state import Hosted, Reply, User
from tests.support.git_repos import commit, git

MARK = "<!-- registry:gate -->"
PAGE = Text(f"{MARK}\nPassed.\n")
ALARM = Topic(Kind.ALARM, "m#prod#13")
BOT = User("github-actions[bot]", actions=True)


def threads(hub: Hub, user: User = BOT) -> ThreadsOnGitHub:
    hub.tokens[SECRET] = user
    repository = find_repository(f"{hub.address}/acme/models.git", hub.environ)
    assert repository is not None
    return GitHub(repository, SECRET).threads


def opened(served: Hosted, head: str = ASKED.branch, by: str = "ada") -> str:
    """A pull request; its head."""
    pull = served.open_pull(User(by), {"title": "t", "head": head, "base": "main"})
    return pull.head_sha


@pytest.mark.parametrize("login", ["github-actions[bot]", "registry-app[bot]", "ada"])
def test_every_kind_of_token_says_who_it_is(hub: Hub, served: Hosted, login: str) -> None:
    assert threads(hub, User(login, actions=login.startswith("github"))).login() == login


@pytest.mark.parametrize(
    ("remote", "asked"),
    [
        ("https://github.com/acme/models", "https://api.github.com/graphql"),
        ("https://acme.ghe.com/acme/models", "https://api.acme.ghe.com/graphql"),
        ("https://git.example/acme/models", "https://git.example/api/graphql"),
    ],
)
def test_each_site_has_its_graphql_where_github_says(
    remote: str, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = find_repository(remote, {"GH_HOST": "git.example"})
    assert repository is not None
    urls: list[str] = []

    def answer(rest: Rest, method: str, url: str, body: object, query: object) -> Answer:
        urls.append(url)
        return Answer(200, {}, {"data": {"viewer": {"login": "ada"}}})

    monkeypatch.setattr(Rest, "_asked", answer)
    assert GitHub(repository, SECRET).threads.login() == "ada"
    assert urls == [asked]


@pytest.mark.parametrize("answer", [{"errors": [{"message": "x"}]}, {"data": {"viewer": None}}, [], None])
def test_who_does_not_say_who_it_is_writes_nothing(hub: Hub, served: Hosted, answer: object) -> None:
    hub.trouble = [Reply(200, answer)]
    with pytest.raises(CouldNot, match="whom the token speaks for"):
        threads(hub).login()


def test_only_open_pull_requests_with_exactly_this_head_are_found(hub: Hub, served: Hosted) -> None:
    head = opened(served)
    opened(served, "other")
    served.open_pull(User("ada"), {"title": "t", "head": ASKED.branch, "base": "nothing"})
    assert sorted(threads(hub).pulls_at(head)) == [1, 2, 3], "all three are at the same commit"
    served.pulls[3].state = "closed"
    assert sorted(threads(hub).pulls_at(head)) == [1, 2]
    assert threads(hub).pulls_at(head[:12]) == ()
    hub.trouble = [Reply(200, ["nonsense", None, {"number": 7, "state": "open", "head": None}])]
    assert threads(hub).pulls_at(head) == ()


def test_a_pull_request_of_a_fork_is_found_by_its_head(hub: Hub, served: Hosted) -> None:
    fork = hub.fork(served, "eve")
    clone = hub.base / "eves"
    git(hub.base, "clone", "-q", str(fork.bare), str(clone))
    git(clone, "checkout", "-q", "-b", "x-mine")
    commit(clone, {"registry.yaml": b"three\n"})
    git(clone, "push", "-q", "origin", "x-mine")
    pull = served.open_pull(User("eve"), {"title": "t", "head": "eve:x-mine", "base": "main"})
    assert threads(hub).pulls_at(pull.head_sha) == (pull.number,)


def test_pull_requests_are_read_page_by_page_those_of_just_now_first(hub: Hub, served: Hosted) -> None:
    other = {"number": 1, "state": "open", "head": {"sha": "b" * 40}}
    hub.trouble = [Reply(200, [other] * 100), Reply(200, [{**other, "number": 2, "head": {"sha": "a" * 40}}])]
    assert threads(hub).pulls_at("a" * 40) == (2,)
    assert [one.query["page"] for one in hub.seen] == ["1", "2"]
    assert (hub.seen[0].query["sort"], hub.seen[0].query["direction"]) == ("updated", "desc")


def test_a_comment_is_written_listed_edited_and_deleted(hub: Hub, served: Hosted) -> None:
    opened(served)
    ours = threads(hub).comments(1)
    made = ours.add(PAGE)
    assert made == Post(1, BOT.login, PAGE.body)
    ours.edit(1, Text("News."))
    assert ours.all() == (Post(1, BOT.login, "News."),)
    ours.retire(1, PAGE)
    assert served.posts.comments == {}
    with pytest.raises(NotFound):
        ours.edit(1, PAGE)
    with pytest.raises(NotFound):
        ours.retire(1, PAGE)
    with pytest.raises(NotFound):
        threads(hub).comments(9).all()


def test_a_comment_of_somebody_whose_account_is_gone_is_not_ours(hub: Hub, served: Hosted) -> None:
    opened(served)
    served.posts.comments[5] = Comment(5, 1, "", PAGE.body)
    assert threads(hub).comments(1).all() == ()


def test_more_than_github_takes_is_refused_by_it(hub: Hub, served: Hosted) -> None:
    opened(served)
    ours = threads(hub).comments(1)
    ours.add(Text("é" * 65_536))
    with pytest.raises(CouldNot, match="body is too long"):
        ours.add(Text("é" * 65_537))


@pytest.mark.parametrize(
    ("user", "said"),
    [
        (User("x[bot]", writes=False, actions=True), "`issues: write`"),
        (User("ada", writes=False), "both read and write"),
    ],
)
def test_without_the_permission_the_hint_names_it(hub: Hub, served: Hosted, user: User, said: str) -> None:
    opened(served)
    with pytest.raises(Denied) as caught:
        threads(hub, user).comments(1).add(PAGE)
    assert said in caught.value.hint


def test_two_runs_that_write_at_once_leave_one_comment(hub: Hub, served: Hosted) -> None:
    opened(served)
    ours = threads(hub)

    def the_other_run() -> None:
        served.posts.made += 1
        served.posts.comments[1] = Comment(1, 1, BOT.login, f"{MARK}\nThe other run's.\n")

    hub.trouble = [lambda: None, the_other_run]
    assert keep_one(ours.comments(1), BOT.login, MARK, PAGE) == Kept(1, Outcome.UPDATED)
    assert [one.body for one in served.posts.comments.values()] == [PAGE.body]


def test_an_answer_that_was_lost_leaves_one_comment(hub: Hub, served: Hosted, naps: list[float]) -> None:
    """The server wrote it and broke then: the second try writes another one, which is taken away."""
    opened(served)

    def does_it_and_breaks() -> Reply:
        served.posts.made += 1
        served.posts.comments[1] = Comment(1, 1, BOT.login, PAGE.body)
        return BROKEN

    hub.trouble = [lambda: None, does_it_and_breaks]
    keep_one(threads(hub).comments(1), BOT.login, MARK, PAGE)
    assert list(served.posts.comments) == [1]


def test_an_issue_has_its_labels_and_is_found_by_the_first(hub: Hub, served: Hosted) -> None:
    board = threads(hub).issues(ALARM.labels)
    made = board.add(Text("x", "t"))
    assert made == Post(1, BOT.login, "x", "t")
    assert served.labels["registry:alarm"]["color"] == "d93f0b"
    assert served.posts.issues[1].labels == ["registry:report", "registry:alarm"]
    assert board.all() == (made,)
    assert hub.seen[-1].query["labels"] == "registry:report"
    served.posts.issues[1].labels = ["registry:alarm"]
    assert board.all() == ()


def test_pull_requests_among_the_issues_and_what_a_filter_let_through_are_left_out(
    hub: Hub, served: Hosted
) -> None:
    opened(served)
    board = threads(hub).issues(ALARM.labels)
    made = board.add(Text("x", "t"))
    served.put_labels(BOT, 1, {"labels": ["registry:report"]})
    assert board.all() == (made,)
    label = {"name": "Registry:Report"}
    issue = {
        "number": 9,
        "state": "open",
        "title": "t",
        "user": {"login": "a"},
        "labels": [label],
        "body": None,
    }
    wrong = [
        {**issue, "state": "closed"},
        {**issue, "labels": []},
        {**issue, "user": None},
        {**issue, "pull_request": {}},
    ]
    hub.trouble = [Reply(200, [*wrong, issue, "nonsense", None])]
    assert board.all() == (Post(9, "a", "", "t"),)


def test_an_issue_whose_labels_were_dropped_without_a_word_is_an_error(hub: Hub, served: Hosted) -> None:
    served.posts.drops_labels = True
    with pytest.raises(Denied, match="the issue 1 is open without the label registry:report") as caught:
        threads(hub).issues(ALARM.labels).add(Text("x", "t"))
    assert "`issues: write`" in caught.value.hint


def test_a_repository_without_issues_says_what_to_switch_on(hub: Hub, served: Hosted) -> None:
    served.posts.enabled = False
    with pytest.raises(CouldNot, match="Issues has been disabled") as caught:
        threads(hub).issues(ALARM.labels).all()
    assert "General, Features" in caught.value.hint


def test_a_closed_issue_says_why_in_one_request_and_trouble_opens_a_new_one(hub: Hub, served: Hosted) -> None:
    ours = threads(hub)
    keep_issue(ours, ALARM, Text("It does not count.", "t"))
    hub.seen.clear()
    assert keep_issue(ours, ALARM, None) == Kept(1, Outcome.CLOSED)
    assert [one.method for one in hub.seen] == ["POST", "GET", "PATCH"]
    first = served.posts.issues[1]
    assert (first.state, first.reason) == ("closed", "completed")
    assert "**Settled:**" in first.body
    assert first.body.endswith("It does not count.")
    assert keep_issue(ours, ALARM, Text("Again.", "t")) == Kept(2, Outcome.OPENED)


def test_somebody_elses_issue_with_our_marker_and_label_stays_as_it_is(hub: Hub, served: Hosted) -> None:
    served.make_label(BOT, {"name": "registry:report"})
    eves = Issue(1, "eve", "t", f"{ALARM.marker}\nfree coffee", ["registry:report"])
    served.posts.issues[1] = eves
    assert keep_issue(threads(hub), ALARM, None) is None
    assert keep_issue(threads(hub), ALARM, Text("x", "t")) == Kept(2, Outcome.OPENED)
    assert (eves.state, eves.body) == ("open", f"{ALARM.marker}\nfree coffee")


def test_two_runs_that_open_an_issue_at_once_leave_one_open(hub: Hub, served: Hosted) -> None:
    ours = threads(hub)
    keep_issue(ours, Topic(Kind.AUDIT), Text("x", "t"))  # so that the labels are there
    other = Issue(2, BOT.login, "t", f"{ALARM.marker}\nx", ["registry:report"])
    hub.trouble = [*[lambda: None] * 4, lambda: served.posts.issues.update({2: other})]
    assert keep_issue(ours, ALARM, Text("x", "t")) == Kept(2, Outcome.OPENED)
    assert [one.number for one in served.posts.open_issues()] == [1, 2]
    assert "see #2" in served.posts.issues[3].body
