"""How a watch answers over HTTP: four pages, GET alone, and nobody can keep it from answering."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection

import pytest
from prometheus_client.parser import text_string_to_metric_families

from modelmark.adapters import health
from modelmark.adapters.health import Board, parse_address, serving
from modelmark.adapters.metrics import metrics_of
from modelmark.domain.watching import Rejected, Release, Seen, Trouble, Watched
from modelmark.errors import CouldNot, InvalidInput

ONE = Release("m-1-abc", "m", "1", "m@v1", "m#prod#12", "id-12", "a" * 64)
REJECTED = Rejected("m#prod#13", "id-13", "2", 3, "exit 1: 'no'")


@dataclass
class Here:
    """A board with a clock that the test moves, served."""

    now: list[float] = field(default_factory=lambda: [1000.0])
    url: str = ""

    def __post_init__(self) -> None:
        self.board = Board("m@prod", "https://git.example.org/x", lambda: self.now[0])

    def get(self, path: str, method: str = "GET") -> tuple[int, str]:
        host, _, port = self.url.removeprefix("http://").rpartition(":")
        connection = HTTPConnection(host.strip("[]"), int(port), timeout=20)
        try:
            connection.request(method, path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def figures(self) -> dict[str, float]:
        families = text_string_to_metric_families(self.get("/metrics")[1])
        return {
            sample.name + "".join(f",{value}" for value in sample.labels.values()): sample.value
            for family in families
            for sample in family.samples
        }


@pytest.fixture
def here() -> Iterator[Here]:
    one = Here()
    with serving(("127.0.0.1", 0), one.board, metrics_of(one.board)) as one.url:
        yield one


def test_alive_is_who_comes_to_the_next_step_in_time(here: Here) -> None:
    here.board.show(Watched("m#prod"), 60)
    here.now[0] += 60
    assert here.get("/healthz") == (200, "ok\n")
    here.now[0] += 31
    assert here.get("/healthz") == (503, "hangs: the last step is 31 s late\n")


def test_a_registry_that_is_down_makes_nobody_less_alive_or_ready(here: Here) -> None:
    here.board.show(Watched("m#prod", visible=ONE, failures=9, trouble=Trouble("unreachable", "gone")), 60)
    assert (here.get("/healthz")[0], here.get("/readyz")[0]) == (200, 200)


def test_ready_is_who_shows_a_release(here: Here) -> None:
    assert here.get("/readyz") == (503, "no release is visible yet\n")
    here.board.show(Watched("m#prod", visible=ONE), 60)
    assert here.get("/readyz") == (200, "ok\n")


def test_the_version_is_what_is_visible_and_what_is_not_and_why(here: Here) -> None:
    trouble = Trouble("stale", "older than before", "ask")
    state = Watched(
        "m#prod", ONE, ONE, REJECTED, failures=2, trouble=trouble, ignored="m#prod#14 …", answered_at=990.0
    )
    here.board.show(state, 60)
    status, text = here.get("/version")
    assert (status, json.loads(text)) == (
        200,
        {
            "reference": "m@prod",
            "registry": "https://git.example.org/x",
            "model": "m",
            "version": "1",
            "tag": "m@v1",
            "assignment": "m#prod#12",
            "assignment_id": "id-12",
            "manifest_sha256": "a" * 64,
            "accepted": True,
            "rejected": {"assignment": "m#prod#13", "version": "2", "tries": 3, "why": "exit 1: 'no'"},
            "ignored": "m#prod#14 …",
            "unreported": None,
            "unwritten": None,
            "failures_in_a_row": 2,
            "trouble": {"kind": "stale", "message": "older than before"},
            "seconds_since_answer": 10.0,
        },
    )


def test_before_anything_is_known_the_version_says_nothing(here: Here) -> None:
    found = json.loads(here.get("/version")[1])
    assert {key for key, value in found.items() if value} == {"reference", "registry"}


def test_metrics_are_the_state_of_the_moment(here: Here) -> None:
    assert here.figures()["modelmark_poll_age_seconds"] == float("inf")
    state = Watched(
        "m#prod", ONE, ONE, REJECTED, Seen(13, "x"), failures=2, polls=40, answered_at=970.0, swaps=5,
        restored=1, failed={"hook": 3, "unreachable": 4},
    )  # fmt: skip
    here.board.show(state, 60)
    figures = here.figures()
    expected = {
        "modelmark_ready": 1,
        "modelmark_assignment_number": 12,
        "modelmark_seen_number": 13,
        "modelmark_rejected": 1,
        "modelmark_failures_in_a_row": 2,
        "modelmark_poll_age_seconds": 30,
        "modelmark_polls_total": 40,
        "modelmark_swaps_total": 5,
        "modelmark_restored_total": 1,
        "modelmark_failures_total,hook": 3,
        "modelmark_failures_total,unreachable": 4,
        "modelmark_failures_total,corrupt": 0,
    }
    assert {name: figures[name] for name in expected} == expected
    (info,) = [name for name in figures if name.startswith("modelmark_release_info")]
    assert all(part in info for part in ("m@prod", ",m,", ",1", "m#prod#12", "a" * 64))


def test_text_from_elsewhere_cannot_forge_a_metric(here: Here) -> None:
    hostile = Release("x", "m", '1"} 1\nmodelmark_ready 0\n#', "t", "a", "i", "s")
    here.board.show(Watched("m#prod", visible=hostile, failed={'x"} 9\ny': 1}), 60)
    assert here.figures()["modelmark_ready"] == 1


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "DELETE", "OPTIONS", "BREW"])
def test_only_get_is_answered(here: Here, method: str) -> None:
    assert here.get("/version", method) == (405, "" if method == "HEAD" else "only GET\n")


@pytest.mark.parametrize("path", ["/", "/healthz/", "/../version", "/metrics.txt"])
def test_there_is_no_other_page(here: Here, path: str) -> None:
    assert here.get(path)[0] == 404


def test_a_query_makes_no_difference(here: Here) -> None:
    assert here.get("/healthz?verbose=1")[0] == 200


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"GET\n\n", b"\x16\x03\x01\x02\x00", b"GET / HTTP/9.9\r\n\r\n", b"A" * 100_000]
)
def test_rubbish_ends_its_own_connection_alone(
    here: Here, data: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_connection(("127.0.0.1", int(here.url.rpartition(":")[2]))) as client:
        client.sendall(data)
    assert here.get("/healthz")[0] == 200
    assert capsys.readouterr().err == ""


def test_clients_that_say_nothing_are_hung_up_on_and_others_served(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "_SECONDS", 0.5)
    port = int(here.url.rpartition(":")[2])
    with ExitStack() as stack:
        silent = [stack.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(40)]
        deadline, status = time.monotonic() + 20, 0
        while status != 200 and time.monotonic() < deadline:
            try:
                status = here.get("/healthz")[0]
            except OSError:
                time.sleep(0.05)
        assert status == 200
        silent[0].settimeout(10)
        assert silent[0].recv(10) == b""


def test_who_only_holds_connections_keeps_no_probe_out(here: Here) -> None:
    port = int(here.url.rpartition(":")[2])
    with ExitStack() as stack:
        for _ in range(3 * health._AT_ONCE):
            stack.enter_context(socket.create_connection(("127.0.0.1", port)))
        assert [here.get("/healthz")[0] for _ in range(5)] == [200] * 5


def test_it_listens_without_a_question_to_the_name_service(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> str:
        raise AssertionError("it may take half a minute to say nothing")

    monkeypatch.setattr(socket, "getfqdn", never)
    with serving(("127.0.0.1", 0), Board("m@prod", "x"), lambda: health.Page(200, b"")) as url:
        assert url.startswith("http://127.0.0.1:")


def test_a_drip_does_not_hold_a_connection(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_SECONDS", 0.5)
    with socket.create_connection(("127.0.0.1", int(here.url.rpartition(":")[2])), timeout=20) as client:
        started = time.monotonic()
        with suppress(OSError):  # a broken pipe, or a reset
            while time.monotonic() < started + 15:
                client.sendall(b"G")
                time.sleep(0.05)
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    ("text", "address"),
    [("127.0.0.1:9100", ("127.0.0.1", 9100)), ("[::1]:80", ("::1", 80)), ("0.0.0.0:0", ("0.0.0.0", 0))],
)
def test_an_address_is_host_and_port(text: str, address: tuple[str, int]) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "9100",
        ":9100",
        "127.0.0.1",
        "127.0.0.1:x",
        "127.0.0.1:70000",
        "h:-1",
        "h:٣",
        "h:" + "9" * 5000,
        "h\0:1",
        "\udcff:1",
    ],
)
def test_anything_else_is_no_address(text: str) -> None:
    with pytest.raises(InvalidInput, match="is not an address to listen on"):
        parse_address(text)


def test_an_address_in_use_is_said() -> None:
    board = Board("m@prod", "x")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(
                CouldNot, match=rf"127\.0\.0\.1:{port} cannot be listened on: Address already in use"
            ),
            serving(("127.0.0.1", port), board, metrics_of(board)),
        ):
            pass
