"""A clone without credentials, as a CI job has it: Git gets the token of the environment, and nobody else does."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import which

import pytest

from modelmark.adapters.git import GitRunner
from modelmark.adapters.git_remote import GitRemote
from modelmark.domain.references import parse_reference
from modelmark.errors import Denied, InvalidInput
from modelmark.registry import pull_remote, resolve_remote
from tests.fakehub.clients import SECRET
from tests.fakehub.server import Hub
from tests.fakehub.state import Hosted
from tests.support.git_repos import commit, git, new_repository
from tests.support.world import World


@pytest.fixture
def job(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of a job on that site, with its token."""
    for name, value in {**hub.environ, "GH_ENTERPRISE_TOKEN": SECRET}.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def clone(hub: Hub, served: Hosted, tmp_path: Path) -> Path:
    """A repository that knows the address, and no login for it."""
    root = new_repository(tmp_path / "job", "--template=")
    git(root, "remote", "add", "origin", f"{hub.address}/acme/models.git")
    return root


def origin(root: Path) -> GitRemote:
    return GitRemote(GitRunner(root), "origin")


@pytest.mark.usefixtures("job")
def test_git_fetches_and_pushes_with_the_token_of_the_environment(clone: Path, served: Hosted) -> None:
    remote = origin(clone)
    assert remote.learn_head() == "main"
    remote.fetch_main("main")
    new = commit(clone, {"new": b""})
    remote.push({"refs/heads/topic": new})
    assert served.tip("topic") == new


def test_without_a_token_for_that_site_git_has_none(
    clone: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**hub.environ, "GH_TOKEN": SECRET, "GITHUB_TOKEN": SECRET}.items():
        monkeypatch.setenv(name, value)  # these are for github.com
    with pytest.raises(Denied, match="could not read Username"):
        origin(clone).fetch_main("main")


@pytest.mark.usefixtures("job")
def test_a_token_that_the_site_refuses_is_an_error_that_does_not_show_it(
    clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GH_ENTERPRISE_TOKEN", "ghs_wr0ng")
    with pytest.raises(Denied, match="Authentication failed") as caught:
        origin(clone).fetch_main("main")
    assert "ghs_wr0ng" not in f"{caught.value} {caught.value.hint} {caught.value!r}"
    monkeypatch.setenv("GH_ENTERPRISE_TOKEN", "two words")
    with pytest.raises(InvalidInput, match="what GH_ENTERPRISE_TOKEN holds is no token"):
        origin(clone).fetch_main("main")


@pytest.mark.usefixtures("job")
def test_the_token_is_among_nobodys_arguments(
    clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither of ours nor of the programs that Git starts; a process list shows arguments to everybody."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "git").write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\nexec {which("git")} "$@"\n')
    (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setenv("GIT_TRACE", str(tmp_path / "trace"))
    origin(clone).fetch_main("main")
    told = (tmp_path / "asked").read_text() + (tmp_path / "trace").read_text()
    assert "credential.http://127.0.0.1" in told
    assert SECRET not in told


@pytest.mark.usefixtures("job")
def test_a_helper_of_the_user_is_asked_first_and_never_told_our_token(clone: Path, tmp_path: Path) -> None:
    told = tmp_path / "told"
    git(clone, "config", "credential.helper", f'!f() {{ echo "$1" >> {told}; cat >> {told}; }}; f')
    origin(clone).fetch_main("main")
    assert told.read_text().startswith("get\n")
    assert SECRET not in told.read_text()
    told.unlink()
    answer = f"printf 'username=x\\npassword={SECRET}\\n'"
    git(clone, "config", "credential.helper", f'!f() {{ echo "$1" >> {told}; {answer}; }}; f')
    origin(clone).fetch_main("main")
    assert told.read_text() == "get\nstore\n", "it knew, so nobody else was asked"


@pytest.mark.usefixtures("job")
def test_an_address_with_a_login_of_its_own_keeps_to_it(clone: Path, hub: Hub) -> None:
    for login in ("ada", "ada:ghp_wr0ng"):
        git(
            clone,
            "remote",
            "set-url",
            "origin",
            f"{hub.address}/acme/models.git".replace("//", f"//{login}@"),
        )
        with pytest.raises(Denied) as caught:
            origin(clone).fetch_main("main")
        assert "ghp_wr0ng" not in str(caught.value)


@contextmanager
def server(answer: Callable[[BaseHTTPRequestHandler], tuple[int, dict[str, str]]]) -> Iterator[str]:
    """A web server that answers every GET with a status and headers; gives its address."""

    class Here(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers = answer(self)
            self.send_response(status)
            for key, value in {"Content-Length": "0", **headers}.items():
                self.send_header(key, value)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Here) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{running.server_address[1]}"
        finally:
            running.shutdown()
            thread.join()


@pytest.mark.parametrize("after_login", [False, True])
def test_a_host_that_a_redirect_leads_to_is_not_told(
    after_login: bool, clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asks = {"WWW-Authenticate": 'Basic realm="x"'}
    here: list[str] = []
    there: list[str] = []

    def other(asked: BaseHTTPRequestHandler) -> tuple[int, dict[str, str]]:
        there.append(asked.headers.get("Authorization", ""))
        return 401, asks

    with server(other) as elsewhere:

        def site(asked: BaseHTTPRequestHandler) -> tuple[int, dict[str, str]]:
            here.append(asked.headers.get("Authorization", ""))
            if after_login and not here[-1]:
                return 401, asks
            return 302, {"Location": f"{elsewhere}{asked.path}"}

        with server(site) as address:
            for name, value in {
                "GITHUB_SERVER_URL": address,
                "GITHUB_API_URL": f"{address}/api/v3",
                "GH_ENTERPRISE_TOKEN": SECRET,
            }.items():
                monkeypatch.setenv(name, value)
            git(clone, "remote", "set-url", "origin", f"{address}/acme/models.git")
            with pytest.raises(Denied):
                origin(clone).fetch_main("main")
    assert any(here) is after_login, "the site itself got it where it asked"
    assert there
    assert not any(there)


@pytest.mark.usefixtures("job", "hosted")
def test_a_deployment_without_a_clone_gets_in_as_well(hub: Hub, world: World, tmp_path: Path) -> None:
    address = f"{hub.address}/acme/models.git"
    assert str(resolve_remote(address, parse_reference("m@1")).version) == "1"
    rules = world.clone("author") / "registry.yaml"
    world.commit({"registry.yaml": rules.read_text().replace("../../storage", str(world.storage))})
    assert pull_remote(address, parse_reference("m@1"), tmp_path / "srv").path.is_dir()
