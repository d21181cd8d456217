"""fakehub: GitHub on loopback, for tests. REST over what `state.py` knows, and Git over HTTP for the same bare repositories.

It is strict where GitHub is strict, because a client that passes here must pass there: no request without a token, errors
in GitHub's shape, branches that must be there, filters that are ignored where they are malformed. A test makes trouble by
`trouble`: each entry answers one request instead of the server, or is called before the server answers it. Where GitHub's
OpenAPI is here, every request and every other answer is held to it, and what breaks it is in `broken`.
"""

from __future__ import annotations

import base64
import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.fakehub.openapi.contract import Asked, Contract
from tests.fakehub.pushes import ASKED_BY_HOOKS, ask_before_push, read_push
from tests.fakehub.requests import Request, Route
from tests.fakehub.routes import ALL
from tests.fakehub.state import Hosted, Refusal, Reply, User
from tests.support.git_repos import git
from tests.support.git_servers import Backend

API = "/api/v3"
GRAPHQL = "/api/graphql"
BROKEN = Reply(502, "<html>Unicorn!</html>")
BUSY = Reply(403, {"message": "You have exceeded a secondary rate limit. Please wait."}, {"Retry-After": "3"})


@dataclass(frozen=True)
class Seen:
    """A request as it came, without the secret in it."""

    method: str
    path: str
    query: Mapping[str, str]
    token: bool


@dataclass
class Hub:
    """A server that runs; tests change it while it does.

    Attributes:
        emails: accounts by the address that Git has of them.
        teams: by `org/name`, the state of each member by account: active, or pending.
    """

    base: Path
    address: str
    repositories: dict[str, Hosted] = field(default_factory=dict)
    tokens: dict[str, User] = field(default_factory=dict)
    emails: dict[str, str] = field(default_factory=dict)
    teams: dict[str, dict[str, str]] = field(default_factory=dict)
    trouble: list[Reply | Callable[[], object]] = field(default_factory=list)
    latency: float = 0.0
    seen: list[Seen] = field(default_factory=list)
    contract: Contract | None = None
    broken: list[str] = field(default_factory=list)
    wrong_requests: bool = False
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def environ(self) -> dict[str, str]:
        """What a runner says of its site."""
        return {"GITHUB_SERVER_URL": self.address, "GITHUB_API_URL": f"{self.address}{API}"}

    def host(self, owner: str, name: str, bare: Path | None = None) -> Hosted:
        """Serve a bare repository; a new one where none is given."""
        place = self.base / owner / f"{name}.git"
        place.parent.mkdir(parents=True, exist_ok=True)
        if bare is None:
            git(self.base, "init", "-q", "--bare", "-b", "main", "--template=", str(place))
        else:
            bare.rename(place)
        git(place, "config", "http.receivepack", "true")
        ask_before_push(place)
        made = Hosted(owner, name, place, len(self.repositories) + 1000)
        made.settings.default_branch = made.default_branch
        made.push_rules.append(made.settings.refuse_push)
        made.ref_rules.append(made.settings.refuse_ref)
        self.repositories[f"{owner}/{name}".lower()] = made
        return made

    def fork(self, of: Hosted, owner: str) -> Hosted:
        """Somebody's copy of a repository."""
        made = self.host(owner, of.name)
        git(made.bare, "fetch", "-q", str(of.bare), "+refs/heads/*:refs/heads/*")
        of.forks[owner.lower()] = made
        return made

    def held(self, asked: Asked, reply: Reply, *, deliberate: bool = False) -> Reply:
        """An answer as it goes out: whole, and judged with its request; `deliberate`: a test's own, which stays."""
        if self.contract is None:
            return reply
        said: list[str] = []
        route, parts = find_route(asked)
        if route is None and not deliberate:
            said = [f"{asked.method} {asked.path}: fakehub has no such route"]
        if route is not None and not self.wrong_requests:
            said = self.contract.about_request(route, parts, asked)
        if route is not None and not deliberate:
            reply, more = self.contract.whole(route, reply, self.address)
            said += more
        with self.lock:
            self.broken += [one for one in said if one not in self.broken]
        return reply

    def requests(self, method: str = "") -> list[str]:
        """Paths of the API's requests, without the part that all of them share."""
        paths = [one.path for one in self.seen if method in ("", one.method)]
        return [re.sub(rf"^{API}/repos/[^/]+/[^/]+", "", path) for path in paths]


def find_route(asked: Asked) -> tuple[Route | None, tuple[str, ...]]:
    """The route of a request, and the parts of the path that its pattern names."""
    for route in ALL:
        match = re.fullmatch(route.pattern, asked.path)
        if match and route.method == asked.method:
            return route, tuple(unquote(part) for part in match.groups())
    return None, ()


class Handler(Backend):
    """One request."""

    hub: ClassVar[Hub]

    def do_GET(self) -> None:  # noqa: N802 - the library calls it
        self._any()

    def do_POST(self) -> None:  # noqa: N802 - the library calls it
        self._any()

    def do_PATCH(self) -> None:  # noqa: N802 - the library calls it
        self._any()

    def do_PUT(self) -> None:  # noqa: N802 - the library calls it
        self._any()

    def do_DELETE(self) -> None:  # noqa: N802 - the library calls it
        self._any()

    def _any(self) -> None:
        user = self._user()
        if self.path.startswith(f"{API}/") or self.path == GRAPHQL:
            self._reply(self._api())
        elif self.path == ASKED_BY_HOOKS:
            self._reply(self._asked_by_hook())
        elif user is None:
            self._reply(Reply(401, None, {"WWW-Authenticate": 'Basic realm="GitHub"'}))
        else:
            hook = {"FAKEHUB": f"{self.hub.address}{ASKED_BY_HOOKS}", "FAKEHUB_TOKEN": self._token()}
            self.serve_git(hook)

    def _asked_by_hook(self) -> Reply:
        """A push is about to be taken: every rule of the repository may say no, to the pusher; or it was taken."""
        push = read_push(self.body())
        here = next(one for one in self.hub.repositories.values() if one.bare.samefile(push.bare))
        with self.hub.lock:
            user = self.hub.tokens[push.token]
            if push.taken:
                here.pushes.append((user.login, push))
                here.moved(user, push.refs)
                return Reply(200, {"no": []})
            said = [words for rule in here.push_rules if (words := rule(user, push))]
        return Reply(200, {"no": said})

    def _api(self) -> Reply:
        asked = self._asked()
        with self.hub.lock:
            token = "Authorization" in self.headers
            self.hub.seen.append(Seen(asked.method, unquote(API + asked.path), dict(asked.query), token))
            trouble = self.hub.trouble.pop(0) if self.hub.trouble else None
        if self.hub.latency:
            time.sleep(self.hub.latency)
        answer = trouble() if callable(trouble) else trouble
        if isinstance(answer, Reply):
            return self.hub.held(asked, answer, deliberate=True)
        try:
            with self.hub.lock:
                reply = self._routed(asked)
        except Refusal as refusal:
            reply = refusal.reply
        return self.hub.held(asked, reply)

    def _asked(self) -> Asked:
        parts = urlsplit(self.path)
        query = parse_qsl(parts.query, keep_blank_values=True)
        kind = self.headers.get("Content-Type", "")
        path = "/:graphql" if parts.path == GRAPHQL else parts.path.removeprefix(API)
        return Asked(self.command, path, query, kind, self.body())

    def _user(self) -> User | None:
        return self.hub.tokens.get(self._token())

    def _token(self) -> str:
        kind, _, given = self.headers.get("Authorization", "").partition(" ")
        return base64.b64decode(given).decode().partition(":")[2] if kind.lower() == "basic" else given

    def _routed(self, asked: Asked) -> Reply:
        if not self.headers.get("User-Agent"):
            raise Refusal(
                403, "Request forbidden by administrative rules. Please make sure it has a User-Agent."
            )
        user = self._user()
        if user is None:
            said = "Bad credentials" if "Authorization" in self.headers else "Requires authentication"
            raise Refusal(401, said)
        route, parts = find_route(asked)
        if route is None:
            raise Refusal(404, "Not Found")
        return route.answer(Request(self.hub, user, parts, dict(asked.query), asked.data))

    def _reply(self, reply: Reply) -> None:
        text = reply.body if isinstance(reply.body, str) else json.dumps(reply.body)
        data = b"" if reply.body is None else text.encode()
        self.send_response(reply.status)
        for key, value in reply.headers.items():
            self.send_header(key, value)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def fakehub(base: Path) -> Iterator[Hub]:
    """A server over all repositories below a folder, until the block ends."""
    base.mkdir(parents=True, exist_ok=True)
    hub = Hub(base, "")
    handler = type("Here", (Handler,), {"hub": hub, "base": base, "newest": True, "password": None})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        hub.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield hub
        finally:
            server.shutdown()
            thread.join()
