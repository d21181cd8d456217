"""What each refusal, each trouble of the network and each odd answer becomes; where the token never goes."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from modelmark.adapters import http
from modelmark.adapters.github_rest import Rest
from modelmark.domain.forge import pull_request
from modelmark.errors import CouldNot, Denied, NotFound, Unreachable
from tests.fakehub.clients import ASKED, SECRET, failure, forge
from tests.fakehub.server import BROKEN, BUSY, Hub, fakehub
from tests.fakehub.state import Hosted, Reply, User
from tests.support.git_servers import free_port


@pytest.mark.parametrize(
    ("user", "words", "mend"),
    [
        (User("ada", writes=False), "personal access token", "Contents and Pull requests"),
        (User("bot", writes=False, actions=True), "by integration", "`pull-requests: write`"),
        (User("bot", actions=True), "not permitted to create", "Allow GitHub Actions to create and approve"),
    ],
)
def test_a_token_that_may_not_is_told_what_it_lacks(
    hub: Hub, served: Hosted, user: User, words: str, mend: str
) -> None:
    hub.tokens[SECRET] = user
    error = failure(hub)
    assert isinstance(error, Denied)
    assert "says 403" in error.message
    assert words in error.message
    assert mend in error.hint


def test_single_sign_on_is_told(hub: Hub, served: Hosted) -> None:
    hub.trouble = [Reply(403, {"message": "Resource protected by organization SAML enforcement."})]
    assert "single sign-on" in failure(hub).hint


def test_a_wrong_token_is_denied(hub: Hub, served: Hosted) -> None:
    error = failure(hub, "ghp_wr0ng")
    assert isinstance(error, Denied)
    assert error.message == f"{hub.address.removeprefix('http://')} says 401 'Bad credentials'"


def test_a_repository_that_the_token_does_not_see_is_not_found(hub: Hub, served: Hosted) -> None:
    error = failure(hub, name="acme/other")
    assert isinstance(error, NotFound)
    assert "the token may see it" in error.hint


@pytest.mark.parametrize(
    ("head", "base", "words"),
    [
        ("gone", "main", "PullRequest head invalid"),
        (ASKED.branch, "gone", "PullRequest base invalid"),
        ("nothing", "main", "No commits between main and nothing"),
    ],
)
def test_what_github_cannot_use_is_told_in_its_words(
    hub: Hub, served: Hosted, head: str, base: str, words: str
) -> None:
    with pytest.raises(CouldNot, match=words) as caught:
        forge(hub).open(pull_request(head, base, "t", "b"))
    assert "says 422 'Validation Failed: " in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_broken_server_is_asked_again(hub: Hub, served: Hosted, naps: list[float], status: int) -> None:
    hub.trouble = [Reply(status, "<html>"), Reply(status)]
    assert forge(hub).open(ASKED).number == 1
    assert naps == [0.5, 2.0]


def test_a_server_that_stays_broken_is_told(hub: Hub, served: Hosted, naps: list[float]) -> None:
    hub.trouble = [BROKEN] * 9
    assert isinstance(failure(hub), Unreachable)
    assert (len(hub.seen), naps) == (4, [0.5, 2.0, 8.0])


@pytest.mark.parametrize(
    ("headers", "status", "waits"),
    [
        ({"Retry-After": "7"}, 403, 7.0),
        ({"Retry-After": "0"}, 429, 0.5),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"}, 403, 1.0),
    ],
)
def test_a_limit_is_waited_for(
    hub: Hub, served: Hosted, naps: list[float], headers: dict[str, str], status: int, waits: float
) -> None:
    hub.trouble = [Reply(status, BUSY.body, headers)]
    assert forge(hub).open(ASKED).number == 1
    assert naps == [waits]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Retry-After": "3600"},
        {"Retry-After": "soon"},
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "99999999999"},
    ],
)
def test_a_limit_that_is_long_is_told_at_once(
    hub: Hub, served: Hosted, naps: list[float], headers: dict[str, str]
) -> None:
    hub.trouble = [Reply(403, BUSY.body, headers)]
    error = failure(hub)
    assert "takes no more requests for now: 'You have exceeded a secondary rate limit" in error.message
    assert "run the command again in " in error.hint
    assert naps == []


def test_a_server_that_is_busy_again_and_again_is_told(hub: Hub, served: Hosted) -> None:
    hub.trouble = [BUSY] * 9
    assert "takes no more requests" in failure(hub).message
    assert len(hub.seen) == 4


def test_nobody_there_is_unreachable(tmp_path: Path, naps: list[float]) -> None:
    error = failure(Hub(tmp_path, f"http://127.0.0.1:{free_port()}"))
    assert isinstance(error, Unreachable)
    assert len(naps) == 3


def test_a_renamed_repository_is_followed_on_the_same_host(hub: Hub, served: Hosted) -> None:
    there = f"{hub.address}/api/v3/repos/acme/models/pulls"
    hub.trouble = [Reply(307, {"message": "Moved"}, {"Location": there})]
    assert forge(hub, "acme/old").open(ASKED).number == 1


def test_circles_end(hub: Hub, served: Hosted) -> None:
    hub.trouble = [Reply(301, None, {"Location": "/api/v3/x"})] * 9
    assert "in circles" in failure(hub).message
    assert len(hub.seen) == 4


def test_the_token_is_never_sent_on_to_another_host(hub: Hub, served: Hosted, tmp_path: Path) -> None:
    with fakehub(tmp_path / "evil") as evil:
        for place in (f"{evil.address}/api/v3/x", f"//{evil.address.removeprefix('http://')}/api/v3/x"):
            hub.trouble = [Reply(302, None, {"Location": place})]
            assert "the token is not for that host" in failure(hub).message
        assert evil.seen == []


def test_the_token_is_sent_to_no_proxy_that_could_read_it(
    hub: Hub, served: Hosted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with fakehub(tmp_path / "proxy") as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.address)
        assert forge(hub).open(ASKED).number == 1
        assert proxy.seen == []


@pytest.mark.parametrize("text", ["<html>", "[1]", '"x"', "{}", '{"number": "1"}', "[" * 50_000])
def test_an_answer_that_github_would_not_give_is_an_error(hub: Hub, served: Hosted, text: str) -> None:
    hub.trouble = [Reply(201, text)]
    assert isinstance(failure(hub), CouldNot)
    hub.trouble = [Reply(200, "{}")]
    with pytest.raises(CouldNot, match="what GitHub would not"):
        forge(hub).find_open(ASKED.branch, "main")


@pytest.mark.parametrize("status", [401, 403, 404, 410, 418, 422])
@pytest.mark.parametrize("text", ["", "<html>", "[]", '{"message": 1, "errors": [1, null, {"message": {}}]}'])
def test_a_refusal_of_any_shape_is_a_sentence(hub: Hub, served: Hosted, status: int, text: str) -> None:
    hub.trouble = [Reply(status, text)]
    assert f"says {status}" in failure(hub).message


def test_a_server_that_echoes_the_token_shows_it_to_nobody(hub: Hub, served: Hosted) -> None:
    hub.trouble = [Reply(422, {"message": f"no {SECRET}\x1b[2J\n::error::", "errors": [SECRET]})]
    error = failure(hub)
    assert "no ***" in error.message
    assert error.message.isprintable()
    rest = Rest(forge(hub)._repository.site, SECRET)
    assert SECRET not in repr(rest) + repr(rest._client._client.headers)


def test_an_answer_that_drips_or_never_ends_is_given_up(
    hub: Hub, served: Hosted, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.trouble = [Reply(201, "[" + "1," * 5_000_000)]
    assert "does not end" in failure(hub).message
    monkeypatch.setattr(http, "_REQUEST", 0.01)
    hub.latency = 0.05
    assert "does not end" in failure(hub).message


def test_a_slow_server_is_waited_for(hub: Hub, served: Hosted) -> None:
    hub.latency = 0.2
    began = time.monotonic()
    assert forge(hub).open(ASKED).number == 1
    assert time.monotonic() - began >= 0.2
