"""Requests of our client and answers of fakehub that GitHub would not know are caught, each with what is wrong in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from modelmark.adapters.github import GitHub
from modelmark.adapters.github_rest import Rest
from modelmark.errors import CouldNot, NotFound
from tests.fakehub.clients import ASKED, SECRET, forge
from tests.fakehub.conftest import strict_hub
from tests.fakehub.openapi.contract import ELSEWHERE, Asked, Contract
from tests.fakehub.openapi.fetch import MISSING
from tests.fakehub.openapi.filler import read_by_clients
from tests.fakehub.requests import REPO, Route
from tests.fakehub.routes import ALL
from tests.fakehub.server import BROKEN, Hub
from tests.fakehub.state import Hosted, Reply

PULLS = "/repos/acme/models/pulls"
HUB = "http://hub"


@pytest.fixture
def spec(contract: Contract | None) -> Contract:
    if contract is None:
        pytest.skip(MISSING)
    return contract


@pytest.fixture
def rest(spec: Contract, hub: Hub, served: Hosted) -> Rest:
    return forge(hub)._rest


def caught(hub: Hub) -> list[str]:
    """What was broken, and is forgiven."""
    found, hub.broken = hub.broken, []
    return found


def route(method: str, path: str) -> Route:
    (found,) = (one for one in ALL if (one.method, one.pattern) == (method, REPO + path))
    return found


def test_every_route_of_fakehub_is_an_operation_of_github(spec: Contract) -> None:
    assert [one.pattern for one in ALL if spec.find(one) is None] == [*ELSEWHERE]
    operation = spec.find(route("GET", r"/pulls/(\d+)/reviews"))
    assert operation is not None
    assert operation.name == "GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews"
    assert spec.find(Route("DELETE", route("GET", "/activity").pattern, lambda _: Reply(204))) is None


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"maintainers_can_modify": True}, "`maintainers_can_modify` is unknown to GitHub"),
        ({"draft": "yes"}, "draft: 'yes' is not of type 'boolean'"),
        ({"body": None}, "body: None is not of type 'string'"),
    ],
)
def test_a_body_with_an_unknown_key_or_a_wrong_type_is_caught(
    rest: Rest, hub: Hub, body: dict[str, Any], words: str
) -> None:
    rest.call("POST", PULLS, {"title": "t", "head": ASKED.branch, "base": "main", **body})
    assert caught(hub) == [f"POST /repos/{{owner}}/{{repo}}/pulls, the request: {words}"]


def test_a_body_without_a_field_or_without_anything_is_caught(rest: Rest, hub: Hub) -> None:
    where = "POST /repos/{owner}/{repo}/pulls, the request: "
    for body, words in (({"title": "t", "head": "h"}, "`base` is missing"), (None, "it has no body")):
        with pytest.raises(CouldNot):
            rest.call("POST", PULLS, body)
        assert caught(hub)[0] == where + words


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"branch": "main"}, "`branch` in the query is unknown to GitHub"),
        ({"state": "opened"}, "`state` in the query: 'opened' is not one of ['open', 'closed', 'all']"),
        ({"page": "1.0"}, "`page` in the query: '1.0' is not of type 'integer'"),
    ],
)
def test_a_query_that_is_unknown_or_of_a_wrong_type_is_caught(
    rest: Rest, hub: Hub, query: dict[str, str], words: str
) -> None:
    hub.trouble = [Reply(200, [])]
    rest.call("GET", PULLS, **query)
    assert caught(hub) == [f"GET /repos/{{owner}}/{{repo}}/pulls, the request: {words}"]


@pytest.mark.parametrize(
    ("method", "query", "data", "kind", "words"),
    [
        ("GET", "", b"{}", "application/json", "it has a body, and GitHub wants none"),
        ("GET", "?state=all&state=open", None, "", "`state` stands twice in the query"),
        ("POST", "", b"{", "application/json; charset=utf-8", "its body is no JSON"),
        ("POST", "", b"x=1", "text/plain", "its body is said to be 'text/plain', and not application/json"),
    ],
)
def test_what_only_another_client_would_send_is_caught(
    rest: Rest, hub: Hub, method: str, query: str, data: bytes | None, kind: str, words: str
) -> None:
    headers = {"Authorization": f"Bearer {SECRET}", "Content-Type": kind}
    hub.trouble = [Reply(200)]
    urlopen(Request(f"{hub.address}/api/v3{PULLS}{query}", data, headers, method=method), timeout=30).close()
    assert caught(hub) == [f"{method} /repos/{{owner}}/{{repo}}/pulls, the request: {words}"]


@pytest.mark.parametrize(
    ("path", "parts", "words"),
    [
        ("/search/issues", (), "`q` is missing in the query"),
        (
            f"{REPO}/pulls/([^/]+)",
            ("a", "b", "latest"),
            "pull_number in the path: 'latest' is not of type 'integer'",
        ),
    ],
)
def test_what_no_route_of_today_could_get_is_caught(
    spec: Contract, path: str, parts: tuple[str, ...], words: str
) -> None:
    asked = Asked("GET", path, [], "", b"")
    (said,) = spec.about_request(Route("GET", path, lambda _: Reply(200)), parts, asked)
    assert said.endswith(f", the request: {words}")


def test_a_path_that_fakehub_does_not_know_is_caught(rest: Rest, hub: Hub) -> None:
    with pytest.raises(NotFound):
        rest.call("GET", f"{PULLS}/latest")
    assert caught(hub) == [f"GET {PULLS}/latest: fakehub has no such route"]


def test_trouble_may_be_anything_and_what_it_answers_is_held_all_the_same(rest: Rest, hub: Hub) -> None:
    hub.trouble = [BROKEN, Reply(200, [{"nonsense": 1}])]
    assert rest.call("GET", PULLS, order="asc") == [{"nonsense": 1}]
    assert len(caught(hub)) == 1


def test_a_test_may_ask_what_our_client_never_would_and_the_answer_is_judged(rest: Rest, hub: Hub) -> None:
    hub.wrong_requests = True
    with pytest.raises(CouldNot, match="says 422"):
        rest.call("POST", PULLS, {"heads": ASKED.branch})
    assert caught(hub) == []
    with pytest.raises(NotFound):
        rest.call("GET", f"{PULLS}/latest")
    assert len(caught(hub)) == 1


def test_a_test_that_broke_it_fails_when_it_is_over(
    spec: Contract, tmp_path: Path, naps: list[float]
) -> None:
    def breaks() -> None:
        with strict_hub(tmp_path / "strict", spec) as hub:
            hub.host("acme", "models")
            forge(hub)._rest.call("GET", PULLS, sorted="yes")

    with pytest.raises(
        pytest.fail.Exception, match="the request: `sorted` in the query is unknown to GitHub"
    ):
        breaks()


@pytest.mark.parametrize(
    ("asked", "reply", "words"),
    [
        (
            ("POST", "/labels"),
            Reply(201, {"id": 1, "color": "ededed", "description": None}),
            ": `name` is missing, and our client could read it: fakehub must answer it",
        ),
        (("POST", "/labels"), Reply(201, {"id": 1, "name": "a", "hue": 1}), ": `hue` is unknown to GitHub"),
        (("POST", "/labels"), Reply(201, {"name": 1}), ": name: 1 is not of type 'string'"),
        (("POST", "/labels"), Reply(201, None), ": None is not of type 'object'"),
        (("POST", "/labels"), Reply(200, {}), ": GitHub lists no such status"),
        (("POST", "/labels"), Reply(500, {}), ": GitHub lists no such status"),
        (("POST", "/labels"), Reply(422, {"errors": [{}]}), ": errors[0]: `code` is missing"),
        (("POST", "/dispatches"), Reply(422, {"errors": 7}), ": errors: 7 is not of type 'array'"),
        (("GET", "/activity"), Reply(403, {"status": 403}), ": status: 403 is not of type 'string'"),
        (("GET", r"/pulls/(\d+)"), Reply(304, {}), ": GitHub answers nothing here"),
    ],
)
def test_a_wrong_answer_is_caught(spec: Contract, asked: tuple[str, str], reply: Reply, words: str) -> None:
    _, said = spec.whole(route(*asked), reply, HUB)
    assert any(f"the answer {reply.status}{words}" in one for one in said), said


def test_an_answer_is_made_whole_and_what_it_said_stays(spec: Contract, hub: Hub, served: Hosted) -> None:
    forge(hub).open(ASKED)
    bare = served.as_json(served.pulls[1], hub.address)
    reply, said = spec.whole(route("GET", "/pulls"), Reply(200, [bare], {"Link": "x"}), hub.address)
    (whole,) = reply.body
    assert (said, reply.headers) == ([], {"Link": "x"})
    assert {key: whole[key] for key in bare if key not in ("user", "head", "base", "labels")} == {
        key: bare[key] for key in bare if key not in ("user", "head", "base", "labels")
    }
    assert whole["user"].items() > bare["user"].items()
    assert len(whole["head"]["repo"]) > 40
    assert whole["comments_url"] == f"{hub.address}/filled/comments_url"


def test_what_our_client_reads_is_found_in_its_text(hub: Hub) -> None:
    assert {"merge_commit_sha", "login", "full_name", "errors", "object", "content"} <= read_by_clients()
    assert GitHub.__doc__ not in read_by_clients()


def test_without_the_openapi_fakehub_answers_what_our_client_reads(hub: Hub, served: Hosted) -> None:
    hub.contract = None
    made = forge(hub).open(ASKED)
    assert forge(hub).find_open(ASKED.branch, "main") == made
    assert forge(hub)._rest.call("GET", PULLS, no_such_filter=1) == [
        served.as_json(served.pulls[1], hub.address)
    ]
    assert hub.broken == []
